"""The mutants that nobody has taken yet: a step that a laboratory has come to in, a piece of the work out; no I/O.

Apart from `selection`, which says what is tried at all: laboratories take from here side by side until nothing is left.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from .mutant import Mutant

LEAST = 3  # mutants: for less another laboratory need not keep the scene


@dataclass(frozen=True, slots=True)
class Piece:
    """What a laboratory is to do where it is.

    Attributes:
        mutants: taken, and nobody else's from now on; empty when nothing is left there.
        older: the actions, on files of the same step that nobody has taken, for which older data are needed.
        more: somebody is still to take something, here or at a later step.
    """

    mutants: tuple[Mutant, ...]
    older: tuple[dict[str, str], ...]
    more: bool


class Backlog:
    """Given away piece by piece, to any thread.

    Whoever comes to a step takes from it until nothing is left there, so that all that is left is ahead of everybody.

    Args:
        mutants: all that is to be done, in the order of the steps.
        takers: how many laboratories share it.
    """

    def __init__(self, mutants: Sequence[Mutant], takers: int) -> None:
        self._left = list(mutants)
        self._takers = takers
        self._lock = threading.Lock()

    def take(self, step: str, late: bool) -> Piece:
        """A piece of what is done before the step ends, or if `late`, of what is done to what it has left.

        At first a piece is most often all of it, so that few keep the same scene; the less is left, the smaller it is,
        so that nobody works alone at the end.
        """
        with self._lock:
            size = max(LEAST, len(self._left) // (2 * self._takers))
            taken: list[Mutant] = []
            for _, whole in groupby((m for m in self._left if (m.step, m.late) == (step, late)), key=_target):
                if len(taken) >= size:
                    break
                taken += whole
            self._left = [m for m in self._left if m not in taken]
            older = tuple(m.action for m in self._left if m.step == step and m.action and m.older)
            return Piece(tuple(taken), older, bool(self._left))


def _target(m: Mutant) -> str:
    """All damages of one file go together: when nobody reads it, the first one tells it of the others."""
    return m.action["file"] if m.action and m.action["do"] == "file" else m.id
