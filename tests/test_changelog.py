"""The changelog is current and has the form of Keep a Changelog."""

from __future__ import annotations

import re
from datetime import date

import pytest

import runbook

from .samples import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
ENTRY = re.compile(r"^## \[(?P<version>\d+\.\d+\.\d+)\] - (?P<date>\d{4}-\d\d-\d\d)(?: \[YANKED\])?$", re.MULTILINE)
ENTRIES = list(ENTRY.finditer(TEXT))


def test_newest_entry_is_the_version() -> None:
    """Whoever changes the version tells its users what has changed."""
    assert ENTRIES
    assert ENTRIES[0]["version"] == runbook.__version__


def test_begins_as_it_should() -> None:
    """The title comes first, then which form and which numbering this is."""
    assert TEXT.startswith("# Changelog\n")
    head = TEXT[: ENTRIES[0].start()]
    assert "https://keepachangelog.com/" in head
    assert "https://semver.org/" in head


def test_headings() -> None:
    """Every heading is a version with its date, `Unreleased` at the top, or one of the six kinds of change."""
    for line in re.findall(r"^#{2,} .*$", TEXT, re.MULTILINE):
        assert ENTRY.match(line) or line == "## [Unreleased]" or line.removeprefix("### ") in KINDS, line
    assert TEXT.find("## [Unreleased]") < ENTRIES[0].start()


def test_newest_first() -> None:
    """Versions and dates fall from entry to entry, and every date is one of the calendar."""
    versions = [tuple(map(int, entry["version"].split("."))) for entry in ENTRIES]
    dates = [date.fromisoformat(entry["date"]) for entry in ENTRIES]
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize("number", range(len(ENTRIES)), ids=[entry["version"] for entry in ENTRIES])
def test_entries_say_something(number: int) -> None:
    """Every entry has changes, each under its kind, once, and each a sentence with a full stop."""
    end = ENTRIES[number + 1].start() if number + 1 < len(ENTRIES) else len(TEXT)
    kinds = re.split(r"^### ", TEXT[ENTRIES[number].end() : end], flags=re.MULTILINE)
    assert kinds.pop(0).strip() == ""
    assert kinds
    assert len({kind.partition("\n")[0] for kind in kinds}) == len(kinds)
    for kind in kinds:
        changes = [line for line in kind.splitlines()[1:] if line]
        assert changes
        for change in changes:
            assert re.fullmatch(r"- .*\.", change), change
