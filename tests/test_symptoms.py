"""An error stands on its page only where a recorded output says its very words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort

from .samples import build, fence, project, prove, write

GOOD = """\
- code: P3018
  says: "Error: P3018"
  meaning: A `migration` falhou.
  help: Leia <logs>.
  shown: capitulo/prova#primeiro
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one error and the step that shows it."""
    root = project(tmp_path / "projeto")
    write(root / "runbooks", "capitulo/prova", fence("primeiro", "true"))
    prove(root, output="antes\nError: P3018 (depois)")
    (root / "docs/erros.yml").write_text(GOOD, encoding="utf-8")
    return root


def test_page(root: Path, tmp_path: Path) -> None:
    """The code is a heading, the message is shown as it is, and a link leads to the step."""
    text = (build(root, tmp_path / "site", strict=True) / "erros/index.html").read_text(encoding="utf-8")
    assert '<h2 id="p3018">P3018' in text
    assert "<code>Error: P3018</code>" in text
    assert "A <code>migration</code> falhou." in text
    assert "Leia &#60;logs&#62;." in text
    assert text.count('href="../runbooks/capitulo/prova/#passo-primeiro"') == 1


def test_not_said(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """When an output no longer says it, the strict build fails and names error, database and step."""
    prove(root, output="antes\nError: P3009")
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    for engine in ("postgresql", "mysql"):
        said = f"o erro P3018 em {engine}: a saída gravada de capitulo/prova#primeiro não diz `Error: P3018`"
        assert said in caplog.text


def test_not_shown(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An error of both databases that only one of them shows fails the strict build."""
    write(root / "runbooks", "capitulo/prova", fence("primeiro", "true", 'engine="mysql"'), fence("outro", "true"))
    prove(root, output="Error: P3018")
    with pytest.raises(Abort):
        build(root, tmp_path / "site", strict=True)
    assert "o erro P3018 em postgresql: nenhum passo o mostra; acrescente um em `shown`" in caplog.text
    assert "P3018 em mysql" not in caplog.text


def test_own_page(root: Path, tmp_path: Path) -> None:
    """Each error has a page of its own: the message in the recorded output, with the line marked, and the way out."""
    file = root / "docs/erros.yml"
    file.write_text(GOOD + "  cure: capitulo/prova\n", encoding="utf-8")
    site = build(root, tmp_path / "site", strict=True)
    text = (site / "erros/p3018/index.html").read_text(encoding="utf-8")
    assert "<h1" in text
    assert re.search(r'class="hll">.*?Error: P3018 \(depois\)', text)
    assert "antes" in text
    assert 'href="../../runbooks/capitulo/prova/#passo-primeiro"' in text
    assert '<a href="../../runbooks/capitulo/prova/">Prova</a>' in text
    assert 'href="p3018/"' in (site / "erros/index.html").read_text(encoding="utf-8")


def test_unknown_cure(root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A way out that does not exist ends the build, with file and line."""
    file = root / "docs/erros.yml"
    file.write_text(GOOD + "  cure: capitulo/nada\n", encoding="utf-8")
    with pytest.raises(Abort):
        build(root, tmp_path / "site")
    assert f"{file}:6: não existe o runbook `capitulo/nada`" in caplog.text
