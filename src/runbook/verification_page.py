"""The page for whoever wants proof: every runbook on every database, what it ran on, and what nothing proves; pure.

Runbooks, records, scores and the recordings before them in, Markdown out. Apart from `render`, whose pages show one
runbook each. Every number is counted here from committed files, and what has never run is said as plainly as the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from . import history, result
from .history import Recording
from .markup import ENGINE_NAMES, SANDBOX_NAMES, anchor, date, place, plain, seconds
from .pointer import Proofs
from .record import State
from .render import MOTOR_NAMES, Proof, counts, version
from .sabotage_page import words
from .step import Runbook

_TOP = """\
---
title: Verificação
description: Cada runbook em cada banco, com a data, as versões e o tempo da execução gravada, e o que nada aqui prova.
hide: [toc]
---

# Verificação

Tudo nesta página foi contado nos registros guardados ao lado de cada runbook. Construir o site não executa nada: se o
roteiro muda, o registro deixa de valer, e a página dele perde o verde até uma nova execução.
"""
_STATES = {
    State.CURRENT: ("atual", "verificado"),
    State.STALE: ("vencido", "desatualizado"),
    State.FAILED: ("falhou", "falhou"),
    State.MISSING: ("vencido", "nunca executado"),
}
_COLUMNS = {
    "servidor": "Servidor",
    "cliente": "Cliente",
    "prisma": "Prisma",
    "motor": "Motor do Prisma",
    "node": "Node",
}
SHOWN = 5  # of the recordings of a run, the last


def page(
    runbooks: Sequence[Runbook], proofs: Proofs, recordings: Sequence[Recording], *, explained: bool = False
) -> str:
    """The whole page; `explained` is whether the site has the one that explains what a sabotage is."""
    runs = [(book, engine, proofs[book.name][engine]) for book in runbooks for engine in book.engines]
    current = [history.made(book, engine, proof.record) for book, engine, proof in runs if proof.record]
    return "\n".join(
        [
            _TOP,
            _sum(runs),
            _versions(runs),
            _matrix(runs, explained),
            _unproven(runs),
            _trend(runs, history.together([*recordings, *current])),
        ]
    )


Run = tuple[Runbook, str, Proof]


def _sum(runs: Sequence[Run]) -> str:
    told = [
        (book, engine, proof.record) for book, engine, proof in runs if proof.state is State.CURRENT and proof.record
    ]
    text = f"**{len(told)} de {len(runs)}** execuções valem para o texto de agora."
    if told:
        passed, skipped, hidden = (sum(column) for column in zip(*(counts(*run) for run in told), strict=True))
        dates = sorted(record.recorded for _, _, record in told)
        text += (
            f" Nelas, {passed} passos passaram, {skipped} não foram verificados e {hidden} são ocultos. A mais antiga "
            f"é de {date(dates[0])}, a mais nova de {date(dates[-1])}."
        )
    return text + "\n"


def _matrix(runs: Sequence[Run], explained: bool) -> str:
    more = " Veja [o que ela prova](como-escrever.md#sabotagem)." if explained else ""
    head = "| Runbook | Banco | Estado | Passos | Tempo | Sabotagem |\n|---|---|---|--:|--:|---|\n"
    rows = "\n".join(f"| {' | '.join(_row(*run))} |" for run in runs)
    return (
        "## Cada runbook, em cada banco\n\n"
        "**Passos:** `22 · 0 · 0` quer dizer 22 executados, nenhum pulado e nenhum oculto.\n\n"
        f"**Sabotagem:** o roteiro é estragado de propósito, em um lugar por vez, e ele mesmo tem de acusar.{more}\n\n"
        f"{head}{rows}\n"
    )


def _row(book: Runbook, engine: str, proof: Proof) -> list[str]:
    kind, state = _STATES[proof.state]
    row = [_link(book), ENGINE_NAMES[engine], f'<span class="estado estado-{kind}">{state}</span>']
    if proof.record is None:
        return [*row, *[""] * 3]
    record, told = proof.record, proof.told
    row[2] += f"<br>{date(record.recorded)}, {place(record.sandbox)}"
    steps = " · ".join(map(str, counts(book, engine, told))) if told else ""
    never = "desatualizada" if proof.sabotage.state is State.STALE else "ainda não"
    return [*row, steps, seconds(record.duration), words(proof.sabotage) or never]


def _versions(runs: Sequence[Run]) -> str:
    rows: Counter[tuple[str, ...]] = Counter()
    for _, _, proof in runs:
        if proof.told:
            told = (version(name, proof.told.versions.get(name, "")) for name in _COLUMNS)
            rows[*map(plain, told), place(proof.told.sandbox)] += 1
    head = f"| {' | '.join(_COLUMNS.values())} | Onde | Execuções |\n|{'---|' * len(_COLUMNS)}---|--:|\n"
    text = "\n".join(f"| {' | '.join(row)} | {count} |" for row, count in sorted(rows.items(), reverse=True))
    return f"## Em que versões\n\nNenhuma outra versão foi executada.\n\n{head}{text}\n"


def _unproven(runs: Sequence[Run]) -> str:
    return "## O que não está provado\n\n" + "".join(f"- {line}\n" for line in _gaps(runs))


def _gaps(runs: Sequence[Run]) -> Iterator[str]:
    told = [(engine, proof.told) for _, engine, proof in runs if proof.told]
    for state, names in _wanting(runs).items():
        yield f"**{_STATES[state][1].capitalize()}:** {'; '.join(names)}."
    for reason, books in _skipped(runs).items():
        lines = "".join(f"\n    - {book}: {', '.join(steps)}" for book, steps in books.items())
        yield f"**Passos que não foram executados,** porque cada um {plain(reason)}:{lines}"
    for engine, name in ENGINE_NAMES.items():
        ran = [record for its, record in told if its == engine]
        if not ran:
            yield f"**{name}:** nenhuma execução vale para o texto de agora."
            continue
        motors = {record.versions.get("motor") for record in ran}
        never = [word for motor, word in MOTOR_NAMES.items() if motor not in motors]
        places = {record.sandbox for record in ran}
        never += [word for kind, word in SANDBOX_NAMES.items() if kind not in places and kind != "none"]
        if never:
            yield f"**{name}:** nenhuma execução gravada com {', nem com '.join(never)}."
    without = [f"{_link(book)} ({ENGINE_NAMES[engine]})" for book, engine, proof in runs if not words(proof.sabotage)]
    if without:
        yield f"**Sem sabotagem do texto de agora:** {'; '.join(without)}. Não se sabe que erros eles notariam."
    declared = [
        f"[{plain(book.title)}](runbooks/{book.name}.md#sabotagem) ({ENGINE_NAMES[engine]}, {len(tally.declared)})"
        for book, engine, proof in runs
        if (tally := proof.sabotage.tally) and tally.declared
    ]
    if declared:
        yield f"**Sabotagens que o roteiro não nota,** cada uma com a razão: {'; '.join(declared)}."


def _wanting(runs: Sequence[Run]) -> dict[State, list[str]]:
    found: dict[State, list[str]] = {}
    for book, engine, proof in runs:
        if proof.state is not State.CURRENT:
            found.setdefault(proof.state, []).append(f"{_link(book)} ({ENGINE_NAMES[engine]})")
    return found


def _skipped(runs: Sequence[Run]) -> dict[str, dict[str, list[str]]]:
    """By reason, and then by runbook and engine."""
    found: dict[str, dict[str, list[str]]] = {}
    for book, engine, proof in runs:
        reasons = {s.name: s.reason for s in proof.told.steps if s.outcome == result.SKIPPED} if proof.told else {}
        for step in book.steps(engine):
            if step.name in reasons:
                link = f"[{step.name}](runbooks/{book.name}.md#{anchor(step)})"
                books = found.setdefault(reasons[step.name], {})
                books.setdefault(f"{_link(book)} ({ENGINE_NAMES[engine]})", []).append(link)
    return found


def _trend(runs: Sequence[Run], recordings: Sequence[Recording]) -> str:
    rows = []
    for book, engine, _ in runs:
        its = [r for r in recordings if (r.runbook, r.engine) == (book.name, engine)]
        if its:
            last = " → ".join(seconds(r.duration).removesuffix(" s") for r in its[-SHOWN:])
            rows.append(
                f"| {_link(book)} | {ENGINE_NAMES[engine]} | {len(its)} | {date(its[0].recorded)} | {last} | "
                f"{its[0].passed} → {its[-1].passed} |"
            )
    return (
        "## As gravações anteriores\n\n"
        "Só uma execução verde é gravada, e cada gravação deixa uma linha em `runbooks/historico.jsonl`. Entre uma e "
        "outra o roteiro pode ter mudado, e a máquina também: o tempo diz quanto esperar, não se algo ficou lento.\n\n"
        f"| Runbook | Banco | Gravações | Desde | Segundos das últimas {SHOWN} | Passos, da primeira à última |\n"
        "|---|---|--:|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _link(book: Runbook) -> str:
    return f"[{plain(book.title)}](runbooks/{book.name}.md)"
