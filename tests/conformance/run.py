"""Runs scenarios where the database can be reached, one after the other.

In: a line of JSON on standard input: the `Server` and the names of the scenarios. Out: a line of JSON at the end: for
each what the CLI said, the rows of the history, and the failure if the scenario did not go as it says. A line before it
asks for something that only the outside can do, and is answered with a line. Apart because it is a program of the
standard library alone: inside the toolbox container there is nothing else.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from .case import Case
from .hazards import HAZARDS
from .refusals import REFUSALS
from .scenarios import SCENARIOS
from .server import Server

ENGINE = Path(__file__).parents[2] / "toolbox" / "schema-engine"


def run(server: Server, name: str, prefix: str) -> dict[str, Any]:
    """Runs one scenario in a database and a folder of its own, and takes both away.

    Returns:
        Its outcome.
    """
    database = f"{prefix}{name.replace('-', '_')}"[:60]
    server.sql(server.admin, f"CREATE DATABASE {database}")
    outcome: dict[str, Any] = {"failure": None}
    with tempfile.TemporaryDirectory() as folder:
        case = Case(server, database, Path(folder))
        try:
            (SCENARIOS | HAZARDS | REFUSALS)[name](case)
            outcome["rows"] = case.rows()
        except Exception as error:  # told with the others': one scenario must not hide the rest
            outcome["failure"] = f"{type(error).__name__}: {error}"
        outcome |= {"steps": case.steps, "facts": case.facts}
        case.drop()
    return outcome


def main() -> None:
    """Reads the order, runs it, writes the outcome."""
    order = json.loads(sys.stdin.readline())
    server = Server(**order["server"])
    with tempfile.TemporaryDirectory() as folder:
        # A copy: Node looks for an engine's packages beside the file itself, where the checkout has none.
        engine = Path(folder) / "schema-engine"
        shutil.copytree(ENGINE, engine, ignore=shutil.ignore_patterns("node_modules"))
        (engine / "node_modules").symlink_to(f"{server.prisma}/schema-engine/node_modules")
        server = replace(server, own=str(engine / "schema-engine"))
        outcome = {name: run(server, name, order["prefix"]) for name in order["scenarios"]}
    print(json.dumps({"outcome": outcome}))


if __name__ == "__main__":
    main()
