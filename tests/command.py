"""Calling the program in the tests: what the fixtures of `test_cli` and `test_cli_errors` give."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from runbook import cli

from .samples import fence, write

NO_DATABASE = ("--sandbox", "none")


class Done(NamedTuple):
    """What a call came to."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


def sample(tmp_path: Path) -> Path:
    """Runbooks: one that is green on both engines, and depends on a file that the key does not know of."""
    (tmp_path / "dado.txt").write_text("como gravado\n", encoding="utf-8")
    folder = tmp_path / "livro"
    write(
        folder,
        "capitulo/verde",
        fence("ola", "echo olá [/x] :100:"),
        fence("dado", f"cat {tmp_path}/dado.txt"),
        title="Verde",
    )
    return folder


def calling(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """Calls the program in this process; its workers, which are processes, get a temporary folder of their own."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("COLUMNS", "200")
    before = signal.getsignal(signal.SIGTERM)

    def call(command: str, *arguments: str | Path) -> Done:
        argv = ["runbook", command, *map(str, arguments)]
        if "--runbooks" not in argv:
            argv += ["--runbooks", str(folder)]
        monkeypatch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return Done(caught.value.code, *capsys.readouterr())

    yield call
    signal.signal(signal.SIGTERM, before)
    assert not list((tmp_path / "tmp").glob("*/*")), "a run left its folder behind"


def contents(folder: Path) -> dict[Path, tuple[bytes, int]]:
    """All files, with the time of their last change."""
    return {f: (f.read_bytes(), f.stat().st_mtime_ns) for f in folder.rglob("*") if f.is_file()}


def break_it(folder: Path) -> None:
    """Adds a runbook that fails on both engines."""
    text = "echo antes\nfalse :100: [bold] [/x]\necho depois"
    write(folder, "capitulo/vermelho", fence("bom", "true"), fence("ruim", text), title="Vermelho")
