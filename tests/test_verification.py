"""What the manual says of its own proofs, on the page on verification and before the first step of each runbook."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from mkdocs.exceptions import Abort

from runbook import facts, feedback, history, notebook, record, render, verification_page
from runbook.history import Recording
from runbook.record import Record, State
from runbook.render import Proof
from runbook.result import FAILED, SKIPPED
from runbook.sabotage_page import words
from runbook.step import ENGINES, Parameter, Prose, Runbook, Step

from .golden import BOOK, POSTGRESQL, PROOFS, SABOTAGES
from .samples import build, fence, project, prove, write


def row(page: str, engine: str) -> list[str]:
    """The cells of one line of the matrix."""
    (line,) = re.findall(rf"^\| \[.*\| {engine} \| <span.*$", page, re.MULTILINE)
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def page(book: Runbook = BOOK, proofs: dict[str, Proof] = PROOFS, *recordings: Recording) -> str:
    """The page of one runbook."""
    return verification_page.page([book], {book.name: proofs}, recordings)


def test_matrix() -> None:
    """Each run has its state, its counts, its time and its score, read from the record."""
    cells = row(page(), "PostgreSQL")
    assert cells[2] == '<span class="estado estado-atual">verificado</span><br>22/11/2026, contêineres'
    passed = sum(step.outcome == "passed" for step in POSTGRESQL.steps)
    skipped = sum(step.outcome == SKIPPED for step in POSTGRESQL.steps)
    hidden = sum(step.hidden is not None for step in BOOK.steps("postgresql"))
    assert cells[3] == f"{passed} · {skipped} · {hidden}"
    assert cells[4] == "12,3 s"
    assert cells[5] == "ainda não"
    sabotaged = dataclasses.replace(PROOFS["postgresql"], sabotage=SABOTAGES["postgresql"])
    score = row(page(BOOK, {**PROOFS, "postgresql": sabotaged}), "PostgreSQL")[5]
    assert score == words(SABOTAGES["postgresql"])


@pytest.mark.parametrize(
    ("state", "kind", "word"),
    [
        (State.STALE, "vencido", "desatualizado"),
        (State.FAILED, "falhou", "falhou"),
        (State.MISSING, "vencido", "nunca executado"),
    ],
)
def test_states(state: State, kind: str, word: str) -> None:
    """What is not current is grey or red, is not counted as verified, and stands among what is not proven."""
    kept = None if state is State.MISSING else POSTGRESQL
    text = page(BOOK, {**PROOFS, "postgresql": Proof(state, kept)})
    assert f'<span class="estado estado-{kind}">{word}</span>' in row(text, "PostgreSQL")[2]
    current = sum(proof.state is State.CURRENT for engine, proof in PROOFS.items() if engine != "postgresql")
    assert f"**{current} de 2** execuções valem" in text
    gaps = text.partition("## O que não está provado")[2].partition("##")[0]
    assert f"**{word.capitalize()}:**" in gaps


def test_stale_counts_no_steps() -> None:
    """The steps of a record of another text are not counted, and its versions are not listed."""
    text = page(BOOK, {engine: Proof(State.STALE, POSTGRESQL) for engine in ENGINES})
    assert row(text, "PostgreSQL")[3] == ""
    assert "PostgreSQL 17.11" not in text
    assert "**PostgreSQL:** nenhuma execução vale para o texto de agora." in text


def test_versions_and_what_never_ran() -> None:
    """The versions come from the records without the packager's part, and what no record has is said."""
    text = page()
    assert "| PostgreSQL 17.11 | pg&#95;dump (PostgreSQL) 17.11 |" in text
    told = dataclasses.replace(POSTGRESQL, versions={**POSTGRESQL.versions, "motor": "wasm"})
    text = page(BOOK, {**PROOFS, "postgresql": Proof(State.CURRENT, told)})
    assert "| motor WASM |" in text
    never = re.findall(r"\*\*PostgreSQL:\*\* nenhuma execução gravada com (.*)\.", text)
    assert never == ["motor nativo, nem com motor que só aplica (deploy-side), nem com servidor embutido"]


