"""The words of the manual: `glossario.yml` in, the page of them and the hints of all pages out; pure.

Apart from the plugin because a word is written once, and shown in two ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import entries
from .markup import inline, plain, unaccented

_TOP = """\
---
title: Glossário
description: As palavras deste manual, e como se chamam na documentação em inglês.
---

# Glossário

Cada palavra é usada sempre do mesmo modo. Entre parênteses, o nome que ela tem na documentação em inglês.

"""


@dataclass(frozen=True, slots=True)
class Term:
    """A word as the manual writes it, its English name, what it means, and the text that gets a hint, if any."""

    term: str
    english: str
    meaning: str
    abbr: str = ""


def read(file: Path) -> list[Term]:
    """The words in the order of the alphabet; none when there is no file.

    Raises:
        RunbookFormatError: the file is not of this form, or a word stands in it twice.
    """
    found = entries.read(file, ("term", "english", "meaning"), ("abbr",), unique="term")
    return sorted((Term(**entry.texts) for entry in found), key=lambda t: unaccented(t.term.casefold()))


def page(terms: list[Term]) -> str:
    """The whole page."""
    return _TOP + "\n".join(f"{_name(t)}\n:   {inline(t.meaning)}\n" for t in terms)


def hints(terms: list[Term]) -> str:
    """What Markdown's `abbr` takes, to stand at the end of each page."""
    return "".join(f"\n\n*[{t.abbr}]: {t.meaning.replace('`', '')}" for t in terms if t.abbr)


def _name(term: Term) -> str:
    return plain(term.term) + ("" if term.term == term.english else f" (*{plain(term.english)}*)")
