"""What `make test` runs of the tests, on a project of two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runbook import checks, dockerd

SETTINGS = '[tool.pytest.ini_options]\nmarkers = ["docker: x"]\n'
TESTS = """
import pytest

@pytest.mark.docker
def test_with():
    assert {with_}, "uma linha de lá"

def test_without():
    assert {without}, "uma linha de cá"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool, bool], Path]:
    """Makes the folder of a project, given which of its two tests is green; style and types have nothing to say."""
    monkeypatch.setattr(checks, "STYLE", {})

    def make(with_: bool, without: bool) -> Path:
        (tmp_path / "pyproject.toml").write_text(SETTINGS)
        (tmp_path / "test_two.py").write_text(TESTS.format(with_=with_, without=without))
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("with_", "without", "red"),
    [(True, True, []), (False, True, [checks.WITH]), (True, False, [checks.WITHOUT])],
)
def test_both_halves_are_run_and_the_red_one_is_named(
    project: Callable[[bool, bool], Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    with_: bool, without: bool, red: list[str],
) -> None:  # fmt: skip
    """A red half is red and says why, whichever it is, and what both have covered is added up."""
    monkeypatch.setattr(dockerd, "ensure", lambda _: None)
    folder, said = project(with_, without), list[str]()
    assert checks.run(folder, said.append) == bool(red)
    assert said[-1] == (f"vermelho: {', '.join(red)}" if red else "tudo verde")
    output = capfd.readouterr().out
    assert output.count("1 passed") == 2 - len(red)
    assert ("uma linha de lá" in output, "uma linha de cá" in output) == (not with_, not without)
    assert output.count("TOTAL") == 1
    assert not list(folder.glob(".coverage.*"))


def test_quick_leaves_the_containers_alone(
    project: Callable[[bool, bool], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is an engine asked for, nor a test that needs one run."""
    monkeypatch.setattr(dockerd, "ensure", lambda _: pytest.fail("asked for an engine"))
    assert checks.run(project(False, True), lambda _: None, quick=True) == 0
