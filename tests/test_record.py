"""A record is written whole or not at all, is read as what it is, and is compared with what can be compared."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from runbook import record
from runbook.errors import RecordError
from runbook.record import Record, State
from runbook.result import FAILED, PASSED, SKIPPED, ExecutionResult, StepResult
from runbook.step import ENGINES, Runbook

NOW = datetime(2026, 11, 22, 20, 15, 0, tzinfo=UTC)
BOOK = Runbook("prova", "prova.md", "Prova", "", ENGINES, "leitura", (), (), ())
GREEN = StepResult("listar", PASSED, 0, 0.1234, "uma linha\noutra", matched=1)


def execution(*steps: StepResult, **changes: Any) -> ExecutionResult:
    """A run of the sample."""
    versions = {"servidor": "PostgreSQL 17.1"}
    whole = ExecutionResult("prova", "postgresql", "docker", steps, versions, duration=3.14159)
    return dataclasses.replace(whole, **changes)


def recorded(*steps: StepResult, key: str = "k", **changes: Any) -> Record:
    """The record of such a run."""
    return record.make(key, execution(*steps, **changes), NOW)


def test_make() -> None:
    """A record keeps outcome, date in UTC, rounded durations, versions and the output line by line."""
    made = recorded(GREEN, StepResult("velho", SKIPPED, reason="precisa de algo"))
    assert (made.outcome, made.recorded, made.duration) == (PASSED, "2026-11-22T20:15:00Z", 3.1)
    assert (made.sandbox, made.versions) == ("docker", {"servidor": "PostgreSQL 17.1"})
    first, second = made.steps
    assert (first.output, first.duration, first.matched) == (("uma linha", "outra"), 0.12, 1)
    assert (second.outcome, second.output, second.reason) == (SKIPPED, (), "precisa de algo")
    assert made.step("listar") is first
    assert made.step("nenhum") is None


@pytest.mark.parametrize(
    "red",
    [
        execution(),
        execution(StepResult("listar", SKIPPED)),
        execution(GREEN, dataclasses.replace(GREEN, outcome=FAILED)),
        execution(GREEN, leftovers=("+ banco",)),
        execution(GREEN, error="interrompido"),
    ],
    ids=["nothing", "only-skipped", "failed", "leftovers", "error"],
)
def test_make_of_a_red_run(red: ExecutionResult) -> None:
    """Whatever makes a run red makes its record a failed one."""
    assert record.state(record.make("k", red), "k") is State.FAILED


def test_states() -> None:
    """A record is missing, stale, failed or current; a stale one stays stale whatever its outcome was."""
    failed = recorded(dataclasses.replace(GREEN, outcome=FAILED))
    assert record.state(None, "k") is State.MISSING
    assert record.state(recorded(GREEN), "k") is State.CURRENT
    assert record.state(recorded(GREEN), "outra") is State.STALE
    assert record.state(failed, "k") is State.FAILED
    assert record.state(failed, "outra") is State.STALE


def test_write_and_read(tmp_path: Path) -> None:
    """What was written is read back equal; the file is readable JSON, a line of output on a line of its own."""
    file = record.path(tmp_path, BOOK, "mysql")
    made = recorded(dataclasses.replace(GREEN, output='ação 😀\n  "x" \\ <b>'))
    record.write(file, made)
    assert file == tmp_path / "prova.mysql.json"
    assert record.read(file) == made
    assert '\n    "ação 😀",\n' in file.read_text(encoding="utf-8")
    assert [f.name for f in tmp_path.iterdir()] == ["prova.mysql.json"]
    record.write(file, made)
    assert record.read(file) == made


def test_write_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails half-way the old record is still whole, nothing else lies about, and the error says so."""
    file = tmp_path / "prova.mysql.json"
    record.write(file, recorded(GREEN))
    before = file.read_bytes()

    def full(self: Path, text: str, **_: Any) -> None:
        self.write_bytes(text.encode()[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RecordError, match=r"prova\.mysql\.json: não foi possível gravar .*No space.*o anterior ficou"):
        record.write(file, recorded(GREEN, key="outra"))
    assert file.read_bytes() == before
    assert [f.name for f in tmp_path.iterdir()] == ["prova.mysql.json"]


def test_no_file_is_no_error(tmp_path: Path) -> None:
    """A record that was never written is no record."""
    assert record.read(tmp_path / "nada.mysql.json") is None


def _without(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {k: v for k, v in data.items() if k != key}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: json.dumps(data)[:-20],
        lambda _: "",
        lambda _: "[1, 2]",
        lambda _: "null",
        lambda _: "\udcff",
        lambda data: {**data, "format": 99},
        lambda data: {**data, "demais": 1},
        lambda data: {**data, "steps": [{"name": "x"}]},
        lambda data: {**data, "steps": 3},
        lambda data: {**data, "recorded": "ontem"},
        lambda data: {**data, "recorded": None},
        _without("format"),
        _without("key"),
        _without("recorded"),
    ],
)
def test_unreadable_record(spoil: Callable[[dict[str, Any]], Any], tmp_path: Path) -> None:
    """A file that is no record is an error that names the file and the way out; it is never taken for a missing one."""
    file = tmp_path / "prova.mysql.json"
    record.write(file, recorded(GREEN))
    spoilt = spoil(json.loads(file.read_text(encoding="utf-8")))
    text = spoilt if isinstance(spoilt, str) else json.dumps(spoilt)
    file.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(RecordError) as caught:
        record.read(file)
    assert str(caught.value).startswith(f"{file}: registro ilegível")
    assert str(caught.value).endswith("`runbook record`")


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        (None, "sem registro"),
        (recorded(GREEN), None),
        (recorded(GREEN, versions={"servidor": "PostgreSQL 17.1", "cliente": "outro"}), None),
        (recorded(GREEN, key="outra"), "registro de outra versão do runbook"),
        (recorded(GREEN, sandbox="embedded"), "registro feito em embedded, PostgreSQL 17.1"),
        (recorded(GREEN, versions={"servidor": "PostgreSQL 16"}), "registro feito em docker, PostgreSQL 16"),
        (recorded(GREEN, sandbox="none", versions={}), "registro feito em none"),
    ],
)
def test_what_can_be_compared(old: Record | None, reason: str | None) -> None:
    """Only runs of the same text, in the same kind of sandbox, on the same version of the server are compared."""
    assert record.comparison(old, recorded(GREEN)) == reason


