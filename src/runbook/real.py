"""A real database as a place for runs: a target and a folder in, a `Place` out; makes nothing and removes nothing.

The steps run on this machine, with its programs, in the operator's own folder. Apart from the sandboxes, which own
what they offer.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from . import prisma
from .environment import Place
from .target import NAMES, TLS, Target

KIND = "real"


class Real:
    """Used like a sandbox.

    Args:
        target: checked.
        folder: where the operator works; what the steps write stays there.
        command: starts a worker that reaches the database, if it is not this Python.
    """

    def __init__(self, target: Target, folder: Path, command: Sequence[str] = ()) -> None:
        self._target, self._folder, self._command = target, folder.resolve(), list(command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def place(self, engine: str) -> Place:
        """Where the steps run."""
        found = self._target
        host, port, user, _ = NAMES[engine]
        place = Place(
            engine=engine,
            sandbox=KIND,
            variables={host: found.host, port: found.port, user: found.user, **found.tls},
            password=found.password,
            path=tuple(os.environ.get("PATH", "").split(os.pathsep)),
            has=("schema-diff", *(["cifra"] if shutil.which("age") else [])),
            sample=False,
            work=str(self._folder),
            database=found.database,
        )
        url = prisma.url(place, found.database, found.user, found.password)
        if found.tls:
            url += ("&" if "?" in url else "?") + urlencode({TLS[name]: value for name, value in found.tls.items()})
        own = {"DATABASE_URL": url}
        place.variables.update(own | dict(found.urls))  # type: ignore[attr-defined]  # a dict, made here
        return place

    def command(self, module: str = "runbook.worker", *, terminal: bool = False) -> list[str]:  # noqa: ARG002 - it is this one anyway
        """This Python, unless told otherwise."""
        return self._command or [sys.executable, "-m", module]
