"""A word of the manual is written once: its page and its hints are made of the same line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook import glossary
from runbook.errors import RunbookFormatError

from .samples import ROOT, build, project

GOOD = """\
- term: duração
  english: duration
  meaning: O tempo.
- term: dúvida
  english: doubt
  meaning: A pergunta.
- term: réplica
  english: replica
  abbr: GTID
  meaning: "Outra `cópia` com <sinais>."
- term: dump
  english: dump
  meaning: O arquivo.
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two words, and a page that uses one."""
    root = project(tmp_path / "projeto")
    (root / "docs/glossario.yml").write_text(GOOD, encoding="utf-8")
    (root / "docs/pagina.md").write_text("# Página\n\nO GTID e o `GTID`.\n", encoding="utf-8")
    return root


def test_page(root: Path, tmp_path: Path) -> None:
    """The words stand in the order of the alphabet, accents aside, with their English name where it is another."""
    text = (build(root, tmp_path / "site", strict=True) / "glossario/index.html").read_text(encoding="utf-8")
    terms = re.findall("<dt>(.*?)</dt>", text)
    assert terms == ["dump", "duração (<em>duration</em>)", "dúvida (<em>doubt</em>)", "réplica (<em>replica</em>)"]
    assert "Outra <code>cópia</code> com &#60;sinais&#62;." in text


def test_hints(root: Path, tmp_path: Path) -> None:
    """A page gets a hint where it uses the word, and none inside code; the file itself is not published."""
    site = build(root, tmp_path / "site", strict=True)
    text = (site / "pagina/index.html").read_text(encoding="utf-8")
    assert text.count('<abbr title="Outra cópia com &lt;sinais&gt;.">GTID</abbr>') == 1
    assert "<code>GTID</code>" in text
    assert not (site / "glossario.yml").exists()


def test_twice(tmp_path: Path) -> None:
    """A word that stands there twice is an error with its line."""
    file = tmp_path / "glossario.yml"
    file.write_text(GOOD + GOOD[GOOD.index("- term: dump") :], encoding="utf-8")
    with pytest.raises(RunbookFormatError) as caught:
        glossary.read(file)
    assert str(caught.value) == f"{file}:14: `dump` aparece duas vezes"


def test_the_words_of_the_manual() -> None:
    """Each meaning is one or two short sentences, and each hint is a text that is looked for as it is."""
    for term in glossary.read(ROOT / "docs/glossario.yml"):
        assert term.meaning.endswith("."), term
        assert len(term.meaning) <= 160, term
        assert term.abbr == term.abbr.strip(), term
