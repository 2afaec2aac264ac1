"""Results in, what people and machines read out: lines as a run goes, a table at the end, JSON, JUnit XML.

Apart from the command line so that every way of starting runs reports them alike; nothing is judged here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree  # written, never read

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from . import result
from .markup import ENGINE_NAMES, seconds
from .runs import Run
from .verdict import Verdict, exit_code

MARKS = {result.PASSED: "[green]✔[/]", result.FAILED: "[red]✘[/]", result.SKIPPED: "[yellow]–[/]"}


class Progress:
    """Follows runs: on a terminal a live line per run, elsewhere a line per finished step."""

    def __init__(self, console: Console, *, show_output: bool = False) -> None:
        self._console, self._show_output = console, show_output
        self._lock = threading.Lock()
        self._now: dict[str, tuple[str, float, Spinner]] = {}  # step, its start, its spinner, by run
        self._live = Live(console=console, refresh_per_second=8, transient=True, get_renderable=self._lines)

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def watch(self, run: Run, event: dict[str, Any]) -> None:
        """Takes one event of one run; called from several threads."""
        name = run[0].run_id(run[1])
        with self._lock:
            if event["event"] in ("start", "phase"):
                self._now[name] = (event["step"], time.monotonic(), Spinner("dots", style="cyan"))
                if self._show_output and event["event"] == "start":
                    text = next(s.text for s in run[0].steps(run[1]) if s.name == event["step"])
                    self._console.print(f"\n[bold]{event['step']}[/]")
                    self._console.print(command(text))
            elif event["event"] == "output":
                self._console.print(Text(event["text"].rstrip("\n")))
            elif event["event"] == "step":
                step = event["result"]
                line = f"{MARKS[step['outcome']]} {name} · {step['name']} [dim]{seconds(step['duration'])}[/]"
                # The reason may hold a regular expression, whose brackets are not markup.
                self._console.print(line + (f" [yellow]{escape(step['reason'])}[/]" if step["reason"] else ""))
            elif event["event"] == "end":
                self._now.pop(name, None)

    def _lines(self) -> RenderableType:
        with self._lock:
            now = time.monotonic()
            for name, (step, start, spinner) in self._now.items():
                spinner.update(text=Text(f"{name} · {step} {seconds(now - start)}"))
            return Group(*(spinner for _, _, spinner in self._now.values()))


def command(text: str) -> Text:
    """A step's text, as a terminal would show it being typed."""
    return Text("\n".join(f"$ {line}" for line in text.splitlines()), style="cyan")


def show(console: Console, verdicts: Sequence[Verdict], not_run: Sequence[tuple[str, str]]) -> None:
    """What failed and why, and then the table."""
    for verdict in verdicts:
        if not verdict.passed:
            console.print(f"\n{verdict.failure()}", markup=False)
    console.print()
    console.print(table(verdicts, not_run))


def table(verdicts: Sequence[Verdict], not_run: Sequence[tuple[str, str]]) -> RenderableType:
    """The table at the end, and below it what was not run and why."""
    rows = Table(box=None, pad_edge=False)
    for title in ("", "Runbook", "Banco", "Passos", "Pulados", "Tempo", "Registro"):
        rows.add_column(title)
    for v in verdicts:
        steps = v.result.steps
        compared = "difere" if v.differences else v.not_compared or "confere"
        rows.add_row(
            MARKS[result.PASSED if v.passed else result.FAILED],
            Text(v.result.runbook),
            ENGINE_NAMES[v.result.engine],
            f"{sum(s.outcome == result.PASSED for s in steps)}/{len(v.run[0].steps(v.run[1]))}",
            str(sum(s.outcome == result.SKIPPED for s in steps)),
            seconds(v.result.duration),
            Text(compared),
        )
    left_out = [Text(f"–  {name}: NÃO executado, {reason}", style="yellow") for name, reason in not_run]
    return Group(*([rows] if verdicts else []), *left_out)


def as_json(verdicts: Sequence[Verdict], not_run: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "passed": exit_code(verdicts) == 0,
        "runs": [
            {
                "name": v.name,
                "passed": v.passed,
                "failure": v.failure(),
                "differences": list(v.differences),
                "not_compared": v.not_compared,
                **result.to_json(v.result),
            }
            for v in verdicts
        ],
        "not_run": [{"name": name, "reason": reason} for name, reason in not_run],
    }


def write_junit(file: Path, verdicts: Sequence[Verdict]) -> None:
    """JUnit XML: a suite for each run, a case for each step, so that a red step is named by whatever reads it."""
    suites = ElementTree.Element("testsuites")
    for v in verdicts:
        suite = ElementTree.SubElement(suites, "testsuite", name=v.name, time=f"{v.result.duration:.3f}")
        for s in v.result.steps:
            case = ElementTree.SubElement(suite, "testcase", classname=v.name, name=s.name, time=f"{s.duration:.3f}")
            if s.outcome == result.SKIPPED:
                ElementTree.SubElement(case, "skipped", message=_printable(s.reason))
            elif s.outcome == result.FAILED:
                ElementTree.SubElement(case, "failure", message=_printable(s.reason)).text = _printable(s.output)
        whole = ElementTree.SubElement(suite, "testcase", classname=v.name, name="runbook")
        if not v.passed:
            ElementTree.SubElement(whole, "failure", message="vermelho").text = _printable(v.failure())
        cases = suite.findall("testcase")
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(c.find("failure") is not None for c in cases)))
        suite.set("skipped", str(sum(c.find("skipped") is not None for c in cases)))
    ElementTree.indent(suites)
    ElementTree.ElementTree(suites).write(file, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """Without the characters that XML cannot carry."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c not in "\ufffe\uffff"))
