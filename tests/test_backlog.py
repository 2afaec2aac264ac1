"""Laboratories that take pieces of work from one backlog, as long as there is any."""

from __future__ import annotations

from runbook import mutant
from runbook.backlog import LEAST, Backlog
from runbook.mutant import Mutant


def texts(step: str, number: int) -> list[Mutant]:
    """Mutants of a step's text."""
    return [Mutant(f"{step}/opcao/{n}", step, mutant.COMMAND, "", text="true") for n in range(number)]


def damages(step: str, *files: str) -> list[Mutant]:
    """Each file damaged in three ways."""
    return [
        Mutant(f"{step}/arquivo/{file}/{how}", step, mutant.FILE, "", action={"do": "file", "file": file, "how": how})
        for file in files
        for how in ("vazio", "byte", "older")
    ]


def carried_out(backlog: Backlog, steps: str, positions: list[int]) -> list[list[Mutant]]:
    """What each laboratory did, when all of them take in turn and go on where nothing is left."""
    done: list[list[Mutant]] = [[] for _ in positions]
    while min(positions) < len(steps):
        for worker, position in enumerate(positions):
            if position < len(steps):
                piece = backlog.take(steps[position], late=False)
                done[worker] += piece.mutants
                positions[worker] += not piece.mutants
    return done


def test_nothing_is_lost_and_nothing_done_twice() -> None:
    """Whoever takes, each mutant is taken once, and by each in the order of the steps."""
    every = texts("a", 40) + texts("b", 3) + texts("c", 9)
    done = carried_out(Backlog(every, 3), "abc", [0, 0, 0])
    assert sorted(m.id for part in done for m in part) == sorted(m.id for m in every)
    assert all(part == sorted(part, key=every.index) for part in done)


def test_a_small_step_is_one_laboratory_s() -> None:
    """As long as much is left, a step is not shared, for each that shares it has to keep the scene."""
    backlog = Backlog(texts("a", 8) + texts("b", 40), 2)
    assert len(backlog.take("a", late=False).mutants) == 8
    assert backlog.take("a", late=False).mutants == ()


def test_pieces_grow_smaller() -> None:
    """Nobody is left alone at the end with a large piece."""
    backlog, sizes = Backlog(texts("a", 100), 4), []
    while taken := backlog.take("a", late=False).mutants:
        sizes.append(len(taken))
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-2]) == (12, LEAST)


def test_the_damages_of_a_file_stay_together() -> None:
    """A laboratory that finds that nobody reads a file has no other to tell."""
    backlog = Backlog(damages("a", "x", "y"), 100)
    assert {m.id.split("/")[2] for m in backlog.take("a", late=True).mutants} == {"x"}


def test_what_is_done_to_a_step_comes_before_what_is_done_to_its_work() -> None:
    """Each is given at its time, and older files are made only for what somebody is still to damage."""
    backlog = Backlog(texts("a", 1) + damages("a", "x"), 1)
    first = backlog.take("a", late=False)
    assert (len(first.mutants), [action["file"] for action in first.older], first.more) == (1, ["x"], True)
    second = backlog.take("a", late=True)
    assert (len(second.mutants), second.older, second.more) == (3, (), False)
