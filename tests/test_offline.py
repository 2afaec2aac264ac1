"""The manual without a network: the zip unpacked and opened from a folder, and what comes out of a printer."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from runbook import offline, printed, search

from .samples import ROOT
from .test_search import PAIRS

PICTURES = "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"


@pytest.fixture(scope="module")
def site() -> Iterator[Path]:
    """The folder of the site that needs no server."""
    with offline.pages(ROOT) as folder:
        yield folder


@pytest.fixture(scope="module")
def unpacked(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a reader has after unpacking, in a place whose name is not simple."""
    folder = tmp_path_factory.mktemp("zip") / "meu manual"
    offline.pack(site, folder.with_suffix(".zip"))
    offline.pack(site, folder.with_suffix(".again"))
    assert folder.with_suffix(".zip").read_bytes() == folder.with_suffix(".again").read_bytes()
    with zipfile.ZipFile(folder.with_suffix(".zip")) as archive:
        archive.extractall(folder)
    return folder / offline.FOLDER


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window without a network."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield context.new_page()
    context.close()


def pages(folder: Path) -> list[Path]:
    """Every page."""
    return sorted(folder.rglob("*.html"))


def test_every_page(page: Page, unpacked: Path) -> None:
    """No page asks for anything outside its folder, and each shows its pictures and runs its scripts."""
    here, told = unpacked.as_uri(), list[str]()
    page.on("request", lambda r: None if r.url.startswith((here, "data:", "blob:")) else told.append(r.url))
    page.on("pageerror", lambda error: told.append(f"{page.url}: {error}"))
    cut = "net::ERR_ABORTED"  # by us, who went to the next page
    page.on("requestfailed", lambda r: None if r.failure == cut else told.append(f"{r.url}: {r.failure}"))
    for file in pages(unpacked):
        page.goto(file.as_uri())
        told += page.evaluate(PICTURES)
    assert told == []


def test_every_link(unpacked: Path) -> None:
    """Every link inside the manual leads to a file that is in the zip, and to a place that is in the file."""
    texts = {file: file.read_text(encoding="utf-8") for file in pages(unpacked)}
    broken = []
    for file, text in texts.items():
        for address in re.findall(r'(?:href|src)="([^"]*)"', text):
            parts = urlsplit(address)
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file() or (
                parts.fragment and target in texts and f'id="{unquote(parts.fragment)}"' not in texts[target]
            ):
                broken.append(f"{file.relative_to(unpacked)}: {address}")
    assert broken == []


@pytest.mark.parametrize("query", ["P3009", "restauracao", "o banco caiu"])
def test_search(page: Page, unpacked: Path, query: str) -> None:
    """The search finds from a folder what it finds on a server, and its results open."""
    page.goto((unpacked / "runbooks/backup/logico.html").as_uri())
    page.locator(".md-search__input").click()
    page.keyboard.type(query)
    results = page.locator(".md-search-result__item > .md-search-result__link, .md-search-result__item > a")
    results.first.wait_for()
    found = [result.get_attribute("href") or "" for result in results.all()[:3]]
    wanted = next(to for typed, to in PAIRS if typed == query)
    assert any(f"/{wanted}.html" in address for address in found), found
    first = str(results.first.evaluate("link => new URL(link.href).pathname"))
    results.first.click()
    page.wait_for_url(lambda address: urlsplit(address).path == first)
    assert Path(unquote(urlsplit(page.url).path)).is_file()


def test_database(page: Page, unpacked: Path) -> None:
    """The switch hides what is of the other database, and the next page remembers it."""
    page.goto((unpacked / "runbooks/backup/logico.html").as_uri())
    page.locator(".banco:visible button", has_text="MySQL").first.click()
    assert page.evaluate("document.documentElement.dataset.banco") == "mysql"
    page.goto((unpacked / "runbooks/restauracao/logica.html").as_uri())
    assert page.evaluate("document.documentElement.dataset.banco") == "mysql"


