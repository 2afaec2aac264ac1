"""One scenario at work: a database of its own, a project of its own, and everything that the CLI says, made comparable.

In: a `Server`. Out: what happened, as plain data. Apart from the scenarios, which only say what is done. Standard
library only, as it also runs inside the toolbox container.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .server import TIME_LIMIT, Server

_CONFIG = """export default {
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL },
};
"""
_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL"}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TRACE = re.compile(r"^ {3}\d+: .*\n(?: {10,}(?:with|at) .*\n?)*", re.MULTILINE)
# The finished row: checksum and identity are checked here, times only for being there.
_COLUMNS = (
    "'name', migration_name, 'checksum', checksum, 'finished', finished_at IS NOT NULL, "
    "'rolled_back', rolled_back_at IS NOT NULL, 'logs', logs, 'steps', applied_steps_count"
)


@dataclass
class Case:
    """A scenario's database and project.

    Attributes:
        server: where it happens.
        database: its own, by name.
        folder: its own, empty at first.
        steps: what the CLI said so far.
        facts: what else the scenario wants compared.
    """

    server: Server
    database: str
    folder: Path
    steps: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    _sums: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        migrations = self.folder / "prisma" / "migrations"
        migrations.mkdir(parents=True)
        engine = self.server.engine
        (self.folder / "prisma.config.mjs").write_text(_CONFIG)
        (self.folder / "node_modules").symlink_to(f"{self.server.prisma}/loja/node_modules")
        (self.folder / "prisma" / "schema.prisma").write_text(f'datasource db {{\n  provider = "{engine}"\n}}\n')
        self.lock_file(engine)

    def drop(self) -> None:
        """Takes the database away, whoever is still in it."""
        force = " WITH (FORCE)" if self.server.engine == "postgresql" else ""
        self.server.sql(self.server.admin, f"DROP DATABASE IF EXISTS {self.database}{force}")

    @property
    def url(self) -> str:
        """How the CLI reaches the database."""
        return self.server.url(self.database)

    def lock_file(self, provider: str) -> None:
        """Writes migration_lock.toml."""
        (self.folder / "prisma" / "migrations" / "migration_lock.toml").write_text(f'provider = "{provider}"\n')

    def migration(self, name: str, sql: str | None = None, **dialects: str) -> Path:
        """Writes a migration: one text for both databases, or one for each.

        Returns:
            The file, for scenarios that harm it.
        """
        file = self.folder / "prisma" / "migrations" / name / "migration.sql"
        file.parent.mkdir(exist_ok=True)
        content = (dialects[self.server.engine] if sql is None else sql).encode()
        file.write_bytes(content)
        self._sums.setdefault(name, set()).add(hashlib.sha256(content).hexdigest())
        return file

    def start(self, *arguments: str, url: str | None = None) -> subprocess.Popen[str]:
        """Starts the CLI in a process group of its own and does not wait."""
        command = [f"{self.server.prisma}/bin/node", "node_modules/prisma/build/index.js", *arguments]
        environment = self.server.environment(url or self.url)
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True,
            start_new_session=True,
        )  # fmt: skip

    def prisma(self, *arguments: str, exits: int, url: str | None = None, stdin: str = "") -> str:
        """Calls the CLI and notes what came; another exit code than `exits` ends the scenario as failed."""
        process = self.start(*arguments, url=url)
        output, errors = process.communicate(stdin, timeout=TIME_LIMIT)
        text = self._comparable(f"{output}\n--- stderr\n{errors}")
        self.steps.append({"command": " ".join(arguments), "exit": process.returncode, "text": text})
        if self.server.password in output + errors:
            raise RuntimeError(f"the password is in what `{arguments}` said")
        if process.returncode != exits:
            raise RuntimeError(f"`{' '.join(arguments)}` ended with {process.returncode} and not {exits}:\n{text}")
        return text

    def diagnose(self) -> None:
        """Asks the engine itself what it thinks of the history: the CLI does not show that a file was edited."""
        listing = []
        for folder in sorted(p for p in (self.folder / "prisma" / "migrations").iterdir() if p.is_dir()):
            content = (folder / "migration.sql").read_bytes().decode()
            listing.append({"path": folder.name, "migrationFile": {"path": "migration.sql", "content": _ok(content)}})
        migrations = {
            "baseDir": str(self.folder),
            "lockfile": {"path": "migration_lock.toml", "content": None},
            "migrationDirectories": listing,
            "shadowDbInitScript": "",
        }
        filters: dict[str, list[str]] = {"externalTables": [], "externalEnums": []}
        params = {"migrationsList": migrations, "optInToShadowDatabase": False, "filters": filters}
        request = {"jsonrpc": "2.0", "id": 1, "method": "diagnoseMigrationHistory", "params": params}
        schema, source = str(self.folder / "prisma" / "schema.prisma"), json.dumps({"url": self.url})
        command = [self._engine(), "--datamodels", schema, "--datasource", source]
        with subprocess.Popen(
            command, env=self.server.environment(self.url), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            process.stdin.close()
        self.facts["diagnose"] = json.dumps(answer.get("result") or answer, sort_keys=True, ensure_ascii=False)

    def _engine(self) -> str:
        if self.server.kind != "native":
            return self.server.own
        found = Path(self.server.prisma).rglob("@prisma/engines/schema-engine-*")
        return str(next(file for file in found if os.access(file, os.X_OK)))

    def sql(self, text: str | None = None, **dialects: str) -> str:
        """Does something to the database behind Prisma's back."""
        return self.server.sql(self.database, dialects[self.server.engine] if text is None else text)

    def tables(self) -> str:
        """Names of the tables, Prisma's own left out."""
        return " ".join(sorted(name for name in self._all_tables() if name != "_prisma_migrations"))

    def _all_tables(self) -> list[str]:
        listing = "SELECT table_name FROM information_schema.tables WHERE table_schema = "
        return self.sql(postgresql=f"{listing} current_schema()", mysql=f"{listing} DATABASE()").split("\n")

    def rows(self) -> list[dict[str, Any]]:
        """The history without what is different each time; a checksum is compared with that of the files."""
        if "_prisma_migrations" not in self._all_tables():
            return []
        make = "json_build_object" if self.server.engine == "postgresql" else "JSON_OBJECT"
        text = self.sql(f"SELECT {make}({_COLUMNS}) FROM _prisma_migrations ORDER BY started_at, finished_at")  # noqa: S608
        found = [json.loads(line) for line in text.split("\n") if line]
        for row in found:
            known = row.pop("checksum") in self._sums.get(row["name"], set())
            row.update(checksum_of_file=known, finished=bool(row["finished"]), rolled_back=bool(row["rolled_back"]))
            row["logs"] = row["logs"] and self._comparable(row["logs"])
        return found

    def _comparable(self, text: str) -> str:
        """Takes out what is different each time or only names the server."""
        server = self.server
        text = _TRACE.sub("", _ANSI.sub("", text))
        for address in (f"{server.host}:{server.port}", f"localhost:{server.port}", "localhost:1", f"{server.host}:1"):
            text = text.replace(address, "<address>")
        text = re.sub(rf"`?\b{re.escape(self.database)}\b", lambda m: m[0].replace(self.database, "<database>"), text)
        text = text.replace(f"`{server.user}`", "`<user>`")
        text = text.replace(f"{_NAMES[server.engine]} database", "<provider> database").replace(', schema "public"', "")
        text = re.sub(r"started at [\d :.-]+ UTC", "started at <time> UTC", text)
        text = re.sub(r'file: Some\("[^"]*"\), line: Some\(\d+\), routine: Some\("[^"]*"\)', "file: <source>", text)
        return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def _ok(content: str) -> dict[str, str]:
    return {"tag": "ok", "value": content}
