"""Pages on paper: the folder of the offline site in, PDF files out, tagged for screen readers and with an outline.

Apart from `offline`, which needs no browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Error

from .errors import EnvironmentUnavailable
from .offline import WHOLE

LIMIT = 300_000.0  # milliseconds for a page: the whole manual has hundreds


def papers(site: Path) -> Iterator[tuple[Path, str]]:
    """What is printed: each runbook and the whole manual, as page and name of the file."""
    for page in sorted((site / "runbooks").glob("*/*.html")):
        yield page, f"{page.parent.name}-{page.stem}.pdf"
    yield site / WHOLE, "manual.pdf"


def write(browser: Browser, page: Path, file: Path) -> None:
    """Prints a page of the folder; margins and numbers are those of `css/impressao.css`.

    Raises:
        EnvironmentUnavailable: the browser could not.
    """
    sheet = browser.new_page()
    try:
        sheet.set_default_timeout(LIMIT)
        sheet.goto(page.as_uri(), wait_until="load")
        sheet.pdf(path=file, format="A4", print_background=True, prefer_css_page_size=True, tagged=True, outline=True)
    except Error as error:
        raise EnvironmentUnavailable(f"o Chromium não imprimiu {page.name}: {error.message}") from None
    finally:
        sheet.close()
