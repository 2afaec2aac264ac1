"""The site is built from records alone: what they do not prove is marked, and fails the strict build."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort

from runbook import notebook, record, score, site
from runbook.mutant import KILLED, STEP, SURVIVED, Verdict
from runbook.program import ProgramError
from runbook.score import Score

from .samples import build, fence, project, prove, write

PAGE = "runbooks/capitulo/prova/index.html"
TEXT = 'echo "olá"\n\necho "segunda linha"'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one runbook for both engines and a current record of each."""
    root = project(tmp_path / "projeto")
    write(root / "runbooks", "capitulo/prova", fence("primeiro", TEXT), fence("segundo", "true"))
    prove(root)
    return root


def built(root: Path, tmp_path: Path, *, strict: bool = False) -> str:
    """Builds the site and gives the page of the runbook."""
    return (build(root, tmp_path / "site", strict=strict) / PAGE).read_text(encoding="utf-8")


def refused(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> tuple[str, str]:
    """The warnings that end a strict build, and the page of the runbook."""
    caplog.clear()
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    warnings = "\n".join(r.getMessage() for r in caplog.records if r.levelname in ("WARNING", "ERROR"))
    return warnings, (tmp_path / "site" / PAGE).read_text(encoding="utf-8")


def change(root: Path, before: str, after: str) -> None:
    """Changes the runbook's text."""
    file = root / "runbooks/capitulo/prova.md"
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_strict_passes_with_current_records(root: Path, tmp_path: Path) -> None:
    """With a current record of each run the strict build passes, as a program of its own."""
    text = (site.build(root, tmp_path / "site") / PAGE).read_text(encoding="utf-8")
    assert text.count("verificado em") == 2
    assert "a saída gravada" in text
    assert "danger" not in text


def test_strict_fails_as_a_program(root: Path, tmp_path: Path) -> None:
    """The program ends red, and its error carries MkDocs's own words."""
    change(root, "segunda linha", "segunda  linha")
    with pytest.raises(ProgramError) as caught:
        site.build(root, tmp_path / "site")
    assert caught.value.exit_code == 1
    assert "o runbook capitulo/prova em mysql mudou depois da última execução gravada" in str(caught.value)


def test_missing(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One missing record fails the strict build, is named with its cure, and marks its engine on the page alone."""
    (root / "runbooks/capitulo/prova.mysql.json").unlink()
    warnings, page = refused(root, tmp_path, caplog)
    assert warnings == (
        "o runbook capitulo/prova em mysql nunca foi executado; grave-o com `runbook record -k capitulo-mysql-prova`"
    )
    assert "MySQL: nunca verificado" in page
    assert "PostgreSQL: verificado em" in page
    assert page.count("a saída gravada") == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [('"olá"', '"ola"'), ('echo "olá"', 'echo  "olá"'), ('name="segundo"', 'name="segundo" timeout=9')],
    ids=["letter", "blank", "attribute"],
)
def test_stale_after_one_change(
    before: str, after: str, root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One character of a step, or one attribute, changed: the page says so, without output, and the build fails."""
    change(root, before, after)
    warnings, page = refused(root, tmp_path, caplog)
    for engine in ("postgresql", "mysql"):
        assert f"prova em {engine} mudou depois da última execução gravada; grave-o com `runbook record" in warnings
    assert page.count("não verificado, o registro está desatualizado") == 2
    assert "a saída gravada" not in page


def test_stale_after_a_change_of_the_sample(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A change of the data that the steps work on is as good as one of a step, for the engine it concerns."""
    (root / "toolbox/loja/mysql/a.sql").write_text("SELECT 2;\n", encoding="utf-8")
    warnings, _ = refused(root, tmp_path, caplog)
    assert re.findall(r"prova em (\w+) mudou", warnings) == ["mysql"]


def test_prose_makes_nothing_stale(root: Path, tmp_path: Path) -> None:
    """Prose may be improved without running anything again."""
    change(root, "Uma introdução.", "Uma introdução melhor.\n\nCom mais um parágrafo.")
    assert "Com mais um parágrafo" in built(root, tmp_path, strict=True)


def test_failed(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The record of a red run is shown as what it is, and fails the strict build."""
    prove(root, outcome="failed", output="o erro gravado")
    warnings, page = refused(root, tmp_path, caplog)
    assert warnings.count("falhou na última execução gravada") == 2
    assert page.count("falhou na última execução") == 2
    assert "o erro gravado" in page
    assert "verificado em" not in page


def test_spoilt_record(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A record that cannot be read ends the build, strict or not, and is named with its cure."""
    file = root / "runbooks/capitulo/prova.mysql.json"
    file.write_text('{"format": 1', encoding="utf-8")
    for strict in (False, True):
        caplog.clear()
        with pytest.raises(Abort):
            build(root, tmp_path / "site", strict=strict)
        assert f"{file}: registro ilegível" in caplog.text


def sabotaged(root: Path, outcome: str, *, complete: bool = True) -> Path:
    """Writes a score for MySQL, as a sabotage that has just ended would, with one mutant of that outcome."""
    book = notebook.read(root / "runbooks", "capitulo/prova")
    verdicts = (Verdict("primeiro/passo", STEP, "omitido", outcome), Verdict("segundo/x", STEP, "x", KILLED, "segundo"))
    key = record.key(book, "mysql", root / "toolbox")
    file = score.path(root / "runbooks", book, "mysql")
    score.write(file, Score(key, record.stamp(), "docker", 9.0, complete, {}, verdicts))
    return file


def test_score(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A good score passes the strict build and stands on page and index; what was never sabotaged is only mentioned."""
    caplog.set_level("INFO", "mkdocs")
    sabotaged(root, KILLED)
    page = built(root, tmp_path, strict=True)
    assert page.count("2 de 2 sabotagens detectadas") == 2
    assert page.count("Sabotagem: ainda não executada") == 1
    assert (tmp_path / "site/runbooks/index.html").read_text(encoding="utf-8").count("2 de 2 sabotagens") == 1
    said = [r.getMessage() for r in caplog.records if "sabot" in r.getMessage()]
    assert said == [
        "o runbook capitulo/prova em postgresql nunca foi sabotado; "
        "execute `runbook sabotage capitulo/prova --engine postgresql`"
    ]


def test_stale_score(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A score of another text shows no figure, whatever it found; the strict build passes and mentions it."""
    caplog.set_level("INFO", "mkdocs")
    sabotaged(root, SURVIVED)
    change(root, "segunda linha", "segunda  linha")
    prove(root)
    page = built(root, tmp_path, strict=True)
    assert "Sabotagem: desatualizada, o roteiro mudou depois dela" in page
    assert "sabotagens detectadas" not in page
    assert "o runbook capitulo/prova em mysql mudou depois da sua sabotagem; execute `runbook" in caplog.text


@pytest.mark.parametrize("complete", [True, False])
def test_undeclared_survivor(complete: bool, root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody noticed fails the strict build and is in a red box on the page, until it is declared."""
    sabotaged(root, SURVIVED, complete=complete)
    warnings, page = refused(root, tmp_path, caplog)
    assert warnings == (
        "sabotagem do runbook capitulo/prova em mysql: não detectada: primeiro/passo (omitido); "
        "melhore uma verificação, ou declare-a com a razão"
    )
    assert "Não detectada: omitido" in page
    declarations = root / "runbooks/capitulo/prova.sabotage.yml"
    declarations.write_text("- mutant: primeiro/*\n  reason: Uma razão que o leitor entende.\n", encoding="utf-8")
    if complete:
        warnings, page = refused(root, tmp_path, caplog)
        assert warnings.startswith(
            "sabotagem do runbook capitulo/prova em mysql: 1 de 2 sabotagens válidas são só decl"
        )
    else:
        page = built(root, tmp_path, strict=True)
    assert "Não detectada" not in page
    assert "Uma razão que o leitor entende." in page


def test_unused_declaration(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A declaration of what no longer survives fails the strict build."""
    sabotaged(root, KILLED)
    declarations = root / "runbooks/capitulo/prova.sabotage.yml"
    declarations.write_text("- mutant: primeiro/*\n  reason: Uma razão que o leitor entende.\n", encoding="utf-8")
    warnings, _ = refused(root, tmp_path, caplog)
    assert "a declaração `primeiro/*`, da linha 1, não corresponde a nenhuma sabotagem que sobreviva" in warnings


def test_spoilt_score_and_declarations(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A score or declarations that cannot be read end the build and are named."""
    file = sabotaged(root, KILLED)
    good = file.read_bytes()
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert f"{file}: registro ilegível" in caplog.text
    file.write_bytes(good)
    declarations = root / "runbooks/capitulo/prova.sabotage.yml"
    declarations.write_text("- mutant: x\n", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert f"{declarations}:1: falta `reason`" in caplog.text


def test_unreadable_runbook(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is no runbook ends the build with its path and line."""
    file = write(root / "runbooks", "capitulo/torto", fence("x", "true", 'nada="1"'))
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert re.search(rf"{re.escape(str(file))}:\d+: atributo `nada` desconhecido", caplog.text)


def test_nothing_is_executed(root: Path, tmp_path: Path) -> None:
    """A build runs no step and writes nothing but the site, whatever the records are worth."""
    mark = tmp_path / "executado"
    change(root, '\necho "segunda linha"', f"touch {mark}")
    write(root / "runbooks", "capitulo/escondido", fence("x", f"touch {mark}", 'hidden="razão"'), fence("y", "true"))
    before = {f: f.read_bytes() for f in root.rglob("*") if f.is_file()}
    assert f"touch {mark}" in built(root, tmp_path).replace('<span class="w"> </span>', " ")
    assert {f: f.read_bytes() for f in root.rglob("*") if f.is_file()} == before
    prove(root)
    built(root, tmp_path, strict=True)
    assert not mark.exists()


def test_the_plugin_comes_without_what_runs_things() -> None:
    """In a fresh interpreter the plugin brings only the modules that read, never one that starts a program."""
    code = "import json, sys, runbook.plugin; print(json.dumps([m for m in sys.modules if m.startswith('runbook.')]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("runbook.") for name in json.loads(done.stdout)}
    assert {"plugin", "render", "record"} <= loaded
    assert not loaded & {"shell", "executor", "runs", "worker", "program", "processes", "sandbox", "databases", "cli"}


def test_edit_link(root: Path, tmp_path: Path) -> None:
    """The link to edit a page leads to the runbook, wherever the setting says that the runbooks are."""
    assert 'href="https://example.org/manual/edit/main/runbooks/capitulo/prova.md"' in built(root, tmp_path)
    (root / "runbooks").rename(root / "livro")
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("plugins:\n  - runbook: {runbooks: livro}\n")
    assert 'href="https://example.org/manual/edit/main/livro/capitulo/prova.md"' in built(root, tmp_path)


def test_index(root: Path, tmp_path: Path) -> None:
    """The index lists every runbook with the state of each engine, and links to its page."""
    write(root / "runbooks", "outro", fence("x", "true"), title="Outro | mais", engines=["mysql"])
    text = (build(root, tmp_path / "site") / "runbooks/index.html").read_text(encoding="utf-8")
    assert '<a href="capitulo/prova/">Prova</a>' in text
    assert '<a href="outro/">Outro &#124; mais</a>' in text
    assert text.count("verificado em ") == 2
    assert text.count("nunca verificado") == 1
    assert text.count("não se aplica") == 1
