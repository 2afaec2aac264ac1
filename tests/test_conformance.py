"""The engines for closed networks do what Prisma's own does: the same scenarios on each, compared; and each is killed.

Prisma's own code runs on PostgreSQL (as WebAssembly), so what is the same on MySQL is as Prisma does it. Where the
native engine is installed it is compared too. The table of scenarios is `conformance/scenarios.py`; what may differ
stands in `conformance/differences.toml`.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from runbook import compose
from runbook.containers import Docker
from runbook.embedded import Embedded
from runbook.environment import Place

from .conformance import compare
from .conformance.hazards import HAZARDS
from .conformance.refusals import REFUSED
from .conformance.scenarios import SCENARIOS
from .conformance.server import Server
from .conftest import PROJECT, ROOT

MODULE = "tests.conformance.run"
Outcomes = dict[str, compare.Outcome]
KILL_MYSQLD = 'for p in /proc/[0-9]*; do if [ "$(cat $p/comm)" = mysqld ]; then kill -9 "${p#/proc/}"; fi; done'


def server(place: Place, kind: str = "own") -> dict[str, Any]:
    """What `run.py` has to know of a sandbox."""
    variables = place.variables
    mysql = place.engine == "mysql"
    return {
        "engine": place.engine,
        "host": variables["DB_HOST" if mysql else "PGHOST"],
        "port": 3306 if mysql else int(variables["PGPORT"]),
        "user": variables["DB_USER" if mysql else "PGUSER"],
        "password": place.password,
        "prisma": place.prisma,
        "kind": kind,
        "path": place.path,
    }


def inside(place: Place) -> list[str]:
    """How `run.py` is started where the database can be reached."""
    if place.sandbox == "docker":
        return [*compose.exec_prefix(PROJECT), "env", "PYTHONPATH=/manual", "python3", "-m", MODULE]
    return [sys.executable, "-m", MODULE]


class Run:
    """`run.py` at work; two can be at work at once.

    Args:
        place: where.
        scenarios: which.
        at: the server as `server` describes it.
        outside: does what the scenarios ask for, with the number of the database session at work.
    """

    def __init__(
        self, place: Place, scenarios: list[str], at: dict[str, Any], outside: Callable[[str], None] | None = None
    ) -> None:
        self._outside = outside
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(inside(place), cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        assert self._process.stdin is not None
        order = {"server": at, "scenarios": scenarios, "prefix": f"conf_{secrets.token_hex(3)}_"}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    @cache  # noqa: B019 - lives as long as the session
    def outcomes(self) -> Outcomes:
        """Waits for the end."""
        with self._process as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                said: dict[str, Any] = json.loads(line)
                if "outcome" in said:
                    outcomes: Outcomes = said["outcome"]
                    return outcomes
                assert self._outside is not None, said
                self._outside(said["session"])
                process.stdin.write("\n")
                process.stdin.flush()
            raise AssertionError(f"`{MODULE}` ended early: {process.stderr.read()}")


@pytest.fixture(scope="module")
def started() -> dict[str, Run]:
    """The table at work: by engine, or by engine and kind."""
    return {}


def own(request: pytest.FixtureRequest, started: dict[str, Run], engine: str) -> Run:
    """The table on one of our engines, started once; the sandbox is asked for only now."""
    if engine not in started:
        fixture = "embedded_sandbox" if engine == "postgresql" else "docker_sandbox"
        place = request.getfixturevalue(fixture).place(engine)
        started[engine] = Run(place, list(SCENARIOS), server(place))
    return started[engine]


@pytest.mark.docker
def test_both_databases_agree_but_for_what_is_declared(request: pytest.FixtureRequest, started: dict[str, Run]) -> None:
    """Rows of the history, exit codes and texts are the same, and each declared difference is really there."""
    runs = [own(request, started, engine) for engine in ("postgresql", "mysql")]
    one, other = (run.outcomes() for run in runs)
    found = compare.problems(one, other, ("postgresql", "mysql"))
    assert not found, "\n".join(found)


ENGINES = ["postgresql", pytest.param("mysql", marks=pytest.mark.docker)]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_scenario_goes_as_it_says(request: pytest.FixtureRequest, started: dict[str, Run], engine: str) -> None:
    """Exit codes are the expected ones, checksums are those of the files, and no password is shown."""
    outcomes = own(request, started, engine).outcomes()
    assert len(outcomes) >= 20
    failed = [f"{name}: {outcome['failure']}" for name, outcome in outcomes.items() if outcome["failure"]]
    assert not failed, "\n".join(failed)
    rows = [(name, row) for name, outcome in outcomes.items() for row in outcome["rows"]]
    assert [(name, row) for name, row in rows if not row["checksum_of_file"]] == []


@pytest.mark.docker
@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_the_native_engine_agrees_but_for_what_is_declared(docker_sandbox: Docker, engine: str) -> None:
    """Where the native engine is installed, ours does the same, but for the declared differences."""
    place = docker_sandbox.place(engine)
    kind = subprocess.run(
        [*compose.exec_prefix(PROJECT), "cat", f"{place.prisma}/engine"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if kind != "native":
        pytest.skip("o motor nativo não está instalado aqui")
    runs = [Run(place, list(SCENARIOS), server(place, kind)) for kind in ("native", "own")]
    native, ours = (run.outcomes() for run in runs)
    found = compare.problems(native, ours, ("native", "wasm" if engine == "postgresql" else "deploy-side"))
    assert not found, "\n".join(found)


@pytest.mark.docker
def test_what_needs_a_schema_diff_is_refused_on_mysql(docker_sandbox: Docker) -> None:
    """The deploy-side engine says why, and what to do; it never imitates, and nothing is changed."""
    outcome = Run(docker_sandbox.place("mysql"), ["recusas"], server(docker_sandbox.place("mysql"))).outcomes()
    assert outcome["recusas"]["failure"] is None
    assert [step["command"] for step in outcome["recusas"]["steps"]] == [" ".join(words) for words in REFUSED]
    for step in outcome["recusas"]["steps"]:
        assert "precisa comparar schemas" in step["text"]
        assert "PRISMA_ENGINES_MIRROR" in step["text"]
    assert outcome["recusas"]["facts"] == {"tables": ""}


@pytest.mark.parametrize("engine", ENGINES)
def test_two_deploys_and_kills_leave_the_truth(request: pytest.FixtureRequest, engine: str) -> None:
    """Nothing is applied twice, status tells the truth, and the way out of the failed migration works."""
    server_of_our_own = (
        own_postgresql() if engine == "postgresql" else own_mysql(request.getfixturevalue("docker_sandbox"))
    )
    with server_of_our_own as (place, at, kill):
        outcomes = Run(place, list(HAZARDS), at, kill).outcomes()
    failed = [f"{name}: {outcome['failure']}" for name, outcome in outcomes.items() if outcome["failure"]]
    assert not failed, "\n".join(failed)


Killed = Iterator[tuple[Place, dict[str, Any], Callable[[str], None]]]


@contextmanager
def own_postgresql() -> Killed:
    """A server of our own: a session killed with -9 takes all others along, and the server starts anew."""
    with Embedded(lambda _: None) as sandbox:
        place = sandbox.place("postgresql")
        at = server(place)
        # What is committed survives the server's death; the sandbox forgoes that, and Prisma's row could be lost.
        Server(**at).sql("postgres", f"ALTER ROLE {at['user']} SET synchronous_commit = on")
        yield place, at, lambda session: os.kill(int(session), signal.SIGKILL)


@contextmanager
def own_mysql(sandbox: Docker) -> Killed:
    """A container of our own beside the sandbox's, in which the server is started anew when it dies, as by systemd."""
    name, password = f"{PROJECT}-conformance", secrets.token_hex(16)
    # Written at each commit, though not to the disk: what is committed survives the server's death.
    settings = ["--sync-binlog=0", "--innodb-flush-log-at-trx-commit=2", "--mysqlx=OFF"]

    def docker(*words: str) -> str:
        environment = {**os.environ, "MYSQL_ROOT_PASSWORD": password, "MYSQL_ROOT_HOST": "%"}
        command = ["docker", *words]
        return subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60, text=True).stdout

    def kill(_session: str) -> None:
        docker("exec", name, "sh", "-c", KILL_MYSQLD)

    image = os.environ["MYSQL_IMAGE"]
    entrypoint = docker("inspect", "--format", "{{index .Config.Entrypoint 0}}", image).strip()
    forever = f"while :; do {entrypoint} mysqld {' '.join(settings)}; done"
    variables = ["--env", "MYSQL_ROOT_PASSWORD", "--env", "MYSQL_ROOT_HOST"]
    where = ["--name", name, "--network", f"{PROJECT}_default", "--network-alias", "conformance"]
    try:
        docker("run", "--detach", *where, *variables, "--entrypoint", "sh", image, "-c", forever)
        place = sandbox.place("mysql")
        at = {**server(place), "host": "conformance", "password": password}
        await_answer(at)
        yield place, at, kill
    finally:
        docker("rm", "--force", "--volumes", name)


