"""The built site behind an address: the folder of a site in, its address out, compressed as a real server would.

And what spares a browser that looks at it the search, where nothing is searched.

Apart from `conftest`, which says when they start and end.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext

_TEXT = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt")


def without_search(context: BrowserContext) -> BrowserContext:
    """The same context, whose pages have a search that knows no page: theirs costs 1.5 s of a processor."""
    empty = {"config": {"lang": ["pt"], "separator": "[\\s]+", "fields": {}}, "docs": []}
    context.route("**/search_index.json", lambda route: route.fulfill(json=empty))
    return context


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


@functools.cache
def _packed(path: Path, changed: int) -> bytes:
    """What travels of a file; made once for each moment at which it was changed."""
    return gzip.compress(path.read_bytes())


class _Compressed(http.server.SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """As the base class does, but compressed and kept by the browser; 404 is the site's own page."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if path.is_file() else Path(self.directory) / "404.html"
        body = _packed(path, path.stat().st_mtime_ns) if path.suffix in _TEXT else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Cache-Control", "max-age=3600")
        if path.suffix in _TEXT:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
        """Says nothing."""
