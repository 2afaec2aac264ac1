"""The sandbox `docker`: runs happen in the toolbox container, next to real PostgreSQL and MySQL servers.

In: a project name. Out: a `Place` for each engine. Apart from `compose`, which only knows containers, because
here it is known what a run needs of them.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import compose, images, inside
from .environment import PLACE, Place
from .errors import EnvironmentUnavailable

# A checkout has containers of its own: the toolbox holds the project's folder, and another one's is another project.
PROJECT = f"{images.PREFIX}-{hashlib.sha256(str(compose.ROOT).encode()).hexdigest()[:6]}"


class Docker:
    """Containers that stay up while anyone uses them, or since a person asked for it with `up`.

    Whoever leaves last turns them off, so containers of a process that was killed go with the next one.

    Args:
        progress: told what takes long.
        project: two of different names can be up at once.
        publish: also publish the ports of the servers, on 127.0.0.1 only.

    Attributes:
        project: the same.
    """

    def __init__(self, progress: Callable[[str], None], project: str = PROJECT, *, publish: bool = False) -> None:
        self._progress, self.project, self._publish = progress, project, publish
        self._folder = compose.state_folder(project)

    def __enter__(self) -> Docker:
        with self._changing():
            self._use = self._open("use")
            fcntl.flock(self._use, fcntl.LOCK_SH)
            try:
                if not compose.is_up(self.project):
                    compose.up(self.project, self._progress)
            except BaseException:
                os.close(self._use)
                raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._changing():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # someone else still uses them
            finally:
                os.close(self._use)
            if not self._kept.exists():
                self._remove()

    def up(self) -> None:
        """Brings everything up and leaves it so."""
        with self._changing():
            compose.up(self.project, self._progress, publish=self._publish)
            self._kept.touch()

    def down(self) -> None:
        """Removes everything, and proves it."""
        with self._changing():
            self._remove()

    @property
    def _kept(self) -> Path:
        return self._folder / "kept"  # goes with the folder when everything goes down

    def _remove(self) -> None:
        compose.down(self.project)
        if left := compose.leftovers(self.project):
            raise EnvironmentUnavailable(f"sobrou depois de desligar o sandbox: {', '.join(left)}")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One process at a time starts or stops the containers."""
        descriptor = self._open("change")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open(self, what: str) -> int:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        return os.open(f"{self._folder}.{what}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def status(self) -> list[str]:
        """A line for each service."""
        services = compose.status(self.project)
        return [
            f"{s.name:<10}{s.state} {s.health or ''}  {s.image}  {' '.join(s.ports)}".rstrip() for s in services
        ] or ["o sandbox está desligado; ligue-o com `runbook sandbox up`"]

    def place(self, engine: str) -> Place:
        """The servers are reached by the names of their services."""
        return inside.place(engine, compose.state_folder(self.project))

    def command(self, module: str = "runbook.worker", *, terminal: bool = False) -> list[str]:
        """The toolbox's own Python; a person's terminal goes with what it says of itself and of the place."""
        docker, execute, *container = compose.exec_prefix(self.project)
        mine = ["--tty", "--env", "TERM"] if terminal else []
        return [docker, execute, *mine, "--env", PLACE, *container, "python3", "-m", module]
