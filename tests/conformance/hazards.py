"""What goes wrong from outside: two deploys at once, and kill -9 of the CLI, of the engine and of the server.

In: a `Case`. Out: nothing; a promise that does not hold ends the scenario as failed. Apart from `scenarios`, because
these are not compared between engines: each has to hold by itself, on each.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .case import Case
from .table import DEPLOY, STATUS, Table

ROUNDS = 20
PATIENCE = 60
SLEEP = {"postgresql": "SELECT pg_sleep(40);\n", "mysql": "DO SLEEP(40);\n"}
# Written without a key on purpose: whatever is applied twice shows.
FIRST = "INSERT INTO conta VALUES (1);\n"
LAST = "INSERT INTO conta VALUES (2);\n"

HAZARDS = Table()


@HAZARDS.add
def dois_deploys(case: Case) -> None:
    """Dois `migrate deploy` ao mesmo tempo, vinte vezes: cada migration é aplicada exatamente uma vez."""
    case.migration("000_conta", "CREATE TABLE conta (n INT);\n")
    case.prisma(*DEPLOY, exits=0)
    for number in range(1, ROUNDS + 1):
        for part in "ab":
            case.migration(f"{number:03}_{part}", f"INSERT INTO conta VALUES ({number});\n")  # noqa: S608
        pair = [case.start(*DEPLOY) for _ in range(2)]
        said = [process.communicate(timeout=PATIENCE) for process in pair]
        _demand([process.returncode for process in pair] == [0, 0], f"round {number}: {said}")
    counted = case.sql("SELECT count(*) FROM conta GROUP BY n").split("\n")
    _demand(counted == ["2"] * ROUNDS, f"applied: {counted}")
    names = [row["name"] for row in case.rows() if row["finished"]]
    _demand(sorted(names) == sorted(set(names)) and len(names) == 2 * ROUNDS + 1, f"history: {names}")


@HAZARDS.add
def cli_morto(case: Case) -> None:
    """Um kill -9 do CLI no meio do deploy."""
    _killed(case, lambda cli: os.kill(cli, signal.SIGKILL), exits=(-signal.SIGKILL,))


@HAZARDS.add
def motor_morto(case: Case) -> None:
    """Um kill -9 do motor no meio do deploy: o CLI termina com 0 ou com 1, e só o status diz a verdade."""
    _killed(case, lambda cli: os.kill(_engine_of(cli), signal.SIGKILL), exits=(0, 1))


@HAZARDS.add
def motor_interrompido(case: Case) -> None:
    """Um SIGTERM para o motor no meio do deploy: o CLI termina com 1 e diz por quê."""
    _killed(case, lambda cli: os.kill(_engine_of(cli), signal.SIGTERM), exits=(1,))


@HAZARDS.add
def servidor_morto(case: Case) -> None:
    """Um kill -9 do servidor no meio do deploy."""

    def kill(_: int) -> None:
        json.dump({"outside": "kill", "session": _busy(case)}, sys.stdout)
        print(flush=True)
        sys.stdin.readline()  # whoever started us has killed the server, and started it again

    _killed(case, kill, exits=(1,))


def _killed(case: Case, kill: Callable[[int], None], exits: tuple[int, ...]) -> None:
    case.migration("1_conta", "CREATE TABLE conta (n INT);\n")
    case.prisma(*DEPLOY, exits=0)
    case.migration("2_longa", FIRST + SLEEP[case.server.engine] + LAST)
    process = case.start(*DEPLOY)
    _wait(lambda: bool(_busy(case)), "the migration did not start")
    kill(process.pid)
    output, errors = process.communicate(timeout=PATIENCE)
    _demand(process.returncode in exits, f"the CLI ended with {process.returncode}: {output}{errors}")
    _demand("successfully" not in output, f"the CLI says that all is well: {output}")
    _wait(lambda: not _group_alive(process.pid), "something of the deploy is left")
    _wait(lambda: _answers(case), "the server did not come back")

    # A server goes on with what it had begun, and holds the lock meanwhile: a person ends it.
    _wait(lambda: _told(case), "status does not tell it")
    _end_sessions(case)
    case.prisma(*DEPLOY, exits=1)
    _demand("P3009" in case.steps[-1]["text"] or "migrate found failed" in case.steps[-1]["text"], "no P3009")
    rows = [(row["name"], row["finished"]) for row in case.rows()]
    _demand(rows == [("1_conta", True), ("2_longa", False)], f"history: {rows}")
    done = case.sql("SELECT n FROM conta ORDER BY n").split()
    _demand(done == ["1"], f"done: {done}")

    # The way out of the runbook on failed migrations: mark it, leave in the file what is missing, deploy.
    case.prisma("migrate", "resolve", "--rolled-back", "2_longa", exits=0)
    case.migration("2_longa", LAST)
    case.migration("3_depois", "INSERT INTO conta VALUES (3);\n")
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)
    done = case.sql("SELECT n FROM conta ORDER BY n").split()
    _demand(done == ["1", "2", "3"], f"applied: {done}")


def _told(case: Case) -> bool:
    """Whether status names the failed migration; a server that is still recovering is an error, never a good end."""
    case.prisma(*STATUS, exits=1)
    return "2_longa" in case.steps[-1]["text"] and "have failed" in case.steps[-1]["text"]


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


def _wait(until: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        _demand(time.monotonic() < end, otherwise)
        time.sleep(0.1)


def _busy(case: Case) -> str:
    """The session that sleeps in the middle of the migration."""
    return case.sql(
        postgresql="SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(40)%' AND state = 'active' "
        "AND datname = current_database() AND pid <> pg_backend_pid()",
        mysql="SELECT id FROM information_schema.processlist WHERE state = 'User sleep' AND db = DATABASE()",
    )


def _end_sessions(case: Case) -> None:
    if case.server.engine == "postgresql":
        case.sql(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return
    for session in _busy(case).split():
        case.sql(f"KILL {session}")
    _wait(lambda: not _busy(case), "the session did not end")


def _answers(case: Case) -> bool:
    try:
        return case.sql("SELECT 1") == "1"
    except RuntimeError:
        return False


def _engine_of(cli: int) -> int:
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            words = (entry.parent / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended
        if parent == cli and b"schema-engine" in words:
            return int(entry.parent.name)
    raise RuntimeError("the engine is not running")


def _group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
