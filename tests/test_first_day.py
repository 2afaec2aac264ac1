"""The first day, as its page tells it: every command on it is carried out, in the order in which it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import notebook

from .person import QUESTION, Person
from .samples import ROOT

PAGE = ROOT / "docs/primeiro-dia.md"
RESTORE = "restauracao/logica"
LIMIT = 900  # seconds for the slowest


@pytest.fixture
def tidy() -> Iterator[None]:
    """The page's own commands build the site in the checkout; one that was not there before goes again."""
    site = ROOT / "site"
    before = site.exists()
    yield
    if not before:
        shutil.rmtree(site, ignore_errors=True)


def test_the_page(tmp_path: Path, tidy: None) -> None:
    """From the clone to a restored database and the file that says so; whoever is asked a question says Enter."""
    commands = re.findall(r"^```bash\n(.*)\n```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == PAGE.read_text(encoding="utf-8").count("```bash")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "dumb", "COLUMNS": "200"}
    said = {}
    for command in commands:
        if f"run {RESTORE} " in command:
            said[command] = led(environment, command)
        else:
            done = subprocess.run(
                shlex.split(command),
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            said[command] = done.stdout
    demo, listed, restored, runs = said.values()
    assert f"✔  {RESTORE}" in demo
    assert "restauracao-postgresql-logica " in listed
    assert "o banco no ar é igual ao original" in restored
    assert "-restauracao-logica-postgresql  sandbox  chegou ao fim" in runs


def led(environment: dict[str, str], command: str) -> str:
    """Enter to each question; everything that was seen."""
    somebody = Person(environment, *shlex.split(command), folder=ROOT)
    steps = notebook.read(ROOT / "runbooks", RESTORE).steps("postgresql")
    for _ in steps:
        somebody.sees(QUESTION)
        somebody.types("\n")
    somebody.sees(f"{len(steps)} passos executados")
    assert somebody.ends() == 0
    return somebody.everything
