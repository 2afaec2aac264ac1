"""Several runs at once, each in a worker: their order, their words, and what becomes of workers that do not answer."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pytest

from runbook.environment import Place
from runbook.result import ExecutionResult
from runbook.runs import Run, run_all
from runbook.sandbox import Nothing
from runbook.step import ENGINES, Parameter, Runbook, Step

from .processes import running


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workers put their folders."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path / f"runbook-runs-{os.getuid()}"


def book(name: str, *texts: str, parameters: Sequence[Parameter] = ()) -> Runbook:
    """A runbook of a few steps, for both engines."""
    steps = tuple(Step(f"passo-{n}", text, n) for n, text in enumerate(texts, 1))
    return Runbook(name, f"{name}.md", name, name, ENGINES, "leitura", tuple(parameters), (), steps)


def pair(name: str, *texts: str, parameters: Sequence[Parameter] = ()) -> Run:
    """A run on PostgreSQL."""
    return book(name, *texts, parameters=parameters), "postgresql"


class Program:
    """A place in which something else than a worker is started."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def place(self, engine: str) -> Place:
        """Nowhere."""
        return Place(engine, "none", sample=False)

    def command(self, *_: object, **__: object) -> list[str]:
        """Python with the text."""
        return [sys.executable, "-c", self.text]


def outputs(result: ExecutionResult) -> list[str]:
    """What the steps said."""
    return [step.output for step in result.steps]


def test_results_in_the_order_of_the_runs(folder: Path) -> None:
    """However long each takes, the results come in the order in which the runs were given."""
    runs = [pair("lento", "sleep 0.2; echo lento"), pair("rapido", "echo rápido"), pair("vermelho", "false")]
    results = run_all(runs, Nothing(), jobs=3)
    assert [(r.runbook, r.passed) for r in results] == [("lento", True), ("rapido", True), ("vermelho", False)]
    assert not list(folder.iterdir())


def test_jobs_at_the_same_time(tmp_path: Path) -> None:
    """With two jobs two runs can wait for each other."""
    there = "until [[ -e {0}/{1} ]]; do sleep 0.02; done"
    runs = [
        pair(name, f"touch {tmp_path}/{name}; {there.format(tmp_path, other)}")
        for name, other in (("um", "dois"), ("dois", "um"))
    ]
    assert all(result.passed for result in run_all(runs, Nothing(), jobs=2))


def test_one_at_a_time_where_runs_must_be_alone(tmp_path: Path) -> None:
    """Each finds that nobody else is there, though two could run at once."""

    class Alone(Nothing):
        """A place for one run."""

        def place(self, engine: str) -> Place:
            """Says so."""
            return dataclasses.replace(super().place(engine), alone=True)

    text = f"mkdir {tmp_path}/dentro && sleep 0.3 && rmdir {tmp_path}/dentro"
    assert all(result.passed for result in run_all([pair("um", text), pair("dois", text)], Alone(), 2))


def test_both_engines() -> None:
    """Each run gets the steps of its engine."""
    steps = (Step("so", "echo pg", 1, engine="postgresql"), Step("so", "echo my", 2, engine="mysql"))
    both = Runbook("os-dois", "f.md", "t", "d", ENGINES, "leitura", (), (), steps)
    assert [outputs(r) for r in run_all([(both, e) for e in ENGINES], Nothing())] == [["pg"], ["my"]]


def test_parameters() -> None:
    """Defaults reach the steps of their engine, given values win, and secret ones are hidden in all that is said."""
    parameters = (
        Parameter("PASTA", "p", "backups"),
        Parameter("SO_MYSQL", "m", "x", engine="mysql"),
        Parameter("SENHA", "s", "", secret=True),
    )
    run = pair("com-parametros", 'echo "$PASTA ${SO_MYSQL-nada} $SENHA"', parameters=parameters)
    (result,) = run_all([run], Nothing())
    assert outputs(result) == ["backups nada"]
    events: list[dict[str, Any]] = []
    given = {"PASTA": "outra", "SENHA": "muito-secreta", "DESCONHECIDO": "1"}
    (result,) = run_all([run], Nothing(), 1, lambda _, event: events.append(event), parameters=given, stream=True)
    assert outputs(result) == ["outra nada ********"]
    assert {"event": "output", "text": "outra nada ********\n"} in events
    assert "muito-secreta" not in str(events)


def test_watcher_hears_everything() -> None:
    """The watcher is told of every event of every run, with the run."""
    heard: list[tuple[str, str]] = []
    lock = threading.Lock()

    def watch(run: Run, event: dict[str, Any]) -> None:
        with lock:
            heard.append((run[0].name, event["event"]))

    run_all([pair("um", "true"), pair("dois", "true")], Nothing(), 2, watch)
    for name in ("um", "dois"):
        events = [event for run, event in heard if run == name and event != "phase"]
        assert events == ["ready", "start", "step", "end"]


SILENT = "import sys; sys.stdin.readline(); "
LAST_STEP = """
import json, sys
sys.stdin.readline()
step = {"name": "passo-1", "outcome": "passed"}
print(json.dumps({"event": "step", "result": step}), flush=True)
sys.exit(4)
"""
LATE_DEATH = """
import json, sys
sys.stdin.readline()
step = {"name": "passo-1", "outcome": "passed"}
end = {"runbook": "x", "engine": "postgresql", "sandbox": "none", "steps": [step], "leftovers": []}
print(json.dumps({"event": "end", "result": end}), flush=True)
sys.exit(5)
"""
BROKEN = {
    "dies at once": ("import sys; sys.exit('não há Python aqui')", "(código 1): não há Python aqui"),
    "dies in silence": (f"{SILENT} sys.exit(3)", "(código 3)"),
    "is killed": (f"{SILENT} import os; os.kill(os.getpid(), 9)", "(código -9)"),
    "ends without a result": (SILENT, "(código 0)"),
    "talks nonsense": (f"{SILENT} print('Traceback')", "(código 0)"),
    "says too much": (f"{SILENT} sys.stderr.write('x' * 1000000 + chr(10) + 'fim'); sys.exit(2)", "(código 2): "),
    "dies after a step": (LAST_STEP, "(código 4)"),
    "dies after its result": (LATE_DEATH, "(código 5)"),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_worker_that_breaks(text: str, reason: str) -> None:
    """A worker without a whole result and a good end is an error that says its code and last words, never green."""
    heard: list[str] = []
    (result,) = run_all([pair("um", "true")], Program(text), 1, lambda _, event: heard.append(event["event"]))
    assert not result.passed
    assert result.error.startswith("a execução terminou sem dar o resultado ")
    assert reason in result.error
    assert heard[-1] == "end"
    assert [step.name for step in result.steps] == (["passo-1"] if text is LAST_STEP else [])


def test_watcher_that_breaks(tmp_path: Path, folder: Path) -> None:
    """An error of the watcher stops all runs, comes through, and leaves nothing."""

    def watch(run: Run, event: dict[str, Any]) -> None:
        if run[0].name == "um" and event["event"] == "start":
            raise RuntimeError("quebrou")

    runs = [pair("um", "sleep 300"), pair("dois", "sleep 300"), pair("tres", "sleep 300")]
    with pytest.raises(RuntimeError, match="quebrou"):
        run_all(runs, Nothing(), 2, watch)
    assert running(tmp_path) == []
    assert not list(folder.iterdir())
