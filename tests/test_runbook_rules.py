"""Rules that hold for every runbook of the manual, beyond what the reader refuses."""

from __future__ import annotations

import re

import pytest

from runbook import notebook
from runbook.step import Prose, Runbook, Step

from .samples import ROOT

BOOKS = [notebook.read(ROOT / "runbooks", name) for name in notebook.names(ROOT / "runbooks")]
# The commands for which Prisma compares two schemas; `migrate dev` does it even when it only applies.
DIFF = re.compile(r"\bpnpm exec prisma (?:migrate (?:dev|diff)|db (?:pull|push))\b")


def steps(book: Runbook) -> list[Step]:
    """Its steps, of all engines."""
    return [part for part in book.body if isinstance(part, Step)]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_a_step_needs_the_diff_only_if_it_uses_one(book: Runbook) -> None:
    """What the deploy-side engine skips is what compares schemas, or reads what only such a step has written."""
    uses = {s.name for s in steps(book) if DIFF.search(s.text)}
    needs = {s.name for s in steps(book) if s.needs == "schema-diff"}
    assert uses <= needs
    assert needs - uses <= READERS.get(book.name, set())


# Steps that only read the SQL that a step with a diff has proposed.
READERS = {"migrations/criar": {"ler"}}


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_mysql_reads_one_option_file(book: Runbook) -> None:
    """Never --defaults-extra-file: it is read before the reader's own ~/.my.cnf, which then decides server and user."""
    assert [s.name for s in steps(book) if "--defaults-extra-file" in s.text] == []


# What a `(`, a function or a here-document holds is not at the top; neither are words in quotes and comments.
HEREDOC = re.compile(r"(<<-?'?(\w+)'?.*\n)(?:.*\n)*?\s*\2(?=\n|$)")
WORDS = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|(?<=\s)#.*""")
FUNCTION = re.compile(r"^(?P<indent> *)\w+\(\) \{(?:[^\n]*\}$|.*?^(?P=indent)\}$)", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"(?:^|[;&|{)]|\b(?:then|else|do))[ \t]*exit\b", re.MULTILINE)


def closes_the_shell(text: str) -> bool:
    """Whether a bash that is given this text, as a terminal is, ends."""
    text = FUNCTION.sub("", WORDS.sub("''", HEREDOC.sub(r"\1", text)))
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return EXIT.search(text) is not None


@pytest.mark.parametrize("text", ["exit 3", "a ||  exit 3", "if a; then exit; fi", "a && {\n  exit\n}", "(a)\nexit 1"])
def test_exits_are_found(text: str) -> None:
    """The rule below sees those that it should see."""
    assert closes_the_shell(text)


INSIDE = [
    "(exit 3)",
    "a && (\n  (b)\n  exit 3\n)",
    "f() {\n  exit 3\n}",
    "f() { exit 3; }",
    "cat <<'X'\nexit 3\nX",
    "echo 'exit'",
]


@pytest.mark.parametrize("text", INSIDE)
def test_other_exits_are_left(text: str) -> None:
    """A subshell, a function that is only defined, and what is only text may have one."""
    assert not closes_the_shell(text)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_what_is_needed_is_ticked_off(book: Runbook) -> None:
    """`Antes de começar` opens with a short list of tasks, each on two lines at most."""
    prose = "\n".join(part.text for part in book.body if isinstance(part, Prose))
    assert re.search(r"^## Antes de começar\n\n(?:- \[ \] .+\n(?:  .+\n)?){2,7}\n", prose, re.MULTILINE)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_no_step_closes_the_shell(book: Runbook) -> None:
    """A reader who pastes the block would lose the terminal, and in the sandbox everything."""
    assert [s.name for s in steps(book) if closes_the_shell(s.text)] == []
