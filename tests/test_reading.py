"""What a reader does with a page in a real browser: copies commands, puts in own values, chooses a database."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from itertools import cycle, takewhile

import pytest
from playwright.sync_api import Browser, Page

from runbook import notebook, values
from runbook.errors import RunbookError
from runbook.markup import anchor
from runbook.step import Runbook, Step
from runbook.target import OWNED

from . import browser
from .samples import ROOT

BOOKS = [notebook.read(ROOT / "runbooks", name) for name in notebook.names(ROOT / "runbooks")]
LOGICAL = next(book for book in BOOKS if book.name == "backup/logico")
NASTY = (
    "a b", " a ", "'", "''", '"', "`id`", "$HOME", "$(id)", "\\", "a\\'b", "!!", "#x", ";id", "&", "|", "*", "~", "-rf",
    "ção", "loja d'água", "😀", "%s", "${DB}", "a=b", "<b>&amp;", "\u00a0", "x" * 4096, "'\"'\"'", "$'\\n'",
)  # fmt: skip


@pytest.fixture
def page(chromium: Browser, site_url: str) -> Iterator[Page]:
    """A browser that nobody has used, and that may read what was copied."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=site_url)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield browser.without_search(context).new_page()
    context.close()


def address(book: Runbook) -> str:
    """Of its page."""
    return f"/runbooks/{book.name}/"


def copied(page: Page, block: str) -> str:
    """What the button of a block of code, which is there once the block is seen, puts on the clipboard."""
    text: str = page.evaluate(
        """async id => {
            const soon = async what => {
                for (let tries = 0; tries < 100; tries++) {
                    const found = await what();
                    if (found) return found;
                    await new Promise(done => setTimeout(done, 20));
                }
            };
            location.hash = id;
            document.getElementById(id).scrollIntoView();
            const block = document.getElementById(id).closest(".highlight");
            await navigator.clipboard.writeText("nada");
            (await soon(() => block.querySelector("[data-clipboard-target]"))).click();
            return await soon(async () => {
                const text = await navigator.clipboard.readText();
                return text !== "nada" && text;
            });
        }""",
        block,
    )
    return text


@pytest.mark.parametrize("book", BOOKS, ids=[book.name for book in BOOKS])
def test_copied_is_executed(page: Page, book: Runbook) -> None:
    """The button of each step copies its text, letter by letter; an output has no button."""
    page.goto(address(book), wait_until="networkidle")
    steps = [part for part in book.body if isinstance(part, Step)]
    assert {step.name: copied(page, anchor(step)) for step in steps} == {step.name: step.text for step in steps}
    page.emulate_media(media="print")  # everything is open
    outputs = page.locator(".saida:visible")
    assert outputs.count() == page.locator(".saida").count() > 0
    for output in outputs.all():
        output.scroll_into_view_if_needed()
    assert page.locator(".saida [data-clipboard-target]").count() == 0


def executed(text: str, name: str) -> str:
    """What bash makes of a variable that the first lines of a text set."""
    own = "".join(takewhile(lambda line: line.startswith("export "), text.splitlines(keepends=True)))
    script = f'{own}printf %s "${name}"'
    return subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={}).stdout.decode()


def test_own_values(page: Page) -> None:
    """Whatever is typed, bash gets it from the copied text as typed; taken back, it is the executed one."""
    page.goto(address(LOGICAL), wait_until="networkidle")
    parametros = next(s for s in LOGICAL.steps("postgresql") if s.name == "parametros")
    page.get_by_text("Use os seus valores nesta página").click()
    field = page.locator("#valor-PASTA")
    for value in NASTY:
        field.fill(value)
        text = copied(page, anchor(parametros))
        assert text.endswith(parametros.text)
        assert text.count("\n") == parametros.text.count("\n") + 1
        assert executed(text, "PASTA") == value
    assert page.locator(".valores-aviso:visible").count() == 1
    page.reload(wait_until="networkidle")
    assert executed(copied(page, anchor(parametros)), "PASTA") == NASTY[-1]
    page.get_by_role("button", name="Limpar os seus valores").click()
    assert copied(page, anchor(parametros)) == parametros.text
    assert page.locator(".valores-aviso:visible").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('valor:'))") == []


