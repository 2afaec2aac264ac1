"""The ways to carry out a runbook, each with the transcript of what came of it: what the tests of runners compare.

In: a runbook and an engine. Out: name, outcome and stable output of each step, as whoever used that way gets to know
them. Apart from `test_runners`, which says what they have to be.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import Browser

from runbook import audit, ipynb, lab, normalize, record
from runbook.result import FAILED, PASSED, SKIPPED, ExecutionResult
from runbook.runs import Run

from .notebooks import Notebook
from .person import QUESTION, Person
from .samples import ROOT

Transcript = list[tuple[str, str, str]]  # name, outcome, output
RUNBOOKS = ROOT / "runbooks"
LONGEST = 900  # seconds for a step

_OUTCOMES = {"✔": PASSED, "✘": FAILED, "–": SKIPPED}
_DECISIONS = {"executado": PASSED, "falhou": FAILED, "não se pôde executar": SKIPPED}
_FOLDER = re.compile(r"/[\w./-]*/runbook-runs-\d+/\w+-\w+-([0-9a-f]{8})")


def recorded(run: Run) -> record.Record | None:
    """The committed record of a run."""
    return record.read(record.path(RUNBOOKS, *run))


def expected(execution: ExecutionResult | record.Record) -> Transcript:
    """The transcript of a direct run, which the tests of runbooks are, or of a record of one."""
    made = execution if isinstance(execution, record.Record) else record.make("", execution)
    return [(s.name, s.outcome, normalize.comparable("\n".join(s.output))) for s in made.steps]


def terminal(run: Run, folder: Path, sandbox: str) -> Transcript:
    """`runbook run --no-ask`: what is on the screen."""
    book, engine = run
    command = [sys.executable, "-m", "runbook", "run", book.name, "--engine", engine, "--sandbox", sandbox, "--no-ask"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100"})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found, rest = [], done.stdout
    for step in book.steps(engine):
        _, _, rest = rest.partition(f"\n{step.name}\n" + "".join(f"$ {line}\n" for line in step.text.split("\n")))
        end = re.search(rf"^([✔✘–]) {book.run_id(engine)} · {step.name} .*\n", rest, re.MULTILINE)
        assert end, f"nothing on the screen ends {step.name}"
        found.append((step.name, _OUTCOMES[end[1]], _as_shown(rest[: end.start()])))
        rest = rest[end.end() :]
    return found


def guided(run: Run, folder: Path, sandbox: str) -> Transcript:
    """`runbook run` on a terminal, with Enter to each question: the file that tells of it."""
    book, engine = run
    command = (sys.executable, "-m", "runbook", "run", book.name, "--engine", engine, "--sandbox", sandbox)
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "TERM": "dumb", "COLUMNS": "100"}
    # The passwords of the containers are where they always are.
    (folder / "manual-migrations").symlink_to(audit.folder().parent / "manual-migrations")
    somebody = Person(environment, *command)
    for _ in book.steps(engine):
        somebody.sees(QUESTION, LONGEST)
        somebody.types("\n")
    assert somebody.ends(LONGEST) == 0, somebody.everything[-3000:]
    (name,) = audit.names(folder / "runbook")
    events = audit.read(folder / "runbook", name)
    return [
        (e["step"], _DECISIONS[e["decision"]], normalize.comparable(e["output"]))
        for e in events
        if e["event"] == "step"
    ]


def client(run: Run, folder: Path, sandbox: str) -> Transcript:
    """The notebook, run by nbclient, in which every cell has to be good."""
    book, engine = run
    lab.describe(folder, engine, {lab.SANDBOX: sandbox})
    paths = {"JUPYTER_PATH": str(folder), "JUPYTER_PLATFORM_DIRS": "1", "IPYTHONDIR": str(folder / "ipython")}
    made = nbformat.reads(ipynb.write(book, engine), as_version=4)
    before = {name: os.environ.get(name) for name in paths}
    os.environ.update(paths)
    try:
        NotebookClient(made, timeout=LONGEST, kernel_name=lab.kernel(engine)).execute()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return cells(made)


def in_browser(run: Run, browser: Browser, address: str) -> Transcript:
    """JupyterLab, where a person opens the notebook, has all cells run and saves it: what the file then holds."""
    book, engine = run
    path = f"{book.name}.{engine}.ipynb"
    opened = Notebook(browser, address, path)
    try:
        assert opened.dialog.count() == 0
        opened.run_all()
        opened.settle(LONGEST)
        opened.save()
        assert opened.strangers == set()
        base, _, rest = address.partition("/lab/")
        saved = opened.page.request.get(f"{base}/api/contents/{path}?{rest.partition('?')[2]}").json()
    finally:
        opened.close()
    return cells(nbformat.from_dict(saved["content"]))


def cells(made: Any) -> Transcript:
    """The transcript that a notebook holds: below each cell what it printed, and the mark."""
    found = []
    for cell in made.cells:
        if cell.cell_type == "code":
            printed = [o["text"] for o in cell.outputs if o["output_type"] == "stream" and o["name"] == "stdout"]
            last = cell.outputs[-1]
            assert last["output_type"] == "display_data", last
            mark = last["data"]["text/plain"]
            found.append((cell.metadata["name"], _OUTCOMES[mark[0]], normalize.comparable("".join(printed))))
    return found


def _as_shown(screen: str) -> str:
    """What was streamed, with the names of the page for those that the run had."""
    names = {}
    if folder := _FOLDER.search(screen):
        names = {f"{folder[0]}/work": "~/trabalho", folder[0]: "~"}
    names |= dict.fromkeys(re.findall(r"\bloja_[0-9a-f]{8}", screen), "loja")
    return normalize.comparable(normalize.shown(screen, names))
