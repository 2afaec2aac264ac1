"""One bash process per step; the state between steps travels in a private file.

In: the text of a step, a working folder, an environment. Out: `Ended`, the bare facts of how its process ended;
what they mean is for `executor` to judge. Apart because it alone starts the processes that runbooks consist of.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import ShellError

PRELUDE = Path(__file__).with_name("shell.bash")
NAME = "passo"  # what bash calls itself in its messages: `passo: line 3: ...`
KEPT = 64 * 1024  # bytes of output kept at each end
GRACE = 0.3  # seconds: for a process substitution to finish after its step, and between TERM and KILL


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process of a step ended.

    Attributes:
        exit_code: bash's; negative for the signal that killed it.
        duration: seconds.
        output: both streams in order; `dropped` bytes are missing from its middle.
        stderr: what came on standard error, when it was asked to be told apart.
        failed: status, line of the text and command of the first command that failed, if any did.
        completed: the text ran to its end, rather than to an `exit` on the way.
        saved: the state for the next step was written, with the ERR trap in its place.
        untouched: the state given to the step is still as it was given.
        timed_out: the process group had to be ended.
        stragglers: ids of processes that outlived the step, and were ended.
    """

    exit_code: int
    duration: float
    output: bytes
    dropped: int
    stderr: bytes
    failed: tuple[int, int, str] | None
    completed: bool
    saved: bool
    untouched: bool
    timed_out: bool
    stragglers: tuple[int, ...]


class _Capture:
    """Keeps the head and the tail of a stream, and counts what it drops between them."""

    def __init__(self) -> None:
        self.head, self.tail, self.dropped = bytearray(), bytearray(), 0

    def add(self, data: bytes) -> None:
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail += data[room:] if room > 0 else data
        if len(self.tail) > 2 * KEPT:
            self.trim()

    def trim(self) -> None:
        extra = max(0, len(self.tail) - KEPT)
        self.dropped += extra
        del self.tail[:extra]

    def bytes(self) -> bytes:
        self.trim()
        gap = f"\n[... {self.dropped} bytes ...]\n".encode() if self.dropped else b""
        return bytes(self.head) + gap + bytes(self.tail)


