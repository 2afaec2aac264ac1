"""The browser and the server that the tests of pages stand on."""

from __future__ import annotations

from playwright.sync_api import Browser


def test_first_page(chromium: Browser, site_url: str) -> None:
    """The first page opens without an error of a script, in Portuguese."""
    page, errors = chromium.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site_url + "/", wait_until="networkidle")
    assert "Manual de Migrations" in page.title()
    assert page.locator("html").get_attribute("lang") in ("pt", "pt-BR")
    assert errors == []
    page.context.close()
