"""The sandbox `docker`, with real containers: what a run that is cut short leaves, and what a broken service leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook import compose, images, notebook, program
from runbook.containers import Docker
from runbook.errors import EnvironmentUnavailable
from runbook.runs import run_all

from .conftest import PROJECT, remove

pytestmark = pytest.mark.docker

HEADER = """---
title: Lento
description: Para os testes do sandbox.
engines: [postgresql, mysql]
risk: leitura
jupyter:
  kernelspec: {name: bash, display_name: Bash, language: bash}
---

# Lento

"""
SLOW = HEADER + '```bash name="lento"\necho comecei\nsleep 60\n```\n'
QUICK = HEADER + '```bash name="rapido"\necho pronto\n```\n'
DIRTY = (
    HEADER
    + '```bash name="suja" engine="postgresql"\npsql -X -d postgres -c "CREATE ROLE sobra_de_teste"\n```\n\n'
    + '```bash name="suja" engine="mysql"\nmysql --defaults-file="$CNF" -e "CREATE USER sobra_de_teste"\n```\n'
)
TIDY = {
    "postgresql": ["psql", "-h", "postgres", "-U", "postgres", "-c", "DROP ROLE sobra_de_teste"],
    "mysql": ["mysql", "-h", "mysql", "-u", "root", "-e", "DROP USER sobra_de_teste"],
}
CHILD = """
import sys
from pathlib import Path
from runbook import notebook
from runbook.containers import Docker
from runbook.runs import run_all
folder, engine, project = sys.argv[1:]
tell = lambda run, event: print(event["event"], flush=True)
run_all([(notebook.read(Path(folder), "lento"), engine)], Docker(lambda _: None, project), watch=tell)
"""


def _in_toolbox(*command: str) -> str:
    """What a command prints in the toolbox, with the passwords of both servers at hand."""
    script = (
        'export PGPASSWORD="$(cat /run/secrets/postgres_password)" MYSQL_PWD="$(cat /run/secrets/mysql_password)"; "$@"'
    )
    return program.run([*compose.exec_prefix(PROJECT), "bash", "-c", script, "-", *command], timeout=60)


def _owned(engine: str) -> set[str]:
    """Databases and folders of runs that are there now."""
    if engine == "postgresql":
        found = _in_toolbox("psql", "-h", "postgres", "-U", "postgres", "-Atc", "SELECT datname FROM pg_database")
    else:
        found = _in_toolbox("mysql", "-h", "mysql", "-u", "root", "-Ne", "SHOW DATABASES")
    folders = _in_toolbox("sh", "-c", "ls /tmp/runbook-runs-*")
    return {line for line in (found + folders).split() if line.startswith(("loja_", f"docker-{engine}"))}


def _wait(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    return condition()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one slow, one quick and one untidy runbook."""
    for name, text in (("lento", SLOW), ("rapido", QUICK), ("suja", DIRTY)):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


def _start_slow(folder: Path, engine: str) -> subprocess.Popen[str]:
    """A process that has come to the slow step."""
    command = [sys.executable, "-c", CHILD, str(folder), engine, PROJECT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "start":
            return process
    raise AssertionError("the run did not start")


@pytest.mark.parametrize(
    ("engine", "number"),
    [
        ("postgresql", signal.SIGKILL),
        ("postgresql", signal.SIGTERM),
        ("mysql", signal.SIGKILL),
        ("mysql", signal.SIGINT),
    ],
)
def test_a_run_cut_short_leaves_nothing(
    docker_sandbox: Docker, folder: Path, engine: str, number: signal.Signals
) -> None:
    """Whatever signal ends the caller, the worker in the toolbox notices and removes database and folder."""
    process = _start_slow(folder, engine)
    assert _owned(engine)
    process.send_signal(number)
    process.communicate()
    assert _wait(lambda: not _owned(engine)), _owned(engine)


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_what_a_killed_worker_left_goes_with_the_next_run(docker_sandbox: Docker, folder: Path, engine: str) -> None:
    """A worker killed without warning leaves database and step, and the next run of that engine ends both."""
    process = _start_slow(folder, engine)
    _in_toolbox("pkill", "-KILL", "-f", "runbook[.]worker")
    process.communicate()
    assert _owned(engine)
    (result,) = run_all([(notebook.read(folder, "rapido"), engine)], docker_sandbox)
    assert result.passed, result
    assert not _owned(engine)
    assert "sleep 60" not in _in_toolbox("ps", "-eo", "args")


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_something_left_on_the_server_is_red(docker_sandbox: Docker, folder: Path, engine: str) -> None:
    """A role or user that the run made outside its own names is reported, and the run is not green."""
    try:
        (result,) = run_all([(notebook.read(folder, "suja"), engine)], docker_sandbox)
    finally:
        _in_toolbox(*TIDY[engine])
    assert not result.passed
    assert any("sobra_de_teste" in line for line in result.leftovers), result


def test_a_service_that_does_not_come_up_leaves_its_logs_and_nothing_else(
    docker_ready: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error holds the logs of the containers; containers, volumes and networks are gone."""
    chosen = images.resolve(lambda _: None)
    monkeypatch.setenv("POSTGRES_IMAGE", chosen["toolbox"].name)
    monkeypatch.setenv("MYSQL_IMAGE", chosen["mysql"].name)
    monkeypatch.setenv("TOOLBOX_IMAGE", chosen["toolbox"].name)
    project = f"{PROJECT}-quebrado"
    with pytest.raises(EnvironmentUnavailable) as caught, Docker(lambda _: None, project):
        pass
    assert "postgres" in str(caught.value)
    assert compose.leftovers(project) == []
    remove(project)
