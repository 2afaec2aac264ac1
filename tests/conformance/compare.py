"""What two engines did, side by side: the places where they differ, and which of these are declared.

In: two outcomes of `run.py`, and `differences.toml`. Out: lines for people, empty when all is as declared. Apart as it
needs no server, and so that the one file of differences has one reader.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("differences.toml")
Outcome = dict[str, Any]
Hunk = tuple[str, str]


def told(outcome: Outcome) -> list[str]:
    """Everything that is compared of a scenario, as lines."""
    lines = []
    for step in outcome["steps"]:
        lines += [f"$ prisma {step['command']}", *step["text"].split("\n"), f"exit {step['exit']}"]
    lines += [f"{name}: {value}" for name, value in outcome["facts"].items()]
    for row in outcome.get("rows", []):
        logs = row.pop("logs", None)
        lines += [json.dumps(row, ensure_ascii=False, sort_keys=True), f"logs: {logs}"]
        row["logs"] = logs
    return [part for line in lines for part in line.split("\n")]


def hunks(one: Outcome, other: Outcome) -> list[Hunk]:
    """Where the two differ: the lines of the one and those of the other."""
    left, right = told(one), told(other)
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return [
        ("\n".join(left[a:b]), "\n".join(right[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]  # fmt: skip


def declared(sides: tuple[str, str]) -> list[dict[str, Any]]:
    """The entries of the file that are about these two sides."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["difference"]
    return [entry for entry in entries if all(side in entry for side in sides)]


def problems(one: dict[str, Outcome], other: dict[str, Outcome], sides: tuple[str, str]) -> list[str]:
    """Differences that are not declared, and declared ones that there are not.

    Args:
        one: scenario to outcome.
        other: the same of the other side.
        sides: what the two are called in the file.
    """
    found = {(name, hunk) for name in one for hunk in hunks(one[name], other[name])}
    known = {
        (name, (entry[sides[0]].strip("\n"), entry[sides[1]].strip("\n")))
        for entry in declared(sides)
        for name in entry["scenarios"]
    }
    # Blank lines move with what stands around them.
    bare = {(name, (left.strip("\n"), right.strip("\n"))): (left, right) for name, (left, right) in found}
    return [
        *(f"{name}: não declarada\n{_entry(name, sides, hunk)}" for name, hunk in sorted(set(bare) - known)),
        *(
            f"{name}: declarada, mas não ocorre\n{_entry(name, sides, hunk)}"
            for name, hunk in sorted(known - set(bare))
        ),
    ]


def _entry(name: str, sides: tuple[str, str], hunk: Hunk) -> str:
    texts = "\n".join(f"{side} = '''\n{text}\n'''" for side, text in zip(sides, hunk, strict=True))
    return f'[[difference]]\nscenarios = ["{name}"]\nreason = ""\n{texts}\n'