def test_synonyms_of_files() -> None:
    """A page is the same page where its address is a file."""
    known = search.Synonyms(pages=(("a/b/", "x"), ("./", "y"), ("c/", "z")))
    docs = ", ".join(f'{{"location": "{address}"}}' for address in ("a/b.html", "index.html", "d.html"))
    assert search.unknown(f'{{"docs": [{docs}]}}', known) == ["./", "c/"]


@pytest.fixture(scope="module")
def paper(chromium: Browser, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runbook of both databases, and the whole manual, as PDF."""
    folder = tmp_path_factory.mktemp("papel")
    for source, name in printed.papers(site):
        if name in ("restauracao-logica.pdf", "manual.pdf"):
            printed.write(chromium, source, folder / name)
    return folder


def texts(file: Path | bytes) -> list[str]:
    """What is written on each sheet of a PDF, by the library that reads five hundred of them in seconds."""
    return [sheet.get_textpage().get_text_range() for sheet in PdfDocument(file)]


def empty(sheets: list[str]) -> list[int]:
    """The numbers of those that have nothing but their number."""
    return [n for n, text in enumerate(sheets, 1) if len(re.sub(r"\d+ de \d+", "", text).split()) < 3]


@pytest.mark.parametrize("name", ["index.html", "rollback.html", "verificacao.html", "erros/p3009.html"])
def test_printed_from_the_browser(page: Page, unpacked: Path, name: str) -> None:
    """A page that somebody prints has no empty sheet."""
    page.goto((unpacked / name).as_uri())
    assert empty(texts(page.pdf(format="A4"))) == []


@pytest.mark.parametrize("name", ["restauracao-logica.pdf", "manual.pdf"])
def test_paper(paper: Path, name: str) -> None:
    """Tagged, in Portuguese, with letters of its own and an outline, no sheet empty, and both databases on it."""
    document = PdfReader(paper / name)
    root: Any = document.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "pt-BR"
    assert document.outline
    sheets = texts(paper / name)
    assert empty(sheets) == []
    whole = "\n".join(sheets)
    assert "pg_restore" in whole
    assert "mysqldump" in whole
    assert f"{len(sheets)} de {len(sheets)}" in sheets[-1]
    resources: list[Any] = [sheet["/Resources"] for sheet in document.pages]
    fonts = [font.get_object() for resource in resources for font in resource.get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert font["/Subtype"] == "/Type3" or any(key.startswith("/FontFile") for key in inner["/FontDescriptor"])


def test_the_whole_manual(paper: Path, unpacked: Path) -> None:
    """The one PDF has the title of every page of the navigation, and its first sheets list them."""
    sheets = [re.sub(r"\s+", " ", text) for text in texts(paper / "manual.pdf")]
    text = " ".join(sheets)
    titles = []
    for file in pages(unpacked):
        if file.parent.name != "erros":
            found = re.search(
                r"<h1[^>]*>(.*?)(?:<a class=\"headerlink\"|</h1>)", file.read_text(encoding="utf-8"), re.DOTALL
            )
            assert found, file
            titles.append(re.sub(r"<[^>]+>", "", found[1]).strip())
    assert [title for title in titles if title not in text] == []
    assert "Migration presa em um bloqueio" in " ".join(sheets[:2])


_COLOURS = """scheme => {
    document.body.setAttribute("data-md-color-scheme", scheme);
    return [...document.querySelectorAll("article *")].map(e => {
        const seen = getComputedStyle(e);
        return `${e.tagName}.${e.className}: ${seen.color} on ${seen.backgroundColor}, ${seen.borderColor}`;
    });
}"""


@pytest.mark.parametrize("name", ["index.html", "runbooks/backup/logico.html", "verificacao.html"])
def test_dark_on_paper(page: Page, unpacked: Path, name: str) -> None:
    """Who reads in the dark prints the same black on white as everybody."""
    page.goto((unpacked / name).as_uri())
    page.add_style_tag(content="* { transition: none !important; }")
    assert page.evaluate(_COLOURS, "slate") != page.evaluate(_COLOURS, "default")
    page.emulate_media(media="print")
    assert page.evaluate(_COLOURS, "slate") == page.evaluate(_COLOURS, "default")
