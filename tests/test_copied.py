"""Copied is executed: the code on the built pages is, byte for byte, what bash was given.

A program that stands in for bash logs its `-c` argument: once before the real bash runs it (samples full of everything
that Markdown, HTML and templates might touch), once instead of it (the runbooks of the manual, which need databases).
"""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from runbook import notebook, record
from runbook.environment import Place
from runbook.errors import RunbookFormatError
from runbook.executor import execute
from runbook.runs import run_all
from runbook.sandbox import Nothing
from runbook.shell import WRAPPER, Shell
from runbook.step import ENGINES, Runbook, Step

from .samples import ROOT, Blocks, build, fence, project, write

LOG = """#!/bin/sh
n=1000; while [ -e {log}/$n ]; do n=$((n + 1)); done
printf '%s' "$4" > {log}/$n
"""
REAL_BASH = 'exec /bin/bash "$@"\n'
NO_BASH = f'exec /bin/bash "$1" "$2" "$3" {shlex.quote(WRAPPER.format(text=":"))} "$5"\n'

# A name after `%%%`, then a text that is good bash and means something to some Markdown, HTML or template.
_PARTS = re.split(r"^%%% (.+)\n", (ROOT / "tests/data/hostil.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
NASTY = dict(zip(_PARTS[1::2], (text.removesuffix("\n") for text in _PARTS[2::2]), strict=True))
NASTY["longa"] = "echo " + "x" * 9_000 + "\necho '" + "y z " * 500 + "'"
REFUSED = {
    "tab": "echo\tx",
    "what Jupytext takes for Pandoc": "echo '\n::: div\n'",
    "blank at the end": "echo x ",
    "no-break space at the end": "echo x\u00a0",
    "blank first line": "\necho x",
    "blank last line": "echo x\n",
    "byte order mark": "\ufeffecho x",
    "zero width": "echo x\u200by",
    "right to left": "echo \u202ex",
    "soft hyphen": "echo x\u00ady",
    "control character": "echo \x02wzxhzdk:0\x03",
    "escape": "echo \x1b[31m",
    "nul": "echo \x00",
    "delete": "echo x\x7f",
}


def anchor(step: Step) -> str:
    """The id of a step's block on its page."""
    if step.hidden is not None:
        return f"oculto-{step.name}-{step.engine or 'todos'}"
    return f"passo-{step.name}" + (f"-{step.engine}" if step.engine else "")


def copied(site: Path, book: Runbook) -> dict[str, str]:
    """What a reader copies from each block of a page; the last line end is the block's, not the text's."""
    blocks = Blocks((site / f"runbooks/{book.name}/index.html").read_text(encoding="utf-8"))
    assert all(text.endswith("\n") for text in blocks.steps.values())
    return {block: text[:-1] for block, text in blocks.steps.items()}


def stand_in(folder: Path, then: str) -> Path:
    """A folder with a `bash` that logs what it is given, in `log` beside it."""
    for name in ("bin", "log"):
        (folder / name).mkdir(parents=True)
    program = folder / "bin" / "bash"
    program.write_text(LOG.format(log=folder / "log") + then, encoding="utf-8")
    program.chmod(0o755)
    return folder / "bin"


def logged(folder: Path) -> list[bytes]:
    """What the stand-in was given, in order."""
    return [file.read_bytes() for file in sorted((folder / "log").iterdir())]


class Listening(Nothing):
    """The sandbox without databases, with the stand-in for bash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, engine: str) -> Place:
        """The place in which `bash` is the stand-in."""
        place = super().place(engine)
        return dataclasses.replace(place, path=(str(stand_in(self._folder / engine, REAL_BASH)),))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Runbook]:
    """A runbook of every nasty text, alone, in tabs and hidden: its site, the folder of what was executed, itself."""
    folder = tmp_path_factory.mktemp("copiado")
    root = project(folder / "projeto")
    fences = []
    for name, text in NASTY.items():
        fences.append(fence(name, text))
        fences += [fence(f"{name}-aba", f"{text}\n: {engine}", f'engine="{engine}"') for engine in ENGINES]
        fences.append(fence(f"{name}-oculto", text, 'hidden="porque \\"sim\\" & <b>"'))
    write(root / "runbooks", "capitulo/hostil", *fences)
    book = notebook.read(root / "runbooks", "capitulo/hostil")
    results = run_all([(book, engine) for engine in ENGINES], Listening(folder), 2)
    for engine, result in zip(ENGINES, results, strict=True):
        assert result.passed, result
        made = record.make(record.key(book, engine, root / "toolbox"), result)
        record.write(record.path(root / "runbooks", book, engine), made)
    return build(root, folder / "site", strict=True), folder, book


@pytest.mark.parametrize("engine", ENGINES)
def test_samples(engine: str, samples: tuple[Path, Path, Runbook]) -> None:
    """Whatever a step contains, its block on the page is what the real bash was given, in tabs and hidden too."""
    site, folder, book = samples
    shown = copied(site, book)
    executed = logged(folder / engine)
    assert len(executed) == len(book.steps(engine)) == 3 * len(NASTY)
    for step, given in zip(book.steps(engine), executed, strict=True):
        assert WRAPPER.format(text=shown[anchor(step)]).encode() == given, step.name


def test_samples_are_what_the_file_says(samples: tuple[Path, Path, Runbook]) -> None:
    """The blocks are also what stands in the runbook's file, so nothing was changed before either was made."""
    shown = copied(samples[0], samples[2])
    for name, text in NASTY.items():
        assert shown.pop(f"passo-{name}") == text
        assert shown.pop(f"oculto-{name}-oculto-todos") == text
        for engine in ENGINES:
            assert shown.pop(f"passo-{name}-aba-{engine}") == f"{text}\n: {engine}"
    assert shown == {}


def test_outputs_of_the_samples(samples: tuple[Path, Path, Runbook]) -> None:
    """The outputs on the page are the recorded ones, line for line, however nasty; tabs are as on a terminal."""
    site, folder, book = samples
    blocks = Blocks((site / f"runbooks/{book.name}/index.html").read_text(encoding="utf-8"))
    wanted = set()
    for engine in ENGINES:
        made = record.read(record.path(folder / "projeto" / "runbooks", book, engine))
        assert made is not None
        hidden = {s.name for s in book.steps(engine) if s.hidden}
        wanted |= {"\n".join(s.output).expandtabs() + "\n" for s in made.steps if s.output and s.name not in hidden}
    assert set(blocks.outputs) == wanted


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_page_would_change_is_refused(kind: str, tmp_path: Path) -> None:
    """What Markdown or a browser would drop or change, or a reader could not see, is an error with its line."""
    write(tmp_path, "torto", f'```bash name="x"\n{REFUSED[kind]}\n```\n')
    with pytest.raises(RunbookFormatError) as caught:
        notebook.read(tmp_path, "torto")
    assert caught.value.line


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the manual itself; whether its records are current is for another test to say."""
    return build(ROOT, tmp_path_factory.mktemp("manual"))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", notebook.names(ROOT / "runbooks"))
def test_manual(name: str, engine: str, manual: Path, tmp_path: Path) -> None:
    """Every step of every runbook of the manual is on its page as the executor gives it to bash."""
    book = notebook.read(ROOT / "runbooks", name)
    shown = copied(manual, book)
    assert set(shown) == {anchor(part) for part in book.body if isinstance(part, Step)}
    path = f"{stand_in(tmp_path, NO_BASH)}:/usr/bin:/bin"
    # Their text untouched, their promises taken away: the stand-in prints nothing and ends with 0.
    steps = [
        dataclasses.replace(s, exit_code=None, expect=None, needs=None, retry=0, stderr_empty=False)
        for s in book.steps(engine)
    ]
    with Shell(tmp_path, {"PATH": path}, tmp_path) as shell:
        assert [result.name for result in execute(steps, shell)] == [step.name for step in steps]
    for step, given in zip(steps, logged(tmp_path), strict=True):
        assert WRAPPER.format(text=shown[anchor(step)]).encode() == given, step.name
