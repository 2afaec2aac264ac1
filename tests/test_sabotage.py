"""Real sabotages in laboratories: what is noticed, what is not, and that nothing of it stays behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runbook import compose, declared, notebook, score
from runbook.containers import Docker
from runbook.databases import TOOLBOX
from runbook.errors import EnvironmentUnavailable
from runbook.mutant import INVALID, KILLED, SURVIVED
from runbook.sabotage import Sabotaged, sabotage
from runbook.selection import Selection
from runbook.step import ENGINES

from .conftest import PROJECT
from .samples import ROOT

pytestmark = pytest.mark.docker
SAMPLES = ROOT / "tests" / "data" / "sabotagem"
RUNBOOKS = ROOT / "runbooks"
SAMPLE = 75.0  # seconds for a part of the sabotages of a real runbook


def outcomes(done: Sabotaged, only: str) -> dict[str, str]:
    """What became of each mutant of a kind."""
    return {v.id: v.outcome for v in done.verdicts if only in v.id}


@pytest.mark.parametrize(("name", "expected"), [("util", KILLED), ("inutil", SURVIVED)])
def test_a_check_that_sees_and_one_that_always_passes(docker_sandbox: Docker, name: str, expected: str) -> None:
    """Damaged data are noticed by a check that compares, and by one that always passes none of them is."""
    book = notebook.read(SAMPLES, name)
    done = sabotage(book, "postgresql", docker_sandbox, TOOLBOX, Selection(only="copia/dados/"), jobs=2)
    # `createdb` copies no settings, so that there is none to lose.
    outside = "copia/dados/loja_nova/ajuste-a-menos"
    found = outcomes(done, "copia/dados/")
    assert len(found) >= 12
    assert {verdict for name, verdict in found.items() if name != outside} == {expected}
    assert found[outside] == INVALID
    assert not done.complete


def test_what_changes_nothing_counts_for_nothing(docker_sandbox: Docker) -> None:
    """A check left out, and a by-product that nobody reads, are neither noticed nor survivors."""
    book = notebook.read(SAMPLES, "util")
    done = sabotage(book, "postgresql", docker_sandbox, TOOLBOX, Selection(only="tudo.txt/byte"))
    assert outcomes(done, "tudo.txt/byte") == {"copia/arquivo/tudo.txt/byte": INVALID}
    left_out = sabotage(book, "postgresql", docker_sandbox, TOOLBOX, Selection(only="igual/omitido"))
    assert outcomes(left_out, "igual/omitido") == {"igual/omitido": INVALID}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sample_of_a_real_runbook(docker_sandbox: Docker, engine: str) -> None:
    """Of the sabotages that there is time for, each is noticed or declared, and no laboratory is left."""
    book = notebook.read(RUNBOOKS, "backup/logico")
    done = sabotage(book, engine, docker_sandbox, TOOLBOX, Selection(limit=SAMPLE), jobs=2)
    tally = score.tally(done.verdicts, declared.read(RUNBOOKS, book, engine))
    assert not done.complete
    assert tally.killed
    assert score.problems(tally, complete=False) == []
    assert [left for left in compose.leftovers(PROJECT) if "laboratorio" in left] == []


def test_what_stands_is_not_tried_again(docker_sandbox: Docker) -> None:
    """A verdict is taken over until a step that it rests on changes, or all is wanted anew."""
    book, only = notebook.read(SAMPLES, "util"), "copia/dados/loja_nova/linha-alterada"
    first = sabotage(book, "postgresql", docker_sandbox, TOOLBOX, Selection(only=only))
    earlier = score.Score("", "", "", 0.0, False, first.versions, first.verdicts)
    tried: list[str] = []

    def again(anew: bool) -> Sabotaged:
        return sabotage(
            book, "postgresql", docker_sandbox, TOOLBOX, Selection(only=only, anew=anew), earlier=earlier,
            watch=lambda v: tried.append(v.id),
        )  # fmt: skip

    second = again(anew=False)
    assert (second.standing, tried) == (1, [])
    assert outcomes(second, only) == {only: KILLED}
    third = again(anew=True)
    assert (third.standing, tried) == (0, [only])


def test_a_red_runbook_is_not_sabotaged(docker_sandbox: Docker) -> None:
    """Without a green run to begin with, no mutant says anything."""
    book = notebook.read(SAMPLES, "util")
    first, *rest = (part for part in book.steps("postgresql"))
    red = replace(book, body=(replace(first, text="false"), *rest))
    with pytest.raises(EnvironmentUnavailable, match="vermelho sem nenhuma sabotagem"):
        sabotage(red, "postgresql", docker_sandbox, TOOLBOX, Selection())
