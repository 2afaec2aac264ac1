"""Whether anybody reads a file before it is written anew or removed: a file in, the answer out.

A damaged file that nobody reads proves nothing about who would have noticed. Apart because it speaks with the kernel;
the standard library alone, since it is used in the sandbox.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_ACCESS, _MODIFY, _CLOSED_AFTER_READING = 0x1, 0x2, 0x10  # inotify(7)
_ALL = _ACCESS | _MODIFY | _CLOSED_AFTER_READING
_EVENT = struct.Struct("iIII")


class Witness:
    """Looks at a file from now on, wherever it is moved to; `close` it.

    Args:
        file: on a file system that tells, as those of Linux do.
    """

    def __init__(self, file: Path) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        self._file = file.open("rb")
        self._queue: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._queue < 0 or library.inotify_add_watch(self._queue, os.fsencode(file), _ALL) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def close(self) -> None:
        """Looks away."""
        os.close(self._queue)
        self._file.close()

    def ignored(self) -> bool:
        """Whether it was removed or written anew, and nobody had read it before."""
        for event in self._events():
            if event & (_ACCESS | _CLOSED_AFTER_READING):
                return False
            if event & _MODIFY:
                return True
        return os.fstat(self._file.fileno()).st_nlink == 0

    def _events(self) -> list[int]:
        found: list[int] = []
        while True:
            try:
                data = os.read(self._queue, 1 << 16)
            except BlockingIOError:
                return found
            place = 0
            while place < len(data):
                _, mask, _, length = _EVENT.unpack_from(data, place)
                found.append(mask)
                place += _EVENT.size + length
