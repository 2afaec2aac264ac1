"""One run in its own process, without a database: what it says, and that nothing of it is left, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import pytest

from runbook import worker
from runbook.environment import Place
from runbook.step import Step, to_json

from .processes import running, wait_until

Event = dict[str, Any]
NOWHERE = Place("postgresql", "none", sample=False)
SLOW = ("sleep 300 & sleep 300",)


class Worker:
    """A worker process with a job, all its temporary files below a folder."""

    def __init__(self, folder: Path, *texts: str, place: Place = NOWHERE, **job: Any) -> None:
        self.folder = folder
        self.runs = folder / f"runbook-runs-{os.getuid()}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "runbook.worker"],
            env={**os.environ, "TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        steps = [to_json(Step(f"passo-{n}", text, 10 * n)) for n, text in enumerate(texts, 1)]
        whole = {
            "runbook": "prova",
            "steps": steps,
            "place": asdict(place),
            "parameters": {},
            "secrets": [],
            "stream": False,
            "state": None,
        } | job
        assert self._process.stdin
        self._process.stdin.write(json.dumps(whole).encode() + b"\n")
        self._process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream
            stream.close()

    def hang_up(self) -> None:
        """What happens when the caller is gone: nobody writes, nobody reads."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()

    def close_input(self) -> None:
        """What the caller does to stop the run."""
        assert self._process.stdin
        self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the worker alone."""
        self._process.send_signal(number)

    def wait(self) -> int:
        """Waits for its end, and gives its exit code."""
        return self._process.wait()

    def events(self) -> list[Event]:
        """All that it says until its end."""
        assert self._process.stdout
        assert self._process.stderr
        found = [json.loads(line) for line in self._process.stdout]
        assert self._process.stderr.read() == b""
        assert self._process.wait() == 0
        return found

    def wait_for_step(self) -> None:
        """Waits until the slow step is being run."""
        wait_until(lambda: sum(command.startswith("sleep 300") for command in running(self.folder)) == len(SLOW) + 1)

    def left(self) -> list[str]:
        """Files and processes of the run."""
        wait_until(lambda: running(self.folder) == [])
        return [str(path) for path in self.runs.iterdir()]


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Worker]:
    """A worker in the middle of its second step."""
    with Worker(tmp_path, "echo um > arquivo", *SLOW, "echo nunca") as process:
        process.wait_for_step()
        yield process


def result(events: list[Event]) -> dict[str, Any]:
    """The result that the last event brings."""
    assert events[-1]["event"] == "end"
    found: dict[str, Any] = events[-1]["result"]
    return found


def test_green_run(tmp_path: Path) -> None:
    """A run tells of each step as it begins and ends, then gives its whole result, and leaves nothing."""
    with Worker(tmp_path, "echo um", "echo dois") as process:
        events = process.events()
    told = [(e["event"], e.get("step") or e.get("result", {}).get("name")) for e in events if e["event"] != "phase"]
    assert told == [
        ("ready", None),
        ("start", "passo-1"), ("step", "passo-1"), ("start", "passo-2"), ("step", "passo-2"), ("end", None),
    ]  # fmt: skip
    found = result(events)
    assert [(s["name"], s["outcome"], s["output"]) for s in found["steps"]] == [
        ("passo-1", "passed", "um"),
        ("passo-2", "passed", "dois"),
    ]
    assert (found["runbook"], found["engine"], found["sandbox"]) == ("prova", "postgresql", "none")
    assert (found["error"], found["leftovers"]) == ("", [])
    assert process.left() == []


def test_red_run(tmp_path: Path) -> None:
    """A red step ends the run, which leaves nothing either."""
    with Worker(tmp_path, "touch a; sleep 300 & disown", "echo nunca") as process:
        found = result(process.events())
    assert [s["outcome"] for s in found["steps"]] == ["failed"]
    assert found["error"] == ""
    assert process.left() == []


def test_clean_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run begins in an empty folder, with a home and a temporary folder of its own and its parameters."""
    monkeypatch.setenv("DE_FORA", "1")
    text = 'ls -A; ls -A "$HOME" "$TMPDIR" | grep -v : ; echo "$PASTA ${DE_FORA-} $PWD $TZ $DB"'
    with Worker(tmp_path, text + " || true", parameters={"PASTA": "backups"}) as process:
        found = result(process.events())
    assert found["steps"][0]["output"].split() == ["backups", "~/trabalho", "UTC", "loja"]


