"""Every runbook, on every engine, in every sandbox that has it: `pytest -k restauracao-mysql`.

A run is red when a step is not as declared, when its output is not the recorded one, or when anything is left behind.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import notebook, record, sandbox
from runbook.databases import TOOLBOX
from runbook.runs import Run, run_all
from runbook.verdict import compare

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


def test_runbook(run: Run, kind: str, request: pytest.FixtureRequest) -> None:
    """The runbook ends green, as recorded, and leaves nothing behind."""
    place = request.getfixturevalue(SANDBOXES[kind]) if kind in SANDBOXES else sandbox.make(kind, lambda _: None)
    (result,) = run_all([run], place)
    verdict = compare(request.config.getoption("--runbooks"), run, result, record.key(*run, TOOLBOX))
    if not verdict.passed:
        pytest.fail(verdict.failure(), pytrace=False)