def test_skipped_steps_and_reasons() -> None:
    """Each skipped step is listed under its reason, with a way to it."""
    gaps = page().partition("## O que não está provado")[2]
    for step in POSTGRESQL.steps:
        if step.outcome == SKIPPED:
            assert f"#passo-{step.name}" in gaps
            assert step.reason.split("`")[0] in gaps


def test_history() -> None:
    """The recordings of a run are counted with the present one, once, and the last times are in order."""
    now = history.made(BOOK, "postgresql", POSTGRESQL)
    before = [dataclasses.replace(now, recorded=f"2026-10-0{n}T00:00:00Z", duration=float(n)) for n in range(1, 8)]
    for recordings in (before, [*before, now]):
        trend = page(BOOK, PROOFS, *recordings).partition("## As gravações anteriores")[2]
        assert "| PostgreSQL | 8 | 01/10/2026 | 4,0 → 5,0 → 6,0 → 7,0 → 12,3 |" in trend


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"title": "Aplicar em produção"}, ["produção"]),
        ({"description": "Só em desenvolvimento"}, ["desenvolvimento"]),
        ({"parameters": (Parameter("DB", "O banco de homologação"),)}, ["homologação"]),
        ({"name": "producao/x"}, ["produção"]),
        ({"title": "Da produção ao desenvolvimento"}, ["desenvolvimento", "produção"]),
        ({"body": (Prose("Em produção, nunca."),)}, []),
    ],
)
def test_environments(changes: dict[str, object], expected: list[str]) -> None:
    """An environment is marked when the header or the chapter names it, never because the prose mentions it."""
    assert facts.environments(dataclasses.replace(BOOK, **changes)) == expected  # type: ignore[arg-type]


def told(duration: float) -> dict[str, Record | None]:
    """A record of that duration on one engine, none on the other."""
    return {"postgresql": dataclasses.replace(POSTGRESQL, duration=duration), "mysql": None}


@pytest.mark.parametrize(("duration", "words"), [(0.2, "1 s"), (12.3, "12 s"), (89.9, "90 s"), (165, "3 min")])
def test_duration(duration: float, words: str) -> None:
    """The time is that of the record, rounded for somebody who waits; a run that is not proven promises none."""
    assert f"cerca de {words} (PostgreSQL) no sandbox, " in facts.line(BOOK, told(duration))
    assert "Leva" not in facts.line(BOOK, dict.fromkeys(ENGINES))
    failed = {"postgresql": dataclasses.replace(POSTGRESQL, outcome=FAILED), "mysql": None}
    assert "Leva" not in facts.line(BOOK, failed)


def test_before_beginning() -> None:
    """What is needed before is one click away, where a runbook has such a part."""
    body = (Prose("# X\n\n## Antes de começar\n\nTenha café."), Step("x", "true", 9))
    assert "(#antes-de-comecar)" in facts.line(dataclasses.replace(BOOK, body=body), told(1))
    assert "antes-de-comecar" not in facts.line(BOOK, told(1))


def test_report_to_copy() -> None:
    """Without an address the page offers the text, with page, engine, key, date and versions, and names no place."""
    text = feedback.section(BOOK, told(1), "")
    assert "Página: runbooks/capitulo/prova" in text
    assert f"Execução gravada: 22/11/2026 (contêineres), chave {POSTGRESQL.key[:12]}" in text
    assert "PostgreSQL 17.11" in text
    assert "Banco: MySQL\n    Execução gravada: nenhuma deste texto" in text
    assert "://" not in text


@pytest.mark.parametrize("address", ["", "https://example.org/new"])
def test_what_to_do_comes_before_the_report(address: str) -> None:
    """Whoever is stuck reads first that they stop, and in production where to go, if there is such a page."""
    text = feedback.section(BOOK, told(1), address, emergency=True)
    stop, way, report = (text.index(words) for words in ("Pare:", "](../../rollback.md)", "Depois, "))
    assert stop < way < report
    assert "rollback.md" not in feedback.section(BOOK, told(1), address)
    sabotaged = {e: dataclasses.replace(proof, sabotage=SABOTAGES[e]) for e, proof in PROOFS.items() if e in SABOTAGES}
    whole = render.page(BOOK, PROOFS | sabotaged, text)
    assert whole.index("## Não conferiu?") < whole.index("## Sabotagem")


