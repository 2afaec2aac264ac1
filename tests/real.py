"""A real database for the tests: a shop on the embedded server, reached only as an `--env-file` says.

Nothing of it is the sandbox's: no run makes it, and none removes it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from runbook import environment
from runbook.databases import TOOLBOX, Databases
from runbook.environment import Place
from runbook.workspace import create

from .person import Person


@dataclass
class Shop:
    """A database, and the folder in which an operator works on it.

    Attributes:
        folder: with the env file, the files of the runs in `estado/`, and all that the steps write.
        database: its name.
        place: of the server, as its administrator sees it.
        client: the environment of the administrator's client.
    """

    folder: Path
    database: str
    place: Place
    client: Mapping[str, str]

    @property
    def file(self) -> Path:
        """The env file."""
        return self.folder / "banco.env"

    def describe(self, **changes: str | None) -> None:
        """Writes the env file; None leaves a line out."""
        lines: dict[str, str | None] = {
            **self.place.variables,
            "PGPASSWORD": self.place.password,
            "DB": self.database,
            "RUNBOOK_CLASS": "development",
        }
        lines.pop("PG_ANTIGO", None)
        text = "".join(f"{name}={value}\n" for name, value in (lines | changes).items() if value is not None)
        self.file.touch(0o600)
        self.file.write_text(text, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """The operator's: nothing in it says where the database is."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "RUNBOOK", "DATABASE"))}
        path = os.pathsep.join((*self.place.path, os.environ["PATH"]))
        tmp = self.folder / "tmp"
        tmp.mkdir(exist_ok=True)
        return mine | {
            "PATH": path,
            "TMPDIR": str(tmp),
            "XDG_STATE_HOME": str(self.folder / "estado"),
            "TERM": "dumb",
            "COLUMNS": "100",
        }

    @property
    def runbooks(self) -> Path:
        """A folder for runbooks that are the test's own; `--runbooks` names it."""
        return self.folder / "livro"

    def begins(self, runbook: str, *arguments: str) -> Person:
        """An operator who has typed `runbook run`."""
        command = (sys.executable, "-m", "runbook", "run", runbook, "--env-file", str(self.file), *arguments)
        return Person(self.environment, *command, folder=self.folder)

    def asks(self, text: str, database: str = "") -> str:
        """What the server answers to its administrator."""
        command = ["psql", "-XAtq", "--no-password", f"--dbname={database or self.database}", f"--command={text}"]
        return subprocess.run(command, env=dict(self.client), capture_output=True, text=True, check=True).stdout.strip()

    def fingerprint(self) -> str:
        """Of the database, as the pages take it."""
        script = TOOLBOX / "impressao-digital/postgresql.sql"
        command = ["psql", "-XAtq", "--no-password", f"--dbname={self.database}", f"--file={script}"]
        return subprocess.run(command, env=dict(self.client), capture_output=True, text=True, check=True).stdout

    def files(self) -> list[Path]:
        """What the runs have written about themselves."""
        return sorted(p for p in (self.folder / "estado").rglob("*") if p.is_file())


@contextmanager
def shop(place: Place, folder: Path) -> Iterator[Shop]:
    """A shop that is nobody's but the test's."""
    space = create("teste")
    try:
        name = f"loja_{token_hex(4)}"
        private = environment.password_file(place)
        assert private
        space.write_private(*private)
        variables = environment.variables(place, space.folder, name, {})
        databases = Databases("postgresql", space.folder, variables)
        databases.create(token_hex(8))
        try:
            found = Shop(folder, name, place, variables)
            found.describe()
            yield found
        finally:
            databases.remove()
    finally:
        space.remove()
