"""A runbook sabotaged in every way: a sandbox in, a verdict for each mutant out.

First the runbook is run undisturbed and looked at; then the mutants are shared among laboratories that work side by
side. Apart from `trials`, which knows one of them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from . import mutants, trials
from .containers import Docker
from .grounds import Grounds
from .laboratory import Laboratory
from .mutant import Mutant, Verdict
from .mutants import Seen
from .score import Score
from .step import Runbook

SEED = 20260401  # which mutants are chosen when there is no time for all of them
# Seconds to put a server back and to go on until someone notices, measured; only to know how many there is time for.
COST = {"postgresql": 2.0, "mysql": 4.0}


@dataclass(frozen=True, slots=True)
class Sabotaged:
    """What came out.

    Attributes:
        verdicts: one for each mutant that was tried now or earlier, and for each that would have changed nothing.
        complete: no mutant is left.
        standing: how many of the verdicts are from earlier.
        versions: of what it was run with.
        duration: seconds.
    """

    verdicts: tuple[Verdict, ...]
    complete: bool
    standing: int
    versions: dict[str, str]
    duration: float


def sabotage(
    runbook: Runbook,
    engine: str,
    sandbox: Docker,
    toolbox: Path,
    jobs: int = 1,
    limit: float = 0.0,
    only: str = "",
    earlier: Score | None = None,
    anew: bool = False,
    watch: Callable[[Verdict], None] = lambda _: None,
    keep: Callable[[Sabotaged], None] = lambda _: None,
) -> Sabotaged:
    """Sabotages one runbook on one engine.

    Args:
        runbook: what is sabotaged.
        engine: on which.
        sandbox: of containers, entered.
        toolbox: the folder with the sabotages of data.
        jobs: laboratories that work side by side.
        limit: seconds that it may take, about; 0 for as long as it takes.
        only: what is in the id of each mutant that is tried; empty for all.
        earlier: whose verdicts are taken over as far as they still stand.
        anew: try also those that still stand.
        watch: told of each new verdict, from several threads.
        keep: given what there is when the mutants have been tried, and also when they could not all be.

    Raises:
        EnvironmentUnavailable: it could not be done; also when the runbook is red without any sabotage.
    """
    start = time.monotonic()
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        laboratories = [Laboratory(sandbox, engine) for _ in range(jobs)]
        for laboratory in laboratories:
            stack.push(laboratory)  # before it is entered: when one cannot be, the others go too
        list(pool.map(Laboratory.__enter__, laboratories))
        seen: list[Seen] = []
        versions = trials.carry_out(runbook, engine, laboratories[0], [], {}, lambda event: seen.append(_seen(event)))
        durations = {look.step: look.duration for look in seen}
        every, invalid = mutants.make(runbook, engine, seen, mutants.scripts(toolbox, engine))
        grounds, by_id = Grounds(runbook, engine, toolbox), {m.id: m for m in every}
        known = earlier.verdicts if earlier and earlier.versions == versions else ()
        standing = {v.id: v for v in known if v.id in by_id and v.grounds == grounds.of(by_id[v.id], v) != ""}
        wanted = [m for m in every if only in m.id and (anew or m.id not in standing)]
        few = chosen(wanted, (limit - (time.monotonic() - start)) * jobs / COST[engine] if limit else len(wanted))
        verdicts = {v.id: v for v in invalid} | standing
        stop = threading.Event()

        def work(laboratory: Laboratory, share: Sequence[Mutant]) -> None:
            def hear(event: Mapping[str, Any]) -> None:
                if stop.is_set():
                    raise KeyboardInterrupt
                verdict = Verdict(**event["verdict"])
                verdict = replace(verdict, grounds=grounds.of(by_id[verdict.id], verdict))
                verdicts[verdict.id] = verdict
                watch(verdict)

            trials.carry_out(runbook, engine, laboratory, share, durations, hear)

        def so_far() -> Sabotaged:
            order = {name: number for number, name in enumerate(durations)}
            found = sorted(verdicts.values(), key=lambda v: order[v.id.partition("/")[0]])
            still = sum(verdicts[name] is standing[name] for name in standing)
            return Sabotaged(tuple(found), by_id.keys() <= verdicts.keys(), still, versions, time.monotonic() - start)

        try:
            list(pool.map(work, laboratories, shares(few, jobs)))
        except BaseException:
            stop.set()  # the others end after the sabotage at hand, and clean up; then the pool can
            raise
        finally:
            keep(so_far())
    return so_far()


def _seen(event: dict[str, Any]) -> Seen:
    return Seen(**{name: value for name, value in event.items() if name != "event"})


def chosen(every: list[Mutant], number: float) -> list[Mutant]:
    """As many as there is time for, always the same ones for the same number."""
    if number >= len(every):
        return every
    places = list(range(len(every)))
    random.Random(SEED).shuffle(places)  # noqa: S311 - no secret: a choice that can be repeated
    places = places[: max(1, int(number))]
    return [every[place] for place in sorted(places)]


def shares(chosen: Sequence[Mutant], jobs: int) -> list[list[Mutant]]:
    """The mutants of a step stay together: they start from the same scene."""
    shares: list[list[Mutant]] = [[] for _ in range(jobs)]
    for _, group in groupby(chosen, key=lambda m: m.step):
        min(shares, key=len).extend(group)
    return [share for share in shares if share]
