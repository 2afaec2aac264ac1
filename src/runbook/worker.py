"""One run in a process of its own, where the steps run: a job on standard input, events on standard output.

A job without steps is one that somebody attends: the steps come one at a time, a line each, and `null` stops the step
at hand. Started in the toolbox container or beside the embedded server, with the standard library alone. Apart from the
command line so that whatever happens to the caller, this process sees its standard input close, stops the step and
removes what the run made.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import select
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .bench import Bench
from .environment import Place
from .errors import RunbookError
from .executor import execute
from .result import PASSED, ExecutionResult, StepResult, to_json
from .sealed import seal, unseal
from .shell import Shell
from .step import Step, from_json

LONGEST = 64 * 1024  # bytes of a line that are passed on while it is written
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Reads one job, runs it, writes its events as JSON lines."""
    job = json.loads(sys.stdin.buffer.readline())
    take_charge()
    place = Place(**job["place"])
    result = run(
        job["runbook"],
        _asked() if job["steps"] is None else [[from_json(step) for step in job["steps"]]],
        place,
        job["parameters"],
        job["secrets"],
        emit,
        stream=job["stream"],
        state=job["state"],
    )
    emit({"event": "end", "result": to_json(result)})


def run(
    name: str,
    groups: Iterable[Sequence[Step]],
    place: Place,
    parameters: dict[str, str],
    secrets: Sequence[str],
    tell: Callable[[dict[str, Any]], None],
    *,
    stream: bool = False,
    state: str | None = None,
) -> ExecutionResult:
    """Carries out one runbook in a workspace of its own, and leaves nothing behind.

    Args:
        name: of the runbook.
        groups: of steps; after a red one the rest of its group is left out.
        place: where.
        parameters: values that the environment starts from.
        secrets: texts that no output may show.
        tell: given each event.
        stream: whether output is among the events while a step runs.
        state: of an earlier run that this one goes on from, sealed; on a real database, each step tells its own.
    """
    start = time.monotonic()
    bench = Bench(place, parameters, secrets)
    done: list[StepResult] = []
    leftovers: list[str] = []
    error = ""
    try:
        tell({"event": "phase", "step": "preparação do banco"})
        bench.prepare(sys.stdin.buffer)
        lines = _Lines(lambda text: tell({"event": "output", "text": bench.redact(text)}))
        with Shell(bench.work, bench.variables, bench.space.folder) as shell:
            if state:
                before = unseal(state, bench.secrets, str(bench.space.folder))
                # The programs are those of now: a person may have put the right client first since then.
                path = f"declare -x PATH={shlex.quote(bench.variables['PATH'])}".encode()
                shell.rewind(re.sub(rb"^declare -x PATH=.*$", lambda _: path, before, flags=re.MULTILINE))
            tell({"event": "ready", "versions": bench.versions})
            for steps in groups:
                try:
                    for outcome in execute(
                        steps,
                        shell,
                        has=bench.has,
                        clean=bench.clean,
                        on_start=lambda step: tell({"event": "start", "step": step.name}),
                        on_output=lines.add if stream else lambda _: None,
                        cancelled=sys.stdin.buffer,
                    ):
                        lines.flush()
                        done.append(outcome)
                        if place.work and outcome.outcome == PASSED:
                            kept = seal(shell.state or b"", bench.secrets, str(bench.space.folder))
                            tell({"event": "kept", "state": kept})
                        tell({"event": "step", "result": to_json(outcome)})
                except KeyboardInterrupt:
                    if not _only_the_step():
                        raise
                    lines.flush()
                    tell({"event": "interrupted"})
    except KeyboardInterrupt:
        error = "interrompido; tudo o que a execução criou foi removido"
    except (RunbookError, OSError) as problem:
        error = str(problem)
    finally:
        leave_in_peace()
        tell({"event": "phase", "step": "limpeza"})
        try:
            leftovers = bench.clear()
        except RunbookError as problem:
            error = error or str(problem)
    return ExecutionResult(
        runbook=name,
        engine=place.engine,
        sandbox=place.sandbox,
        steps=tuple(done),
        versions=bench.versions,
        leftovers=tuple(leftovers),
        error=error,
        duration=time.monotonic() - start,
    )


def _asked() -> Iterator[list[Step]]:
    """One step at a time; the end of the input is the end of the run."""
    for line in iter(sys.stdin.buffer.readline, b""):
        asked = json.loads(line)
        if asked:
            yield [from_json(asked)]
        else:
            emit({"event": "interrupted"})  # too late: the step had ended


def _only_the_step() -> bool:
    """Whether it was a line that stopped the step, and neither a signal nor the end of the input."""
    readable, _, _ = select.select([sys.stdin.buffer], [], [], 0)
    return bool(readable) and sys.stdin.buffer.readline() != b""


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


def take_charge() -> None:
    """Signals end the run in an orderly way, and orphans of a step come to this process, so that none can hide."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def leave_in_peace() -> None:
    """From here on nothing interrupts the way out."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def emit(event: dict[str, Any]) -> None:
    """Tells the caller something, as a JSON line."""
    try:
        sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # the caller is gone: what matters now is to clean up
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
