"""Habits of the whole project that no tool checks: hosts, paths, locks, docstrings, shell scripts."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from runbook import notebook
from runbook.step import Step

from .samples import ROOT

# In pieces, so that this file names none of them either. Debian's package `docker.io` is not the host of that name.
REGISTRIES = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("debian", "org"),
    ("ubuntu", "com"),
    ("registry-1", "docker", "io"),
    ("index", "docker", "io"),
    ("hub", "docker", "com"),
    ("ghcr", "io"),
    ("quay", "io"),
    ("gcr", "io"),
    ("binaries", "prisma", "sh"),
    ("golang", "org"),
)
HOST = re.compile(r"(?<![a-z0-9-])(?:" + "|".join(re.escape(".".join(p)) for p in REGISTRIES) + r")\b", re.IGNORECASE)
# The home of a person, or a place that only the machine on which this was written has.
PLACE = re.compile(r"(?<![\w.~$}>-])/(?:" + "|".join(("work", "root", "home", "Users")) + ")/")
IGNORED = [".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").split()]


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that is tracked or could be."""
    for path in sorted(folder.iterdir()):
        if any(fnmatch.fnmatch(path.name, pattern.rstrip("/")) for pattern in IGNORED):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def text(path: Path) -> str:
    """The text of a file; of a binary one, whatever can be read of it."""
    return path.read_bytes().decode("utf-8", errors="replace")


def places(pattern: re.Pattern[str]) -> list[str]:
    """Where in the project a pattern matches, as `file:line`."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in files()
        for number, line in enumerate(text(path).split("\n"), 1)
        if pattern.search(line)
    ]


def test_files_are_found() -> None:
    """The search sees the files of the project, and none that git would not."""
    found = {path.relative_to(ROOT).as_posix() for path in files()}
    assert {"Makefile", "src/runbook/cli.py", "tests/test_project.py", "requirements.lock"} <= found
    assert not any(name.startswith((".git/", ".venv/", "site/")) or "__pycache__" in name for name in found)


def test_no_registry_is_named() -> None:
    """Where packages and images come from is for each machine to say."""
    assert places(HOST) == []


def test_no_host_of_this_machine_is_named() -> None:
    """No index, registry, mirror or proxy that this machine is told to use has found its way into the project."""
    names = {
        urlsplit(value).hostname
        for name, value in os.environ.items()
        if re.search("index|registry|proxy|mirror", name, re.IGNORECASE) and "://" in value
    }
    hosts = sorted(name for name in names if name and "." in name and not name.startswith("127."))
    if hosts:
        assert places(re.compile("|".join(map(re.escape, hosts)))) == []


def test_no_path_of_a_machine_is_named() -> None:
    """No file, and no record among them, knows where it was written."""
    assert places(PLACE) == []
    assert places(re.compile(re.escape(f"{ROOT}/"))) == []


@pytest.mark.parametrize(
    ("name", "least"), [("requirements.lock", 100), ("toolbox/manual.txt", 80), ("toolbox/node.txt", 1)]
)
def test_lock(name: str, least: int) -> None:
    """Every locked package has an exact version and hashes, and no package has an address."""
    lines = [line for line in text(ROOT / name).splitlines() if not line.startswith("#")]
    packages = [n for n, line in enumerate(lines) if not line.startswith(" ")]
    assert len(packages) >= least
    for start, end in zip(packages, [*packages[1:], len(lines)], strict=True):
        assert re.fullmatch(r"[a-z0-9-]+==\S+(?: ; [^\\]+)? \\", lines[start]), lines[start]
        hashes = lines[start + 1 : end]
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line) for line in hashes), lines[start]
    assert not re.search(r"://|--(?:extra-)?index|--find-links|git\+", "\n".join(lines))


def test_lock_is_complete() -> None:
    """What is installed, from the lock alone and with nothing resolved, lacks nothing and fits together."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_test_says_what_holds() -> None:
    """Every test function begins with a sentence."""
    silent = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").glob("*.py"))
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not (ast.get_docstring(node) or "").partition("\n")[0].endswith((".", "?"))
    ]
    assert silent == []


def test_makefile_is_thin() -> None:
    """What a person calls is one or two lines that call the package."""
    makefile = text(ROOT / "Makefile")
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    recipes = dict(re.findall(r"^([\w.-]+):[^\n=]*\n((?:\t[^\n]*\n?)+)", makefile, re.MULTILINE))
    assert {"demo", "test", "site"} <= set(targets) <= set(recipes)
    for target in targets:
        assert recipes[target].count("\t") - recipes[target].count("\t\t") <= 2, target


@pytest.mark.parametrize("name", notebook.names(ROOT / "runbooks"))
def test_steps_are_bash(name: str) -> None:
    """Every step of the manual is whole bash, quotes and here-documents closed."""
    book = notebook.read(ROOT / "runbooks", name)
    for step in book.body:
        if isinstance(step, Step):
            done = subprocess.run(["bash", "-n", "-c", step.text], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), f"{book.file}:{step.line}: {done.stderr}"


SCRIPTS = [
    path
    for folder in ("toolbox", ".ci")
    for path in files(ROOT / folder)
    if path.suffix == ".sh" or text(path).startswith("#!")
    if not re.search("python|node", text(path).partition("\n")[0])
]


def first_command(script: Path) -> str:
    """The first line of a script that is a command, looked up in the file that it reads if it begins with that."""
    line = next(line for line in text(script).splitlines() if line and not line.startswith("#"))
    if match := re.fullmatch(r'source "\$\(dirname "\$\{BASH_SOURCE\[0\]\}"\)/(\S+)"', line):
        return first_command(script.parent / match[1])
    return line


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_scripts_are_strict(script: Path) -> None:
    """Every shell script is whole, and what it does first is to make a failing command end it."""
    shell = "sh" if text(script).startswith("#!/bin/sh\n") else "bash"
    assert first_command(script) == ("set -eu" if shell == "sh" else "set -euo pipefail")
    subprocess.run([shell, "-n", script], check=True)
    assert os.access(script, os.X_OK) == text(script).startswith("#!"), "what is run has a first line that says by what"
