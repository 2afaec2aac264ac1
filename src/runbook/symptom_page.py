"""The pages on errors: symptoms and records in, Markdown out; pure.

One page lists all of them, and each has a page of its own, so that whoever looks for a code lands on it alone. Apart
from `symptoms`, which reads and judges; this only shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from . import pointer
from .markup import ENGINE_NAMES, date, inline, note, place, plain, quoted, tabs, unaccented
from .pointer import Proofs
from .record import RecordedStep
from .render import output, version
from .step import Runbook
from .symptoms import Symptom

_TOP = """\
---
title: Erros comuns
description: O que os programas dizem quando algo deu errado, o que isso quer dizer e o que fazer.
---

# Erros comuns

Procure aqui o código ou um pedaço da mensagem. Cada uma apareceu na execução gravada do passo indicado.
"""


def name(symptom: Symptom) -> str:
    """Where its page lies: `erros/p3009.md`."""
    return f"erros/{re.sub('[^a-z0-9]+', '-', unaccented(symptom.code.casefold())).strip('-')}.md"


def index(symptoms: Sequence[Symptom]) -> str:
    """The page of all errors."""
    return "\n".join([_TOP, *map(_entry, symptoms)])


def page(symptom: Symptom, proofs: Proofs) -> str:
    """The page of one error."""
    return (
        f"---\ntitle: {quoted(symptom.code)}\ndescription: {quoted(symptom.meaning.replace('`', ''))}\n---\n\n"
        f"# {plain(symptom.code)}{_only(symptom)}\n\n{_message(symptom)}{inline(symptom.meaning)}\n"
        f"{note('tip', 'O que fazer', ' '.join([inline(symptom.help), *_cures(symptom)]))}\n"
        f"## Onde apareceu\n\n{_shown(symptom, proofs)}\n[Todos os erros](../erros.md)\n"
    )


def _entry(symptom: Symptom) -> str:
    links = "; ".join(dict.fromkeys(pointer.link(runbook, step) for runbook, step in symptom.steps))
    return (
        f"## {plain(symptom.code)}{_only(symptom)}\n\n{_message(symptom)}"
        f"{inline(symptom.meaning)} **O que fazer:** {inline(symptom.help)}\n\n"
        f"[A mensagem inteira]({name(symptom)}). Veja: {links}.\n"
    )


def _cures(symptom: Symptom) -> list[str]:
    links = [f"[{plain(book.title)}](../runbooks/{book.name}.md)" for book in symptom.cures]
    return [f"O caminho, passo a passo: {' ou '.join(links)}."] if links else []


def _only(symptom: Symptom) -> str:
    return f" ({ENGINE_NAMES[symptom.engines[0]]})" if len(symptom.engines) == 1 else ""


def _message(symptom: Symptom) -> str:
    return f"`{symptom.says}`\n\n" if symptom.says != symptom.code else ""


def _shown(symptom: Symptom, proofs: Proofs) -> str:
    """Each step with what it gave; of each engine, when they differ."""
    outputs: dict[str, dict[str, str]] = {}
    for engine in symptom.engines:
        for runbook, step, recorded in pointer.recorded(symptom.steps, engine, proofs):
            text = _output(symptom, runbook, engine, recorded, proofs)
            outputs.setdefault(pointer.link(runbook, step, "../"), {})[engine] = text
    parts = []
    for where, texts in outputs.items():
        parts.append(f"{where}\n")
        parts.append(tabs(texts) if len(texts) > 1 else next(iter(texts.values())))
    return "\n".join(parts)


def _output(symptom: Symptom, runbook: Runbook, engine: str, recorded: RecordedStep | None, proofs: Proofs) -> str:
    told = proofs[runbook.name][engine].told
    if told is None or recorded is None or not recorded.output:
        return "Sem execução gravada deste texto.\n"
    said = [number for number, line in enumerate(recorded.output) if symptom.says in line.expandtabs()]
    server = plain(version("servidor", told.versions.get("servidor", "")))
    where = f"em {date(told.recorded)} ({place(told.sandbox)}); {server}."
    facts = f"{ENGINE_NAMES[engine]}: código {recorded.exit_code}, {where}"
    return f"<small>{facts}</small>\n\n" + output(recorded, said)
