"""One run in a process of its own, where the steps run: a job on standard input, events on standard output.

Started in the toolbox container or beside the embedded server, with the standard library alone. Apart from the
command line so that whatever happens to the caller, this process sees its standard input close, stops the step and
removes what the run made.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Any

from . import environment, normalize, workspace
from .databases import TOOLBOX, Databases
from .environment import Place
from .errors import RunbookError
from .executor import execute
from .prisma import Prisma
from .redact import redactor
from .result import ExecutionResult, StepResult, to_json
from .shell import Shell
from .step import Step, from_json
from .workspace import Workspace

LONGEST = 64 * 1024  # bytes of a line that are passed on while it is written
_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Reads one job, runs it, writes its events as JSON lines."""
    job = json.loads(sys.stdin.buffer.readline())
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupt)
    if sys.platform == "linux":  # orphans of a step come to us, so that none can hide
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    place = Place(**job["place"])
    result = run(
        job["runbook"],
        [from_json(step) for step in job["steps"]],
        place,
        job["parameters"],
        job["secrets"],
        _emit,
        stream=job["stream"],
    )
    _emit({"event": "end", "result": to_json(result)})


def run(
    name: str,
    steps: Sequence[Step],
    place: Place,
    parameters: dict[str, str],
    secrets: Sequence[str],
    emit: Callable[[dict[str, Any]], None],
    *,
    stream: bool = False,
) -> ExecutionResult:
    """Carries out one runbook in a workspace of its own, and leaves nothing behind."""
    start = time.monotonic()
    files_before = _temporary_files() if place.own_tmp else frozenset()
    space = workspace.create(_prefix(place))
    done: list[StepResult] = []
    versions: dict[str, str] = {}
    leftovers: list[str] = []
    error = ""
    databases: Databases | None = None
    prisma = Prisma(place, TOOLBOX) if place.prisma else None
    owner = token_hex(16)  # password of the account that owns the databases of this run
    hidden = [*secrets, place.password, owner]
    before: frozenset[str] = frozenset()
    try:
        emit({"event": "phase", "step": "preparação do banco"})
        _sweep(place, parameters)
        databases = _databases(place, space, parameters)
        if databases:
            shutil.copytree(TOOLBOX / "impressao-digital", space.work / "impressao-digital")
            before = databases.inventory()
            versions = databases.versions()
            if place.sample:
                databases.create(owner, sys.stdin.buffer)
        variables = environment.variables(place, space.folder, space.database, parameters)
        if prisma:
            versions |= prisma.versions()
            project = space.work / "loja"
            prisma.prepare(space.folder, project)
            variables |= prisma.variables(space.folder, project, space.database, owner)
        clean = _cleaner(space, hidden)
        lines = _Lines(lambda text: emit({"event": "output", "text": redactor(hidden)(text)}))
        with Shell(space.work, variables, space.folder) as shell:
            for outcome in execute(
                steps,
                shell,
                has=(*place.has, *(prisma.has if prisma else ())),
                clean=clean,
                on_start=lambda step: emit({"event": "start", "step": step.name}),
                on_output=lines.add if stream else lambda _: None,
                cancelled=sys.stdin.buffer,
            ):
                lines.flush()
                done.append(outcome)
                emit({"event": "step", "result": to_json(outcome)})
    except KeyboardInterrupt:
        error = "interrompido; tudo o que a execução criou foi removido"
    except (RunbookError, OSError) as problem:
        error = str(problem)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the way out is not interrupted
        emit({"event": "phase", "step": "limpeza"})
        space.end_processes()  # an interruption at the wrong moment may have let one go
        try:
            if databases:
                databases.remove()
                after = databases.inventory()
                leftovers = [f"+ {line}" for line in sorted(after - before)] if before else []
                leftovers += [f"- {line}" for line in sorted(before - after)]
        except RunbookError as problem:
            error = error or str(problem)
        space.remove()
        if place.own_tmp:
            leftovers += [f"+ arquivo {name}" for name in sorted(_temporary_files() - files_before)]
    return ExecutionResult(
        runbook=name,
        engine=place.engine,
        sandbox=place.sandbox,
        steps=tuple(done),
        versions=versions,
        leftovers=tuple(leftovers),
        error=error,
        duration=time.monotonic() - start,
    )


class _Lines:
    """Passes output on in whole lines, so that no secret is cut in two before it is redacted."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit, self._rest = emit, b""

    def add(self, data: bytes) -> None:
        whole, newline, rest = (self._rest + data).rpartition(b"\n")
        if newline:
            self._emit((whole + newline).decode(errors="backslashreplace"))
        self._rest = rest[:LONGEST]

    def flush(self) -> None:
        if self._rest:
            self._emit(self._rest.decode(errors="backslashreplace") + "\n")
        self._rest = b""


def _databases(place: Place, space: Workspace, parameters: dict[str, str]) -> Databases | None:
    if place.sandbox == "none":
        return None
    if private := environment.password_file(place):
        space.write_private(*private)
    return Databases(place.engine, space.folder, environment.variables(place, space.folder, space.database, parameters))


def _sweep(place: Place, parameters: dict[str, str]) -> None:
    """Removes what runs that were killed have left, found by folders that nobody holds any more."""
    for space in workspace.dead(workspace.base(), _prefix(place)):
        space.end_processes()
        (space.folder / "tmp").mkdir(exist_ok=True)
        if databases := _databases(place, space, parameters):
            databases.remove()
        space.remove()


def _prefix(place: Place) -> str:
    """What the folders of the runs of one place are called: only who has the same server can clean up after them."""
    return f"{place.sandbox}-{place.engine}"


def _cleaner(space: Workspace, secrets: Sequence[str]) -> Callable[[str], str]:
    redact = redactor(secrets)
    names = {space.database: "loja", str(space.work): "~/trabalho", str(space.folder): "~"}
    return lambda text: normalize.shown(redact(text), names)


def _temporary_files() -> frozenset[str]:
    base = workspace.base()
    return frozenset(p.name for p in base.parent.iterdir() if p != base)


def _emit(event: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the caller is gone: what matters now is to clean up
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
