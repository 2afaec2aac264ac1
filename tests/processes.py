"""For the tests of what runs processes: find what was left of them, and be handed their orphans as the worker is."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 30.0  # seconds until a test gives up waiting for something that has to happen


def running(folder: Path) -> list[str]:
    """Commands of the processes in whose environment a folder is named; none where the system does not show that."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in environ.read_bytes():
                found.append((environ.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            pass  # gone meanwhile, or someone else's
    return found


def wait_until(condition: Callable[[], object]) -> None:
    """Waits for something that happens in another process; an AssertionError when it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "não aconteceu"
        time.sleep(0.02)


@contextmanager
def adopting() -> Iterator[None]:
    """Orphans of the processes started meanwhile come to this process."""
    if sys.platform != "linux":
        yield
        return
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
