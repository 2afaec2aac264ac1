"""`capítulo/runbook#passo`, as a person writes it: an entry of a list in, the steps that it points at out; pure.

Apart from `coverage` and `symptoms`, whose lists both point at steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .entries import Entry
from .markup import ENGINE_NAMES, anchor, plain
from .record import RecordedStep
from .render import Proof
from .step import ENGINES, Runbook, Step

Proofs = Mapping[str, Mapping[str, Proof]]
Pointed = tuple[Runbook, Step]


def read(entry: Entry, key: str, runbooks: Sequence[Runbook]) -> tuple[tuple[Pointed, ...], tuple[str, ...]]:
    """The steps that one of its texts points at, and the engines of which it speaks: all, or the one in `engine`.

    Raises:
        RunbookFormatError: there is no such step, or no such engine.
    """
    engine = entry.texts.get("engine")
    if engine is not None and engine not in ENGINES:
        raise entry.wrong("engine", f"banco `{engine}` desconhecido; use {' ou '.join(ENGINES)}")
    found: list[Pointed] = []
    for place in entry.texts[key].split():
        name, _, step = place.partition("#")
        here = [(r, s) for r in runbooks if r.name == name for s in r.body if isinstance(s, Step) and s.name == step]
        here = [(r, s) for r, s in here if engine is None or s.engine in (None, engine)]
        if not here:
            raise entry.wrong(key, f"não existe o passo `{place}`; escreva `capítulo/runbook#passo`")
        found += here
    return tuple(found), (engine,) if engine else ENGINES


def recorded(
    pointed: Sequence[Pointed], engine: str, proofs: Proofs
) -> list[tuple[Runbook, Step, RecordedStep | None]]:
    """The steps that speak of one engine, each with what is recorded of its present text, if anything is."""
    found = []
    for runbook, step in pointed:
        if engine in runbook.engines and step.engine in (None, engine):
            told = proofs[runbook.name][engine].told
            found.append((runbook, step, told.step(step.name) if told else None))
    return found


def link(runbook: Runbook, step: Step, up: str = "") -> str:
    """Leads to a step from a page in the topmost folder, or from one further down, with the way `up` from there."""
    only = f" ({ENGINE_NAMES[step.engine]})" if step.engine else ""
    return f"[{plain(runbook.title)}, passo {step.name}{only}]({up}runbooks/{runbook.name}.md#{anchor(step)})"
