"""Whatever ends a run, nothing of it is left: on a real PostgreSQL server, embedded, that all of these tests share.

The runs are made by the command line itself, in a process of its own that can be ended in every way; only the server
is the tests' own, so that one can look at it afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import pytest

from runbook import environment
from runbook.databases import Databases
from runbook.embedded import Embedded
from runbook.environment import Place

from .processes import running, wait_until
from .samples import ROOT, fence, write

# The command line with a sandbox that is already there: its place comes on standard input, for it holds a password.
PROGRAM = """
import json, sys
from runbook import cli, environment, sandbox
place = environment.Place(**json.loads(sys.stdin.readline()))
class Given(sandbox.Nothing):
    def place(self, engine):
        return place
sandbox.make = lambda kind, progress: Given()
cli.main()
"""
SLEEP = "SELECT pg_sleep(300)"
# A run makes what the sample database would be, but in a moment.
MAKE = fence("cria", 'createdb "$DB"\ncreateuser "${DB}_app"\npsql -X --dbname="$DB" --command="CREATE TABLE t ()"')
SLOW = fence("demora", f'psql -X --dbname="$DB" --command="{SLEEP}"')


class Server:
    """The server, asked with its own scripts and client."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place, self._folder = place, folder
        for name in ("home", "tmp"):
            (folder / name).mkdir()
        self._variables = environment.variables(place, folder, "loja_00000000", {})
        private = environment.password_file(place)
        assert private
        (folder / private[0]).touch(0o600)
        (folder / private[0]).write_text(private[1])

    def ask(self, query: str) -> list[str]:
        """The lines that a query gives."""
        command = ["psql", "-X", "--no-password", "-At", "--dbname=postgres", "--command", query]
        return subprocess.run(
            command, env=self._variables, cwd=self._folder, check=True, capture_output=True, text=True
        ).stdout.splitlines()

    def inventory(self) -> frozenset[str]:
        """All that stands on the server, what runs own included."""
        names = self.ask("SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles")
        return Databases("postgresql", self._folder, self._variables).inventory() | set(names)

    def sleeping(self) -> bool:
        """Whether the slow step is being run."""
        return bool(self.ask("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(300)'"))


