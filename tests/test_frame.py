"""The frame of the site: what a shared link shows, what a wrong address shows, and what programs are told."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from . import drawings
from .samples import build, project

DOORS = ["/rollback/", "/primeiro-dia/", "/verificacao/"]


@pytest.fixture
def page(chromium: Browser) -> Page:
    """A page of a browser, which must see no error of a script."""
    return chromium.new_page()


def doors(page: Page) -> list[str]:
    """Where the doors lead."""
    found: list[str] = page.eval_on_selector_all(".porta", "doors => doors.map(door => new URL(door.href).pathname)")
    return found


@pytest.mark.parametrize("address", ["/", "/isto/nao/existe/"])
def test_doors(address: str, page: Page, site_url: str) -> None:
    """The first page, and the one for a wrong address, lead each of the three readers on with one click."""
    answer = page.goto(site_url + address)
    assert answer is not None
    assert answer.status == (200 if address == "/" else 404)
    assert doors(page) == DOORS
    for door in DOORS:
        page.goto(site_url + address, wait_until="domcontentloaded")
        page.locator(f'.porta[href$="{door.lstrip("/")}"]').click(no_wait_after=True)
        page.wait_for_url(site_url + door, wait_until="domcontentloaded")
        assert page.url == site_url + door
        assert page.locator("h1").first.inner_text() != "Esta página não existe"
    page.context.close()


def test_not_found_speaks_portuguese(page: Page, site_url: str) -> None:
    """A wrong address is answered in Portuguese, with the search one key away."""
    page.goto(f"{site_url}/isto/nao/existe/", wait_until="networkidle")
    assert page.locator("html").get_attribute("lang") == "pt-BR"
    assert page.locator("article h1").inner_text() == "Esta página não existe"
    page.keyboard.press("/")
    page.keyboard.type("restaurar")
    page.wait_for_selector(".md-search-result__item")
    page.context.close()


def test_words_of_the_theme(built_site: Path) -> None:
    """The theme's own words are mended where they lack an article."""
    text = (built_site / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'"clipboard\.(?:copy|copied)": "(\w+ para a )', text) == ["Copiado para a ", "Copiar para a "]


def test_every_page_says_what_it_is(built_site: Path) -> None:
    """Every page has its language, and a title, a description and a picture of its own for those who share it."""
    titles = {}
    for file in sorted(built_site.rglob("*.html")):
        html = file.read_text(encoding="utf-8")
        name = file.relative_to(built_site).as_posix()
        assert '<html lang="pt-BR"' in html, name
        told = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', html))
        assert all(told.get(key) for key in ("title", "description", "image", "type", "locale")), name
        assert (file.parent / told["image"]).resolve().is_file() or name == "404.html", name
        titles[name] = told["title"]
    twice = [name for name, title in titles.items() if list(titles.values()).count(title) > 1 and name != "404.html"]
    assert twice == ["index.html"] or twice == []


def test_whole_addresses(tmp_path: Path) -> None:
    """Where the site says its address, a shared link shows whole ones, and so does the list for programs."""
    root = project(tmp_path / "projeto")
    with (root / "mkdocs.yml").open("a", encoding="utf-8") as settings:
        settings.write("site_url: https://example.org/manual/\n")
    site = build(root, tmp_path / "site")
    html = (site / "index.html").read_text(encoding="utf-8")
    assert '<meta property="og:image" content="https://example.org/manual/img/previa.png">' in html
    assert '<meta property="og:url" content="https://example.org/manual/">' in html
    assert "](https://example.org/manual/verificacao/):" in (site / "llms.txt").read_text(encoding="utf-8")


def test_list_for_programs(built_site: Path) -> None:
    """`llms.txt` names every page of the site once, with a description, in the order of the chapters."""
    text = (built_site / "llms.txt").read_text(encoding="utf-8")
    entries = re.findall(r"^- \[.+\]\((.*?)\)(: .+)?$", text, re.MULTILINE)
    pages = {path.parent.relative_to(built_site).as_posix() for path in built_site.rglob("index.html")}
    assert sorted(address.strip("/") or "." for address, _ in entries) == sorted(pages)
    assert [address for address, description in entries if not description] == []
    assert text.index("## Pré-requisitos") < text.index("## Rollback") < text.index("## Outras páginas")


@pytest.mark.parametrize("name", drawings.SIZES)
def test_pictures(name: str, chromium: Browser, built_site: Path) -> None:
    """The committed pictures are on the site, in their size, and the drawing that they come from can still be drawn."""
    _, width, height = drawings.SIZES[name]
    for data in ((built_site / "img" / name).read_bytes(), drawings.drawn(chromium, name)):
        assert data.startswith(b"\x89PNG")
        assert struct.unpack(">II", data[16:24]) == (width, height)


def test_no_other_host(chromium: Browser, site_url: str) -> None:
    """The frame asks nobody else for anything: no letters, no pictures, no scripts from elsewhere."""
    page, asked = chromium.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/verificacao/", "/erros/p3009/", "/isto/nao/existe/"):
        page.goto(site_url + address, wait_until="networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((site_url, "data:", "blob:"))] == []
    page.context.close()
