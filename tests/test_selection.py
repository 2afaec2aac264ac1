"""What is tried when there is no time for all of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runbook import mutant
from runbook.mutant import Mutant
from runbook.selection import Selection, affordable


def some(*steps: str) -> list[Mutant]:
    """A mutant of each of the steps."""
    return [Mutant(f"{step}/{n}", step, mutant.STEP, "") for n, step in enumerate(steps)]


def names(found: Sequence[Mutant]) -> list[str]:
    """Their ids."""
    return [m.id for m in found]


@pytest.mark.parametrize(
    ("selection", "left"),
    [(Selection(), ["a/0", "b/2"]), (Selection(anew=True), ["a/0", "a/1", "b/2"]), (Selection(only="b/"), ["b/2"])],
)
def test_what_is_known_is_not_tried_again(selection: Selection, left: list[str]) -> None:
    """What has a verdict that stands is left out, unless all is wanted anew; and what was not asked for, always."""
    assert names(selection.of(some("a", "a", "b"), {"a/1"})) == left


def test_the_choice_is_always_the_same() -> None:
    """With time for some of them only, the same ones are chosen each time, in the order of the steps."""
    every, times = some(*"aaabbbccc"), {"a": 1.0, "b": 1.0, "c": 1.0}
    few = affordable(every, "postgresql", times, 7.5)
    assert names(few) == names(affordable(every, "postgresql", times, 7.5)) == sorted(names(few))
    assert len(few) == 4
    assert affordable(every, "postgresql", times, 1000) == every
    assert len(affordable(every, "postgresql", times, -3)) == 1


def test_a_longer_step_is_dearer() -> None:
    """In the same time fewer mutants are chosen where a step takes longer."""
    every = some(*"aaaaaaaa")
    few, many = (len(affordable(every, "mysql", {"a": time}, 20)) for time in (10.0, 2.0))
    assert few < many < len(every)
