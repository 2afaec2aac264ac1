"""What a page says of its runbook and of each step: proven, stale, failed, skipped, hidden, for a person."""

from __future__ import annotations

import dataclasses

import pytest

from runbook import markup, render
from runbook.record import State
from runbook.render import Proof
from runbook.step import Step

from .golden import BOOK, POSTGRESQL, PROOFS, html, only, page, recorded
from .samples import Blocks


def test_marks_of_a_step() -> None:
    """A check, a destructive step, one for a person and an expected failure say so in their title."""
    titles = html(page())
    for title in (
        "comum · Verificação",
        "gemeo · apaga dados",
        "gemeo · feito por uma pessoa · deve terminar com código 1 (echo $?)",
        "vazio · só PostgreSQL",
        "nunca · só MySQL",
    ):
        assert f'<span class="filename">{title}</span>' in titles
    assert 'title="vazio"' in page(only(Step("vazio", "true", 9, engine="postgresql"), engines=("postgresql",)))


def test_summary_of_a_current_record() -> None:
    """A page says on what it was verified, when, and how many steps that were."""
    assert (
        '!!! success so-postgresql "PostgreSQL: verificado em 22/11/2026 (contêineres)"\n\n'
        "    PostgreSQL 17.11; pg&#95;dump (PostgreSQL) 17.11. "
        "5 passos executados, 1 não verificados aqui, 1 ocultos, em 12,3 s.\n"
    ) in page()


@pytest.mark.parametrize(
    ("proof", "kind", "title"),
    [
        (Proof(State.MISSING, None), "vencido", "nunca verificado"),
        (Proof(State.STALE, POSTGRESQL), "vencido", "não verificado, o registro está desatualizado"),
        (Proof(State.FAILED, POSTGRESQL), "falhou", "falhou na última execução"),
    ],
)
def test_summary_of_any_other_record(proof: Proof, kind: str, title: str) -> None:
    """A missing, stale or failed record is a loud mark on top of the page, on both engines alike."""
    for engine, name in markup.ENGINE_NAMES.items():
        text = render.page(BOOK, PROOFS | {engine: proof})
        assert f'!!! danger {kind} so-{engine} "{name}: {title}"' in text
        assert f"{name}: verificado" not in text
        assert text.index(f"{name}: {title}") < text.index("## Quando usar")


@pytest.mark.parametrize("proof", [Proof(State.MISSING, None), Proof(State.STALE, POSTGRESQL)])
def test_no_output_of_another_text(proof: Proof) -> None:
    """Where the record is not of this text no output is shown, and none is said to be empty."""
    text = page(postgresql=proof, mysql=proof)
    assert Blocks(html(text)).outputs == []
    assert "nenhuma" not in text
    half = page(only(Step("comum", "echo comum", 20)), mysql=proof)
    assert '=== "MySQL"\n\n    Não verificado neste banco.\n' in half


def test_failed_and_unreached_steps() -> None:
    """A failed step shows its reason as plain text on one line; a step after it says that it was not run."""
    text = html(page())
    assert "<p>nenhuma linha corresponde a: ^&#91;a&#93;(b)&#92;&#42;&#60;i&#62; &#95;x&#95;</p>" in text
    assert "<p>A execução gravada parou antes deste passo.</p>" in text


def test_skipped_step() -> None:
    """A step that this sandbox could not run is marked as not verified."""
    assert "<p>Este passo precisa de um cliente mais antigo.</p>" in html(page())


def test_parameters() -> None:
    """Parameters are a table that no content can break, and the value of a secret is not in it."""
    text = html(page())
    assert text.count("<tr>") == 1 + len(BOOK.parameters)
    assert "<td>Arquivo &#124; de &#42;opções&#42; (MySQL)</td>\n<td><code>a&#124;b&#96;c</code></td>" in text
    assert "nunca-na-página" not in page()


def test_a_runbook_that_begins_with_a_step_has_its_summary() -> None:
    """However a runbook begins, its page says what it was verified on."""
    text = page(dataclasses.replace(BOOK, body=BOOK.body[1:]))
    assert text.index("PostgreSQL: verificado") < text.index("echo comum")


def test_unknown_sandbox() -> None:
    """A record of a sandbox that has no name here is shown with its own word for it."""
    text = page(postgresql=Proof(State.CURRENT, dataclasses.replace(POSTGRESQL, sandbox="outro")))
    assert "verificado em 22/11/2026 (outro)" in text


def test_index() -> None:
    """The index has a row for each runbook, with what it was verified on and what it was not."""
    other = dataclasses.replace(BOOK, name="outro", title="Só | PostgreSQL", engines=("postgresql",), risk="leitura")
    text = render.index(
        [BOOK, other],
        {BOOK.name: PROOFS, other.name: {"postgresql": Proof(State.STALE, POSTGRESQL)}},
    )
    assert "| destrutivo | verificado em 22/11/2026 | **falhou** |" in text
    assert "](capitulo/prova.md)" in text
    assert "| [Só &#124; PostgreSQL](outro.md) | só leitura | **desatualizado** | não se aplica |" in text
    missing = render.index([other], {other.name: {"postgresql": Proof(State.MISSING, None)}})
    assert "| **nunca verificado** |" in missing


def test_hidden_steps_are_listed_with_their_reason() -> None:
    """What is run and not shown in its place is at the end of the page, with why."""
    end = html(page()).split("Passos ocultos")[-1]
    assert '<summary>escondido: porque "sim", &#96;x&#96; e &#60;b&#62;</summary>' in end
    assert "<summary>escondido (MySQL): outra razão</summary>" in end
    assert "Passos ocultos" not in page(only(Step("x", "true", 9)))


def test_an_empty_output_is_said() -> None:
    """A step that printed nothing says so; it does not look like one that was not run."""
    assert "<small>Saída verificada: nenhuma · código 0 · 1,2 s</small>" in html(page())


@pytest.mark.parametrize(("lines", "mark"), [(1, "???+"), (render.LONG, "???+"), (render.LONG + 1, "???")])
def test_a_long_output_is_folded(lines: int, mark: str) -> None:
    """An output starts open, and folded from a length on."""
    record = dataclasses.replace(POSTGRESQL, steps=(recorded("x", *["linha"] * lines),))
    text = page(only(Step("x", "true", 9), engines=("postgresql",)), postgresql=Proof(State.CURRENT, record))
    assert f'\n{mark} quote "Saída verificada · código 0 · 1,2 s"\n' in text