def test_no_differences() -> None:
    """Times, durations and other versions of clients are no difference."""
    old = recorded(dataclasses.replace(GREEN, output="feito às 10:00:00 em 3 ms\nsoma " + "a" * 64, duration=9))
    new = recorded(dataclasses.replace(GREEN, output="feito às 23:59:59 em 4 ms\nsoma " + "b" * 64))
    assert record.differences(old, new) == []


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"output": "uma linha\noutra!"}, ["-outra", "+outra!"]),
        ({"output": "uma linha"}, ["-outra"]),
        ({"output": ""}, ["-uma linha", "-outra", "+"]),
        ({"output": "uma linha\n outra"}, ["-outra", "+ outra"]),
        ({"exit_code": 3}, ["-código 0 (passed)", "+código 3 (passed)"]),
        ({"outcome": SKIPPED}, ["-código 0 (passed)", "+código 0 (skipped)"]),
    ],
)
def test_differences(change: dict[str, Any], lines: list[str]) -> None:
    """A line, an exit code or an outcome that is not the recorded one is shown as a diff that names the step."""
    other = StepResult("igual", PASSED, 0, 0.1, "igual")
    (found,) = record.differences(recorded(GREEN, other), recorded(dataclasses.replace(GREEN, **change), other))
    assert found.splitlines()[:2] == ["--- registro: listar", "+++ agora: listar"]
    assert [line for line in found.splitlines()[3:] if line[0] in "+-"] == lines


def test_a_step_that_the_record_does_not_have_is_a_difference() -> None:
    """A step that ran now and not then is shown whole."""
    (found,) = record.differences(recorded(GREEN), recorded(GREEN, StepResult("nova", PASSED, 0, 0.1, "olá")))
    assert found.splitlines()[-2:] == ["+código 0 (passed)", "+olá"]
