"""What was done in an attended run, and by whom: events in, a file of JSON lines that is complete at every moment.

It lies outside the repository, for its owner alone, and is written line by line, so that a crash loses nothing. Apart
from `record`, which is what a page shows of a run that nobody attended.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import RunbookError


def folder() -> Path:
    """Where the runs of this user are kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "runbook"


class Audit:
    """The file of one run that begins now.

    Args:
        parent: the folder of all runs.
        runbook: its name.
        engine: on which.
        facts: what else is known at the start.

    Attributes:
        name: of the run.
    """

    def __init__(self, parent: Path, runbook: str, engine: str, facts: Mapping[str, Any]) -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name = f"{_now().strftime('%Y%m%dT%H%M%S.%f')[:-3]}-{runbook.replace('/', '-')}-{engine}"
        descriptor = os.open(parent / f"{self.name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        who = {"who": getpass.getuser(), "where": socket.gethostname()}
        self.add("start", runbook=runbook, engine=engine, **who, **facts)

    def __enter__(self) -> Audit:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, event: str, **facts: Any) -> None:
        """Writes an event down, on the disk when this returns."""
        line = {"event": event, "when": _now().isoformat(timespec="seconds"), **facts}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def names(parent: Path) -> list[str]:
    """The runs, the newest first."""
    return sorted((file.stem for file in parent.glob("*.jsonl")), reverse=True)


def read(parent: Path, name: str) -> list[dict[str, Any]]:
    """The events of a run; a line that a crash cut short is left out.

    Raises:
        RunbookError: there is no such run.
    """
    if name not in names(parent):
        raise RunbookError(f"não há execução {name}; veja as que há com `runbook runs`", parent)
    events = []
    for line in (parent / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return events


def page(name: str, events: list[dict[str, Any]]) -> str:
    """A run as Markdown, for people."""
    start = events[0] if events else {}
    versions = ", ".join(start.get("versions", {}).values())
    lines = [
        f"# {name}",
        "",
        f"{start.get('runbook')} em {start.get('engine')}, por {start.get('who')} em {start.get('where')}, "
        f"começado em {start.get('when')}.",
        *([f"Versões: {versions}."] if versions else []),
    ]
    for event in events[1:]:
        lines += ["", *_lines(event)]
    if not events or events[-1]["event"] != "end":
        lines += ["", "**A execução foi interrompida sem chegar ao fim.**"]
    return "\n".join(lines) + "\n"


def _lines(event: Mapping[str, Any]) -> list[str]:
    if event["event"] == "end":
        return [f"**{event['how']}** ({event['when']})"]
    lines = [f"## {event['step']}: {event['decision']}", "", f"{event['when']}. {event.get('reason', '')}".rstrip()]
    if "text" in event:
        lines += ["", _fence("bash", event["text"])]
    if event.get("output"):
        lines += ["", _fence("text", event["output"])]
    if "exit_code" in event:
        lines += ["", f"Código de saída {event['exit_code']}, {event['duration']:.1f} s."]
    return lines


def _fence(language: str, text: str) -> str:
    """In a fence that is longer than any in the text."""
    marks = "```"
    while marks in text:
        marks += "`"
    return f"{marks}{language}\n{text}\n{marks}"


def _now() -> datetime:
    return datetime.now(UTC)
