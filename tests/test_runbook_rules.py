"""Rules that hold for every runbook of the manual, beyond what the reader refuses."""

from __future__ import annotations

import re

import pytest

from runbook import notebook
from runbook.step import Runbook, Step

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
