"""What is sabotaged in a runbook, decided without running anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runbook import mischief, mutant, mutants, notebook
from runbook.mutant import Mutant
from runbook.mutants import Seen
from runbook.step import ENGINES

from .samples import ROOT

BOOK = notebook.read(ROOT / "tests" / "data" / "sabotagem", "util")
DAMAGES = mutants.scripts(ROOT / "toolbox", "postgresql")
COPY = Seen(
    "copia", 1.0, False, {"DB": "loja"}, {"antes.txt": 10, "copia.dump": mutants.LARGE}, ["loja_nova"], ["loja"], True
)
EQUAL = Seen("igual", 1.0, False, {"DB": "loja"}, {}, [], ["loja", "loja_nova"], False)


def made(*seen: Seen) -> list[Mutant]:
    """The mutants of the sample runbook when its steps were seen to do this."""
    return mutants.make(BOOK, "postgresql", seen, DAMAGES)[0]


def test_ids_are_unique() -> None:
    """No two mutants of a runbook have the same id, so that a declaration means one of them."""
    ids = [m.id for m in made(COPY, EQUAL)]
    assert len(ids) == len(set(ids))


def test_each_kind_is_there() -> None:
    """Steps, commands, files, data and surroundings are all sabotaged."""
    kinds = {m.kind for m in made(COPY, EQUAL)}
    assert kinds == {mutant.STEP, mutant.COMMAND, mutant.FILE, mutant.DATA, mutant.SURROUNDINGS}


def test_every_file_is_damaged_in_every_way() -> None:
    """Each file that a step has made is damaged in every known way, and replaced by an older one."""
    files = [m.action for m in made(COPY, EQUAL) if m.kind == mutant.FILE and m.action]
    ways = {*mischief.DAMAGE, "older"}
    assert {(a["file"], a["how"]) for a in files} == {(f, how) for f in COPY.made for how in ways}


def test_every_script_is_applied_to_every_filled_database() -> None:
    """What a step has filled is damaged in each of the ways that the toolbox knows."""
    data = [m.action for m in made(COPY, EQUAL) if m.kind == mutant.DATA and m.action]
    assert {(a["database"], a["script"]) for a in data} == {("loja_nova", script) for script in DAMAGES}


def test_a_step_that_only_reads_is_not_left_out() -> None:
    """Leaving out or repeating a step that changes nothing is counted as without effect, and never run."""
    run, invalid = mutants.make(BOOK, "postgresql", [COPY, EQUAL], DAMAGES)
    assert {v.id for v in invalid} == {"igual/omitido", "igual/repetido"}
    assert {v.outcome for v in invalid} == {mutant.INVALID}
    assert not {v.id for v in invalid} & {m.id for m in run}


def test_a_skipped_step_has_no_mutants() -> None:
    """What cannot be run here cannot be sabotaged here."""
    assert {m.step for m in made(replace(COPY, skipped=True), EQUAL)} == {"igual"}


def test_wrong_turns_are_sabotaged_as_commands_only() -> None:
    """Nobody claims that the files and the data of a wrong turn are good."""
    step = replace(BOOK.steps("postgresql")[0], name="errado-copia")
    book = replace(BOOK, body=(step, BOOK.steps("postgresql")[1]))
    run, _ = mutants.make(book, "postgresql", [replace(COPY, step="errado-copia"), EQUAL], DAMAGES)
    assert {m.kind for m in run if m.step == "errado-copia"} == {mutant.STEP, mutant.COMMAND}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_script_says_what_it_does(engine: str) -> None:
    """The first line of each sabotage of data is a comment in the reader's words; both engines have the common ones."""
    found = mutants.scripts(ROOT / "toolbox", engine)
    assert len(found) >= 12
    assert all(title and not title.startswith("-") and title[0].islower() for title in found.values())
    assert {"linha-alterada", "linha-a-mais", "linha-a-menos", "linha-orfa", "concessao-a-menos"} <= set(found)


@pytest.mark.parametrize(
    ("how", "before", "after"),
    [
        ("empty", b"a\nb\n", b""),
        ("last-line", b"a\nb\n", b"a\n"),
        ("last-line", b"a\nb", b"a\n"),
        ("last-line", b"a", b""),
        ("third", b"abcdef", b"abcd"),
        ("middle", b"abcdef", b"abc"),
        ("byte", b"abc", b"acc"),
        ("byte", b"", b""),
    ],
)
def test_damage(how: str, before: bytes, after: bytes) -> None:
    """Each way to damage a file does what its name says."""
    assert mischief.DAMAGE[how](before) == after
