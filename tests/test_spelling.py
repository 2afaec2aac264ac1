"""The Portuguese of all pages, read by cspell: the dictionary, and the few words of the trade that we let in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runbook import node

ROOT = Path(__file__).parents[1]
PAGES = ("docs/*.md", "docs/*.yml", "runbooks/**/*.md", "runbooks/**/*.yml")
LIMIT = 300  # seconds, for the registry


class Speller:
    """cspell, installed as the lock file says.

    Args:
        programs: folder of node and pnpm.
    """

    def __init__(self, programs: Path) -> None:
        self._folder = Path(sys.prefix) / "spelling"
        self._environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "CI": "true"}
        shutil.copytree(ROOT / "tests/spelling", self._folder, dirs_exist_ok=True)
        install = ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts", "--reporter=silent"]
        done = self._run(install, self._folder)
        assert done.returncode == 0, done.stdout + done.stderr

    def unknown(self, folder: Path, *pages: str) -> list[str]:
        """What is no word, each with its place; empty when all is well."""
        program = str(self._folder / "node_modules/.bin/cspell")
        config = str(self._folder / "cspell.json")
        done = self._run(
            [program, "--no-progress", "--no-summary", "--config", config, "--root", str(folder), *pages], folder
        )
        found = done.stdout.splitlines()
        assert done.returncode == bool(found), done.stderr
        return found

    def _run(self, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=folder, env=self._environment, capture_output=True, text=True, check=False, timeout=LIMIT
        )


@pytest.fixture(scope="module")
def speller() -> Speller:
    """One for all."""
    return Speller(node.ensure(print) / "bin")


def test_pages(speller: Speller) -> None:
    """Every word of every page is in the dictionary, or is one that we let in."""
    assert speller.unknown(ROOT, *PAGES) == []


def test_every_page_is_read(speller: Speller, tmp_path: Path) -> None:
    """A wrong word in a page, a reason or a term is found, also with an accent only; code is not prose."""
    for file in (
        "docs/pagina.md",
        "docs/glossario.yml",
        "runbooks/capitulo/pagina.md",
        "runbooks/capitulo/p.sabotage.yml",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        key = "  meaning: " if file.endswith(".yml") else ""
        (tmp_path / file).write_text(f"{key}Uma restauracao e um bakup.\n", encoding="utf-8")
    (tmp_path / "docs/codigo.md").write_text("O `restauracao` daqui:\n\n```bash\nbakup\n```\n", encoding="utf-8")
    found = speller.unknown(tmp_path, *PAGES)
    assert sorted(line.split(":")[0] for line in found) == sorted(
        2 * ["docs/pagina.md", "docs/glossario.yml", "runbooks/capitulo/pagina.md", "runbooks/capitulo/p.sabotage.yml"]
    )
