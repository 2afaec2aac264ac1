"""The original text, statement by statement, and what proves or refutes each: `original.yml` in, statements out; pure.

A statement points at steps, and a step's record says whether they passed and when. Apart from `coverage_page`, which
shows it; nothing is a proof here but a recorded step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import entries, pointer, result
from .entries import Entry
from .pointer import Pointed, Proofs
from .step import Runbook

VERDICTS = ("correto", "incompleto", "perigoso")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the original.

    Attributes:
        id: `S7` for a command, `P3` for what is said in prose.
        section: the original's heading.
        text: as the original has it.
        verdict: one of `VERDICTS`.
        instead: what holds, in the reader's words.
        engines: the databases that it concerns.
        steps: what proves it, each a runbook and its step.
    """

    id: str
    section: str
    text: str
    verdict: str
    instead: str
    engines: tuple[str, ...]
    steps: tuple[Pointed, ...]


def read(file: Path, runbooks: Sequence[Runbook]) -> list[Statement]:
    """The statements, in order; none when there is no file.

    Raises:
        RunbookFormatError: a key, a verdict or a step that does not exist; or a statement without a step.
    """
    keys = ("id", "section", "text", "verdict", "instead", "proof")
    return [_statement(entry, runbooks) for entry in entries.read(file, keys, ("engine",), unique="id")]


def _statement(entry: Entry, runbooks: Sequence[Runbook]) -> Statement:
    text = entry.texts
    if text["verdict"] not in VERDICTS:
        raise entry.wrong("verdict", f"veredito `{text['verdict']}` desconhecido; use {', '.join(VERDICTS)}")
    steps, engines = pointer.read(entry, "proof", runbooks)
    return Statement(
        text["id"], text["section"], text["text"], text["verdict"], text["instead"], engines, steps
    )  # fmt: skip


def problems(statement: Statement, proofs: Proofs) -> list[str]:
    """Why a statement is not proven, for each database that it concerns; empty when it is."""
    wrong = []
    for engine in statement.engines:
        outcomes = {
            recorded.outcome if recorded else "" for *_, recorded in pointer.recorded(statement.steps, engine, proofs)
        }
        if outcomes - {result.PASSED, result.SKIPPED}:
            wrong.append(f"{statement.id} em {engine}: uma das provas não está verde; veja `runbook list`")
        elif result.PASSED not in outcomes:
            wrong.append(f"{statement.id} em {engine}: nenhum passo o prova; acrescente um em `proof`")
    return wrong
