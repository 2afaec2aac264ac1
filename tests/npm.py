"""Programs of npm for the tests, exactly as a lock file says: a folder below `tests` in, installed programs out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from runbook import node

from .samples import ROOT

LIMIT = 300  # seconds, for the registry


class Programs:
    """Installed below this Python's own folder, and kept there.

    Args:
        name: of the folder below `tests`.
    """

    def __init__(self, name: str) -> None:
        self.folder = Path(sys.prefix) / name
        own = node.ensure(print) / "bin"
        self._environment = {**os.environ, "PATH": f"{own}:{os.environ['PATH']}", "CI": "true"}
        shutil.copytree(ROOT / "tests" / name, self.folder, dirs_exist_ok=True)
        install = ["pnpm", "install", "--frozen-lockfile", "--ignore-scripts", "--reporter=silent"]
        done = self.run(install, self.folder)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Runs one of them."""
        return subprocess.run(
            command, cwd=folder, env=self._environment, capture_output=True, text=True, check=False, timeout=LIMIT
        )
