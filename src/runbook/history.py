"""The recordings that went before: `historico.jsonl` beside the runbooks, one line for each that was ever written.

In: a record that has just been written. Out: one more line, or all lines. Apart from `record`, which knows one file
per run and forgets what it replaces. A red run is not recorded, and so is not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from . import result
from .errors import RecordError
from .record import Record
from .step import Runbook

FILE = "historico.jsonl"


@dataclass(frozen=True, slots=True, order=True)
class Recording:
    """One recording; in order of time within a runbook and engine."""

    runbook: str
    engine: str
    recorded: str
    sandbox: str
    duration: float
    passed: int
    skipped: int
    server: str


def made(runbook: Runbook, engine: str, record: Record) -> Recording:
    """What is kept of a record."""
    outcomes = [step.outcome for step in record.steps]
    return Recording(
        runbook.name,
        engine,
        record.recorded,
        record.sandbox,
        record.duration,
        outcomes.count(result.PASSED),
        outcomes.count(result.SKIPPED),
        record.versions.get("servidor", ""),
    )


def append(folder: Path, recording: Recording) -> None:
    """Adds a line.

    Raises:
        RecordError: the file cannot be written.
    """
    file = folder / FILE
    try:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(recording), ensure_ascii=False) + "\n")
    except OSError as error:
        raise RecordError(f"não foi possível escrever no histórico ({error.strerror})", file) from error


def read(folder: Path) -> list[Recording]:
    """All recordings, sorted, each once; none when there is no file.

    Raises:
        RecordError: a line is not one of these; with its number.
    """
    file = folder / FILE
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"histórico ilegível ({error})", file) from error
    return together(_read(file, number, line) for number, line in enumerate(lines, 1))


def together(recordings: Iterable[Recording]) -> list[Recording]:
    """Sorted, each once: two branches may have brought the same line."""
    return sorted(set(recordings))


def _read(file: Path, number: int, line: str) -> Recording:
    try:
        recording = Recording(**json.loads(line))
        datetime.fromisoformat(recording.recorded)  # the page shows it
        float(recording.duration)
    except (ValueError, TypeError) as error:
        raise RecordError(f"linha ilegível ({error}); apague-a", file, number) from error
    return recording