@pytest.mark.parametrize("book", BOOKS, ids=[book.name for book in BOOKS])
def test_own_values_of_every_page(page: Page, book: Runbook) -> None:
    """All parameters at once, each with a value that bash might take apart: each block gets its engine's, as typed."""
    page.goto(address(book), wait_until="networkidle")
    page.get_by_text("Use os seus valores nesta página").click()
    typed = {p.name: value for p, value in zip(book.parameters, cycle(NASTY), strict=False)}
    for name, value in typed.items():
        page.locator(f"#valor-{name}").fill(value)
    blocks = {step.engine: step for step in book.body if isinstance(step, Step) and step.name == "parametros"}
    for engine, step in blocks.items():
        text = copied(page, anchor(step))
        own = [p.name for p in book.parameters if None in (engine, p.engine) or p.engine == engine]
        assert {name: executed(text, name) for name in own} == {name: typed[name] for name in own}
        assert text.split("\n", len(own))[len(own)] == step.text


def test_pasted_new_line(page: Page) -> None:
    """What cannot be a value is refused where it is pasted, and said."""
    page.goto(address(LOGICAL), wait_until="networkidle")
    page.get_by_text("Use os seus valores nesta página").click()
    page.evaluate("navigator.clipboard.writeText('a\\nb')")
    page.locator("#valor-PASTA").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#valor-PASTA").input_value() == ""
    assert "quebra de linha" in page.locator("#valor-PASTA-erro").inner_text()


@pytest.mark.parametrize(
    "value", ["backups", "-rf", "--", "~", "~/x", "./-x", "x" * 4097, "10", "1e3", "-1", "1234567890", " 3", "3 "]
)
def test_warned_of_what_a_command_would_misread(page: Page, value: str) -> None:
    """What `runbook run` would refuse is used as typed, and said below the field; what it takes is not."""
    page.goto(address(LOGICAL), wait_until="networkidle")
    page.get_by_text("Use os seus valores nesta página").click()
    for parameter in LOGICAL.parameters:
        if parameter.name in OWNED:
            continue
        page.locator(f"#valor-{parameter.name}").fill(value)
        said = page.locator(f"#valor-{parameter.name}-erro").inner_text()
        try:
            values.check(parameter, value)
        except RunbookError:
            assert said.startswith("Cuidado: ")
        else:
            assert bool(said) == (value != value.strip())


def test_warned_of_a_name_that_no_command_can_write(page: Page) -> None:
    """The database has a name that the commands can write; taken back or mended, nothing is said; code is code."""
    page.goto(address(LOGICAL), wait_until="networkidle")
    page.get_by_text("Use os seus valores nesta página").click()
    said = page.locator("#valor-DB-erro")
    names = {"Loja": True, "loja-2": True, "loja_2": False, "a" * 39: True, "a" * 38: False, "ção": True}
    for name, wrong in names.items():
        page.locator("#valor-DB").fill(name)
        assert ("nomes de banco" in said.inner_text()) == wrong
    page.reload(wait_until="networkidle")
    assert "nomes de banco" in said.inner_text()
    page.get_by_role("button", name="Limpar os seus valores").click()
    assert said.inner_text() == ""
    page.goto("/runbooks/migrations/criar/", wait_until="networkidle")
    assert "`" not in page.locator(".valores form").inner_text()


