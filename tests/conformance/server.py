"""A database server as the scenarios see it: its address, its own client, and what a CLI call needs to reach it.

In: the order of `run.py`. Out: URLs, environments, answers of SQL. Apart from `case`, because it has no state.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

TIME_LIMIT = 120


@dataclass(frozen=True)
class Server:
    """Where a database server is, and the Prisma installation that talks to it.

    Attributes:
        engine: "postgresql" or "mysql".
        host: a name, or the folder of a PostgreSQL socket.
        port: its port.
        user: may create databases.
        password: of that user.
        prisma: folder of the installation.
        kind: "native", or "own" for what PRISMA_SCHEMA_ENGINE_BINARY points to.
        path: folders in which the database's clients are.
        own: the engine that PRISMA_SCHEMA_ENGINE_BINARY points to when `kind` is "own".
    """

    engine: str
    host: str
    port: int
    user: str
    password: str
    prisma: str
    kind: str
    path: tuple[str, ...] = ()
    own: str = ""

    def url(self, database: str, **other: Any) -> str:
        """The connection URL; `other` replaces parts of it, for scenarios in which something is wrong."""
        user, password = quote(self.user, safe=""), quote(other.get("password", self.password), safe="")
        socket = self.host.startswith("/")
        host, port = "localhost" if socket else self.host, other.get("port", self.port)
        tail = f"?host={self.host}" if socket and "port" not in other else ""
        return f"{self.engine}://{user}:{password}@{host}:{port}/{database}{tail}"

    @property
    def admin(self) -> str:
        """A database that is always there."""
        return "postgres" if self.engine == "postgresql" else "mysql"

    def sql(self, database: str, text: str) -> str:
        """Runs statements with the database's own client.

        Returns:
            The answer as bare text.
        """
        if self.engine == "postgresql":
            place = ["--host", self.host, "--port", str(self.port), "--username", self.user, "--dbname", database]
            command = ["psql", "--no-psqlrc", "-qAt", "--set", "ON_ERROR_STOP=1", *place]
            secret = {"PGPASSWORD": self.password}
        else:
            place = ["--host", self.host, "--port", str(self.port), "--user", self.user, database]
            command = ["mysql", "--no-defaults", "--batch", "--raw", "--skip-column-names", *place]
            secret = {"MYSQL_PWD": self.password}
        environment = {"PATH": self._path, "LC_ALL": "C.UTF-8", **secret}
        done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.strip()}\n{text}")
        return done.stdout.strip()

    @property
    def _path(self) -> str:
        return os.pathsep.join([*self.path, "/usr/local/bin", "/usr/bin", "/bin"])

    def environment(self, url: str) -> dict[str, str]:
        """What a CLI call sees."""
        return {
            "PATH": os.pathsep.join([f"{self.prisma}/bin", "/usr/bin", "/bin"]),
            "HOME": "/nonexistent",
            "DATABASE_URL": url,
            "CHECKPOINT_DISABLE": "1",
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "NO_COLOR": "1",
            "NODE_COMPILE_CACHE": str(Path(self.own).parent / "cache"),  # the CLI is 3 MB of JavaScript
            **({} if self.kind == "native" else {"PRISMA_SCHEMA_ENGINE_BINARY": self.own}),
        }
