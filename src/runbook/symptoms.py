"""What a program says when something went wrong, what it means and the way out: `erros.yml` in, a page out; pure.

A symptom points at steps whose recorded output says the very words, so that nobody reads of an error that the manual
has not seen. Apart from `coverage`, which judges statements and not outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import entries, pointer
from .markup import ENGINE_NAMES, inline, plain
from .pointer import Pointed, Proofs
from .step import Runbook

_TOP = """\
---
title: Erros comuns
description: O que os programas dizem quando algo deu errado, o que isso quer dizer e o que fazer.
---

# Erros comuns

Procure aqui o código ou um pedaço da mensagem. Cada uma apareceu na execução gravada do passo indicado.
"""


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
    """

    code: str
    says: str
    meaning: str
    help: str
    engines: tuple[str, ...]
    steps: tuple[Pointed, ...]


def read(file: Path, runbooks: Sequence[Runbook]) -> list[Symptom]:
    """The symptoms, in order; none when there is no file.

    Raises:
        RunbookFormatError: a key or a step that does not exist, or a symptom without a step.
    """
    found = []
    for entry in entries.read(file, ("code", "meaning", "help", "shown"), ("says", "engine"), unique="code"):
        steps, engines = pointer.read(entry, "shown", runbooks)
        text = entry.texts
        found.append(
            Symptom(text["code"], text.get("says", text["code"]), text["meaning"], text["help"], engines, steps)
        )
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


def page(symptoms: Sequence[Symptom]) -> str:
    """The whole page."""
    return "\n".join([_TOP, *map(_symptom, symptoms)])


def _symptom(symptom: Symptom) -> str:
    only = f" ({ENGINE_NAMES[symptom.engines[0]]})" if len(symptom.engines) == 1 else ""
    links = "; ".join(dict.fromkeys(pointer.link(runbook, step) for runbook, step in symptom.steps))
    message = f"`{symptom.says}`\n\n" if symptom.says != symptom.code else ""
    return (
        f"## {plain(symptom.code)}{only}\n\n{message}"
        f"{inline(symptom.meaning)} **O que fazer:** {inline(symptom.help)}\n\nVeja: {links}.\n"
    )
