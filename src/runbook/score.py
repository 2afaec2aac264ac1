"""The committed score of a sabotage: `logico.postgresql.sabotage.json` beside the record, and what it comes to.

In: verdicts, and what was declared. Out: a file, a tally, and what is wrong with it. Apart from `record`, because a
runbook may be verified without ever having been sabotaged.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import record
from .declared import Declaration
from .mutant import COMMAND, DATA, FILE, INVALID, KILLED, STEP, SURROUNDINGS, SURVIVED, TIMED_OUT, Verdict
from .record import State
from .step import Runbook

FORMAT = 1
MOST_DECLARED = 15  # percent of the valid ones

_KINDS = {STEP, COMMAND, FILE, DATA, SURROUNDINGS}
_OUTCOMES = {KILLED, SURVIVED, INVALID, TIMED_OUT}


@dataclass(frozen=True, slots=True)
class Score:
    """One sabotage of one runbook on one engine.

    Attributes:
        key: the runbook's, as `record.key` gives it.
        recorded: date and time in UTC, as `record.stamp` gives it.
        sandbox: where it was.
        duration: seconds.
        complete: False when a time limit or a selection left mutants out.
        versions: of the server and its clients.
        verdicts: one for each mutant.
    """

    key: str
    recorded: str
    sandbox: str
    duration: float
    complete: bool
    versions: dict[str, str]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What the verdicts come to; `killed`, `declared`, `survived` and `timed_out` make up the valid ones.

    Attributes:
        killed: how many were noticed.
        survived: how many were not, and are not declared.
        timed_out: how many ran out of time, and are not declared: no reader would have met that limit.
        invalid: how many came to nothing, and do not count.
        declared: what was not noticed or ran out of time, with the declared reason.
        undeclared: the same without a reason; as many as `survived` and `timed_out`.
        unused: declarations of nothing that survived.
    """

    killed: int
    survived: int
    timed_out: int
    invalid: int
    declared: tuple[tuple[Verdict, str], ...]
    undeclared: tuple[Verdict, ...]
    unused: tuple[Declaration, ...]

    @property
    def valid(self) -> int:
        """How many count."""
        return self.killed + len(self.declared) + len(self.undeclared)


def path(folder: Path, runbook: Runbook, engine: str) -> Path:
    """Where the score of a runbook and engine lies."""
    return folder / f"{runbook.name}.{engine}.sabotage.json"


def write(file: Path, score: Score) -> None:
    """Writes a score whole or not at all, each verdict on a line of its own.

    Raises:
        RecordError: the file cannot be written; what was there is still there.
    """
    head = {"format": FORMAT, **asdict(score)}
    verdicts = ",\n  ".join(json.dumps(verdict, ensure_ascii=False) for verdict in head.pop("verdicts"))
    text = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    record.store(file, f'{text},\n "verdicts": [\n  {verdicts}\n ]\n}}')


def read(file: Path) -> Score | None:
    """The score in a file; None when there is no file.

    Raises:
        RecordError: the file is not a score of this format.
    """
    return record.load(file, FORMAT, _made, "runbook sabotage")


def _made(data: dict[str, Any]) -> Score:
    data["verdicts"] = verdicts = tuple(Verdict(**v) for v in data["verdicts"])
    if not all(v.kind in _KINDS and v.outcome in _OUTCOMES for v in verdicts):
        raise ValueError("um veredito desconhecido")
    if len({v.id for v in verdicts}) != len(verdicts):
        raise ValueError("dois vereditos da mesma sabotagem")
    return Score(**data)


def state(score: Score | None, current_key: str) -> State:
    """Whether a score speaks of the runbook as it is now; it never is `FAILED`."""
    if score is None:
        return State.MISSING
    return State.CURRENT if score.key == current_key else State.STALE


def tally(verdicts: Sequence[Verdict], declarations: Sequence[Declaration]) -> Tally:
    """Counts the verdicts on one engine; of several declarations that match, the first gives its reason."""
    unnoticed = [v for v in verdicts if v.outcome in (SURVIVED, TIMED_OUT)]
    reasons = {v.id: [d.reason for d in declarations if d.matches(v.id)] for v in unnoticed}
    undeclared = tuple(v for v in unnoticed if not reasons[v.id])
    return Tally(
        killed=sum(v.outcome == KILLED for v in verdicts),
        survived=sum(v.outcome == SURVIVED for v in undeclared),
        timed_out=sum(v.outcome == TIMED_OUT for v in undeclared),
        invalid=sum(v.outcome == INVALID for v in verdicts),
        declared=tuple((v, reasons[v.id][0]) for v in unnoticed if reasons[v.id]),
        undeclared=undeclared,
        unused=tuple(d for d in declarations if not any(d.matches(v.id) for v in unnoticed)),
    )


def problems(tally: Tally, complete: bool) -> list[str]:
    """What must not stay so, each with its way out; a part of the mutants says nothing about the whole of them."""
    found = [
        f"{'tempo esgotado' if v.outcome == TIMED_OUT else 'não detectada'}: {v.id} ({v.title}); "
        "melhore uma verificação, ou declare-a com a razão"
        for v in tally.undeclared
    ]
    if not complete:
        return found
    found += [
        f"a declaração `{d.pattern}`, da linha {d.line}, não corresponde a nenhuma sabotagem que sobreviva; "
        "apague-a, ou limite-a com `engine`"
        for d in tally.unused
    ]
    if len(tally.declared) * 100 > tally.valid * MOST_DECLARED:
        found.append(
            f"{len(tally.declared)} de {tally.valid} sabotagens válidas são só declaradas, e o limite é "
            f"{MOST_DECLARED} %; faça com que uma verificação as detecte"
        )
    if not tally.valid:
        found.append("nenhuma sabotagem válida: o resultado não diz nada")
    return found
