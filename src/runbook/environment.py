"""The environment in which the steps of a run are carried out, built from nothing.

In: the engine, the sandbox's variables and the runbook's parameters. Out: the variables of the first step, the secrets
among them, and what this place can and cannot do. Apart so that no variable of the caller's shell ever leaks in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM_PATH = "/opt/homebrew/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Where a program that a person talks to finds the place: its standard input is theirs, and the place holds a password.
PLACE = "RUNBOOK_PLACE"
FIXED = {
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "TERM": "dumb",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the runs of one engine happen, as the sandbox describes it to the worker.

    Attributes:
        engine: `postgresql` or `mysql`.
        sandbox: `docker`, `embedded` or `none`.
        variables: connection and tools: `PGHOST`, `PGUSER`, `DB_HOST`, `PG_ANTIGO`...
        password: of the server's administrator; goes to a private file, never to a variable.
        path: folders with programs, before the system's own.
        has: facilities that a step may name in `needs`.
        sample: whether each run gets the sample database `loja`.
        prisma: folder of the Prisma installation there; empty where there is none.
        alone: one run at a time, because they would wait for each other there.
        own_tmp: the temporary folder belongs to runs alone, so that a file left there is a leftover.
        work: of a real database, the folder in which the operator works, and which stays; empty in a sandbox.
        database: the real database; empty in a sandbox, where each run has one of its own.
    """

    engine: str
    sandbox: str
    variables: Mapping[str, str] = field(default_factory=dict)
    password: str = ""
    path: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    sample: bool = True
    prisma: str = ""
    alone: bool = False
    own_tmp: bool = False
    work: str = ""
    database: str = ""


def variables(place: Place, folder: Path, database: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Everything the first step sees.

    Args:
        place: where the run happens.
        folder: the run's private folder, with `home`, `tmp` and the file of the password.
        database: the run's own database.
        parameters: defaults of the runbook's parameters; the sandbox's own values win.
    """
    result = dict(parameters) | FIXED | dict(place.variables)
    result["PATH"] = ":".join((*place.path, SYSTEM_PATH))
    result["HOME"], result["TMPDIR"] = str(folder / "home"), str(folder / "tmp")
    result["DB"] = database
    if private := password_file(place):
        result["PGPASSFILE" if place.engine == "postgresql" else "CNF"] = str(folder / private[0])
    return result


def password_file(place: Place) -> tuple[str, str] | None:
    """Name and text of the file that holds the administrator's password, as the engine's clients read it."""
    if not place.password and not (place.engine == "mysql" and place.work):  # MySQL's names the server too
        return None
    if place.engine == "postgresql":
        user, password = (
            text.replace("\\", "\\\\").replace(":", "\\:") for text in (place.variables["PGUSER"], place.password)
        )
        return "pgpass", f"*:*:*:{user}:{password}\n"
    escaped = place.password.replace("\\", "\\\\").replace('"', '\\"')
    host, port, user = place.variables["DB_HOST"], place.variables.get("DB_PORT", "3306"), place.variables["DB_USER"]
    return "my.cnf", f'[client]\nhost={host}\nport={port}\nuser="{user}"\npassword="{escaped}"\n'
