"""Every runbook, on every engine, in every sandbox that has it: `pytest -k restauracao-mysql`.

A run is red when a step is not as declared, when its output is not the recorded one, or when anything is left behind.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook import notebook, record, sandbox
from runbook.databases import TOOLBOX
from runbook.result import ExecutionResult
from runbook.runs import Run, run_all
from runbook.verdict import compare

MOST = 4  # runs at a time: more of them only wait for the servers
SANDBOXES = {"docker": "docker_sandbox", "embedded": "embedded_sandbox"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each runbook, engine and sandbox."""
    folder: Path = metafunc.config.getoption("--runbooks")
    only = metafunc.config.getoption("--sandbox")
    books = [notebook.read(folder, name) for name in notebook.names(folder)]
    cases = [
        pytest.param(
            (book, engine),
            kind,
            id=book.run_id(engine) + ("" if kind == "docker" else f"-{kind}"),
            marks=[pytest.mark.docker] if kind == "docker" else [],
        )
        for kind in ([only] if only else SANDBOXES)
        for book in books
        for engine in book.engines
        if engine in sandbox.engines(kind)
    ]
    metafunc.parametrize(("run", "kind"), cases)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Callable[[Run, str], ExecutionResult]:
    """Gives the result of a run; all runs of a sandbox that this session asks for are done at once, side by side."""
    done: dict[str, dict[str, ExecutionResult]] = {}

    def result(run: Run, kind: str) -> ExecutionResult:
        if kind not in done:
            place = request.getfixturevalue(SANDBOXES[kind]) if kind in SANDBOXES else sandbox.make(kind, print)
            asked = [getattr(item, "callspec", None) for item in request.session.items]
            runs = [c.params["run"] for c in asked if c and c.params.get("kind") == kind and "run" in c.params]
            found = run_all(runs, place, min(os.cpu_count() or 1, MOST))
            done[kind] = {book.run_id(engine): r for (book, engine), r in zip(runs, found, strict=True)}
        return done[kind][run[0].run_id(run[1])]

    return result


def test_runbook(
    run: Run, kind: str, results: Callable[[Run, str], ExecutionResult], request: pytest.FixtureRequest
) -> None:
    """The runbook ends green, as recorded, and leaves nothing behind."""
    verdict = compare(request.config.getoption("--runbooks"), run, results(run, kind), record.key(*run, TOOLBOX))
    if not verdict.passed:
        pytest.fail(verdict.failure(), pytrace=False)
