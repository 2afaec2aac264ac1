"""Builds the site from the records and serves it on this machine alone; runs no step of any runbook.

In: the project's folder. Out: the folder of the site, and an address. Apart from `plugin`, which MkDocs calls.
"""

from __future__ import annotations

import functools
import http.server
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from . import program

BUILD_LIMIT = 120.0


def build(root: Path, output: Path | None = None, configuration: str = "mkdocs.yml") -> Path:
    """Builds the site strictly: a warning, such as a stale record, is a failure.

    Raises:
        ProgramError: the build failed; the message ends with MkDocs's own words.
    """
    output = output or root / "site"
    program.run(
        [
            sys.executable,
            "-m",
            "mkdocs",
            "build",
            "--strict",
            "--config-file",
            configuration,
            "--site-dir",
            str(output),
        ],
        timeout=BUILD_LIMIT,
        # The theme's notice about MkDocs 2 says nothing about this site, which pins its versions.
        environment={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        folder=root,
    )
    return output


def serve(folder: Path, ready: Callable[[str], None]) -> None:
    """Serves a folder on a free port of the loopback until it is interrupted; `ready` is told the address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        ready(f"http://127.0.0.1:{server.server_port}/")
        with suppress(KeyboardInterrupt):
            server.serve_forever()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
        """Says nothing: the reader is looking at the page."""
