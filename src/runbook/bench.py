"""The bench of one run: workspace, databases and sample project, set up to be worked at and cleared away again.

In: a place. Out: the variables of whoever works there, and at the end what was left behind. Apart from `worker` because
a person in a shell of the sandbox works at the same bench.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import IO

from . import environment, normalize, workspace
from .databases import TOOLBOX, Databases
from .environment import Place
from .prisma import Prisma
from .redact import redactor, unaddressed
from .workspace import Workspace


class Bench:
    """Made ready with `prepare`, and whatever happened, cleared with `clear`.

    Args:
        place: where it stands.
        parameters: values that the environment starts from.
        secrets: texts that no output may show, beside those made here.

    Attributes:
        space: the private folder.
        secrets: the texts that no output may show.
        work: where the first step starts.
        variables: the environment, once prepared.
        versions: of servers, clients and Prisma, once prepared.
        has: the facilities that a step may need.
        databases: what the run owns on its server, once prepared; None where there is none.
    """

    def __init__(self, place: Place, parameters: Mapping[str, str], secrets: Sequence[str] = ()) -> None:
        self._place, self._parameters = place, dict(parameters)
        self._owner = token_hex(16)  # password of the account that owns the databases here
        self.secrets = tuple(secret for secret in (*secrets, place.password) if secret)
        known = redactor([*self.secrets, self._owner])
        # In a sandbox every secret is known, and the pages may show an address; a real place has secrets of others.
        self.redact = (lambda text: unaddressed(known(text))) if place.work else known
        self._files = _temporary_files() if place.own_tmp else frozenset()
        self.space = workspace.create(_prefix(place))
        self.work = Path(place.work) if place.work else self.space.work
        self.variables: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.has = place.has
        self.databases: Databases | None = None
        self._before: frozenset[str] = frozenset()

    def prepare(self, cancelled: IO[bytes] | None = None) -> None:
        """Sets everything up, after sweeping what dead runs have left; `cancelled` becomes readable to stop it.

        Raises:
            EnvironmentUnavailable: a server does not answer, or a script failed.
        """
        place, space = self._place, self.space
        self._sweep()
        self.databases = self._of(space)
        if self.databases or place.work:
            _bring_fingerprints(self.work)
        if self.databases:
            self._before = self.databases.inventory()
            self.versions = self.databases.versions()
            if place.sample:
                self.databases.create(self._owner, cancelled)
        database = place.database or space.database
        self.variables = environment.variables(place, space.folder, database, self._parameters)
        if place.prisma:
            prisma, project = Prisma(place, TOOLBOX), space.work / "loja"
            prisma.prepare(space.folder, project)
            self.has = (*place.has, *prisma.has)
            self.versions |= prisma.versions()
            self.variables |= prisma.variables(space.folder, project, space.database, self._owner)

    def clean(self, text: str) -> str:
        """An output as it may be shown: without secrets, and without the names that only this bench has."""
        space = self.space
        names = {space.database: "loja", str(space.work): "~/trabalho", str(space.folder): "~"}
        return normalize.shown(self.redact(text), names)

    def clear(self) -> list[str]:
        """Ends and removes everything; says what it could not remove, or what else was left or is missing.

        Raises:
            EnvironmentUnavailable: the server could not be asked; files and processes are gone all the same.
        """
        self.space.end_processes()  # an interruption at the wrong moment may have let one go
        leftovers: list[str] = []
        try:
            if self.databases:
                self.databases.remove()
                after = self.databases.inventory()
                leftovers += [f"+ {line}" for line in sorted(after - self._before)] if self._before else []
                leftovers += [f"- {line}" for line in sorted(self._before - after)]
        finally:
            self.space.remove()
        if self._place.own_tmp:
            leftovers += [f"+ arquivo {name}" for name in sorted(_temporary_files() - self._files)]
        return leftovers

    def _of(self, space: Workspace) -> Databases | None:
        """What the run of that folder owns; of a real database nothing is ours, neither made nor removed."""
        place = self._place
        if private := environment.password_file(place):
            space.write_private(*private)
        if place.sandbox == "none" or place.work:
            return None
        variables = environment.variables(place, space.folder, space.database, self._parameters)
        return Databases(place.engine, space.folder, variables)

    def _sweep(self) -> None:
        """Removes what runs that were killed have left, found by folders that nobody holds any more."""
        for space in workspace.dead(workspace.base(), _prefix(self._place)):
            space.end_processes()
            (space.folder / "tmp").mkdir(exist_ok=True)
            if databases := self._of(space):
                databases.remove()
            space.remove()


def _bring_fingerprints(folder: Path) -> None:
    """The scripts that compare databases, which the pages expect in the folder in which one works."""
    if not (folder / "impressao-digital").exists():
        shutil.copytree(TOOLBOX / "impressao-digital", folder / "impressao-digital")


def _prefix(place: Place) -> str:
    """What the folders of the runs of one place are called: only who has the same server can clean up after them."""
    return f"{place.sandbox}-{place.engine}"


def _temporary_files() -> frozenset[str]:
    base = workspace.base()
    return frozenset(p.name for p in base.parent.iterdir() if p != base)