def test_stop_by_closed_input(slow: Worker) -> None:
    """When the caller closes the worker's input, the step is ended, everything is removed, and the result says so."""
    slow.close_input()
    found = result(slow.events())
    assert [s["name"] for s in found["steps"]] == ["passo-1"]
    assert found["error"] == "interrompido; tudo o que a execução criou foi removido"
    assert slow.left() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stop_by_signal(number: signal.Signals, slow: Worker) -> None:
    """A signal that asks the worker to end has the same effect."""
    slow.signal(number)
    assert result(slow.events())["error"].startswith("interrompido")
    assert slow.left() == []


def test_caller_is_gone(slow: Worker) -> None:
    """A worker that has nobody to talk to removes everything all the same."""
    slow.hang_up()
    assert slow.wait() == 0
    assert slow.left() == []


def test_killed_worker_is_swept(slow: Worker, tmp_path: Path) -> None:
    """What a killed worker leaves, its processes included, is removed by the next run of the same place only."""
    slow.signal(signal.SIGKILL)
    slow.wait()
    (folder,) = slow.runs.iterdir()
    assert running(folder)
    with Worker(tmp_path, "true", place=Place("mysql", "none", sample=False)) as other:
        other.events()
    assert list(slow.runs.iterdir()) == [folder]
    with Worker(tmp_path, "true") as following:
        assert result(following.events())["error"] == ""
    assert slow.left() == []


def test_living_run_is_not_swept(slow: Worker, tmp_path: Path) -> None:
    """A run beside another one leaves that alone."""
    with Worker(tmp_path, "true") as other:
        other.events()
    slow.wait_for_step()
    slow.close_input()
    assert [s["name"] for s in result(slow.events())["steps"]] == ["passo-1"]


def test_leftover_file(tmp_path: Path) -> None:
    """Where the temporary folder belongs to the runs, a file that a step leaves there is a leftover."""
    place = Place("postgresql", "none", sample=False, own_tmp=True)
    with Worker(tmp_path, 'touch "$TMPDIR/../../../sobra" "$TMPDIR/limpo"', place=place) as process:
        found = result(process.events())
    assert found["leftovers"] == ["+ arquivo sobra"]


def test_secrets_are_redacted(tmp_path: Path) -> None:
    """No event holds a secret, neither the passed-on lines nor the results, also when it comes in two halves."""
    texts = ("printf 'a segr'; sleep 0.05; echo 'edo b'", "comando-segredo")
    with Worker(tmp_path, *texts, secrets=["segredo"], stream=True) as process:
        events = process.events()
    assert "segredo" not in json.dumps(events)
    assert {"event": "output", "text": "a ******** b\n"} in events
    assert "comando-********" in result(events)["steps"][1]["command"]


def test_output_is_passed_on_only_where_asked(tmp_path: Path) -> None:
    """Without `stream` no output is among the events."""
    with Worker(tmp_path, "echo um") as process:
        assert not [event for event in process.events() if event["event"] == "output"]


def test_bash_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that could not be run is an error of the run and no failed step; the way out is the same."""
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr("runbook.environment.SYSTEM_PATH", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    reading, writing = os.pipe()
    try:
        with os.fdopen(reading) as stream:
            monkeypatch.setattr(sys, "stdin", stream)
            found = worker.run("prova", [[Step("a", "true", 1)]], NOWHERE, {}, [], lambda _: None)
    finally:
        os.close(writing)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert "não foi possível iniciar o bash" in found.error
    assert found.steps == ()
    assert not list((tmp_path / f"runbook-runs-{os.getuid()}").iterdir())


def test_lines() -> None:
    """Output is passed on in whole lines; what is no text is shown as bytes, and an endless line takes no memory."""
    said: list[str] = []
    lines = worker._Lines(said.append)
    for data in (b"um", b"a linha\ndu", b"as\ntr\xc3", b"\xaas\n\xff"):
        lines.add(data)
    assert said == ["uma linha\n", "duas\n", "três\n"]
    lines.flush()
    lines.flush()
    assert said[3:] == ["\\xff\n"]
    for _ in range(100):
        lines.add(b"x" * worker.LONGEST)
    lines.add(b"fim\n")
    assert len(said[4]) <= 2 * worker.LONGEST
