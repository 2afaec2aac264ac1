"""Each statement of the original has a verdict and a recorded step, or the site is not built."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.exceptions import Abort

from runbook import coverage, notebook
from runbook.errors import RunbookFormatError
from runbook.result import FAILED, SKIPPED

from .samples import build, fence, project, prove, write

GOOD = """\
- id: S1
  section: Comandos
  text: "`comando <antigo>`"
  verdict: perigoso
  instead: Use o outro.
  proof: capitulo/prova#primeiro capitulo/prova#segundo
- id: P1
  section: Dicas
  text: Uma dica.
  verdict: correto
  engine: mysql
  instead: Vale.
  proof: capitulo/prova#segundo
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one proven runbook and two statements."""
    root = project(tmp_path / "projeto")
    write(root / "runbooks", "capitulo/prova", fence("primeiro", "true", 'engine="mysql"'), fence("segundo", "true"))
    prove(root)
    (root / "docs/original.yml").write_text(GOOD, encoding="utf-8")
    return root


def statements(root: Path) -> list[coverage.Statement]:
    """What is read of them."""
    return coverage.read(root / "docs/original.yml", [notebook.read(root / "runbooks", "capitulo/prova")])


def test_read(root: Path) -> None:
    """A statement has its verdict, the databases that it concerns, and the steps of both that prove it."""
    first, second = statements(root)
    assert (first.id, first.verdict, first.engines) == ("S1", "perigoso", ("postgresql", "mysql"))
    assert [step.name for _, step in first.steps] == ["primeiro", "segundo"]
    assert second.engines == ("mysql",)


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("verdict: perigoso", "verdict: bom", 4, "veredito `bom` desconhecido; use correto, incompleto, perigoso"),
        ("engine: mysql", "engine: oracle", 11, "banco `oracle` desconhecido; use postgresql ou mysql"),
        ("prova#primeiro", "prova#terceiro", 6, "não existe o passo `capitulo/prova#terceiro`"),
        ("prova#primeiro", "outra#primeiro", 6, "não existe o passo `capitulo/outra#primeiro`"),
        ("engine: mysql", "engine: postgresql\n  outra: x", 12, "chave `outra` desconhecida"),
        ("id: P1", "id: S1", 7, "`S1` aparece duas vezes"),
        ("  instead: Vale.\n  proof: capitulo/prova#segundo\n", "  instead: Vale.\n", 7, "falta `proof`"),
    ],
)
def test_refused(root: Path, before: str, after: str, line: int, message: str) -> None:
    """What is not understood, and a statement without a step, is an error with its line."""
    file = root / "docs/original.yml"
    file.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(RunbookFormatError) as caught:
        statements(root)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert message in str(caught.value)


def test_page(root: Path, tmp_path: Path) -> None:
    """The page counts the verdicts, and leads from each statement to the steps of each database, with their date."""
    text = (build(root, tmp_path / "site", strict=True) / "cobertura/index.html").read_text(encoding="utf-8")
    assert "1 correta; 0 incompletas; 1 perigosa" in text
    assert 'id="S1"' in text
    assert "comando &#60;antigo&#62;" in text
    assert text.count('href="../runbooks/capitulo/prova/#passo-primeiro-mysql"') == 1
    assert text.count('href="../runbooks/capitulo/prova/#passo-segundo"') == 3
    assert text.count("(passou, ") == 4


@pytest.mark.parametrize(("outcome", "message"), [(FAILED, "não está verde"), (SKIPPED, "nenhum passo o prova")])
def test_unproven(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, outcome: str, message: str) -> None:
    """A red step proves nothing, nor does one that was not run: the strict build fails and names the statement."""
    prove(root, outcome)
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    for statement in ("S1 em postgresql", "S1 em mysql", "P1 em mysql"):
        assert f"a afirmação {statement}: " in caplog.text
    assert message in caplog.text


def test_stale(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A record of another text proves nothing any more."""
    file = root / "runbooks/capitulo/prova.md"
    file.write_text(file.read_text(encoding="utf-8").replace("true", "echo outro"), encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    assert "a afirmação P1 em mysql: uma das provas não está verde" in caplog.text


def test_no_statements(root: Path, tmp_path: Path) -> None:
    """Without the file there is no such page."""
    (root / "docs/original.yml").unlink()
    assert not (build(root, tmp_path / "site", strict=True) / "cobertura").exists()
