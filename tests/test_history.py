"""Each recording leaves one line, and a line is never lost, doubled or guessed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import history, notebook, record
from runbook.errors import RecordError
from runbook.history import FILE, Recording
from runbook.result import PASSED, SKIPPED, ExecutionResult, StepResult

from .command import NO_DATABASE, Call, calling, sample
from .samples import ROOT, fence, write

ONE = Recording("capitulo/prova", "mysql", "2026-11-22T20:15:00Z", "docker", 1.5, 2, 1, "MySQL 9.7.4")


def test_made(tmp_path: Path) -> None:
    """What is kept of a record is its place, time and counts, and the server."""
    write(tmp_path, "capitulo/prova", fence("x", "true"))
    steps = (StepResult("a", PASSED), StepResult("b", SKIPPED), StepResult("c", PASSED))
    made = record.make("k", ExecutionResult("capitulo/prova", "mysql", "docker", steps, {"servidor": "MySQL 9.7.4"}))
    kept = history.made(notebook.read(tmp_path, "capitulo/prova"), "mysql", made)
    assert kept == Recording("capitulo/prova", "mysql", made.recorded, "docker", 0.0, 2, 1, "MySQL 9.7.4")


def test_append_and_read(tmp_path: Path) -> None:
    """Lines come back as they were written, sorted, each once; without a file there are none."""
    assert history.read(tmp_path) == []
    later = Recording("capitulo/prova", "mysql", "2026-11-23T20:15:00Z", "docker", 1.0, 3, 0, "")
    for recording in (later, ONE, later):
        history.append(tmp_path, recording)
    assert len((tmp_path / FILE).read_text(encoding="utf-8").splitlines()) == 3
    assert history.read(tmp_path) == [ONE, later]


@pytest.mark.parametrize("line", ["{", "[]", '{"runbook": "x"}', "3"])
def test_damaged_line(line: str, tmp_path: Path) -> None:
    """A line that is no recording is an error with its number."""
    history.append(tmp_path, ONE)
    with (tmp_path / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(RecordError, match=f"{FILE}:2: linha ilegível"):
        history.read(tmp_path)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """The program, to be called on a sample."""
    yield from calling(sample(tmp_path), tmp_path, monkeypatch, capsys)


def test_record_appends(call: Call, tmp_path: Path) -> None:
    """`record` adds a line for each green run, of the record that it has just written; `verify` adds none."""
    folder = tmp_path / "livro"
    assert call("record", *NO_DATABASE).code == 0
    lines = history.read(folder)
    assert [(r.runbook, r.engine) for r in lines] == [("capitulo/verde", "mysql"), ("capitulo/verde", "postgresql")]
    made = record.read(folder / "capitulo/verde.mysql.json")
    assert made is not None
    assert lines[0].recorded == made.recorded
    call("verify", *NO_DATABASE)
    assert history.read(folder) == lines


def test_the_manual_has_one() -> None:
    """The history of the manual can be read, and speaks of its runbooks."""
    books = set(notebook.names(ROOT / "runbooks"))
    recordings = history.read(ROOT / "runbooks")
    assert recordings
    assert {r.runbook for r in recordings} <= books
