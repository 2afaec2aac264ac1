"""A score is written whole and read as what it is; what it comes to is counted once, and told with its way out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runbook import record, score
from runbook.declared import Declaration
from runbook.errors import RecordError
from runbook.mutant import COMMAND, INVALID, KILLED, SURVIVED, TIMED_OUT, Verdict
from runbook.record import State
from runbook.score import Score
from runbook.step import ENGINES, Runbook

BOOK = Runbook("prova", "prova.md", "Prova", "", ENGINES, "leitura", (), (), ())


def verdict(id: str, outcome: str = KILLED) -> Verdict:  # noqa: A002
    """What became of a mutant of that id."""
    by = "validar" if outcome in (KILLED, TIMED_OUT) else ""
    return Verdict(id, COMMAND, f"sem `{id}`", outcome, by, "terminou com 1" if by else "")


def declare(pattern: str, reason: str = "uma razão que diz o bastante", line: int = 1) -> Declaration:
    """A declaration for all engines."""
    return Declaration(pattern, None, reason, line)


KILLS = tuple(verdict(f"a/{n}") for n in range(20))
SAMPLE = Score(
    key="k",
    recorded=record.stamp(),
    sandbox="docker",
    duration=212.4,
    complete=True,
    versions={"servidor": "MySQL 9.7"},
    verdicts=(verdict("b/ação 😀"), verdict("b/x", SURVIVED), verdict("b/y", INVALID), verdict("b/z", TIMED_OUT)),
)


def test_write_and_read(tmp_path: Path) -> None:
    """What was written is read back equal, beside the record and not in its place."""
    file = score.path(tmp_path, BOOK, "mysql")
    score.write(file, SAMPLE)
    assert score.read(file) == SAMPLE
    assert [f.name for f in tmp_path.iterdir()] == ["prova.mysql.sabotage.json"]
    assert "ação 😀" in file.read_text(encoding="utf-8")
    assert file != record.path(tmp_path, BOOK, "mysql")


def test_write_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the new score cannot be put in its place, the old one is whole and nothing else lies about."""
    file = score.path(tmp_path, BOOK, "mysql")
    score.write(file, SAMPLE)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RecordError, match=r"sabotage\.json: não foi possível gravar .*No space.*o anterior ficou"):
        score.write(file, dataclasses.replace(SAMPLE, key="outra"))
    assert score.read(file) == SAMPLE
    assert len(list(tmp_path.iterdir())) == 1


def test_no_file_is_no_error(tmp_path: Path) -> None:
    """What was never sabotaged has no score."""
    assert score.read(tmp_path / "nada.mysql.sabotage.json") is None


def _first(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda data: {**data, "verdicts": [{**data["verdicts"][0], **changes}, *data["verdicts"][1:]]}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: json.dumps(data)[:-20],
        lambda _: "[]",
        lambda data: {**data, "format": 99},
        lambda data: {**data, "demais": 1},
        lambda data: {k: v for k, v in data.items() if k != "complete"},
        lambda data: {**data, "recorded": "ontem"},
        lambda data: {**data, "verdicts": None},
        lambda data: {**data, "verdicts": data["verdicts"] * 2},
        _first(outcome="quase"),
        _first(kind="outra"),
        _first(demais=1),
    ],
)
def test_unreadable_score(spoil: Callable[[dict[str, Any]], Any], tmp_path: Path) -> None:
    """A file that is no score, or has a verdict that would be counted nowhere or twice, is an error with its cure."""
    file = score.path(tmp_path, BOOK, "mysql")
    score.write(file, SAMPLE)
    spoilt = spoil(json.loads(file.read_text(encoding="utf-8")))
    file.write_text(spoilt if isinstance(spoilt, str) else json.dumps(spoilt), encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        score.read(file)
    assert str(caught.value).startswith(f"{file}: registro ilegível")
    assert str(caught.value).endswith("`runbook sabotage`")


def test_states() -> None:
    """A score is missing, of another text, or of this one."""
    assert score.state(None, "k") is State.MISSING
    assert score.state(SAMPLE, "outra") is State.STALE
    assert score.state(SAMPLE, "k") is State.CURRENT


def test_tally() -> None:
    """Every verdict is counted once: killed, declared, survived, timed out or invalid; the invalid are not valid."""
    verdicts = [
        *KILLS,
        verdict("b/x", SURVIVED),
        verdict("b/y", SURVIVED),
        verdict("b/z", INVALID),
        verdict("c/x", TIMED_OUT),
        verdict("c/y", TIMED_OUT),
    ]
    first, second = declare("b/x", "a primeira razão"), declare("[bc]/x", "a segunda razão")
    kills, never, lame = declare("a/*"), declare("d/*"), declare("b/z")
    found = score.tally(verdicts, [first, second, kills, never, lame])
    assert (found.killed, found.survived, found.timed_out, found.invalid) == (20, 1, 1, 1)
    assert found.valid == 24
    assert [(v.id, reason) for v, reason in found.declared] == [("b/x", "a primeira razão"), ("c/x", "a segunda razão")]
    assert [v.id for v in found.undeclared] == ["b/y", "c/y"]
    assert found.unused == (kills, never, lame)


def test_no_problems() -> None:
    """All noticed is well, and so is what is declared, up to 15 % of the valid ones."""
    assert score.problems(score.tally(KILLS, []), complete=True) == []
    few = [*KILLS[:17], *(verdict(f"b/{n}", SURVIVED) for n in range(3)), verdict("b/i", INVALID)]
    assert score.problems(score.tally(few, [declare("b/*")]), complete=True) == []


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (SURVIVED, "não detectada: b/x (sem `b/x`); melhore uma verificação, ou declare-a com a razão"),
        (TIMED_OUT, "tempo esgotado: b/x (sem `b/x`); melhore uma verificação, ou declare-a com a razão"),
    ],
)
def test_undeclared(outcome: str, told: str) -> None:
    """What nobody noticed is a problem, in a part of the mutants as in all of them."""
    found = score.tally([*KILLS, verdict("b/x", outcome)], [])
    assert score.problems(found, complete=True) == score.problems(found, complete=False) == [told]


def test_unused() -> None:
    """A declaration of what no longer survives is a problem, but only when all mutants were tried."""
    found = score.tally(KILLS, [declare("a/1", line=7)])
    (told,) = score.problems(found, complete=True)
    assert told.startswith("a declaração `a/1`, da linha 7, não corresponde a nenhuma sabotagem que sobreviva; ")
    assert score.problems(found, complete=False) == []


def test_too_many_declared() -> None:
    """More than 15 % declared is a problem, but a part of the mutants has no share to speak of."""
    found = score.tally([*KILLS[:16], *(verdict(f"b/{n}", SURVIVED) for n in range(3))], [declare("b/*")])
    (told,) = score.problems(found, complete=True)
    assert told.startswith("3 de 19 sabotagens válidas são só declaradas, e o limite é 15 %; ")
    assert score.problems(found, complete=False) == []


def test_nothing_valid() -> None:
    """A whole sabotage of which nothing counts proves nothing."""
    found = score.tally([verdict("a/1", INVALID)], [])
    assert score.problems(found, complete=True) == ["nenhuma sabotagem válida: o resultado não diz nada"]
    assert score.problems(found, complete=False) == []
