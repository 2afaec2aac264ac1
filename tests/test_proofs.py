"""Promises about Prisma that no page makes by itself: each a runbook under `data/provas`, on every engine it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import notebook
from runbook.runs import Run, run_all

FOLDER = Path(__file__).parent / "data" / "provas"
BOOKS = [notebook.read(FOLDER, name) for name in notebook.names(FOLDER)]


@pytest.mark.docker
@pytest.mark.parametrize("run", [pytest.param((b, e), id=b.run_id(e)) for b in BOOKS for e in b.engines])
def test_proof(run: Run, request: pytest.FixtureRequest) -> None:
    """It ends green, every step carried out, and leaves nothing behind."""
    (result,) = run_all([run], request.getfixturevalue("docker_sandbox"))
    assert result.passed, [(s.name, s.reason, s.output) for s in result.steps if s.reason] or result.error
    assert {s.outcome for s in result.steps} == {"passed"}
