"""What people and machines read of runs: the verdict, its exit code, and every form in which it is shown."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from runbook import report
from runbook.report import Progress
from runbook.result import FAILED, PASSED, SKIPPED, ExecutionResult, StepResult
from runbook.step import ENGINES, Prose, Runbook, Step
from runbook.verdict import Verdict, exit_code

BOOK = Runbook(
    name="capitulo/prova",
    file="runbooks/capitulo/prova.md",
    title="Prova",
    description="",
    engines=ENGINES,
    risk="leitura",
    parameters=(),
    seed=(),
    body=(Prose("# Prova\n"), Step("um", "echo um", 10), Step("dois", "echo dois\necho [x]", 20)),
)
RUN = (BOOK, "postgresql")
OK = StepResult("um", PASSED, 0, 0.5, "um")
SKIP = StepResult("dois", SKIPPED, reason="precisa de [/algo]")
BAD = StepResult("dois", FAILED, 3, 1.25, "linha 1\n[bold]linha[/] :100:", "esperava [a-z]+ [/x]", 100, "echo [x]")


def verdict(*steps: StepResult, differences: tuple[str, ...] = (), not_compared: str = "", **changes: Any) -> Verdict:
    """A judged run of the sample."""
    result = ExecutionResult(BOOK.name, "postgresql", "none", steps, duration=2.0)
    return Verdict(RUN, dataclasses.replace(result, **changes), differences, not_compared)


GREEN = verdict(OK, not_compared="sem registro")
RED = verdict(OK, BAD)
UNDONE = verdict(OK, error="o servidor não respondeu\nlinha do servidor")
EVERY_RED = {
    "failed": RED,
    "error": UNDONE,
    "leftovers": verdict(OK, leftovers=("+ banco loja_1",)),
    "differs": verdict(OK, differences=("--- a\n+++ b",)),
    "nothing": verdict(),
    "only skipped": verdict(SKIP),
}


def shown(*verdicts: Verdict, not_run: tuple[tuple[str, str], ...] = ()) -> str:
    """The table as it is printed."""
    console = Console(file=io.StringIO(), width=200, highlight=False, emoji=False)
    console.print(report.table(verdicts, not_run))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("kind", EVERY_RED)
def test_red(kind: str) -> None:
    """Whatever is wrong with a run makes its verdict red, and says why with the file first."""
    assert not EVERY_RED[kind].passed
    assert EVERY_RED[kind].failure().startswith("runbooks/capitulo/prova.md:")


def test_green() -> None:
    """A run in which every step passed is green, and has nothing to explain."""
    assert GREEN.passed
    assert GREEN.failure() == ""
    assert verdict(OK, SKIP).passed


def test_failure_names_place_step_reason_and_command() -> None:
    """A failed step is told with file, line, name, engine, reason, command and the end of its output."""
    assert RED.failure() == (
        'runbooks/capitulo/prova.md:100: passo "dois" em PostgreSQL: esperava [a-z]+ [/x]\n'
        "  comando: echo [x]\n  | linha 1\n  | [bold]linha[/] :100:"
    )
    long = dataclasses.replace(BAD, output="\n".join(f"linha {n}" for n in range(100)))
    assert verdict(long).failure().count("\n  | ") == 12
    assert verdict(long).failure().endswith("linha 99")


def test_failure_tells_everything_at_once() -> None:
    """A failed step does not hide that something was left behind, or that the end was an error."""
    text = verdict(BAD, error="morreu", leftovers=("+ banco x", "- papel y")).failure()
    for part in ('passo "dois"', "prova.md: morreu", "sobras no servidor", "  + banco x", "  - papel y"):
        assert part in text


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([GREEN], 0),
        ([GREEN, GREEN], 0),
        ([RED], 1),
        ([GREEN, RED], 1),
        ([UNDONE], 2),
        ([GREEN, UNDONE], 2),
        ([UNDONE, RED], 1),
        ([RED, UNDONE, GREEN], 1),
        ([EVERY_RED["leftovers"]], 1),
        ([EVERY_RED["differs"], UNDONE], 1),
        ([EVERY_RED["nothing"]], 1),
        ([EVERY_RED["only skipped"]], 1),
        ([verdict(OK, BAD, error="morreu")], 1),
        ([verdict(OK, error="morreu", leftovers=("+ x",))], 1),
        ([], 2),
    ],
)
def test_exit_code(verdicts: list[Verdict], code: int) -> None:
    """0 only when something ran and all is green; 1 when anything was found wrong; 2 when it only could not be done."""
    assert exit_code(verdicts) == code


def test_table() -> None:
    """A row for each run with its steps, and a line for each that was not run with the reason; brackets are text."""
    lines = shown(GREEN, RED, verdict(OK, SKIP), not_run=(("outro [/x]", "não há [MySQL]"),)).splitlines()
    assert [line.split() for line in lines] == [
        ["Runbook", "Banco", "Passos", "Pulados", "Tempo", "Registro"],
        ["✔", "capitulo/prova", "PostgreSQL", "1/2", "0", "2,0", "s", "sem", "registro"],
        ["✘", "capitulo/prova", "PostgreSQL", "1/2", "0", "2,0", "s", "confere"],
        ["✔", "capitulo/prova", "PostgreSQL", "1/2", "1", "2,0", "s", "confere"],
        ["–", "outro", "[/x]:", "NÃO", "executado,", "não", "há", "[MySQL]"],
    ]
    assert "difere" in shown(EVERY_RED["differs"])


def test_json() -> None:
    """Machines get every run with all that is known of it, and what was not run."""
    data = json.loads(json.dumps(report.as_json([GREEN, RED], [("outro", "razão")])))
    assert data["passed"] is False
    assert data["not_run"] == [{"name": "outro", "reason": "razão"}]
    first, second = data["runs"]
    assert (first["name"], first["passed"]) == ("capitulo-postgresql-prova", True)
    assert first["not_compared"] == "sem registro"
    assert second["failure"] == RED.failure()
    assert [step["outcome"] for step in second["steps"]] == [PASSED, FAILED]
    assert report.as_json([GREEN], [])["passed"] is True
    assert report.as_json([], [("outro", "razão")])["passed"] is False


def parsed(file: Path) -> ElementTree.Element:
    """What a reader of JUnit files sees."""
    return ElementTree.fromstring(file.read_bytes())  # noqa: S314 - written by ourselves


def test_junit(tmp_path: Path) -> None:
    """JUnit has a suite for each run, a case for each step and one for the whole, which is red with the run."""
    report.write_junit(tmp_path / "j.xml", [GREEN, verdict(OK, SKIP), RED, UNDONE])
    suites = parsed(tmp_path / "j.xml").findall("testsuite")
    counts = [tuple(suite.get(k) for k in ("tests", "failures", "skipped")) for suite in suites]
    assert counts == [("2", "0", "0"), ("3", "0", "1"), ("3", "2", "0"), ("2", "1", "0")]
    assert [case.get("name") for case in suites[2].findall("testcase")] == ["um", "dois", "runbook"]
    step = suites[2].find("testcase[@name='dois']/failure")
    assert step is not None
    assert (step.get("message"), step.text) == (BAD.reason, BAD.output)
    assert [case.findtext("failure") for case in suites[3].findall("testcase[@name='runbook']")] == [UNDONE.failure()]


def test_junit_survives_any_output(tmp_path: Path) -> None:
    """Characters that XML cannot carry are left out of it; the file stays well-formed and the rest stays."""
    odd = "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\ufffe\uffff😀]]> & < > \" '"
    step = dataclasses.replace(BAD, output=odd, reason=odd)
    skipped = dataclasses.replace(SKIP, reason=odd)
    report.write_junit(tmp_path / "j.xml", [verdict(skipped, step, error=odd, leftovers=(odd,), differences=(odd,))])
    for failure in parsed(tmp_path / "j.xml").iter("failure"):
        assert "😀]]> & < > \" '" in (failure.text or "")


def watched(*events: dict[str, Any], terminal: bool = False, show_output: bool = False) -> str:
    """What is printed while the events come."""
    file = io.StringIO()
    console = Console(file=file, width=200, force_terminal=terminal, highlight=False, emoji=False, no_color=True)
    with Progress(console, show_output=show_output) as progress:
        for event in events:
            progress.watch(RUN, event)
    return file.getvalue()


def ended(step: StepResult) -> dict[str, Any]:
    """The event that tells the end of a step."""
    return {"event": "step", "result": dataclasses.asdict(step)}


START = {"event": "start", "step": "dois"}
END = {"event": "end"}


def test_progress_elsewhere_than_on_a_terminal() -> None:
    """In a log each finished step is a line, with the reason of what did not pass, brackets and colons as they are."""
    reason = dataclasses.replace(BAD, reason="esperava [a-z]+ [/x] :100: \\")
    assert watched(START, ended(OK), ended(reason), ended(SKIP), END).splitlines() == [
        "✔ capitulo-postgresql-prova · um 0,5 s",
        "✘ capitulo-postgresql-prova · dois 1,2 s esperava [a-z]+ [/x] :100: \\",
        "– capitulo-postgresql-prova · dois 0,0 s precisa de [/algo]",
    ]


def test_progress_on_a_terminal() -> None:
    """On a terminal the step that runs is shown live, and the live line is gone at the end."""
    text = watched(START, ended(OK), END, terminal=True)
    assert "✔ capitulo-postgresql-prova · um" in text
    assert "dois" not in text.rstrip().splitlines()[-1]


def test_progress_with_commands_and_outputs() -> None:
    """Whoever runs a runbook by hand sees each command, as it is written, and what it prints."""
    output = {"event": "output", "text": "saída [bold] [/x] :100:\n"}
    text = watched(START, output, ended(dataclasses.replace(OK, name="dois")), END, show_output=True)
    assert text.splitlines()[:4] == ["", "dois", "$ echo dois", "$ echo [x]"]
    assert "saída [bold] [/x] :100:" in text
