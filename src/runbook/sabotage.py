"""A runbook sabotaged in every way: a sandbox in, a verdict for each mutant out.

First the runbook is run undisturbed and looked at; then laboratories that work side by side take the mutants from one
backlog. Apart from `trials`, which knows one laboratory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import mutants, trials
from .backlog import Backlog
from .containers import Docker
from .grounds import Grounds
from .laboratory import Laboratory
from .mutant import Verdict
from .mutants import Seen
from .score import Score
from .selection import Selection, affordable
from .step import Runbook


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
    selection: Selection,
    jobs: int = 1,
    earlier: Score | None = None,
    watch: Callable[[Verdict], None] = lambda _: None,
    keep: Callable[[Sabotaged], None] = lambda _: None,
) -> Sabotaged:
    """Sabotages one runbook on one engine.

    Args:
        runbook: what is sabotaged.
        engine: on which.
        sandbox: of containers, entered.
        toolbox: the folder with the sabotages of data.
        selection: which mutants are tried.
        jobs: laboratories that work side by side.
        earlier: whose verdicts are taken over as far as they still stand.
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
        nothing = Backlog([], 1)
        versions = trials.carry_out(runbook, engine, laboratories[0], nothing, {}, lambda e: seen.append(_seen(e)))
        durations = {look.step: look.duration for look in seen}
        every, invalid = mutants.make(runbook, engine, seen, mutants.scripts(toolbox, engine))
        grounds, by_id = Grounds(runbook, engine, toolbox), {m.id: m for m in every}
        known = earlier.verdicts if earlier and earlier.versions == versions else ()
        standing = {v.id: v for v in known if v.id in by_id and v.grounds == grounds.of(by_id[v.id], v) != ""}
        wanted = selection.of(every, standing)
        if selection.limit:
            wanted = affordable(wanted, engine, durations, (selection.limit - (time.monotonic() - start)) * jobs)
        verdicts = {v.id: v for v in invalid} | standing
        backlog, stop = Backlog(wanted, jobs), threading.Event()

        def work(laboratory: Laboratory) -> None:
            def hear(event: Mapping[str, Any]) -> None:
                if stop.is_set():
                    raise KeyboardInterrupt
                verdict = Verdict(**event["verdict"])
                verdict = replace(verdict, grounds=grounds.of(by_id[verdict.id], verdict))
                verdicts[verdict.id] = verdict
                watch(verdict)

            trials.carry_out(runbook, engine, laboratory, backlog, durations, hear)

        def so_far() -> Sabotaged:
            order = {name: number for number, name in enumerate(durations)}
            rank = {m.id: number for number, m in enumerate(every)}
            found = sorted(verdicts.values(), key=lambda v: (order[v.id.partition("/")[0]], rank.get(v.id, -1)))
            still = sum(verdicts[name] is standing[name] for name in standing)
            return Sabotaged(tuple(found), by_id.keys() <= verdicts.keys(), still, versions, time.monotonic() - start)

        try:
            list(pool.map(work, laboratories[: len(wanted)]))
        except BaseException:
            stop.set()  # the others end after the sabotage at hand, and clean up; then the pool can
            raise
        finally:
            keep(so_far())
    return so_far()


def _seen(event: dict[str, Any]) -> Seen:
    return Seen(**{name: value for name, value in event.items() if name != "event"})
