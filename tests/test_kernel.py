"""The runbooks in Jupyter: the same text gives the same output and the same colour as everywhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from runbook import ipynb, lab, normalize, notebook
from runbook.embedded import Embedded
from runbook.runs import run_all

from .samples import ROOT, fence, write

Open = Callable[..., Any]


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a runbook of a folder as Jupyter would; gives the notebook, and the client that runs it."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))

    def open_(folder: Path, name: str, sandbox: str = "none") -> tuple[Any, NotebookClient]:
        environment = {"RUNBOOK_SANDBOX": sandbox, "RUNBOOK_FOLDER": str(folder)}
        lab.describe(tmp_path, "postgresql", environment)
        if sandbox == "embedded":
            monkeypatch.delenv("TMPDIR")  # too long for a server's socket
        text = ipynb.write(notebook.read(folder, name), "postgresql")
        book = nbformat.reads(text, as_version=4)
        return book, NotebookClient(book, timeout=300, kernel_name=lab.kernel("postgresql"))

    return open_


def streamed(cell: Any) -> str:
    """What a cell printed."""
    found = [
        out["text"] for out in cell.get("outputs", []) if out["output_type"] == "stream" and out["name"] == "stdout"
    ]
    return "".join(found).rstrip("\n")


def cells(book: Any) -> list[Any]:
    """The cells that are steps."""
    return [cell for cell in book.cells if cell.cell_type == "code"]


def test_state_and_checks(notebooks: Open, tmp_path: Path) -> None:
    """Variables go from cell to cell, an expected failure is good, and below each cell stands that it passed."""
    write(
        tmp_path / "livro",
        "capitulo/bom",
        fence("um", "x=valor; cd /; echo feito"),
        fence("dois", 'echo "$x em $PWD"; exit 3', 'exit_code=3 expect="^valor em /$"'),
        fence("mudo", "true"),
    )
    book, client = notebooks(tmp_path / "livro", "capitulo/bom")
    client.execute()
    assert [streamed(cell) for cell in cells(book)] == ["feito", "valor em /", ""]
    marks = [cell.outputs[-1]["data"]["text/plain"] for cell in cells(book)]
    assert [re.sub(r" · .*", "", mark) for mark in marks] == ["✔ um", "✔ dois", "✔ mudo"]


@pytest.mark.parametrize(
    ("text", "attributes", "said"),
    [
        ("false | true", "", "terminou com o código 1"),
        ('echo "$(false)"', "", "terminou com o código 1"),
        ("echo outra", 'expect="esta"', "nenhuma linha da saída corresponde a `expect`: esta"),
        ("true", "exit_code=2", "terminou com o código 0; o esperado era 2"),
        ("sleep 60 &", "", "continuavam depois do fim do passo"),
        ("echo 'não fecha", "", "erro de sintaxe"),
    ],
)
def test_red_cell(notebooks: Open, tmp_path: Path, text: str, attributes: str, said: str) -> None:
    """Whatever makes a step red makes the cell red, with the reason, and nothing after it is run."""
    write(
        tmp_path / "livro", "capitulo/ruim", fence("ruim", text, attributes), fence("depois", f"touch {tmp_path}/foi")
    )
    book, client = notebooks(tmp_path / "livro", "capitulo/ruim")
    with pytest.raises(CellExecutionError, match=re.escape(said)):
        client.execute()
    error = cells(book)[0].outputs[-1]
    assert error["output_type"] == "error"
    assert said in error["evalue"]
    assert not (tmp_path / "foi").exists()


def test_same_text_twice(notebooks: Open, tmp_path: Path) -> None:
    """Two steps of the same text are judged each as itself."""
    count = f"echo x >> {tmp_path}/vezes; wc -l < {tmp_path}/vezes"
    write(
        tmp_path / "livro", "capitulo/duas", fence("uma", count, 'expect="^1$"'), fence("outra", count, 'expect="^2$"')
    )
    book, client = notebooks(tmp_path / "livro", "capitulo/duas")
    client.execute()
    marks = [cell.outputs[-1]["data"]["text/plain"] for cell in cells(book)]
    assert [re.sub(r" · .*", "", mark) for mark in marks] == ["✔ uma", "✔ outra"]


def test_edited_cell(notebooks: Open, tmp_path: Path) -> None:
    """A cell that is no step any more only has to end well: what it prints is not held against it."""
    write(tmp_path / "livro", "capitulo/muda", fence("um", "echo um"), fence("dois", "echo dois", 'expect="dois"'))
    book, client = notebooks(tmp_path / "livro", "capitulo/muda")
    cells(book)[1]["source"] = "echo outra coisa"
    client.execute()
    assert streamed(cells(book)[1]) == "outra coisa"
    cells(book)[1]["source"] = "echo outra coisa; false"
    with pytest.raises(CellExecutionError, match="terminou com o código 1"):
        client.execute()


def test_secret(notebooks: Open, tmp_path: Path) -> None:
    """A secret is in no output of the notebook."""
    file = write(tmp_path / "livro", "capitulo/segredo", fence("mostra", 'echo "<$SENHA>"; sleep 0.2; echo "$SENHA"'))
    parameter = "parameters:\n  - name: SENHA\n    description: A senha\n    secret: true\n    default: segredíssimo\n"
    file.write_text(file.read_text(encoding="utf-8").replace("risk:", f"{parameter}risk:"), encoding="utf-8")
    book, client = notebooks(tmp_path / "livro", "capitulo/segredo")
    client.execute()
    assert streamed(cells(book)[0]) == "<********>\n********"
    assert "segredíssimo" not in nbformat.writes(book)


def test_interrupt_and_completion(notebooks: Open, tmp_path: Path) -> None:
    """The stop button stops the cell and not the run; functions and variables of earlier cells are completed."""
    write(
        tmp_path / "livro",
        "capitulo/para",
        fence("um", "minha_variavel=1; minha_funcao() { :; }"),
        fence("dois", "sleep 600"),
    )
    notebooks(tmp_path / "livro", "capitulo/para")
    manager, client = start_new_kernel(kernel_name=lab.kernel("postgresql"))
    try:
        client.execute_interactive("minha_variavel=1; minha_funcao() { :; }", timeout=60)
        waiting = client.execute("echo agora; sleep 600")
        while client.get_iopub_msg(timeout=60)["content"].get("text") != "agora\n":
            pass
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=60)
        assert reply["parent_header"]["msg_id"] == waiting
        assert (reply["content"]["status"], reply["content"]["ename"]) == ("error", "Interrompido")
        for typed, offered in (("minha_f", "minha_funcao"), ("echo $minha_v", "$minha_variavel")):
            client.complete(typed, len(typed))
            assert client.get_shell_msg(timeout=60)["content"]["matches"] == [offered]
    finally:
        client.stop_channels()
        manager.shutdown_kernel()


def test_nothing_is_left(notebooks: Open, tmp_path: Path) -> None:
    """When the kernel ends, what its run has made is gone."""
    write(tmp_path / "livro", "capitulo/limpo", fence("um", "echo algo > arquivo"))
    _, client = notebooks(tmp_path / "livro", "capitulo/limpo")
    client.execute()
    assert not list((tmp_path / "tmp").glob("runbook-runs-*/*"))


@pytest.mark.parametrize("name", ["preparo/verificacao", "backup/logico"])
def test_same_transcript(notebooks: Open, embedded_sandbox: Embedded, name: str) -> None:
    """A runbook gives the same text in a notebook as in a run of the tests, cell for cell and step for step."""
    book, client = notebooks(ROOT / "runbooks", name, "embedded")
    client.execute()
    (done,) = run_all([(notebook.read(ROOT / "runbooks", name), "postgresql")], embedded_sandbox)
    assert done.passed, done.error
    inside = [normalize.comparable(streamed(cell)) for cell in cells(book)]
    assert inside == [normalize.comparable(step.output) for step in done.steps]


def test_environment_of_jupyter() -> None:
    """The tests themselves run in no kernel, whose environment would be theirs."""
    assert "RUNBOOK_ENGINE" not in os.environ