@pytest.fixture(scope="module")
def server(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """The embedded server."""
    return Server(embedded_sandbox.place("postgresql"), tmp_path_factory.mktemp("cliente"))


class Program:
    """`runbook verify` over a folder, on the given place, with all temporary files below another one."""

    def __init__(self, folder: Path, place: Place, temporary: Path) -> None:
        self.temporary = temporary
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "verify", "--runbooks", str(folder), "--engine", "postgresql", "--json"],
            env={**os.environ, "TMPDIR": str(temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin
        self.process.stdin.write(json.dumps(asdict(place)) + "\n")
        self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def worker(self) -> int:
        """The id of the only worker."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        (pid,) = (int(pid) for thread in threads for pid in (thread / "children").read_text().split())
        return pid

    def result(self) -> tuple[int, dict[str, Any]]:
        """The exit code, and what was said of the only run."""
        out, _ = self.process.communicate()
        (run,) = json.loads(out)["runs"]
        return self.process.returncode, run

    def left(self) -> list[Path]:
        """Files of the run, as soon as none of its processes is there any more."""
        wait_until(lambda: running(self.temporary) == [])
        return [path for base in self.temporary.glob("runbook-*") for path in base.iterdir()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test writes its runbook."""
    return tmp_path / "livro"


@pytest.fixture
def bare(server: Server) -> Place:
    """The server without the sample data, which takes seconds to make."""
    return replace(server.place, sample=False)


@pytest.fixture(scope="module")
def before(server: Server) -> frozenset[str]:
    """What stands on the server before these tests."""
    return server.inventory()


@pytest.fixture(autouse=True)
def same_inventory(server: Server, before: frozenset[str]) -> Iterator[None]:
    """After each test the same stands on the server as before all."""
    yield
    assert server.inventory() == before


@pytest.fixture
def slow(folder: Path, bare: Place, tmp_path: Path, server: Server, before: frozenset[str]) -> Iterator[Program]:
    """A program whose run is in the middle of its second step, with a database and a role of its own."""
    write(folder, "lento", MAKE, SLOW, fence("nunca", "echo nunca"))
    with Program(folder, bare, tmp_path) as program:
        wait_until(server.sleeping)
        assert len(server.inventory() - before) == 2
        yield program


def test_after_success(folder: Path, server: Server, tmp_path: Path) -> None:
    """After a green run on the sample database, with its live versions told, nothing is left."""
    ask = 'psql -X -At --dbname="$DB" --command="SELECT count(*) > 0 FROM clientes"'
    write(
        folder, "verde", fence("ha-clientes", ask, 'expect="^t$"'), fence("pasta", "ls", 'expect="^impressao-digital$"')
    )
    with Program(folder, server.place, tmp_path) as program:
        code, run = program.result()
    assert (code, run["error"], run["leftovers"]) == (0, "", [])
    assert run["versions"]["servidor"].startswith("PostgreSQL ")
    assert run["versions"]["cliente"].startswith("pg_dump (PostgreSQL) ")
    assert program.left() == []


def test_after_failure(folder: Path, bare: Place, tmp_path: Path) -> None:
    """After a red run, even with a session left open, nothing is left."""
    write(folder, "vermelho", MAKE, fence("falha", f'psql -X --dbname="$DB" -c "{SLEEP}" &\nfalse'))
    with Program(folder, bare, tmp_path) as program:
        code, run = program.result()
    assert (code, [s["outcome"] for s in run["steps"]]) == (1, ["passed", "failed"])
    assert (run["error"], run["leftovers"]) == ("", [])
    assert program.left() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_after_a_signal(number: signal.Signals, slow: Program) -> None:
    """When the command line is asked to end, the run is ended, all of it is removed, and then the exit code is 130."""
    slow.process.send_signal(number)
    assert slow.process.wait() == 130
    assert slow.left() == []


def test_after_the_death_of_the_command_line(slow: Program) -> None:
    """When the command line dies, its workers see it and remove everything."""
    slow.process.kill()
    slow.process.wait()
    assert slow.left() == []


def test_after_the_death_of_the_worker(slow: Program, folder: Path, bare: Place, tmp_path: Path) -> None:
    """When a worker dies, the run is an error; its database and its processes are removed by the next run."""
    os.kill(slow.worker(), signal.SIGKILL)
    code, run = slow.result()
    assert (code, run["passed"], [s["name"] for s in run["steps"]]) == (2, False, ["cria"])
    assert "terminou sem dar o resultado (código -9)" in run["error"]
    write(folder, "lento", fence("nada", "true"))
    with Program(folder, bare, tmp_path) as following:
        assert following.result()[0] == 0
    assert following.left() == []


@pytest.mark.parametrize(
    ("make", "undo", "leftover"),
    [
        ("CREATE ROLE sobra_de_teste", "DROP ROLE sobra_de_teste", "+ papel sobra_de_teste "),
        ("CREATE DATABASE sobra_de_teste", "DROP DATABASE sobra_de_teste", "+ banco sobra_de_teste "),
    ],
    ids=["role", "database"],
)
def test_leftovers(
    make: str, undo: str, leftover: str, folder: Path, bare: Place, tmp_path: Path, server: Server
) -> None:
    """What is not called like the run is not removed; it is told, and makes the run red though every step is green."""
    write(folder, "sujo", fence("suja", f'psql -X --dbname=postgres --command="{make}"'))
    with Program(folder, bare, tmp_path) as program:
        code, run = program.result()
    server.ask(undo)
    assert (code, run["passed"], run["error"]) == (1, False, "")
    assert [s["outcome"] for s in run["steps"]] == ["passed"]
    (line,) = run["leftovers"]
    assert line.startswith(leftover)
    assert leftover in run["failure"]


def test_something_that_was_there_is_gone(folder: Path, bare: Place, tmp_path: Path, server: Server) -> None:
    """A run that removes what is not its own is red too."""
    server.ask("CREATE ROLE de_outro")
    write(folder, "sujo", fence("apaga", 'psql -X --dbname=postgres --command="DROP ROLE de_outro"'))
    with Program(folder, bare, tmp_path) as program:
        code, run = program.result()
    assert (code, run["passed"]) == (1, False)
    assert [line[:17] for line in run["leftovers"]] == ["- papel de_outro "]


def test_runs_side_by_side(folder: Path, bare: Place, tmp_path: Path) -> None:
    """Runs at the same time do not take each other's databases for leftovers."""
    for name in ("um", "dois", "tres"):
        write(folder, name, MAKE, fence("espera", "sleep 0.3"))
    with Program(folder, bare, tmp_path) as program:
        out, _ = program.process.communicate()
    assert [(run["passed"], run["failure"]) for run in json.loads(out)["runs"]] == [(True, "")] * 3
    assert program.left() == []


@pytest.fixture
def short() -> Iterator[Path]:
    """A temporary folder with a path that a socket can have."""
    folder = Path(tempfile.mkdtemp(prefix="rb-"))
    yield folder
    shutil.rmtree(folder)


def test_own_server_of_the_command_line(folder: Path, short: Path) -> None:
    """`--sandbox embedded`, ended while the sample database is being made, takes its server with it."""
    write(folder, "lento", fence("nunca", "false"), engines=["postgresql"])
    command = [sys.executable, "-m", "runbook", "verify", "--runbooks", str(folder), "--sandbox", "embedded"]
    environ = {**os.environ, "TMPDIR": str(short)}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            wait_until(lambda: process.poll() is not None or any("criar.sh" in said for said in running(short)))
        finally:
            process.terminate()
        said, _ = process.communicate()
    assert process.returncode == 130, said.decode()
    assert running(short) == []
    assert [path for base in short.glob("runbook-*") for path in base.iterdir()] == []
