"""Where runs happen: `docker` (both engines), `embedded` (PostgreSQL, no container) or `none` (no database at all).

In: a kind. Out: an object that gives a `Place` for an engine and the command that starts a worker there. Apart so
that whoever runs something need not know what stands behind it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from . import inside
from .environment import Place
from .step import ENGINES

WORKER = "runbook.worker"
KINDS = ("docker", "embedded", "none")


class Sandbox(Protocol):
    """Used as a context manager; ready inside it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def place(self, engine: str) -> Place:
        """Where the runs of `engine` happen; EnvironmentUnavailable when there is none."""
        ...

    def command(self, module: str = WORKER, *, terminal: bool = False) -> list[str]:
        """The program that runs one of our modules there, with its arguments; `terminal` for a person at one."""
        ...


class Nothing:
    """No database: for runbooks that need none, such as the canaries of the tests."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def place(self, engine: str) -> Place:
        """An empty folder."""
        return Place(engine=engine, sandbox="none", sample=False)

    def command(self, module: str = WORKER, *, terminal: bool = False) -> list[str]:  # noqa: ARG002 - it is this one anyway
        """This Python."""
        return [sys.executable, "-m", module]


def make(kind: str, progress: Callable[[str], None]) -> Sandbox:
    """The sandbox of a kind, not yet entered; `progress` is told what takes long."""
    if kind == "docker" and inside.PASSWORDS in os.environ:
        return inside.Inside()
    if kind == "docker":
        from .containers import Docker

        return Docker(progress)
    if kind == "embedded":
        from .embedded import Embedded

        return Embedded(progress)
    return Nothing()


def engines(kind: str) -> tuple[str, ...]:
    """The engines that a kind of sandbox has."""
    return ("postgresql",) if kind == "embedded" else ENGINES
