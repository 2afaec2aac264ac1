"""The one place that starts helper programs (docker, apt, debootstrap, tar); a step of a runbook belongs to `shell`.

In: a command and a time limit. Out: what it wrote on standard output, or a `ProgramError`. Apart so that no helper can
wait for input, run for ever or keep the caller's pipes open through a process that it leaves behind, and so that tests
need to replace one function only.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from .errors import EnvironmentUnavailable

SHOWN = 15  # last lines of a failed program's output in its error
GRACE = 10.0  # seconds between TERM and KILL: `docker compose` and `apt-get` have things to put back
POLL = 0.02


class ProgramError(EnvironmentUnavailable):
    """A helper program failed, was missing or did not end in time.

    Args:
        command: what was started, without secrets (these never travel on command lines).
        exit_code: its exit code; None when it was missing or had to be ended.
        tail: the last lines of what it said.
        said: the failure in the reader's words.
        timed_out: whether it had to be ended for taking too long.
    """

    def __init__(
        self, command: Sequence[str], exit_code: int | None, tail: str, said: str, *, timed_out: bool = False
    ) -> None:
        self.command, self.exit_code, self.tail, self.timed_out = tuple(command), exit_code, tail, timed_out
        text = f"`{shlex.join(command)}` {said}"
        super().__init__(f"{text}:\n{tail}" if tail else text)


def run(
    command: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    answer_within: float | None = None,
    log: Path | None = None,
) -> str:
    """Run a program to its end and give its standard output.

    Args:
        command: the program and its arguments.
        timeout: seconds after which it is ended, with everything it started.
        environment: its whole environment; the caller's when None.
        folder: its working folder; the caller's when None.
        answer_within: seconds after which it is ended if it has written nothing on standard output yet.
        log: a file for both of its streams (the result is then empty); for a program that leaves a daemon behind.

    Raises:
        ProgramError: it is missing, its exit code is not 0, or it took too long.
    """
    # Files and not pipes: a daemon that inherits them holds nobody up, and no thread has to drain them.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        if log is None:
            process = _start(command, environment, folder, out, err)
        else:
            with log.open("wb") as both:
                process = _start(command, environment, folder, both, both)
        try:
            late = _wait(process, timeout, answer_within, out)
        finally:
            _end(process)
        tail = _tail(log.read_bytes() if log else _read(err) or _read(out))
        if late:
            raise ProgramError(command, None, tail, f"não terminou nem respondeu em {late:g} s", timed_out=True)
        if process.returncode != 0:
            raise ProgramError(command, process.returncode, tail, f"terminou com código {process.returncode}")
        return _read(out).decode(errors="replace")


def _start(
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    folder: Path | None,
    out: IO[bytes],
    err: IO[bytes],
) -> subprocess.Popen[bytes]:
    """Start the program in a process group of its own, so that all of it can be ended."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramError(command, None, "", f"não pôde ser iniciado ({error.strerror})") from error


def _wait(
    process: subprocess.Popen[bytes], timeout: float, answer_within: float | None, out: IO[bytes]
) -> float | None:
    """Wait for the end; give the limit that was passed, if one was."""
    started = time.monotonic()
    if answer_within is not None:
        while process.poll() is None and os.fstat(out.fileno()).st_size == 0:
            if time.monotonic() - started > answer_within:
                return answer_within
            time.sleep(POLL)
    try:
        process.wait(max(0.0, timeout - (time.monotonic() - started)))
    except subprocess.TimeoutExpired:
        return timeout
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is still running of the program; does nothing after a normal end."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _tail(data: bytes) -> str:
    return "\n".join(data.decode(errors="replace").strip().splitlines()[-SHOWN:])
