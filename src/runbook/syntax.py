"""The syntax of a bash text: the text in, its tree out, as `shfmt` (mvdan/sh) reads it.

A node is what `shfmt --to-json` prints: a `Type`, a `Pos` and an `End` in bytes, and its parts by their names in
mvdan.cc/sh/v3/syntax. Apart from `commands`, which decides what to change; here is all that knows the program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

Node = dict[str, Any]


def parse(text: bytes) -> Node | None:
    """The tree of a whole text; None when it is not bash."""
    program = Path(sys.executable).with_name("shfmt")
    done = subprocess.run([program, "-ln", "bash", "--to-json"], input=text, capture_output=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def substitutions(node: Any) -> list[Node]:
    """The commands inside of values: `x=$(command)`."""
    if isinstance(node, list):
        return [found for one in node for found in substitutions(one)]
    if not isinstance(node, dict):
        return []
    if node.get("Type") in ("CmdSubst", "ProcSubst"):
        return [node]
    return [found for below in node.values() for found in substitutions(below)]
