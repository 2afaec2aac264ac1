"""JupyterLab in a real browser, for the tests: what a person opens, clicks and sees.

In: the address of a running one, with its token. Out: a notebook that can be run, interrupted and restarted, and what
stands below its cells. Apart from the tests because `test_lab` and `test_runners` both sit there.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page

LIMIT = 120.0  # seconds for it to answer


@contextmanager
def serving(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[str]:
    """`runbook lab`, running; its address with the token. Ended as Ctrl-C does."""
    command = [sys.executable, "-m", "runbook", "lab", *arguments]
    with subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stderr
        said = ""
        try:
            for line in server.stderr:
                said += line
                if found := re.search(r"http://127\.0\.0\.1:\d+/lab\S*\?token=\w+", line):
                    break
            else:
                raise AssertionError(said)
            deadline = time.monotonic() + LIMIT
            while _refused(found[0]):  # it says where it will be a moment before it is there
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield found[0]
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGINT)
            server.stderr.read()
            server.wait(LIMIT)


def _refused(address: str) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", urlsplit(address).port or 0)) != 0


class Notebook:
    """One notebook, open in a page of its own.

    Attributes:
        page: where it is.
        strangers: hosts other than JupyterLab's that the page has asked for something.
    """

    def __init__(self, browser: Browser, address: str, path: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1400, "height": 1000})
        self.page.set_default_timeout(LIMIT * 1000)
        here = urlsplit(address).netloc
        self.strangers: set[str] = set()
        self.page.on("request", lambda r: self.strangers.update({urlsplit(r.url).netloc} - {here, ""}))
        token = urlsplit(address).query
        self.page.goto(f"http://{here}/lab/tree/{path}?{token}&reset")  # without those that were open before
        self.page.locator(".jp-CodeCell").first.wait_for(state="attached")  # it may be further down
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()  # its kernel listens

    def close(self) -> None:
        """With all that it keeps."""
        self.page.context.close()

    def choose(self, menu: str, command: str) -> None:
        """Picks a command of a menu, as a person does."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]').click()

    def run_all(self) -> None:
        """Has every cell run, and waits until the first one is at it."""
        self.choose("Run", "runmenu:run-all")
        self.cell(0).locator(".jp-InputPrompt", has_text=re.compile(r"\[[\d*]+\]")).wait_for(state="attached")

    def settle(self, limit: float) -> None:
        """Waits until no cell waits for its turn or is being run."""
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".every(prompt => !prompt.textContent.includes('*'))",
            timeout=limit * 1000,
        )

    def cell(self, number: int) -> Locator:
        """The code cell of that number, from 0."""
        return self.page.locator(".jp-CodeCell").nth(number)

    def save(self) -> None:
        """Writes what is seen to the file."""
        self.choose("File", "docmanager:save")
        self.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")

    def is_red(self, number: int) -> bool:
        """Whether what stands below a cell stands on red, as errors do."""
        found = self.cell(number).locator(".jp-RenderedText").last
        red, green, blue = found.evaluate("e => getComputedStyle(e).backgroundColor.match(/\\d+/g).map(Number)")[:3]
        return bool(red > green + 10 and red > blue + 10)

    @property
    def dialog(self) -> Locator:
        """What stands in the way and asks something."""
        return self.page.locator(".jp-Dialog")