def test_light_and_dark(chromium: Browser, site_url: str) -> None:
    """The colours are those of the reader's machine from the first moment, until the button is pressed; then those."""
    context = chromium.new_context(color_scheme="dark", base_url=site_url)
    page = context.new_page()
    shown = "document.body.dataset.mdColorScheme"
    page.goto("/", wait_until="commit")
    page.wait_for_selector("main")
    assert page.evaluate(shown) == "slate"
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{shown} === 'default'")
    button = page.get_by_role("button", name="Modo escuro")
    assert button.get_attribute("aria-pressed") == "false"
    button.press("Enter")
    assert page.evaluate(shown) == "slate"
    page.goto("/rollback/")
    assert page.evaluate(shown) == "slate"
    assert page.get_by_role("button", name="Modo escuro").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Modo escuro").click()
    page.reload()
    assert page.evaluate(shown) == "default"
    context.close()


def test_choice_of_the_database(page: Page) -> None:
    """Nothing is hidden until one is chosen; then the tabs of every page follow, and what is hidden is told."""
    page.goto("/runbooks/restauracao/logica/", wait_until="networkidle")
    only = page.locator(".passo.so-mysql")
    assert only.count() > 0
    assert all(block.is_visible() for block in only.all())
    page.get_by_role("button", name="PostgreSQL", exact=True).click()
    assert not any(block.is_visible() for block in only.all())
    rows = page.locator("td:first-child:has-text('CNF'), td:first-child:has-text('PG_ANTIGO')")
    assert [row.inner_text() for row in rows.all() if row.is_visible()] == ["PG_ANTIGO"]
    assert "ocultos" in page.locator(".ocultos").inner_text()
    page.goto("/runbooks/backup/logico/", wait_until="networkidle")
    assert page.locator("#passo-parametros-postgresql").is_visible()
    assert not page.locator("#passo-parametros-mysql").is_visible()
    page.locator(".tabbed-labels label", has_text="MySQL").first.click()
    assert page.get_by_role("button", name="MySQL", exact=True).get_attribute("aria-pressed") == "true"
    page.goto("/runbooks/restauracao/logica/", wait_until="networkidle")
    assert all(block.is_visible() for block in only.all())
    assert page.locator(".passo.so-postgresql").count() == 0 or "ocultos" in page.locator(".ocultos").inner_text()
    page.get_by_role("button", name="Os dois").click()
    assert page.evaluate("localStorage.getItem('banco')") is None


def test_what_is_only_of_the_other_one(page: Page) -> None:
    """With one chosen, a part, an item and a field that are only of the other one go, and what is of both stays."""
    page.goto("/runbooks/restauracao/logica/?banco=mysql", wait_until="networkidle")
    page.get_by_text("Use os seus valores nesta página").click()
    gone = (
        "h3:has-text('O pg_restore que continua')", "nav a:has-text('O pg_restore que continua')", "#valor-PG_ANTIGO",
        "p:has-text('errors ignored on restore')", "li:text-matches('^PostgreSQL 17:')", "li:has-text('--exit-on')",
    )  # fmt: skip
    kept = (
        "h3:has-text('O --force que transforma')", "nav a:has-text('O --force que transforma')", "#valor-CNF",
        "h3:has-text('1. Confira o backup')", "li:text-matches('^MySQL 9.7:')",
    )  # fmt: skip
    for where in gone:
        assert page.locator(where).count() > 0, where
        assert not any(found.is_visible() for found in page.locator(where).all()), where
    for where in kept:
        assert any(found.is_visible() for found in page.locator(where).all()), where
    page.goto("/runbooks/restauracao/logica/?banco=postgresql", wait_until="networkidle")
    assert page.locator(gone[0]).is_visible()
    assert not page.locator(kept[0]).is_visible()
    page.goto("/runbooks/preparo/credenciais/?banco=mysql", wait_until="networkidle")
    assert page.locator("p:has-text('SET SESSION lock_wait_timeout = 5')").is_visible()  # told in a part with one step
    page.goto("/runbooks/rollback/falha-postgresql/", wait_until="networkidle")
    assert page.locator("li:text-matches('^PostgreSQL 17:')").is_visible()  # the page is of one database alone


