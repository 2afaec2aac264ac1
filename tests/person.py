"""Somebody at a terminal, for the tests: what they see, and what they type."""

from __future__ import annotations

import codecs
import fcntl
import os
import select
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path

QUESTION = "parar: "  # how what `runbook run` asks before each step ends
LIMIT = 60.0  # seconds within which a program answers


def _own_terminal() -> None:
    """Makes standard input the terminal of this session: Ctrl-C and a closed window come from it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Person:
    """Somebody at a terminal, with a program in it.

    Attributes:
        process: the program.
        seen: what is on the screen since the last text that was waited for.
        everything: what has ever been on it.
    """

    def __init__(self, environment: Mapping[str, str], *command: str, folder: Path | None = None) -> None:
        self._master, terminal = os.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=environment,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(terminal)
        self.seen = self.everything = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # a character may come in two pieces

    def sees(self, text: str, limit: float = LIMIT) -> None:
        """Waits until it is on the screen; what was there before does not count from here on."""
        deadline = time.monotonic() + limit
        while text not in self.seen:
            assert select.select([self._master], [], [], deadline - time.monotonic())[0], self.seen
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the program is gone, and its terminal with it
                data = b""
            assert data, f"it ended without {text!r}:\n{self.seen}"
            read = self._decoder.decode(data).replace("\r\n", "\n")
            self.seen += read
            self.everything += read
        self.seen = self.seen.partition(text)[2]

    def types(self, text: str) -> None:
        """A line, or a control character."""
        os.write(self._master, text.encode())

    def agrees(self, times: int) -> None:
        """Presses Enter at the question before each of so many steps."""
        for _ in range(times):
            self.sees(QUESTION)
            self.types("\n")

    def ends(self, limit: float = LIMIT) -> int:
        """Waits for the program; its exit code."""
        while True:
            try:
                if not os.read(self._master, 65536):
                    break
            except OSError:
                break
        return self.process.wait(limit)

    def leaves(self) -> None:
        """Closes the terminal, as whoever closes the window."""
        os.close(self._master)
