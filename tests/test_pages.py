"""Every page of the site in a real browser: open to everybody, light to load, and alone with its own server.

Each page is loaded once, read by axe in two widths and two themes, and its requests are counted on the way.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Response

from . import browser
from .npm import Programs

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = {"type": "tag", "values": TAGS}
WIDTHS = (1280, 390)
HEAVIEST = 150_000  # bytes of a page and all it loads, as they travel
COLOURS = ["color-contrast", "link-in-text-block"]  # of those rules, what a theme can break
_LOOK = """async only => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    await new Promise(done => setTimeout(done, 100)); // that is told by an event
    const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
    return found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")}: ${n.failureSummary}`));
}"""
# Hundreds of rows of one kind take axe most of its time: the first look sees them all, each other twenty of a list.
_SHORTER = """
for (const row of document.querySelectorAll(".sabotadas tr:nth-child(n + 21)")) row.remove();
"""
_DARK = 'document.body.setAttribute("data-md-color-scheme", "slate")'


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core."""
    return (Programs("pages").folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


def addresses(site: Path) -> list[str]:
    """Of every page that there is, the one for wrong addresses included."""
    return sorted(f"/{file.relative_to(site)}".removesuffix("index.html") for file in site.rglob("*.html"))


def _note(told: list[str], error: Error) -> None:
    told.append(f"script: {error}")


def look(page: Page, axe: str) -> list[str]:
    """What axe finds, in each width and theme."""
    page.evaluate(axe)
    page.add_style_tag(content="* { transition: none !important; }")  # colours would change by and by
    found = []
    for theme, only in (("light", ALL), ("dark", {"type": "rule", "values": COLOURS})):
        if theme == "dark":
            page.evaluate(_DARK)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{theme}, {width}: {line}" for line in page.evaluate(_LOOK, only)]
            page.evaluate(_SHORTER)
    return found


def test_every_page(chromium: Browser, built_site: Path, site_url: str, axe: str) -> None:
    """No violation of WCAG 2.2 AA, no request to another host, no error of a script, and at most 150 kB to read it."""
    problems: dict[str, list[str]] = {}
    for address in addresses(built_site):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
        page, told, sizes = browser.without_search(context).new_page(), list[str](), list[int]()

        def heard(response: Response, told: list[str] = told, sizes: list[int] = sizes) -> None:
            if not response.url.startswith((f"{site_url}/", "data:", "blob:")):
                told.append(f"request to {response.url}")
            if not response.url.endswith("/search_index.json"):  # the true one comes by and by, once for all pages
                sizes.append(int(response.headers.get("content-length", 0)))

        page.on("response", heard)
        page.on("pageerror", functools.partial(_note, told))
        page.goto(site_url + address, wait_until="networkidle")
        if sum(sizes) > HEAVIEST:
            told.append(f"{sum(sizes)} bytes")
        told += look(page, axe)
        if told:
            problems[address] = told
        context.close()
    assert problems == {}, "\n".join(f"{a}: {line}" for a, lines in problems.items() for line in lines)


def test_axe_sees(chromium: Browser, axe: str) -> None:
    """A picture without words and grey on grey are found, so that finding nothing means something."""
    page = chromium.new_page()
    page.set_content(
        '<html lang="pt"><title>x</title><main><img src="x.png"><p style="color:#999">pouco</p></main></html>'
    )
    found: list[Any] = page.evaluate(f"async only => {{ {axe}; return await ({_LOOK})(only); }}", ALL)
    assert {line.partition(":")[0] for line in found} == {"image-alt", "color-contrast"}
    page.close()