def await_answer(at: dict[str, Any]) -> None:
    """Waits until the server answers a query."""
    words = ["--no-defaults", "--host", at["host"], "--user", at["user"], "--execute", "SELECT 1"]
    command = [*compose.exec_prefix(PROJECT), "env", f"MYSQL_PWD={at['password']}", "mysql", *words]
    for _ in range(120):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.5)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1;", " SELECT 2"]),
        ("-- só; comentário\n/* a; /* b; */ ; */", []),
        ("SELECT ';', E'\\';', \"a;b\", name';'; SELECT 2;", ["SELECT ';', E'\\';', \"a;b\", name';';", " SELECT 2;"]),
        ("SELECT $$;$$, $a$ $b$;$b$ $a$, $1; SELECT 2", ["SELECT $$;$$, $a$ $b$;$b$ $a$, $1;", " SELECT 2"]),
        ("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); x", None),
        ("CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; x", None),
        ("BEGIN; SELECT 1; END; x", ["BEGIN;", " SELECT 1;", " END;", " x"]),
    ],
)
def test_a_script_is_split_where_the_server_would(
    embedded_sandbox: Embedded, script: str, statements: list[str] | None
) -> None:
    """Quotes, bodies and comments hide their semicolons; None stands for "all but the last word is one statement"."""
    expected = [script.removesuffix(" x"), " x"] if statements is None else statements
    file = ROOT / "toolbox" / "schema-engine" / "statements.mjs"
    program = f"import {{ split }} from {json.dumps(str(file))};" + (
        "process.stdout.write(JSON.stringify(split(process.argv[1]).map(({ text }) => text)))"
    )
    node = Path(embedded_sandbox.place("postgresql").prisma) / "bin" / "node"
    command = [str(node), "--input-type=module", "--eval", program, "--", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == expected
