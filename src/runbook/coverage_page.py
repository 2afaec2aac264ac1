"""The page that says what became of each statement of the original: statements and records in, Markdown out; pure.

Apart from `coverage`, which judges; this only shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from . import pointer, result
from .coverage import VERDICTS, Statement
from .markup import ENGINE_NAMES, date, inline, plain
from .pointer import Proofs
from .record import RecordedStep

_INTRODUCTION = """\
---
title: O que o manual original dizia
description: Cada afirmação do texto de que este manual nasceu, com um veredito e com o passo executado que o prova.
---

# O que o manual original dizia

Este manual nasceu de um texto de uma página só. Aqui está cada afirmação dele, com um veredito e com os passos que o
provam. Um passo só é prova enquanto a execução gravada for a do texto de agora; sem isso, este site nem é construído.
"""
_OUTCOMES = {result.PASSED: "passou", result.FAILED: "**falhou**", result.SKIPPED: "não verificado aqui"}


def page(statements: Sequence[Statement], proofs: Proofs) -> str:
    """The whole page."""
    counts = Counter(statement.verdict for statement in statements)
    told = "; ".join(f"{counts[verdict]} {_agreeing(verdict, counts[verdict])}" for verdict in VERDICTS)
    parts = [_INTRODUCTION, f"São **{len(statements)} afirmações**: {told}.\n"]
    for section, group in groupby(statements, key=lambda s: s.section):
        parts += [f"## {plain(section)}\n", *(_statement(s, proofs) for s in group)]
    return "\n".join(parts)


def _agreeing(verdict: str, count: int) -> str:
    """The adjective, with the "afirmações" that are counted."""
    return verdict[:-1] + ("a" if count == 1 else "as")


def _statement(statement: Statement, proofs: Proofs) -> str:
    lines = [
        f'<div class="afirmacao {statement.verdict}" id="{plain(statement.id)}" markdown>\n',
        f"> {inline(statement.text)}\n",
        f"**{statement.verdict.capitalize()}.** {inline(statement.instead)}\n",
        *(f"- {ENGINE_NAMES[engine]}: {_proofs(statement, engine, proofs)}" for engine in statement.engines),
        "\n</div>\n",
    ]
    return "\n".join(lines)


def _proofs(statement: Statement, engine: str, proofs: Proofs) -> str:
    found = []
    for runbook, step, recorded in pointer.recorded(statement.steps, engine, proofs):
        known = proofs[runbook.name][engine].told
        when = f", {date(known.recorded)}" if known else ""
        found.append(f"{pointer.link(runbook, step)} ({_outcome(recorded)}{when})")
    return "; ".join(found) or "**nenhuma prova**"


def _outcome(recorded: RecordedStep | None) -> str:
    return _OUTCOMES.get(recorded.outcome, plain(recorded.outcome)) if recorded else "**sem execução gravada**"
