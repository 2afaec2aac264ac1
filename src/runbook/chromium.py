"""Debian's own Chromium, headless and talking to nobody: nothing in, a browser out.

Apart because both the printing of the manual and the tests of its pages need it, and nothing else may start one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from . import debian

SHELL = "chromium-headless-shell"  # the same without its windows, which cost a processor two seconds each
WHOLE = "chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def obstacle() -> str | None:
    """Why there is no browser here; None when there is one, installed now if need be."""
    if located() is None:
        if reason := debian.obstacle():
            return f"sem Chromium: {reason}"
        debian.update()
        debian.install(SHELL if debian.candidate(SHELL) else WHOLE)
    return None


def located() -> str | None:
    """The program to start, the one without windows before the other; None when there is neither."""
    return shutil.which(SHELL) or shutil.which(WHOLE)


@contextmanager
def opened() -> Iterator[Browser]:
    """The browser, headless."""
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=located(), args=QUIET)
        try:
            yield browser
        finally:
            browser.close()