class Shell:
    """A sequence of steps that share variables, functions, exports, umask and working folder.

    Args:
        cwd: where the first step starts.
        env: the whole environment of the first step; nothing of the caller's is added.
        parent: the folder in which the private folder with the state is made; the system's temporary one by default.
    """

    def __init__(self, cwd: Path, env: Mapping[str, str], parent: Path | None = None) -> None:
        self._cwd, self._env = cwd, dict(env)
        self._folder = Path(tempfile.mkdtemp(prefix="estado-", dir=parent))  # 0700
        self._state: bytes | None = None
        self._next: bytes | None = None

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self) -> None:
        """Makes the state that the last step left the start of the next one."""
        self._state = self._next

    def run(
        self,
        text: str,
        timeout: float,
        *,
        split_stderr: bool = False,
        on_output: Callable[[bytes], None] = lambda _: None,
        cancelled: IO[bytes] | None = None,
    ) -> Ended:
        """Runs one step's text to its end, its time limit, or `cancelled` becoming readable (raises KeyboardInterrupt)."""
        mark, state, new = (self._folder / name for name in ("mark", "state", "state.new"))
        self._folder.mkdir(mode=0o700, exist_ok=True)
        for path in (mark, new):
            path.unlink(missing_ok=True)
        if self._state is not None:
            state.write_bytes(self._state)
            state.chmod(0o600)
        before = _children()
        start = time.monotonic()
        process = self._start(text, split_stderr)
        capture, errors = _Capture(), _Capture()
        try:
            timed_out = _follow(process, start + timeout, capture, errors, on_output, cancelled)
        finally:
            stragglers = _end_group(process, before)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        duration = time.monotonic() - start
        untouched = self._state is None or (state.is_file() and state.read_bytes() == self._state)
        self._next = new.read_bytes() if new.is_file() else None
        ended, trap = _framing_lines(self._next)
        return Ended(
            exit_code=process.returncode,
            duration=duration,
            output=capture.bytes(),
            dropped=capture.dropped,
            stderr=errors.bytes(),
            failed=_read_mark(mark),
            completed=ended,
            saved=trap,
            untouched=untouched,
            timed_out=timed_out,
            stragglers=stragglers,
        )

    def _start(self, text: str, split_stderr: bool) -> subprocess.Popen[bytes]:
        first = self._state is None
        env = {"__rb_dir": str(self._folder), "BASH_ENV": str(PRELUDE)}
        if first:
            env |= self._env
        bash = shutil.which("bash", path=self._env.get("PATH")) or "bash"
        # Open for writing only: reading it is an error at once, where an empty input would look like an answer.
        stdin = os.open(os.devnull, os.O_WRONLY)
        try:
            return subprocess.Popen(
                [bash, "--noprofile", "--norc", "-c", f"{text}\n__rb_ended=1", NAME],
                cwd=self._cwd,
                env=env,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if split_stderr else subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ShellError(f"não foi possível iniciar o bash ({error}); instale o bash 4.4 ou mais novo") from error
        finally:
            os.close(stdin)


def _follow(
    process: subprocess.Popen[bytes],
    deadline: float,
    capture: _Capture,
    errors: _Capture,
    on_output: Callable[[bytes], None],
    cancelled: IO[bytes] | None,
) -> bool:
    """Reads the streams until bash has ended; returns whether the deadline came first."""
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
        if cancelled is not None:
            selector.register(cancelled, selectors.EVENT_READ)
        # Where the kernel can tell of the end of a process, wait for that; elsewhere look for it often.
        pidfd = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
        if pidfd is not None:
            selector.register(pidfd, selectors.EVENT_READ)
        try:
            while process.poll() is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return True
                for key, _ in selector.select(left if pidfd is not None else min(left, 0.005)):
                    if cancelled is not None and key.fileobj is cancelled:
                        raise KeyboardInterrupt
                    if key.fileobj is process.stdout or key.fileobj is process.stderr:
                        if not _drain(key.fd, key.fileobj is process.stderr, capture, errors, on_output):
                            selector.unregister(key.fileobj)
        finally:
            if pidfd is not None:
                os.close(pidfd)
            # Bash waited for its children, so all they wrote is in the pipe: take it, and wait for no one else.
            for stream in (process.stdout, process.stderr):
                if stream:
                    _drain(stream.fileno(), stream is process.stderr, capture, errors, on_output)
    return False


def _drain(
    fd: int, is_stderr: bool, capture: _Capture, errors: _Capture, on_output: Callable[[bytes], None]
) -> bool:
    """Reads what is there now; False at the end of the stream."""
    while True:
        try:
            data = os.read(fd, 65536)
        except BlockingIOError:
            return True
        if not data:
            return False
        capture.add(data)
        if is_stderr:
            errors.add(data)
        on_output(data)


def _end_group(process: subprocess.Popen[bytes], before: frozenset[int]) -> tuple[int, ...]:
    """Ends everything the step has left, within a second; returns the ids of what outlived bash by itself."""
    if process.poll() is None:
        _signal(process, (), signal.SIGTERM)
        _wait(lambda: process.poll() is not None)
        _signal(process, (), signal.SIGKILL)
        process.wait()
        for child in _children() - before:
            _kill(child)
        return ()
    if not _left(process, before) or _wait(lambda: not _left(process, before)):
        return ()
    left = _left(process, before)
    _signal(process, left, signal.SIGTERM)
    if not _wait(lambda: not _left(process, before)):
        _signal(process, _left(process, before), signal.SIGKILL)
    return left


def _wait(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + GRACE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return condition()


def _left(process: subprocess.Popen[bytes], before: frozenset[int]) -> tuple[int, ...]:
    """Processes of the step's group, and orphans handed to us, that still run."""
    adopted = tuple(child for child in _children() - before if not _reaped(child))
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return adopted
    except PermissionError:
        pass  # someone of the group changed its user: it is there
    return adopted or (process.pid,)


def _reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(process: subprocess.Popen[bytes], others: tuple[int, ...], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass
    for pid in others:
        if pid != process.pid:
            _kill(pid, number)


def _kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
        os.waitpid(pid, os.WNOHANG)
    except (ProcessLookupError, ChildProcessError):
        pass


def _children() -> frozenset[int]:
    """Ids of this process's children; where the kernel does not list them, none."""
    try:
        return frozenset(
            int(pid)
            for task in os.listdir("/proc/self/task")
            for pid in Path(f"/proc/self/task/{task}/children").read_text().split()
        )
    except OSError:
        return frozenset()


def _framing_lines(state: bytes | None) -> tuple[bool, bool]:
    """Whether the text ran to its end, and whether the state is whole with the ERR trap in place."""
    lines = (state or b"").splitlines() or [b""]
    if not lines[-1].startswith(b"#ended "):
        return False, False
    return lines[-1] == b"#ended 1", b"__rb_failed" in lines[0]


def _read_mark(mark: Path) -> tuple[int, int, str] | None:
    try:
        status, line, command = mark.read_text(errors="backslashreplace").split("\n", 2)
        return int(status), int(line), command
    except (OSError, ValueError):
        return None
