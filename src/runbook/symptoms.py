"""What a program says when something went wrong, what it means and the way out: `erros.yml` in, symptoms out; pure.

A symptom points at steps whose recorded output says the very words, so that nobody reads of an error that the manual
has not seen. Apart from `coverage`, which judges statements and not outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import entries, pointer
from .pointer import Pointed, Proofs
from .step import Runbook


@dataclass(frozen=True, slots=True)
class Symptom:
    """One error.

    Attributes:
        code: what one looks for: `P3018`, `ERROR 1045`.
        says: words of the message, as they stand in the recorded outputs; the code unless told otherwise.
        meaning: what has happened.
        help: what to do.
        engines: the databases on which it was seen.
        steps: that show it, each a runbook and its step.
        cures: the runbooks that lead out of it.
    """

    code: str
    says: str
    meaning: str
    help: str
    engines: tuple[str, ...]
    steps: tuple[Pointed, ...]
    cures: tuple[Runbook, ...] = ()


def read(file: Path, runbooks: Sequence[Runbook]) -> list[Symptom]:
    """The symptoms, in order; none when there is no file.

    Raises:
        RunbookFormatError: a key, a step or a runbook that does not exist, or a symptom without a step.
    """
    found = []
    for entry in entries.read(file, ("code", "meaning", "help", "shown"), ("says", "engine", "cure"), unique="code"):
        steps, engines = pointer.read(entry, "shown", runbooks)
        text = entry.texts
        cures = []
        for name in text.get("cure", "").split():
            if not (known := [runbook for runbook in runbooks if runbook.name == name]):
                raise entry.wrong("cure", f"não existe o runbook `{name}`; escreva `capítulo/runbook`")
            cures += known
        says = text.get("says", text["code"])
        found.append(Symptom(text["code"], says, text["meaning"], text["help"], engines, steps, tuple(cures)))
    return found


def problems(symptom: Symptom, proofs: Proofs) -> list[str]:
    """The steps whose recorded output does not say it, and the engines of which none speaks."""
    wrong = []
    for engine in symptom.engines:
        shown = pointer.recorded(symptom.steps, engine, proofs)
        if not shown:
            wrong.append(f"{symptom.code} em {engine}: nenhum passo o mostra; acrescente um em `shown`")
        wrong += [
            f"{symptom.code} em {engine}: a saída gravada de {book.name}#{step.name} não diz `{symptom.says}`"
            for book, step, recorded in shown
            if recorded is None or not any(symptom.says in line for line in recorded.output)
        ]
    return wrong
