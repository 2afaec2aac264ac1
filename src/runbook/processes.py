"""A started process in, its output out, and the end of everything it started.

Apart from `shell`, which says what is started, because this is about any group of processes: follow it, keep what it
writes within bounds, leave nothing of it running.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import IO

KEPT = 64 * 1024  # bytes of output kept at each end
CHUNK = 64 * 1024  # bytes read at a time
PIPE = 1024 * 1024  # bytes that can be in a pipe at most
GRACE = 0.3  # seconds: for a process substitution to finish after its step, and between TERM and KILL


class Capture:
    """Keeps the head and the tail of a stream, and counts what it drops between them."""

    def __init__(self) -> None:
        self.head, self.tail, self.dropped = bytearray(), bytearray(), 0

    def add(self, data: bytes) -> None:
        """Takes the next bytes."""
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail += data[room:] if room > 0 else data
        if len(self.tail) > 2 * KEPT:
            self._trim()

    def bytes(self) -> bytes:
        """What was kept, with a line that says how much is missing."""
        self._trim()
        gap = f"\n[... {self.dropped} bytes ...]\n".encode() if self.dropped else b""
        return bytes(self.head) + gap + bytes(self.tail)

    def _trim(self) -> None:
        extra = max(0, len(self.tail) - KEPT)
        self.dropped += extra
        del self.tail[:extra]


class Follower:
    """Follows one process, started in a session of its own with pipes for its output.

    Args:
        process: just started.
        before: children of this process that are older, from `children`.
        on_output: given the bytes of both streams as they come.
    """

    def __init__(self, process: Popen[bytes], before: frozenset[int], on_output: Callable[[bytes], None]) -> None:
        self._process, self._before, self._on_output = process, before, on_output
        self._streams = [stream for stream in (process.stdout, process.stderr) if stream]
        self.output, self.stderr = Capture(), Capture()

    def wait(self, deadline: float, cancelled: IO[bytes] | None) -> bool:
        """Reads until the process has ended; returns whether the deadline came first.

        Raises:
            KeyboardInterrupt: `cancelled` became readable.
        """
        with selectors.DefaultSelector() as selector:
            for stream in self._streams:
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            if cancelled is not None:
                selector.register(cancelled, selectors.EVENT_READ)
            # Where the kernel can tell of the end of a process, wait for that; elsewhere look for it often.
            pidfd = os.pidfd_open(self._process.pid) if hasattr(os, "pidfd_open") else None
            if pidfd is not None:
                selector.register(pidfd, selectors.EVENT_READ)
            try:
                while self._process.poll() is None:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        return True
                    for key, _ in selector.select(left if pidfd is not None else min(left, 0.005)):
                        if cancelled is not None and key.fileobj is cancelled:
                            raise KeyboardInterrupt
                        if key.fileobj in self._streams and self._read(key.fileobj) == b"":
                            selector.unregister(key.fileobj)
            finally:
                if pidfd is not None:
                    os.close(pidfd)
                self._read_rest()
        return False

    def end(self) -> tuple[int, ...]:
        """Ends everything that is left, within a second; returns the ids of what outlived the process by itself."""
        overdue = self._process.poll() is None
        if overdue:
            self._signal((), signal.SIGTERM)
            _wait(lambda: self._process.poll() is not None)
            self._signal((), signal.SIGKILL)
            self._process.wait()
        elif not self._left() or _wait(lambda: not self._left()):
            return ()
        left = self._left()
        self._signal(left, signal.SIGTERM)
        if not _wait(lambda: not self._left()):
            _wait(lambda: not self._kill())
        return () if overdue else left

    def _read(self, stream: object) -> bytes | None:
        """Takes what is there now, up to a chunk; nothing at the end of the stream, None when there is nothing yet."""
        is_stderr = stream is self._process.stderr
        pipe = self._process.stderr if is_stderr else self._process.stdout
        assert pipe
        try:
            data = os.read(pipe.fileno(), CHUNK)
        except BlockingIOError:
            return None
        if data:
            self.output.add(data)
            if is_stderr:
                self.stderr.add(data)
            self._on_output(data)
        return data

    def _read_rest(self) -> None:
        """Takes what is in the pipes, and no more than fits into one: who outlived the process may write for ever."""
        for stream in self._streams:
            for _ in range(PIPE // CHUNK):
                if not self._read(stream):
                    break

    def _left(self) -> tuple[int, ...]:
        """Processes of the group, and orphans handed to us, that still run."""
        adopted = self._adopted()
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return adopted
        except PermissionError:
            pass  # someone of the group changed its user: it is there
        return adopted or (self._process.pid,)

    def _adopted(self) -> tuple[int, ...]:
        while True:
            found = children() - self._before
            running = tuple(child for child in found if not _reaped(child))
            # Who was reaped may have ended after the look, and its own children were handed to us then: look again.
            if len(running) == len(found):
                return running

    def _kill(self) -> tuple[int, ...]:
        """Kills what is left; to be repeated, because the children of what is killed are handed to us only then."""
        left = self._left()
        self._signal(left, signal.SIGKILL)
        return left

    def _signal(self, others: tuple[int, ...], number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
        for pid in others:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def children() -> frozenset[int]:
    """Ids of this process's children; where the kernel does not list them, none."""
    try:
        return frozenset(
            int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
        )
    except OSError:
        return frozenset()


def _wait(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + GRACE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return condition()


def _reaped(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
