"""What building the site costs: as it is, and as plain MkDocs builds the same Markdown. Prints figures, judges nothing.

    .venv/bin/python -m benchmarks.site

First the whole manual both ways, in turn; then the manual with copies of one runbook and its records added, to see that
each costs what the one before it did. Times are of whole processes, the least of a few rounds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import plain

PARTS = ("docs", "runbooks", "toolbox")
COPIED = "preparo/credenciais"  # of middling length, and for both databases
COUNTS = (0, 100, 200, 300)
ROUNDS = 3


def build(folder: Path) -> float:
    """Seconds of one `mkdocs build` of a project."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def grown(folder: Path, count: int) -> None:
    """The manual with so many runbooks more, each with its records."""
    for part in PARTS:
        shutil.copytree(plain.ROOT / part, folder / part)
    shutil.copy(plain.ROOT / "mkdocs.yml", folder)
    source = plain.ROOT / "runbooks" / COPIED
    for number in range(count):
        target = folder / "runbooks" / source.parent.name / f"copia-{number}"
        for file in source.parent.glob(f"{source.name}.*"):
            shutil.copy(file, target.with_name(file.name.replace(source.name, target.name, 1)))


def main() -> None:
    """Measures the two ways in turn, so that a slow moment of the machine falls on both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain.project(folder / "plain")
        grown(folder / "manual", 0)
        times = [(build(folder / "plain"), build(folder / "manual")) for _ in range(ROUNDS)]
        bare, whole = (min(column) for column in zip(*times, strict=True))
        pages = {way: len(list((folder / way / "site").rglob("*.html"))) for way in ("plain", "manual")}
        print(f"plain mkdocs   {bare:6.2f} s, {pages['plain']} pages")
        print(f"with runbooks  {whole:6.2f} s, {pages['manual']} pages")
        print(f"ratio          {whole / bare:6.2f} (target: under 1.5)")
        before = 0.0
        for count in COUNTS:
            grown(folder / str(count), count)
            spent = build(folder / str(count))
            each = f", {(spent - before) * 1e3 / 100:.0f} ms for each of the last hundred" if count else ""
            print(f"{count:3} runbooks more {spent:6.2f} s{each}", flush=True)
            before = spent


if __name__ == "__main__":
    main()
