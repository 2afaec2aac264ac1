"""A person's shell in the sandbox: what is set there, that it is a plain bash, and that nothing is left of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from runbook.containers import Docker
from runbook.embedded import Embedded
from runbook.environment import PLACE, Place
from runbook.sandbox import Sandbox

NOWHERE = Place("postgresql", "none", sample=False)


def shell(command: list[str], place: Place, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Types a text into the shell of a place, without a terminal."""
    environment = {**os.environ, PLACE: json.dumps(asdict(place)), "TMPDIR": str(folder)}
    return subprocess.run(
        command, env=environment, input=text, text=True, capture_output=True, check=False, timeout=120
    )


def test_without_a_database(tmp_path: Path) -> None:
    """It is a plain bash: a failed command does not end it, its exit code is the shell's, and the folder goes."""
    command = [sys.executable, "-m", "runbook.session"]
    done = shell(command, NOWHERE, "false\necho $-\necho $DB\nexit 3\n", tmp_path)
    flags, database = done.stdout.splitlines()
    assert (done.returncode, "e" in flags) == (3, False)
    assert database.startswith("loja_")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_place_that_cannot_be_had(tmp_path: Path) -> None:
    """A server that does not answer is an error with 2, and no shell."""
    gone = Place("postgresql", "embedded", {"PGHOST": str(tmp_path), "PGPORT": "1", "PGUSER": "x"}, "senha")
    done = shell([sys.executable, "-m", "runbook.session"], gone, "echo aqui\n", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "\nerro: " in done.stderr


@pytest.fixture(params=["embedded-postgresql", pytest.param("docker-mysql", marks=pytest.mark.docker)])
def place(request: pytest.FixtureRequest) -> tuple[Sandbox, str]:
    """A sandbox and one of its engines."""
    kind, engine = request.param.split("-")
    sandbox: Docker | Embedded = request.getfixturevalue(f"{kind}_sandbox")
    return sandbox, engine


ASK = {
    "postgresql": 'psql -X --no-password -At -d "$DB" -c "SELECT count(*) FROM clientes"',
    "mysql": 'mysql --defaults-file="$CNF" -N "$DB" -e "SELECT count(*) FROM clientes"',
}


def test_the_shop_is_there(place: tuple[Sandbox, str], tmp_path: Path) -> None:
    """The variables of the pages reach the shop and its Prisma project, and no password is among the arguments."""
    sandbox, engine = place
    command = sandbox.command("runbook.session")
    assert sandbox.place(engine).password not in " ".join(command)
    text = f"{ASK[engine]}\nls\ncd loja && pnpm exec prisma migrate status 2>&1 | tail -n 1\n"
    done = shell(command, sandbox.place(engine), text, tmp_path)
    assert done.stdout.splitlines() == ["8000", "impressao-digital", "loja", "Database schema is up to date!"]
    assert "loja de exemplo" in done.stderr
    assert done.returncode == 0
