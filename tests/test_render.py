"""Steps and outputs reach their page untouched; a golden page holds everything else still."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from runbook import markup
from runbook.record import State
from runbook.render import Proof
from runbook.step import ENGINES, Step

from .golden import BOOK, GOLDEN, POSTGRESQL, PROOFS, html, only, page, recorded, whole
from .samples import Blocks


def test_golden_page() -> None:
    """The whole page is, character for character, the one in tests/data."""
    assert whole() == GOLDEN.read_text(encoding="utf-8")


def test_pure() -> None:
    """The same input gives the same page, and nothing of the input is changed."""
    assert page() == page()
    assert PROOFS["postgresql"].record is POSTGRESQL


def test_front_matter_survives_yaml() -> None:
    """Title and description come back from YAML as they were, quotes and backslashes included."""
    for title in (BOOK.title, 'a: "b" # c', "'x'", "\\n", "ção 😀", "- [x]", "duas\nlinhas"):
        front = page(dataclasses.replace(BOOK, title=title, description=title)).split("---\n")[1]
        assert yaml.safe_load(front) == {"title": title, "description": title}


def test_steps_reach_the_page_untouched() -> None:
    """Every step is on the page once, its text as it was written, fences within it included."""
    assert {k: v.removesuffix("\n") for k, v in Blocks(html(page())).steps.items()} == {
        "passo-comum": "echo comum",
        "passo-gemeo-postgresql": "psql\n\n  --command='```'",
        "passo-gemeo-mysql": "mysql",
        "oculto-escondido-todos": "true",
        "oculto-escondido-mysql": "false",
        "passo-longo": "seq 13",
        "passo-vazio-postgresql": "true",
        "passo-pulado-postgresql": "antigo",
        "passo-quebrado-mysql": "false",
        "passo-nunca-mysql": "true",
    }


def test_outputs_reach_the_page_untouched() -> None:
    """Outputs are shown as they were recorded, but for blank lines at their beginning."""
    assert [text.removesuffix("\n") for text in Blocks(html(page())).outputs] == [
        "primeira\na | *linha* | <b>\n  recuada",
        "primeira",
        "depois de duas em branco",
        "```\n````\nfim",
        "\n".join(map(str, range(13))),
        "1",
        "erro",
    ]


@pytest.mark.parametrize("line", ["x\u2028y", "x\x85y", "a\u00a0b", "\u200d", "=== x", " ", "```", "{{ x }}", "<!-- x"])
def test_odd_lines_of_output(line: str) -> None:
    """A line that Python, Markdown or HTML might take for something else is one line of the output."""
    record = dataclasses.replace(POSTGRESQL, steps=(recorded("x", "antes", line, "depois"),))
    proofs = {e: Proof(State.CURRENT, record) for e in ENGINES}
    for book in (only(Step("x", "true", 9)), only(Step("x", "true", 9, engine="mysql"))):
        (output,) = Blocks(html(page(book, **proofs))).outputs
        assert output == f"antes\n{line.strip(' ') and line}\ndepois\n"


def test_the_expected_line_is_highlighted() -> None:
    """The line that the check matched stands out, counted after the blank lines that Markdown drops."""
    text = html(page())
    assert '<span class="hll">a | *linha* | &lt;b&gt;\n</span>' in text
    assert '<span class="hll">depois de duas em branco\n</span>' in text
    blank = dataclasses.replace(POSTGRESQL, steps=(recorded("x", "", "a", matched=0),))
    book = only(Step("x", "true", 9, engine="postgresql"))
    assert "hl_lines" not in page(book, postgresql=Proof(State.CURRENT, blank))


def test_twins_are_one_set_of_tabs_each() -> None:
    """Steps of both engines are linked tabs, and two sets that follow each other are not merged into one."""
    labels = [part.split("</div>")[0].count("<label") for part in html(page()).split('class="tabbed-labels">')[1:]]
    assert labels == [2, 2, 2]


def test_a_hidden_twin_leaves_the_other_without_a_tab() -> None:
    """Where only one engine has something to show there is nothing to choose."""
    book = only(Step("x", "um", 9, engine="postgresql"), Step("x", "dois", 12, engine="mysql", hidden="razão"))
    text = page(book)
    assert "===" not in text
    assert set(Blocks(html(text)).steps) == {"passo-x-postgresql", "oculto-x-mysql"}


@pytest.mark.parametrize("text", ["*x* _y_ `z` [a](b) <b> & {x} | \\", "a\nb", "ção 😀"])
def test_plain_text_stays_plain(text: str) -> None:
    """What people and programs wrote into records is shown as it is, and interpreted by nothing."""
    note = html("------\n---\n" + markup.note("danger", markup.plain(text), markup.plain(text)))
    shown = Blocks(note.replace("<p", '<div class="saida"><code><p').replace("</p>", "</p></code></div>")).outputs
    assert shown == [" ".join(text.split())] * 2
