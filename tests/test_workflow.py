"""The workflow that the reader takes away: no CI of ours runs it, so what can be known without one is known here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook import notebook
from runbook.step import ENGINES, Runbook

RUNBOOKS = Path(__file__).parents[1] / "runbooks"
HEREDOC = re.compile(r"cat > (\S+) <<'(\w+)'[^\n]*\n(.*?)\n\2$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def pipeline() -> Runbook:
    """The page that has it."""
    return notebook.read(RUNBOOKS, "producao/pipeline")


def written(pipeline: Runbook, engine: str) -> dict[str, str]:
    """What the page's steps write: file -> text."""
    found = (HEREDOC.findall(step.text) for step in pipeline.steps(engine))
    return {file: text for files in found for file, _, text in files}


def job(pipeline: Runbook, engine: str) -> dict[str, Any]:
    """The workflow's one job."""
    found: dict[str, Any] = yaml.safe_load(written(pipeline, engine)[".github/workflows/implantar.yml"])["jobs"]
    return next(iter(found.values()))


@pytest.mark.parametrize("engine", ENGINES)
def test_calls_what_was_run(pipeline: Runbook, engine: str) -> None:
    """It calls the script that the page writes and runs, and has the variables that the scripts ask for."""
    files, deploy = written(pipeline, engine), job(pipeline, engine)
    assert "ci/implantar.sh" in files
    assert [step for step in deploy["steps"] if step.get("run") == "ci/implantar.sh"]
    scripts = "".join(text for file, text in files.items() if file.endswith(".sh"))
    asked = {"COPIAS", "DB", "IMPRESSAO"} | ({"CNF"} if engine == "mysql" else set())
    assert asked == {name for name in asked if f"${name}" in scripts or f"${{{name}" in scripts}
    assert asked | {"DATABASE_URL"} <= deploy["env"].keys()


@pytest.mark.parametrize("engine", ENGINES)
def test_secrets_and_one_at_a_time(pipeline: Runbook, engine: str) -> None:
    """A secret comes by a variable and never in a command; two deployments never overlap, and a person approves."""
    text = written(pipeline, engine)[".github/workflows/implantar.yml"]
    whole, deploy = yaml.safe_load(text), job(pipeline, engine)
    assert whole["concurrency"] == {"group": "implantar-producao", "cancel-in-progress": False}
    assert whole["permissions"] == {"contents": "read"}
    assert deploy["environment"] == "producao"
    assert not [step for step in deploy["steps"] if "secrets." in step.get("run", "")]
    assert "backup" not in str([step["with"] for step in deploy["steps"] if "upload" in step.get("uses", "")])
