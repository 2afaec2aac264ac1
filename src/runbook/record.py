"""The committed record of a run: `logico.postgresql.json` beside `logico.md`.

In: a runbook, its result. Out: a file, or the answer whether a file still speaks of this runbook and whether a new
run agrees with it. Apart because it is the only thing that passes from the world in which commands run to the site.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from . import prisma, result, step
from .errors import RecordError
from .normalize import comparable
from .result import ExecutionResult
from .step import Runbook

FORMAT = 1
Kept = TypeVar("Kept")


class State(Enum):
    """What a record is worth today."""

    CURRENT = "current"
    STALE = "stale"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step as it went; `matched` is the line of `output`, from 0, where `expect` matched."""

    name: str
    outcome: str
    exit_code: int | None
    duration: float
    output: tuple[str, ...]
    reason: str
    matched: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """One run of one runbook on one engine; `recorded` is an ISO date and time in UTC, `duration` seconds."""

    key: str
    outcome: str
    recorded: str
    sandbox: str
    duration: float
    versions: dict[str, str]
    steps: tuple[RecordedStep, ...]

    def step(self, name: str) -> RecordedStep | None:
        """The step of that name, if it was reached."""
        return next((s for s in self.steps if s.name == name), None)


def path(folder: Path, runbook: Runbook, engine: str) -> Path:
    """Where the record of a runbook and engine lies."""
    return folder / f"{runbook.name}.{engine}.json"


def key(runbook: Runbook, engine: str, toolbox: Path) -> str:
    """A digest of everything that decides the run: steps, parameters, sample project, fingerprint, Prisma and engine.

    Args:
        runbook: whose prose and line numbers do not count.
        engine: whose steps count.
        toolbox: the folder with `loja`, `impressao-digital` and `schema-engine`.
    """
    steps = [{k: v for k, v in step.to_json(s).items() if k != "line"} for s in runbook.steps(engine)]
    parameters = [(p.name, p.default, p.secret) for p in runbook.parameters_of(engine)]
    digest = hashlib.sha256(json.dumps([FORMAT, engine, steps, parameters], sort_keys=True).encode())
    for file in _inputs(toolbox, engine):
        digest.update(file.relative_to(toolbox).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _inputs(toolbox: Path, engine: str) -> Iterator[Path]:
    yield from prisma.inputs(toolbox)
    own = ("loja/*", "loja/projeto/**/*", f"loja/{engine}/**/*", f"impressao-digital/{engine}.*", "schema-engine/*")
    for pattern in own:
        yield from sorted(f for f in toolbox.glob(pattern) if f.is_file() and not prisma.INSTALLED & set(f.parts))


def stamp(now: datetime | None = None) -> str:
    """A date and time in UTC, as records have it; without one, this moment's."""
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def make(key: str, execution: ExecutionResult, now: datetime | None = None) -> Record:
    """The record of a run that has just ended."""
    return Record(
        key=key,
        outcome=result.PASSED if execution.passed else result.FAILED,
        recorded=stamp(now),
        sandbox=execution.sandbox,
        duration=round(execution.duration, 1),
        versions=dict(execution.versions or {}),
        steps=tuple(
            RecordedStep(
                name=s.name,
                outcome=s.outcome,
                exit_code=s.exit_code,
                duration=round(s.duration, 2),
                output=tuple(s.output.split("\n")) if s.output else (),
                reason=s.reason,
                matched=s.matched,
            )
            for s in execution.steps
        ),
    )


def write(file: Path, record: Record) -> None:
    """Writes a record whole or not at all.

    Raises:
        RecordError: the file cannot be written; what was there is still there.
    """
    store(file, json.dumps({"format": FORMAT, **asdict(record)}, ensure_ascii=False, indent=1))


def read(file: Path) -> Record | None:
    """The record in a file; None when there is no file.

    Raises:
        RecordError: the file is not a record of this format.
    """
    return load(file, FORMAT, _made, "runbook record")


def _made(data: dict[str, Any]) -> Record:
    data["steps"] = tuple(RecordedStep(**{**s, "output": tuple(s["output"])}) for s in data["steps"])
    return Record(**data)


def store(file: Path, text: str) -> None:
    """Writes the JSON text that is committed beside a runbook, whole or not at all; `score` writes so too.

    Raises:
        RecordError: the file cannot be written; what was there is still there.
    """
    partial = file.with_suffix(".json.parcial")
    try:
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise RecordError(f"não foi possível gravar o registro ({error.strerror}); o anterior ficou", file) from error


def load(file: Path, form: int, make: Callable[[dict[str, Any]], Kept], command: str) -> Kept | None:
    """What `store` wrote, made from its text; None when there is no file.

    Raises:
        RecordError: the file is not what `make` takes, or of another format; `command` would write it anew.
    """
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if data.pop("format") != form:
            raise ValueError("outro formato")
        datetime.fromisoformat(data["recorded"])  # the page shows it
        return make(data)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise RecordError(f"registro ilegível ({error}); grave-o de novo com `{command}`", file) from error


def state(record: Record | None, current_key: str) -> State:
    """Whether a record speaks of the runbook as it is now."""
    if record is None:
        return State.MISSING
    if record.key != current_key:
        return State.STALE
    return State.CURRENT if record.outcome == result.PASSED else State.FAILED


def comparison(old: Record | None, new: Record) -> str | None:
    """Why two records cannot be compared, in the reader's language; None when they can."""
    if old is None:
        return "sem registro"
    if old.key != new.key:
        return "registro de outra versão do runbook"
    if _where(old) != _where(new):
        return f"registro feito em {', '.join(part.partition(' (')[0] for part in _where(old) if part)}"
    return None


def _where(record: Record) -> tuple[str, str, str]:
    """What has to be the same for two outputs to be the same: sandbox, server, and Prisma's engine."""
    return record.sandbox, record.versions.get("servidor", ""), record.versions.get("motor", "")


def differences(old: Record, new: Record) -> list[str]:
    """A unified diff for each step whose exit code or stable output is not what was recorded."""
    found = []
    for after in new.steps:
        before = old.step(after.name)
        diff = difflib.unified_diff(
            _lines(before) if before else [],
            _lines(after),
            f"registro: {after.name}",
            f"agora: {after.name}",
            lineterm="",
        )
        if text := "\n".join(diff):
            found.append(text)
    return found


def _lines(recorded: RecordedStep) -> list[str]:
    return [f"código {recorded.exit_code} ({recorded.outcome})", *comparable("\n".join(recorded.output)).split("\n")]
