"""Which browser is taken, and which is installed where there is none."""

from __future__ import annotations

import shutil

import pytest

from runbook import chromium, debian


@pytest.mark.parametrize(
    ("there", "taken"),
    [({chromium.SHELL, chromium.WHOLE}, chromium.SHELL), ({chromium.WHOLE}, chromium.WHOLE), (set(), None)],
)
def test_the_one_without_windows_comes_first(
    monkeypatch: pytest.MonkeyPatch, there: set[str], taken: str | None
) -> None:
    """The other does where it is the only one."""
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    assert chromium.located() == taken


@pytest.mark.parametrize(("version", "installed"), [("156", chromium.SHELL), (None, chromium.WHOLE)])
def test_what_the_sources_have_is_installed(
    monkeypatch: pytest.MonkeyPatch, version: str | None, installed: str
) -> None:
    """Debian has both, other releases only the one with windows."""
    done: list[str] = []
    monkeypatch.setattr(shutil, "which", {}.get)
    monkeypatch.setattr(debian, "obstacle", lambda: None)
    monkeypatch.setattr(debian, "update", lambda: None)
    monkeypatch.setattr(debian, "candidate", {chromium.SHELL: version}.get)
    monkeypatch.setattr(debian, "install", lambda *packages: done.extend(packages))
    assert chromium.obstacle() is None
    assert done == [installed]


def test_where_nothing_can_be_installed_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is the one that the machine gives."""
    monkeypatch.setattr(shutil, "which", {}.get)
    monkeypatch.setattr(debian, "obstacle", lambda: "instalar pacotes exige root")
    assert chromium.obstacle() == "sem Chromium: instalar pacotes exige root"
