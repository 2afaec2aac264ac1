"""Every way to carry out a runbook gives the same transcript: at a terminal, led, in a notebook, and in the tests.

The tests of runbooks compare a direct run with the committed record; what comes of any other way is compared with that
record here, or with a direct run where the record is of other servers. Without `--all-runners` it is a sample.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook import notebook, record
from runbook.containers import Docker
from runbook.conversation import Conversation
from runbook.databases import TOOLBOX
from runbook.result import ExecutionResult
from runbook.runs import Run, run_all

from . import runners
from .notebooks import serving

RUNNERS = {"terminal": runners.terminal, "guiado": runners.guided, "nbclient": runners.client}
BROWSER = "jupyterlab"
ALWAYS = "backup/logico"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each runbook, engine and runner; a sample of them unless all are asked for."""
    if "runner" not in metafunc.fixturenames:
        return
    every = [
        (notebook.read(runners.RUNBOOKS, name), engine)
        for name in notebook.names(runners.RUNBOOKS)
        for engine in notebook.read(runners.RUNBOOKS, name).engines
    ]
    cases = [(run, name) for run in every for name in (*RUNNERS, BROWSER)]
    if not metafunc.config.getoption("--all-runners"):
        cases = [(run, name) for run, name in cases if run[0].name == ALWAYS]
    ids = [f"{run[0].run_id(run[1])}-{name}" for run, name in cases]
    metafunc.parametrize(("run", "runner"), cases, ids=ids)


@pytest.fixture(scope="module")
def containers(docker_ready: None) -> Iterator[Docker]:
    """Those that the command line uses, up as long as the tests of runners last."""
    with Docker(print) as place:
        yield place


@pytest.fixture(scope="module")
def jupyterlab(containers: Docker) -> Iterator[str]:
    """The address of `runbook lab`, as `make lab` starts it."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def expected(containers: Docker) -> Callable[[Run], runners.Transcript]:
    """Gives what a run has to be: its record, or a direct run when the record is of another place."""

    @functools.cache
    def versions(engine: str) -> dict[str, str]:
        book = notebook.read(runners.RUNBOOKS, ALWAYS)
        with Conversation((book, engine), containers) as conversation:
            return conversation.versions

    @functools.cache
    def find(name: str, engine: str) -> runners.Transcript:
        run = (notebook.read(runners.RUNBOOKS, name), engine)
        old = runners.recorded(run)
        here = ExecutionResult(name, engine, "docker", versions=versions(engine))
        if old and record.comparison(old, record.make(record.key(*run, TOOLBOX), here)) is None:
            return runners.expected(old)
        (done,) = run_all([run], containers)
        assert done.passed, done.error
        return runners.expected(done)

    return lambda run: find(run[0].name, run[1])


@pytest.mark.docker
def test_same_transcript(
    run: Run,
    runner: str,
    containers: Docker,
    expected: Callable[[Run], runners.Transcript],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Step for step the same outcome and the same text."""
    if runner == BROWSER:
        found = runners.in_browser(run, request.getfixturevalue("chromium"), request.getfixturevalue("jupyterlab"))
    else:
        found = RUNNERS[runner](run, tmp_path, "docker")
    wanted = expected(run)
    if runner == "terminal":  # which shows a tab as blanks, more or less of them as the names of this run are long
        found, wanted = ([(n, o, re.sub(r"[ \t]+", " ", text)) for n, o, text in what] for what in (found, wanted))
    assert found == wanted
