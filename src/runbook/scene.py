"""All that a run stands on between two steps (shell, files, server): looked at, kept, and put back.

In: a bench, its shell, and whoever has power over the server. Out: what a step changed. Apart from `saboteur`, which
decides what is done in it; the standard library alone, since it is used in the sandbox.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .bench import Bench
from .databases import TOOLBOX, Databases
from .errors import EnvironmentUnavailable
from .shell import Shell

# Where the server is in its journal, which stays there as long as nobody writes anything, and how many are connected.
# MySQL's own threads write to the redo log, but not to the binary log; what was rolled back is not in that one either,
# and is seen by the counters of rows.
_STATUS = {
    "postgresql": (
        "postgres",
        "SELECT concat_ws(' ', pg_current_wal_insert_lsn(), (SELECT count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()));",
    ),
    "mysql": (
        "mysql",
        "SELECT CONCAT_WS(' ', REPLACE(@@GLOBAL.gtid_executed, '\n', ''), (SELECT SUM(variable_value)"
        " FROM performance_schema.global_status WHERE variable_name IN"
        " ('Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted')), (SELECT COUNT(*)"
        " FROM performance_schema.processlist WHERE user NOT IN ('event_scheduler', 'system user')"
        " AND id <> CONNECTION_ID()));",
    ),
}
_NAMES = {
    "postgresql": ("postgres", "SELECT datname FROM pg_database WHERE datallowconn;"),
    "mysql": ("mysql", "SELECT schema_name FROM information_schema.schemata;"),
}
_FILLED = "SELECT EXISTS (SELECT 1 FROM clientes);"
_KEPT = ("home", "tmp", "work")
_MOMENT = re.compile(r"\d{4}-?\d\d-?\d\d[T ]?\d\d:?\d\d:?\d\dZ?")
# Prisma writes down when it applied each migration, and under a number of its own: how many there are is what counts.
_APPLIED = re.compile(r"^(tabela \S*_prisma_migrations linhas=\d+).*$", re.MULTILINE)
_LAST_FOLDER = re.compile(rb"^declare -x OLDPWD.*\n", re.MULTILINE)  # only a `cd` that came to the same changes it
# Not worth a look: a step that changes them shows it elsewhere.
_UNSEEN = {"node_modules", ".store", "generated"}


@dataclass(frozen=True, slots=True)
class Look:
    """What there is at one moment; names as in any other run, see `Scene.common`.

    Attributes:
        files: size, time of change and number of each file of the working folder.
        databases: databases of the run in which there are customers.
        named: of each variable of the shell that holds the name of a database of the run, which one.
        state: the shell's.
        journal: how far the server has written.
    """

    files: dict[str, tuple[int, int, int]]
    databases: frozenset[str]
    named: dict[str, str]
    state: bytes | None
    journal: str


@dataclass(frozen=True, slots=True)
class Left:
    """What a step has left to those that come later.

    Attributes:
        files: size and hash of each file of the working folder.
        state: the shell's.
        written: somebody may have written to the server.
        contents: the fingerprint of each database of the run.
    """

    files: dict[str, tuple[int, bytes]]
    state: str
    written: bool
    contents: dict[str, str]


class Scene:
    """The scene of one run.

    Args:
        bench: prepared.
        shell: in which its steps run.
        engine: of its server.
        ask: has the server saved or loaded.
    """

    def __init__(self, bench: Bench, shell: Shell, engine: str, ask: Callable[..., None]) -> None:
        assert bench.databases
        self._databases: Databases = bench.databases
        self._space, self._shell, self._engine, self._ask = bench.space, shell, engine, ask
        self._copy = bench.space.folder / "copy"
        self._state: bytes | None = None
        self._journal = ""

    def save(self) -> None:
        """Keeps everything as it is now; what was kept before is given up."""
        shutil.rmtree(self._copy, ignore_errors=True)
        for name in _KEPT:
            shutil.copytree(self._space.folder / name, self._copy / name, symlinks=True)
        for file in self._private():
            shutil.copy2(file, self._copy)
        self._state = self._shell.state
        if self.journal() != self._journal:
            self._ask("save")
            self._journal = self.journal()

    def load(self) -> None:
        """Puts everything back as it was kept."""
        for name in _KEPT:
            shutil.rmtree(self._space.folder / name)
            shutil.copytree(self._copy / name, self._space.folder / name, symlinks=True)
        for file in self._private():
            shutil.copy2(self._copy / file.name, file)
        self._shell.rewind(self._state)
        journal, others = self._status()
        if journal != self._journal or others != "0":  # whoever stayed may hold a lock
            self._ask("load")
            self._journal = self.journal()

    def look(self) -> Look:
        """What there is now."""
        return Look(
            files={self.common(str(p.relative_to(self._space.work))): _facts(p) for p in self._files()},
            databases=frozenset(self.common(name) for name in self.names() if self._filled(name)),
            named=self._named(),
            state=self._shell.state,
            journal=self.journal(),
        )

    def left(self) -> Left:
        """What there is now for a later step to find."""
        return Left(self._digests(), self._variables(), self._written(), self._contents())

    def leaves(self, left: Left, *, hashes: bool, contents: bool) -> bool:
        """Whether a later step finds the same as that; without `hashes`, files of the same size are the same.

        What is cheap is compared first: most that differs does so in a file or in a variable. Without `contents`, what
        the databases hold is not compared.
        """
        files = self._digests()
        alike = files == left.files if hashes else _sizes(files) == _sizes(left.files)
        if not alike or self._variables() != left.state:
            return False
        return not contents or not (left.written or self._written()) or left.contents == self._contents()

    def _digests(self) -> dict[str, tuple[int, bytes]]:
        return {self.common(str(p.relative_to(self._space.work))): _digest(p) for p in self._files()}

    def _variables(self) -> str:
        return self.common(_LAST_FOLDER.sub(b"", self._shell.state or b"").decode(errors="replace"))

    def _written(self) -> bool:
        """Whether anybody may have since the scene was kept; PostgreSQL's vacuum does so, too."""
        return self.journal() != self._journal

    def _contents(self) -> dict[str, str]:
        fingerprint = (TOOLBOX / "impressao-digital" / f"{self._engine}.sql").read_text(encoding="utf-8")
        return {
            self.common(name): _APPLIED.sub(r"\1", self._databases.query(name, fingerprint)) for name in self.names()
        }

    @property
    def own(self) -> str:
        """The database of the run, with whose name all that is the run's begins."""
        return self._space.database

    def names(self) -> list[str]:
        """The databases of the run, under their real names."""
        own = self._space.database
        return sorted(n for n in self._databases.query(*_NAMES[self._engine]).split() if f"{n}_".startswith(f"{own}_"))

    def database(self, common: str) -> str:
        """The real name of a database."""
        return next(name for name in self.names() if self.common(name) == common)

    def file(self, common: str) -> Path:
        """The real path of a file of the working folder."""
        return next(p for p in self._files() if self.common(str(p.relative_to(self._space.work))) == common)

    def common(self, name: str) -> str:
        """A name without what is this run's alone: its identity, and the time of day."""
        return _MOMENT.sub("*", name.replace(self._space.database, "loja"))

    def query(self, database: str, text: str) -> str:
        """Asks the server."""
        return self._databases.query(database, text)

    def journal(self) -> str:
        """How far the server has written; empty when it does not answer, which is like no other place."""
        return self._status()[0]

    def _status(self) -> tuple[str, str]:
        """How far it has written, and how many are connected to it besides whoever asks."""
        try:
            journal, _, others = self._databases.query(*_STATUS[self._engine]).rpartition(" ")
        except EnvironmentUnavailable:
            return "", ""
        return journal, others

    def _private(self) -> list[Path]:
        """The files with the administrator's password."""
        return [file for file in (self._space.folder / n for n in ("pgpass", "my.cnf")) if file.exists()]

    def _files(self) -> list[Path]:
        found = (p for p in self._space.work.rglob("*") if p.is_file() and not p.is_symlink())
        return sorted(p for p in found if not _UNSEEN & set(p.parts))

    def _filled(self, database: str) -> bool:
        try:
            return self._databases.query(database, _FILLED) in ("1", "t")
        except EnvironmentUnavailable:
            return False  # it has no such table

    def _named(self) -> dict[str, str]:
        databases = set(self.names())
        found = re.findall(rb'^declare -[-x]+ (\w+)="([^"]*)"$', self._shell.state or b"", re.MULTILINE)
        named = {name.decode(): value.decode() for name, value in found}
        return {name: self.common(named[name]) for name in sorted(named) if named[name] in databases}


def _digest(file: Path) -> tuple[int, bytes]:
    content = file.read_bytes()
    return len(content), hashlib.sha256(content).digest()


def _sizes(files: Mapping[str, tuple[int, bytes]]) -> dict[str, int]:
    return {name: size for name, (size, _) in files.items()}


def _facts(file: Path) -> tuple[int, int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino
