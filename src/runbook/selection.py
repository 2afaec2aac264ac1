"""Which mutants are tried: all of them and what is known about some in, those that are worth the time out; pure.

Apart from `sabotage`, which has them tried.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .mutant import Mutant

SEED = 20260401  # which mutants are chosen when there is no time for all of them
# Seconds to put a server back and to go on until someone notices, measured; beside the time of the step itself.
COST = {"postgresql": 1.0, "mysql": 2.0}


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for.

    Attributes:
        limit: seconds that it may take, about; 0 for as long as it takes.
        only: what is in the id of each mutant that is tried; empty for all.
        anew: try also those whose verdict still stands.
    """

    limit: float = 0.0
    only: str = ""
    anew: bool = False

    def of(self, every: Sequence[Mutant], standing: Collection[str]) -> list[Mutant]:
        """What was asked for and is still to be done; `standing` are the ids of those with a verdict that stands."""
        return [m for m in every if self.only in m.id and (self.anew or m.id not in standing)]


def affordable(wanted: Sequence[Mutant], engine: str, durations: Mapping[str, float], time: float) -> list[Mutant]:
    """As many as there is time for, and one at least; always the same ones in the same time.

    Args:
        wanted: in the order of their steps, which is kept.
        engine: on which.
        durations: seconds of each step when nobody disturbed it.
        time: seconds, of all laboratories together.
    """
    places = list(range(len(wanted)))
    random.Random(SEED).shuffle(places)  # noqa: S311 - no secret: a choice that can be repeated
    kept: list[int] = []
    for place in places:
        if kept and time <= 0:
            break
        kept.append(place)
        time -= COST[engine] + durations[wanted[place].step]
    return [wanted[place] for place in sorted(kept)]
