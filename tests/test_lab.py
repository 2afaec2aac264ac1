"""JupyterLab as `runbook lab` starts it: on the loopback, behind a token, with the notebooks and our kernel alone."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from .notebooks import LIMIT, Notebook, serving
from .samples import fence, write

GOOD = (fence("ola", "x=valor; echo olá"), fence("demora", "echo começou; sleep 600"), fence("fim", 'echo "x é $x"'))


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a running one, with the token."""
    folder = tmp_path / "livro"
    write(folder, "capitulo/um", *GOOD)
    write(folder, "capitulo/so-mysql", fence("ola", "echo olá"), engines=["mysql"])
    write(
        folder,
        "capitulo/ruim",
        fence("bom", "echo bom"),
        fence("vermelho", 'echo "$(false)"'),
        fence("depois", f"touch {tmp_path}/foi"),
    )
    write(folder, "capitulo/longo", fence("longo", "seq 30000"))
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    with serving("--sandbox", "none", "--runbooks", str(folder), environment=environment) as address:
        yield address
    assert not list(tmp_path.glob("runbook-lab-*"))
    deadline = time.monotonic() + LIMIT
    while list(tmp_path.glob("runbook-runs-*/*")):  # the kernels are gone, and their workers go
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def opened(chromium: Browser, lab: str) -> Iterator[Callable[[str], Notebook]]:
    """Opens a notebook in the browser; on the way nothing was asked of the person, and nothing of another host."""
    books: list[Notebook] = []

    def open_(name: str) -> Notebook:
        books.append(Notebook(chromium, lab, f"capitulo/{name}.ipynb"))
        assert books[-1].dialog.count() == 0
        return books[-1]

    yield open_
    for book in books:
        assert book.strangers == set()
        book.close()


def asked(address: str, what: str, *, token: bool = True) -> Any:
    """What the server answers."""
    base, _, rest = address.partition("lab")
    secret = rest.partition("?")[2]
    with urllib.request.urlopen(f"{base}api/{what}" + (f"?{secret}" if token else "")) as answer:  # noqa: S310 -- loopback
        return json.load(answer)


def test_notebooks_and_kernels(lab: str) -> None:
    """A notebook for each runbook and engine, which asks for the kernel of its engine; no other kernel is offered."""
    found = asked(lab, "contents/capitulo")["content"]
    assert {one["path"] for one in found} == {
        f"capitulo/{name}.{engine}.ipynb"
        for name in ("um", "so-mysql", "ruim", "longo")
        for engine in ("postgresql", "mysql")
        if (name, engine) != ("so-mysql", "postgresql")
    }
    for engine, shown in (("postgresql", "PostgreSQL"), ("mysql", "MySQL")):
        notebook = asked(lab, f"contents/capitulo/um.{engine}.ipynb")["content"]
        name = notebook["metadata"]["kernelspec"]["name"]
        assert asked(lab, "kernelspecs")["kernelspecs"][name]["spec"]["display_name"] == f"Runbook ({shown})"
    assert len(asked(lab, "kernelspecs")["kernelspecs"]) == 2


def test_first_page(lab: str) -> None:
    """It leads to each notebook by its title and engine."""
    text = str(asked(lab, "contents/inicio.md")["content"])
    assert "[PostgreSQL](capitulo/um.postgresql.ipynb), [MySQL](capitulo/um.mysql.ipynb)" in text


def test_token(lab: str) -> None:
    """Without the token nobody gets in."""
    with pytest.raises(urllib.error.HTTPError, match="403"):
        asked(lab, "contents", token=False)


def test_red_cell_in_the_browser(opened: Callable[[str], Notebook], tmp_path: Path) -> None:
    """A step that fails is a red cell with its reason, and of what follows nothing is run."""
    book = opened("ruim.mysql")
    book.run_all()
    book.cell(1).get_by_text("PassoVermelho").wait_for()
    book.settle(LIMIT)
    assert [book.is_red(number) for number in (0, 1)] == [False, True]
    assert "✔ bom" in book.cell(0).inner_text()
    assert "PassoVermelho: terminou com o código 1" in book.cell(1).inner_text()
    assert book.cell(2).locator(".jp-OutputArea-output").count() == 0
    assert not (tmp_path / "foi").exists()


def test_interrupt_and_restart_in_the_browser(opened: Callable[[str], Notebook], tmp_path: Path) -> None:
    """The stop button ends the step and keeps the run; a restart begins anew, and removes what the run had made."""
    book = opened("um.postgresql")
    book.run_all()
    book.cell(1).get_by_text("começou", exact=True).wait_for()
    assert len(list(tmp_path.glob("runbook-runs-*/*"))) == 1
    book.choose("Kernel", "kernelmenu:interrupt")
    book.cell(1).get_by_text("Interrompido").wait_for()
    book.settle(LIMIT)
    book.cell(2).click()
    book.page.keyboard.press("Control+Enter")
    book.cell(2).get_by_text("x é valor").wait_for()
    book.choose("Kernel", "kernelmenu:restart")
    book.dialog.locator(".jp-mod-accept").click()
    book.cell(2).click()
    book.page.keyboard.press("Control+Enter")
    book.cell(2).get_by_text("unbound variable").first.wait_for()
    assert len(list(tmp_path.glob("runbook-runs-*/*"))) == 1


def test_completion_in_the_browser(opened: Callable[[str], Notebook]) -> None:
    """Tab offers the variables that an earlier cell has set."""
    book = opened("um.postgresql")
    book.cell(0).locator(".cm-content").click()
    book.page.keyboard.press("Control+A")
    book.page.keyboard.type("minha_variavel=1; minha_outra=2")
    book.page.keyboard.press("Control+Enter")
    book.cell(0).get_by_text("✔").wait_for()
    book.cell(1).locator(".cm-content").click()
    book.page.keyboard.press("Control+A")
    book.page.keyboard.type("echo $minha_")
    book.page.keyboard.press("Tab")
    book.page.locator(".jp-Completer-item", has_text="$minha_variavel").wait_for()


def test_long_output_in_the_browser(opened: Callable[[str], Notebook]) -> None:
    """A step that prints too much is red and says so; what it printed first and last is there, and the page answers."""
    book = opened("longo.mysql")
    book.run_all()
    book.cell(0).get_by_text("PassoVermelho: saída grande demais").wait_for()
    lines = book.cell(0).inner_text().splitlines()
    assert {"2", "30000"} <= set(lines)
    assert "15000" not in lines
