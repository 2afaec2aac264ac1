"""A real Chromium, Debian's own, and the built site behind an address: what the tests of pages share.

In: the folder of a site. Out: its address, compressed as a real server would, and a browser that talks to nobody else.
Apart from `conftest`, which says when they start and end.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from runbook import debian

PROGRAM = "chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


def obstacle() -> str | None:
    """Why there is no browser here; None when there is one, installed now if need be."""
    if shutil.which(PROGRAM) is None:
        if reason := debian.obstacle():
            return f"sem Chromium: {reason}"
        debian.update()
        debian.install(PROGRAM)
    return None


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser, headless."""
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=shutil.which(PROGRAM), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder at an address of the loopback, text compressed, without its last `/`."""
    handler = functools.partial(_Compressed, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Compressed(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """As the base class does, but compressed and kept by the browser; 404 is the site's own page."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if path.is_file() else Path(self.directory) / "404.html"
        body = path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Cache-Control", "max-age=3600")
        if path.suffix in _TEXT:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
        """Says nothing."""
