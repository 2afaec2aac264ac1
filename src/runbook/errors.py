"""The one small tree of errors; the outermost layer turns them into exit code 2.

A step that failed is not an error: it is data (see `result`). An error means that the work could not be done.
"""

from __future__ import annotations

from pathlib import Path


class RunbookError(Exception):
    """The work could not be done; `str()` gives `path:line: message`, message first in importance, cure last.

    Args:
        message: what was expected, what was found and the way out, in the reader's language.
        path: the file concerned, if there is one.
        line: the line of that file, counted from 1.
    """

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        self.message, self.path, self.line = message, path, line
        place = "" if path is None else f"{path}:{line}: " if line else f"{path}: "
        super().__init__(place + message)


class RunbookFormatError(RunbookError):
    """A file is not a runbook that can be run."""


class EnvironmentUnavailable(RunbookError):
    """A container engine, an image, a server or a program that the work needs is not there."""


class ShellError(RunbookError):
    """Bash could not be started, or a step's process could not be followed; not a failed step."""


class RecordError(RunbookError):
    """A record file cannot be read as a record."""
