"""What a verdict rests on: what comes before the step that noticed, or the whole runbook."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runbook import notebook
from runbook.databases import TOOLBOX
from runbook.grounds import Grounds
from runbook.mutant import COMMAND, INVALID, KILLED, SURVIVED, TIMED_OUT, Mutant, Verdict
from runbook.step import Runbook, Step

from .samples import ROOT

BOOK = notebook.read(ROOT / "tests" / "data" / "sabotagem", "util")
FIRST, *_, LAST = BOOK.steps("postgresql")
MUTANT = Mutant(f"{FIRST.name}/opcao/x", FIRST.name, COMMAND, "sem `x`", text="true")


def verdict(outcome: str, by: str = "") -> Verdict:
    """A verdict on the sample mutant."""
    return Verdict(MUTANT.id, MUTANT.kind, MUTANT.title, outcome, by)


def changed(step: Step) -> Runbook:
    """The sample runbook with one more line in a step."""
    return replace(BOOK, body=tuple(replace(p, text=p.text + "\n:") if p == step else p for p in BOOK.body))


def same(runbook: Runbook, given: Verdict, m: Mutant = MUTANT) -> bool:
    """Whether a verdict on the sample still stands."""
    before = Grounds(BOOK, "postgresql", TOOLBOX).of(MUTANT, given)
    return before == Grounds(runbook, "postgresql", TOOLBOX).of(m, given) != ""


def test_a_kill_rests_on_what_comes_before() -> None:
    """What a step noticed stands when a later step changes, and falls when it or an earlier one does."""
    assert same(BOOK, verdict(KILLED, FIRST.name))
    assert same(changed(LAST), verdict(KILLED, FIRST.name))
    assert not same(changed(LAST), verdict(KILLED, LAST.name))
    assert not same(changed(FIRST), verdict(KILLED, LAST.name))


@pytest.mark.parametrize("outcome", [SURVIVED, TIMED_OUT, INVALID])
def test_the_rest_rests_on_all(outcome: str) -> None:
    """What nobody noticed is asked again after every change."""
    assert same(BOOK, verdict(outcome))
    assert not same(changed(LAST), verdict(outcome))


def test_another_mutant_is_another_one() -> None:
    """The same name for another change is no reason to keep a verdict; neither is a step that has gone."""
    assert not same(BOOK, verdict(KILLED, FIRST.name), replace(MUTANT, text="false"))
    assert not same(BOOK, verdict(KILLED, "sumiu"))
