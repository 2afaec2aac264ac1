"""Everything `make test` does, in order: engine, style, types, tests (runbooks and site among them).

In: the project's folder. Out: an exit code; the programs write straight to the terminal. Apart because it is for the
people who work on the manual, not for those who use it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import dockerd
from .errors import EnvironmentUnavailable


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
    python = [sys.executable, "-m"]
    failed = [
        name
        for name, command in (
            ("estilo", [*python, "ruff", "check"]),
            ("formato", [*python, "ruff", "format", "--check"]),
            ("tipos", [*python, "mypy"]),
            ("testes", [*python, "pytest", "--cov", *(["-m", "not docker"] if quick else [])]),
        )
        if _run(name, command, root, tell)
    ]
    tell(f"vermelho: {', '.join(failed)}" if failed else "tudo verde")
    return 1 if failed else 0


def _run(name: str, command: list[str], root: Path, tell: Callable[[str], None]) -> int:
    tell(f"== {name}: {' '.join(command[2:])}")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.call(command, cwd=root, stdin=subprocess.DEVNULL, env=environment)