def test_versions_come_first() -> None:
    """What it ran on comes before the runs, and the words and figures of the runs are explained."""
    text = page()
    assert text.index("## Em que versões") < text.index("**Sabotagem:**") < text.index("| Runbook | Banco |")
    assert "`22 · 0 · 0` quer dizer" in text
    assert "como-escrever.md" not in text
    assert "(como-escrever.md#sabotagem)" in verification_page.page([BOOK], {BOOK.name: PROOFS}, (), explained=True)


@pytest.mark.parametrize(
    ("repository", "form", "title", "body"),
    [
        ("https://example.org/manual/", "https://example.org/manual/issues/new", "title", "body"),
        ("https://gitlab.example.org/a/b", "https://gitlab.example.org/a/b/-/issues/new", "issue[title]",
         "issue[description]"),
        (None, "", "", ""),
    ],
)  # fmt: skip
def test_report_by_link(repository: str | None, form: str, title: str, body: str) -> None:
    """With a repository each engine has a link to its form, filled in; without one there is no address."""
    assert feedback.form(repository) == form
    if form:
        links = re.findall(r"\]\((\S+)\)", feedback.section(BOOK, told(1), form))
        assert len(links) == len(ENGINES)
        query = parse_qs(urlsplit(links[0]).query)
        assert query[title] == [f"Não conferiu: {BOOK.title} (PostgreSQL)"]
        assert f"chave {POSTGRESQL.key[:12]}" in query[body][0]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one proven runbook."""
    root = project(tmp_path / "projeto")
    write(root / "runbooks", "capitulo/prova", fence("primeiro", "true"))
    prove(root)
    return root


def test_built(root: Path, tmp_path: Path) -> None:
    """The site has the page, and each runbook the link that its settings give: of the repository, or another."""
    html = (build(root, tmp_path / "site", strict=True) / "verificacao/index.html").read_text(encoding="utf-8")
    assert "<strong>2 de 2</strong> execuções valem" in html
    runbook = tmp_path / "site/runbooks/capitulo/prova/index.html"
    assert "https://example.org/manual/issues/new?title=" in runbook.read_text(encoding="utf-8")
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("plugins:\n  - runbook: {issues: 'https://example.net/relatos?tipo=manual'}\n")
    build(root, tmp_path / "site", strict=True)
    assert "https://example.net/relatos?tipo=manual&amp;title=" in runbook.read_text(encoding="utf-8")


def test_stale_turns_grey(root: Path, tmp_path: Path) -> None:
    """When the text changes, the page of the runbook and the page on verification both lose their green."""
    file = root / "runbooks/capitulo/prova.md"
    file.write_text(file.read_text(encoding="utf-8").replace("true", "true # outro"), encoding="utf-8")
    site = build(root, tmp_path / "site")
    page = (site / "runbooks/capitulo/prova/index.html").read_text(encoding="utf-8")
    assert page.count('class="admonition danger vencido so-') == 2
    assert "admonition success" not in page
    table = (site / "verificacao/index.html").read_text(encoding="utf-8")
    assert table.count("estado estado-vencido") == 2
    assert "estado-atual" not in table


def test_damaged_history(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A history that cannot be read ends the build, with its line."""
    (root / "runbooks" / history.FILE).write_text("{\n", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert f"{history.FILE}:1: linha ilegível" in caplog.text


def test_the_record_is_the_one_beside_the_runbook(root: Path, tmp_path: Path) -> None:
    """The key in a report is that of the record, which is that of the text."""
    book = notebook.read(root / "runbooks", "capitulo/prova")
    key = record.key(book, "mysql", root / "toolbox")
    html = (build(root, tmp_path / "site") / "runbooks/capitulo/prova/index.html").read_text(encoding="utf-8")
    assert f"chave+{key[:12]}" in html