@pytest.mark.parametrize("name", ["restauracao/logica", "backup/logico", "preparo/credenciais"])
def test_printed_with_one_chosen(page: Page, name: str) -> None:
    """On paper everything of both is there, whatever was chosen on the screen."""
    page.goto(f"/runbooks/{name}/?banco=mysql", wait_until="networkidle")
    shown = ".passo, article :is(h2, h3, li, tr):not(.sabotadas *)"  # what was noticed stays on the screen
    missing = "all => all.filter(one => !one.getClientRects().length).map(one => one.textContent)"
    assert page.eval_on_selector_all(shown, missing)
    page.emulate_media(media="print")
    assert page.eval_on_selector_all(shown, missing) == []


def test_link_to_what_is_hidden(page: Page) -> None:
    """A link to a step of the other database shows it, and so does an address that names the database."""
    book = next(b for b in BOOKS if b.name == "restauracao/logica")
    step = next(
        s
        for s in book.steps("mysql")
        if s.engine and sum(t.name == s.name for t in book.body if isinstance(t, Step)) == 1
    )
    page.goto(f"{address(book)}?banco=postgresql", wait_until="networkidle")
    assert not page.locator(f"#{anchor(step)}").is_visible()
    page.goto(f"{address(book)}#{anchor(step)}", wait_until="networkidle")
    assert page.locator(f"#{anchor(step)}").is_visible()


def test_link_to_a_heading_keeps_the_choice(page: Page) -> None:
    """Only a step belongs to a database: the name of a heading may end in one too, and an address may be broken."""
    page.goto("/erros/?banco=postgresql", wait_until="networkidle")
    heading = page.locator("article [id$='-mysql']").first
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"/erros/#{heading.get_attribute('id')}", wait_until="networkidle")
    page.goto("/erros/#%", wait_until="networkidle")
    assert page.evaluate("localStorage.getItem('banco')") == "postgresql"
    assert problems == []


def test_keyboard_and_telephone(page: Page) -> None:
    """The switch is reached and used without a mouse, and is high enough for a thumb."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/runbooks/backup/logico/", wait_until="networkidle")
    button = page.get_by_role("button", name="MySQL", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    undo = page.get_by_role("link", name="Desfazer", exact=True).and_(page.locator(".desfazer"))
    page.mouse.wheel(0, 3000)
    assert undo.bounding_box()
    page.wait_for_function("() => scrollY > 1000")
    assert page.evaluate("document.querySelector('.desfazer').getBoundingClientRect().bottom <= innerHeight")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    top = "document.querySelector('.desfazer').getBoundingClientRect().top"
    assert page.evaluate(f"document.querySelector('article').lastElementChild.getBoundingClientRect().bottom <= {top}")


def test_what_is_needed_is_ticked_off(page: Page) -> None:
    """Each box before the first step has its text for a name, is ticked by it, and is large enough for a thumb."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/runbooks/rollback/falha-mysql/", wait_until="networkidle")
    box = page.get_by_role("checkbox", name="Pare o CI: um deploy repetido no meio destes passos atrapalha.")
    assert not box.is_checked()
    page.locator("label", has_text="Pare o CI").click()
    assert box.is_checked()
    sizes = [found.bounding_box() for found in page.locator(".task-list-item input").all()]
    assert sizes
    assert all(size and min(size["width"], size["height"]) >= 24 for size in sizes)


def test_without_scripts(chromium: Browser, site_url: str) -> None:
    """Every step is there for who runs no scripts."""
    context = chromium.new_context(java_script_enabled=False, base_url=site_url)
    page = context.new_page()
    page.goto("/runbooks/restauracao/logica/")
    book = next(b for b in BOOKS if b.name == "restauracao/logica")
    lone = [s for s in book.body if isinstance(s, Step) and s.engine is None and not s.hidden]
    assert all(page.locator(f"#{anchor(step)}").is_visible() for step in lone)
    assert all(block.is_visible() for block in page.locator(".passo.so-mysql").all())
    context.close()
