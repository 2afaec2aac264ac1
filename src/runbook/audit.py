"""What was done in an attended run, and by whom: events in, a file of JSON lines that is complete at every moment.

It lies outside the repository, for its owner alone, and is written line by line, so that a crash loses nothing. Apart
from `record`, which is what a page shows of a run that nobody attended.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from .errors import RunbookError
from .markup import CLASS_NAMES, ENGINE_NAMES, seconds

ENDED = "chegou ao fim"  # how a run ended that nothing is left to do of


def folder() -> Path:
    """Where the runs of this user are kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "runbook"


class Audit:
    """The file of one run, which begins now or goes on.

    Args:
        parent: the folder of all runs.
        runbook: its name.
        engine: on which.
        facts: what else is known at the start.
        again: name of the run that goes on; empty for one that begins now.

    Raises:
        RunbookError: another program has that run open.

    Attributes:
        name: of the run.
    """

    def __init__(self, parent: Path, runbook: str, engine: str, facts: Mapping[str, Any], again: str = "") -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name = again or f"{_now().strftime('%Y%m%dT%H%M%S.%f')[:-3]}-{runbook.replace('/', '-')}-{engine}"
        how = os.O_APPEND if again else os.O_CREAT | os.O_EXCL
        descriptor = os.open(parent / f"{self.name}.jsonl", os.O_WRONLY | how, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")
        self._state = parent / f"{self.name}.state"
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise RunbookError(f"a execução {self.name} está aberta em outro terminal") from None
        if again:
            self._file.write("\n")  # a crash may have cut the last line short
        who = {"who": getpass.getuser(), "where": socket.gethostname()}
        self.add("resume" if again else "start", runbook=runbook, engine=engine, **who, **facts)

    def __enter__(self) -> Audit:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def keep(self, state: str | None) -> None:
        """Replaces what the run would go on from; None when there is nothing that may lie on a disk."""
        if state is None:
            self._state.unlink(missing_ok=True)
            return
        new = self._state.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._state)

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
    """The events of a run; a line that a crash cut short, or that is empty, is left out.

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
            continue
    return events


def state(parent: Path, name: str) -> str | None:
    """What the run goes on from; None when it has not come that far, or has ended."""
    file = parent / f"{name}.state"
    return file.read_bytes().decode() if file.exists() else None


def end(events: Sequence[Mapping[str, Any]]) -> str:
    """How the run ended; empty when it was cut off."""
    return str(events[-1]["how"]) if events and events[-1]["event"] == "end" else ""


def done(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The steps that need not be done again, and what became of them."""
    ends = ("executado", "pulado", "não se pôde executar")
    return {e["step"]: e["decision"] for e in events if e["event"] == "step" and e["decision"] in ends}


def cut(events: Sequence[Mapping[str, Any]]) -> str:
    """The step that had begun when the run was cut off; empty when it stopped between two."""
    told = [e for e in events if e["event"] in ("begin", "step")]
    return str(told[-1]["step"]) if told and told[-1]["event"] == "begin" else ""


def red(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The steps that were red, and that the person then passed over."""
    how: dict[str, str] = {}
    found = []
    for event in (e for e in events if e["event"] == "step"):
        name, decision = event["step"], event["decision"]
        if decision == "pulado" and how.get(name) == "falhou":
            found.append(name)
        if decision in ("executado", "falhou"):
            how[name] = decision
    return found


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
        *([_whereabouts(start["target"])] if "target" in start else []),
        *(
            [f"Parâmetros: {', '.join(f'{k}={v!r}' for k, v in start['parameters'].items())}."]
            if start.get("parameters")
            else []
        ),
    ]
    for event, after in pairwise([*events[1:], {"event": ""}]):
        unfinished = event["event"] == "begin" and after["event"] != "step"
        if told := [f"## {event['step']}: começou e não terminou"] if unfinished else _lines(event):
            lines += ["", *told]
    if not end(events):
        lines += ["", "**A execução foi interrompida sem chegar ao fim.**"]
    return "\n".join(lines) + "\n"


def _lines(event: Mapping[str, Any]) -> list[str]:
    if event["event"] == "end":
        return [f"**{event['how']}** ({event['when']})"]
    if event["event"] == "begin":
        return []
    if event["event"] == "value":
        return [f"{event['name']}={event['value']!r} de agora em diante ({event['when']})"]
    if event["event"] == "resume":
        return [f"**Retomado** por {event['who']} em {event['where']} ({event['when']})"]
    lines = [
        f"## {event['step']}: {event['decision']}",
        "",
        f"{event['when']}. {event.get('reason', '')}".rstrip(),
    ]
    if "text" in event:
        lines += ["", _fence("bash", event["text"])]
    if event.get("output"):
        lines += ["", _fence("text", event["output"])]
    if "exit_code" in event:
        lines += ["", f"Código de saída {event['exit_code']}, {seconds(event['duration'])}."]
    return lines


def _whereabouts(target: Mapping[str, str]) -> str:
    names = (("banco", "database"), ("servidor", "host"), ("porta", "port"), ("usuário", "user"))
    told = ", ".join(f"{name} {target[key]}" for name, key in names if target.get(key))
    return f"No {ENGINE_NAMES[target['engine']]}, {CLASS_NAMES[target['kind']]}: {told}."


def _fence(language: str, text: str) -> str:
    """In a fence that is longer than any in the text."""
    marks = "```"
    while marks in text:
        marks += "`"
    return f"{marks}{language}\n{text}\n{marks}"


def _now() -> datetime:
    return datetime.now(UTC)
