"""The Portuguese of all pages, read by cspell: the dictionary, and the few words of the trade that we let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from .npm import Programs
from .samples import ROOT

PAGES = ("docs/*.md", "docs/*.yml", "runbooks/**/*.md", "runbooks/**/*.yml")


class Speller:
    """cspell, installed as the lock file says."""

    def __init__(self) -> None:
        self._programs = Programs("spelling")

    def unknown(self, folder: Path, *pages: str) -> list[str]:
        """What is no word, each with its place; empty when all is well."""
        program = str(self._programs.folder / "node_modules/.bin/cspell")
        config = str(self._programs.folder / "cspell.json")
        done = self._programs.run(
            [program, "--no-progress", "--no-summary", "--config", config, "--root", str(folder), *pages], folder
        )
        found = done.stdout.splitlines()
        assert done.returncode == bool(found), done.stderr
        return found


@pytest.fixture(scope="module")
def speller() -> Speller:
    """One for all."""
    return Speller()


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
