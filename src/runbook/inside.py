"""The containers' servers, as whoever is in a container beside them reaches them: an engine in, a `Place` out.

Apart from `containers`, which starts them from outside: `docker compose up` starts JupyterLab in an image that has all
that the toolbox has, and what runs there needs no Docker and must not have it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from .environment import Place
from .errors import EnvironmentUnavailable

PASSWORDS = "RUNBOOK_PASSWORDS"  # set in such a container: the folder of their files
PRISMA = "/opt/prisma"  # in the toolbox image


def place(engine: str, passwords: Path) -> Place:
    """The servers are reached by the names of their services.

    Raises:
        EnvironmentUnavailable: there is no password.
    """
    file = passwords / f"{'postgres' if engine == 'postgresql' else 'mysql'}_password"
    try:
        password = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentUnavailable(f"falta a senha do sandbox ({error}); refaça-o com `sandbox down`") from error
    if engine == "postgresql":
        variables = {
            "PGHOST": "postgres",
            "PGPORT": "5432",
            "PGUSER": "postgres",
            "PG_ANTIGO": "/usr/lib/postgresql/15/bin",
        }
        path: tuple[str, ...] = ("/usr/local/lib/postgresql", f"{PRISMA}/bin")
        has: tuple[str, ...] = ("cifra", "cliente-antigo")
    else:
        variables = {"DB_HOST": "mysql", "DB_USER": "root"}
        path, has = (f"{PRISMA}/bin",), ("cifra",)
    # On MySQL `prisma migrate` locks the whole server, and after ten seconds another deploy gives up (P1002).
    return Place(engine, "docker", variables, password, path, has, prisma=PRISMA, alone=engine == "mysql", own_tmp=True)


class Inside:
    """The sandbox `docker` from inside of it: the servers are up already, and stay up."""

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def place(self, engine: str) -> Place:
        """JupyterLab has files of its own in the temporary folder."""
        return replace(place(engine, Path(os.environ[PASSWORDS])), own_tmp=False)

    def command(self, module: str = "runbook.worker", *, terminal: bool = False) -> list[str]:  # noqa: ARG002 - it is this one anyway
        """This Python."""
        return [sys.executable, "-m", module]
