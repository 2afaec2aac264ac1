"""Everything `make test` does, in order: engine, style, types, tests (runbooks and site among them).

In: the project's folder. Out: an exit code; the programs write straight to the terminal. Apart because it is for the
people who work on the manual, not for those who use it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from . import dockerd
from .errors import EnvironmentUnavailable

PYTHON = [sys.executable, "-m"]
STYLE = {"estilo": ["ruff", "check"], "formato": ["ruff", "format", "--check"], "tipos": ["mypy"]}
WITH, WITHOUT = "testes com contêineres", "testes sem contêineres"
HALVES = {WITH: "docker", WITHOUT: "not docker"}


def run(root: Path, tell: Callable[[str], None], *, quick: bool = False) -> int:
    """Runs every check, also after one that failed; 0 when all are good, 1 otherwise.

    Args:
        root: the project's folder.
        tell: takes a line for people.
        quick: leave out what needs containers.
    """
    if not quick:
        try:
            dockerd.ensure(tell)
        except EnvironmentUnavailable as error:
            tell(f"sem contêineres: {error}\no que não precisa deles é executado; o resto é contado no fim")
    failed = []
    for name, command in STYLE.items():
        tell(f"== {name}: {' '.join(command)}")
        if subprocess.call([*PYTHON, *command], cwd=root, stdin=subprocess.DEVNULL):
            failed.append(name)
    failed += _tests(root, tell, [WITHOUT] if quick else [WITH, WITHOUT])
    tell(f"vermelho: {', '.join(failed)}" if failed else "tudo verde")
    return 1 if failed else 0


def _tests(root: Path, tell: Callable[[str], None], halves: list[str]) -> list[str]:
    """The red ones of the halves, which run side by side: each alone leaves processors idle, and takes as long.

    What the first one writes is seen at once; that of the other when it has ended, so that lines do not mix.
    """
    with tempfile.TemporaryFile() as later:
        running = {half: _started(half, root, output) for half, output in zip(halves, (None, later), strict=False)}
        tell(f"== {halves[0]}")
        try:
            red = [half for half, process in running.items() if process.wait()]
        finally:  # the terminal has told them too of a Ctrl-C, and they take down what they brought up
            for process in running.values():
                process.wait()
            for half in halves[1:]:
                tell(f"== {half}")
            later.seek(0)
            shutil.copyfileobj(later, sys.stdout.buffer)
            sys.stdout.flush()
    for command in (["combine", "--quiet"], ["report"]):
        environment = {**os.environ, "COVERAGE_FILE": ".coverage"}  # whatever whoever started us has set
        subprocess.call([*PYTHON, "coverage", *command], cwd=root, env=environment, stdin=subprocess.DEVNULL)
    return red


def _started(half: str, root: Path, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    mark = HALVES[half]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "COVERAGE_FILE": f".coverage.{mark.replace(' ', '-')}"}
    command = [*PYTHON, "pytest", "--cov", "--cov-report=", "-m", mark]
    return subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
