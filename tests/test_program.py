"""Helper programs: they end in time, wait for nothing, hold nothing open, and say what went wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from runbook import program
from runbook.program import ProgramError


def test_output_is_returned() -> None:
    """What the program wrote on standard output is the result; standard error is not."""
    assert program.run(["sh", "-c", "echo dito; echo erro >&2"], timeout=10) == "dito\n"


def test_standard_input_is_empty() -> None:
    """A program that reads gets the end of the file at once instead of waiting for a person."""
    assert program.run(["cat"], timeout=10) == ""


def test_failure_names_command_code_and_last_lines() -> None:
    """The error holds the command, the exit code and the end of what the program said."""
    with pytest.raises(ProgramError) as caught:
        program.run(["sh", "-c", "seq 100 >&2; exit 3"], timeout=10)
    assert caught.value.exit_code == 3
    assert caught.value.tail.splitlines() == [str(n) for n in range(86, 101)]
    assert "sh -c" in str(caught.value)
    assert "código 3" in str(caught.value)


def test_missing_program() -> None:
    """A program that does not exist is a ProgramError without an exit code, not a crash."""
    with pytest.raises(ProgramError, match="não pôde ser iniciado") as caught:
        program.run(["programa-que-nao-existe"], timeout=10)
    assert caught.value.exit_code is None
    assert not caught.value.timed_out


def test_too_long_ends_the_whole_group(tmp_path: Path) -> None:
    """A program over its limit is ended together with what it started."""
    mark = tmp_path / "sobrevivi"
    started = time.monotonic()
    with pytest.raises(ProgramError) as caught:
        program.run(["sh", "-c", f"(sleep 2; touch {mark}) & sleep 60"], timeout=0.3)
    assert caught.value.timed_out
    assert time.monotonic() - started < 1.5
    time.sleep(2.2)
    assert not mark.exists()


def test_silence_is_bounded_apart_from_the_end() -> None:
    """A program that says nothing is ended early; one that has begun to answer may go on."""
    with pytest.raises(ProgramError) as caught:
        program.run(["sleep", "60"], timeout=60, answer_within=0.2)
    assert caught.value.timed_out
    assert program.run(["sh", "-c", "echo um; sleep 0.5; echo dois"], timeout=10, answer_within=0.3) == "um\ndois\n"


def test_a_daemon_left_behind_holds_nobody_up(tmp_path: Path) -> None:
    """The call returns when the program does, though a background process still has its output open."""
    log = tmp_path / "log"
    started = time.monotonic()
    assert program.run(["sh", "-c", "echo pronto; sleep 2 &"], timeout=10) == "pronto\n"
    assert program.run(["setsid", "--fork", "sh", "-c", "echo no log; sleep 2"], timeout=10, log=log) == ""
    assert time.monotonic() - started < 1.5
    time.sleep(0.2)
    assert log.read_text() == "no log\n"


def test_environment_and_folder(tmp_path: Path) -> None:
    """The environment given is the whole one, and the folder is where it runs."""
    environment = {"PATH": "/usr/bin:/bin", "X": "1"}
    told = program.run(
        ["sh", "-c", 'echo "$X ${HOME:-nada}"; pwd'], timeout=10, environment=environment, folder=tmp_path
    )
    assert told == f"1 nada\n{tmp_path}\n"
