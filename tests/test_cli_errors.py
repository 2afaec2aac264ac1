"""The program when something is wrong: exit codes, what is said, and what machines read of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from runbook import sandbox
from runbook.environment import Place
from runbook.sandbox import Nothing

from .command import NO_DATABASE, Call, break_it, calling, sample
from .samples import fence, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Runbooks that are green without a database."""
    return sample(tmp_path)


@pytest.fixture
def call(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """The program, to be called."""
    yield from calling(folder, tmp_path, monkeypatch, capsys)


def undo_workers(monkeypatch: pytest.MonkeyPatch, engine: str | None = None) -> None:
    """Makes workers that end without a result; only on one engine, if it is given."""
    command = [sys.executable, "-c", "raise SystemExit('o trabalhador morreu')"]

    class Broken(Nothing):
        """Has no worker that works."""

        broken = True

        def command(self, *_: object, **__: object) -> list[str]:
            """A program that is no worker, where it should not be one."""
            return command if self.broken else super().command()

        def place(self, engine_: str) -> Place:
            """Notes for which engine the next worker is."""
            self.broken = engine in (None, engine_)
            return super().place(engine_)

    monkeypatch.setattr(sandbox, "make", lambda *_: Broken())


def test_could_not_be_done(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that gives no result is red with 2, and says what was heard of it."""
    undo_workers(monkeypatch)
    done = call("verify", *NO_DATABASE)
    assert done.code == 2
    assert "a execução terminou sem dar o resultado (código 1): o trabalhador morreu" in done.out


def test_failure_comes_before_what_could_not_be_done(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When one run failed and another could not be done the code is 1: something is known to be wrong."""
    break_it(folder)
    undo_workers(monkeypatch, "postgresql")
    done = call("verify", *NO_DATABASE, "-k", "vermelho", "--jobs", "1")
    assert done.code == 1
    assert "terminou sem dar o resultado" in done.out
    assert 'passo "ruim" em MySQL' in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-k", "nada"), "as que há: capitulo-postgresql-verde, capitulo-mysql-verde"),
        (("-k", "mysql", "--engine", "postgresql"), "nenhuma execução corresponde ao pedido"),
        (("--runbooks", "não-há"), "não-há"),
        (("--engine", "oracle"), "oracle"),
        (("--sandbox", "nuvem"), "nuvem"),
        (("--jobs", "0"), "--jobs"),
        (("--nada",), "--nada"),
        (("demais",), "demais"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "record"])
def test_wrong_requests(command: str, arguments: tuple[str, ...], said: str, call: Call) -> None:
    """What cannot be understood or matches nothing ends with 2, and says what there is; nothing is run."""
    done = call(command, *arguments)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_nothing_that_this_sandbox_can_run(call: Call) -> None:
    """Where the sandbox has none of the engines asked for nothing was verified: not green, and nothing is started."""
    done = call("verify", "--sandbox", "embedded", "--engine", "mysql")
    assert done.code == 2
    assert "NÃO executado, MySQL só há em `--sandbox docker`" in done.out


def test_unreadable_runbook(call: Call, folder: Path) -> None:
    """A file that is no runbook ends every command with 2, its path and line first, brackets as they are."""
    file = write(folder, "torto", fence("x", "true", 'expect="[/a"'))
    for done in (call("list"), call("verify", *NO_DATABASE), call("run", "torto", *NO_DATABASE)):
        assert done.code == 2
        assert f"erro: {file}:16: `expect` deve ser uma expressão regular entre aspas duplas" in done.err
        assert '"[/a"' in done.err


def test_json(call: Call, folder: Path) -> None:
    """With `--json` standard output holds one JSON value and nothing else, also when something failed."""
    break_it(folder)
    done = call("verify", *NO_DATABASE, "--json", "--jobs", "4")
    data = json.loads(done.out)
    assert (done.code, data["passed"], len(data["runs"])) == (1, False, 4)
    by_name = {run["name"]: run for run in data["runs"]}
    assert by_name["capitulo-mysql-verde"]["passed"] is True
    assert by_name["capitulo-mysql-verde"]["steps"][0]["output"] == "olá [/x] :100:"
    assert by_name["capitulo-mysql-vermelho"]["steps"][-1]["outcome"] == "failed"


def test_junit(call: Call, folder: Path, tmp_path: Path) -> None:
    """With `--junit` a well-formed file holds each step, also of steps with output that no XML can carry."""
    write(folder, "binario", fence("zero", "printf 'a\\000\\001b\\n'"), engines=["mysql"])
    done = call("verify", *NO_DATABASE, "--junit", tmp_path / "junit.xml")
    assert done.code == 1
    suites = ElementTree.fromstring((tmp_path / "junit.xml").read_bytes())  # noqa: S314 - written by ourselves
    assert {suite.get("name"): suite.get("failures") for suite in suites} == {
        "mysql-binario": "2",
        "capitulo-postgresql-verde": "0",
        "capitulo-mysql-verde": "0",
    }


def test_junit_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    """A report that cannot be written ends with 2, after the results have been shown."""
    done = call("verify", *NO_DATABASE, "--junit", tmp_path / "não-há" / "junit.xml")
    assert done.code == 2
    assert done.out.count("✔") == 2
    assert "não-há/junit.xml" in done.err


@pytest.mark.parametrize("command", ["run", "notebook"])
def test_unknown_runbook(command: str, call: Call, folder: Path) -> None:
    """A runbook that is not there, or has not this engine, is an error that names the ones there are."""
    write(folder, "so-mysql", fence("x", "true"), engines=["mysql"])
    done = call(command, "nenhum")
    assert (done.code, done.out) == (2, "")
    assert "não há runbook nenhum; os que há: capitulo/verde, so-mysql" in done.err
    done = call(command, "so-mysql")
    assert (done.code, done.out) == (2, "")
    assert "o runbook so-mysql não é de PostgreSQL, só de: MySQL" in done.err


def test_interrupted(folder: Path, tmp_path: Path) -> None:
    """Told to stop, the program ends with 130 and nothing of the run is left."""
    write(folder, "lento", fence("x", f"touch {tmp_path}/comecou; sleep 60"), engines=["mysql"])
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "runbook", "verify", *NO_DATABASE, "-k", "lento", "--runbooks", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
    )
    while not (tmp_path / "comecou").exists():
        assert process.poll() is None, process.communicate()
    process.terminate()
    said, _ = process.communicate()
    assert process.returncode == 130, said
    assert "interrompido" in said
    assert not list((tmp_path / "tmp").glob("*/*"))
