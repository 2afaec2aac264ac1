"""The commands of the program, as a person calls them, on runbooks that need no database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

import runbook
from runbook import cli, record

from .command import NO_DATABASE, Call, Done, break_it, calling, contents, sample
from .samples import fence, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Runbooks that are green without a database."""
    return sample(tmp_path)


@pytest.fixture
def call(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """The program, to be called."""
    yield from calling(folder, tmp_path, monkeypatch, capsys)


def test_version_and_help_as_programs() -> None:
    """The program starts as a module, says its version, and explains itself and every command in Portuguese."""
    python = [sys.executable, "-m", "runbook"]
    done = subprocess.run([*python, "--version"], capture_output=True, text=True, check=True)
    assert runbook.__version__ in done.stdout
    done = subprocess.run([*python, "verify", "--help"], capture_output=True, text=True, check=True)
    for part in (
        "compara com os registros",
        "--engine",
        "--sandbox",
        "--runbooks",
        "--json",
        "--junit",
        "--jobs",
        "-k",
    ):
        assert part in done.stdout


@pytest.mark.parametrize("command", ["list", "run", "verify", "record", "notebook", "sandbox", "demo", "test"])
def test_every_command_has_a_help(command: str) -> None:
    """Each command says in a sentence what it does."""
    assert len((cli.cli.commands[command].help or "").split()) > 3


def test_list(call: Call, folder: Path) -> None:
    """The list names every run with the state of its record, and is the same for machines."""
    done = call("list")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "capitulo-postgresql-verde  sem registro            Verde",
        "capitulo-mysql-verde       sem registro            Verde",
    ]
    call("record", *NO_DATABASE, "--engine", "mysql")
    assert "capitulo-mysql-verde       registro atual          Verde" in call("list").out
    write(folder, "capitulo/verde", fence("outro", "true"))
    assert "capitulo-mysql-verde       registro desatualizado" in call("list").out
    rows = json.loads(call("list", "--json").out)
    assert [(row["run"], row["engine"], row["record"]) for row in rows] == [
        ("capitulo-postgresql-verde", "postgresql", "missing"),
        ("capitulo-mysql-verde", "mysql", "stale"),
    ]


def test_verify_without_skips(call: Call, folder: Path) -> None:
    """Where nothing may be skipped a skipped step is a failure that names it, and says so in words."""
    write(folder, "capitulo/verde", fence("um", "true") + fence("dois", "true", 'needs="schema-diff"'))
    assert call("verify", *NO_DATABASE, "--engine", "mysql").code == 0
    done = call("verify", *NO_DATABASE, "--engine", "mysql", "--no-skips")
    assert done.code == 1
    assert "--no-skips não os aceita: capitulo-mysql-verde · dois" in done.err


def test_verify_green(call: Call, folder: Path) -> None:
    """A green verification ends with 0 and a table, and writes nothing."""
    before = contents(folder)
    done = call("verify", *NO_DATABASE)
    assert done.code == 0
    assert done.out.count("sem registro") == 2
    assert "✔ capitulo-mysql-verde · dado" in done.err
    assert contents(folder) == before


def test_record_then_verify(call: Call, folder: Path) -> None:
    """What was recorded is compared by the next verification, which writes nothing."""
    done = call("record", *NO_DATABASE)
    assert done.code == 0
    assert done.out.count("gravado") == 2
    made = record.read(folder / "capitulo/verde.mysql.json")
    assert made is not None
    assert [step.output for step in made.steps] == [("olá [/x] :100:",), ("como gravado",)]
    before = contents(folder)
    assert len(before) == 4
    done = call("verify", *NO_DATABASE)
    assert (done.code, done.out.count("confere")) == (0, 2)
    assert contents(folder) == before


def test_verify_red_when_the_output_differs(call: Call, folder: Path, tmp_path: Path) -> None:
    """An output that is not the recorded one is red, with the difference, though every step passed."""
    call("record", *NO_DATABASE)
    (tmp_path / "dado.txt").write_text("de outro jeito\n", encoding="utf-8")
    before = contents(folder)
    done = call("verify", *NO_DATABASE, "--engine", "mysql")
    assert done.code == 1
    assert f"{folder}/capitulo/verde.md: a saída não é a do registro:\n" in done.out
    assert "--- registro: dado\n+++ agora: dado\n" in done.out
    assert "\n-como gravado\n+de outro jeito\n" in done.out
    assert "difere" in done.out
    assert contents(folder) == before


def test_not_compared_in_another_sandbox(call: Call, folder: Path, tmp_path: Path) -> None:
    """A record of another kind of sandbox is not held against a run, and the table says so."""
    call("record", *NO_DATABASE)
    for file in folder.rglob("*.json"):
        file.write_text(file.read_text(encoding="utf-8").replace('"sandbox": "none"', '"sandbox": "docker"'))
    (tmp_path / "dado.txt").write_text("de outro jeito\n", encoding="utf-8")
    done = call("verify", *NO_DATABASE)
    assert (done.code, done.out.count("registro feito em docker")) == (0, 2)


def test_not_compared_after_a_change(call: Call, folder: Path, tmp_path: Path) -> None:
    """A stale record is not held against a run either."""
    call("record", *NO_DATABASE)
    write(folder, "capitulo/verde", fence("dado", f"cat {tmp_path}/dado.txt; echo mais"))
    done = call("verify", *NO_DATABASE)
    said = " ".join(done.out.split())  # the lines are as long as the terminal is wide
    assert (done.code, said.count("registro de outra versão do runbook")) == (0, 2)


def test_verify_red(call: Call, folder: Path) -> None:
    """A failed step ends with 1, is named with file, line, step and engine, and stops its run alone."""
    break_it(folder)
    done = call("verify", *NO_DATABASE)
    line = (folder / "capitulo/vermelho.md").read_text(encoding="utf-8").splitlines().index(
        "false :100: [bold] [/x]"
    ) + 1
    assert done.code == 1
    for engine in ("PostgreSQL", "MySQL"):
        assert f'{folder}/capitulo/vermelho.md:{line}: passo "ruim" em {engine}: ' in done.out
    assert "  comando: false :100: [bold] [/x]\n  | antes\n" in done.out
    assert "depois" not in done.out
    assert done.out.count("✔") == 2


def test_record_writes_only_green_runs(call: Call, folder: Path, tmp_path: Path) -> None:
    """A red run leaves its old record as it was, and does not keep a green one from being written."""
    call("record", *NO_DATABASE)
    old = (folder / "capitulo/verde.mysql.json").read_bytes()
    write(folder, "capitulo/verde", fence("dado", f'cat {tmp_path}/dado.txt; [[ -z "${{CNF-x}}" ]]'), engines=["mysql"])
    write(folder, "outro", fence("x", "true"), engines=["mysql"])
    done = call("record", *NO_DATABASE)
    assert done.code == 1
    assert "não gravado" in done.out
    assert (folder / "capitulo/verde.mysql.json").read_bytes() == old
    assert (folder / "outro.mysql.json").exists()
    assert not list(folder.rglob("*.parcial"))


def test_record_replaces_what_cannot_be_read(call: Call, folder: Path) -> None:
    """An unreadable record is an error of `verify` and `list`, and `record` is the way out that they name."""
    file = folder / "capitulo/verde.mysql.json"
    file.write_text("{", encoding="utf-8")
    for command in (("verify", *NO_DATABASE), ("list",)):
        done = call(*command)
        assert done.code == 2
        assert f"erro: {file}: registro ilegível" in done.err
        assert "grave-o de novo com `runbook record`" in done.err
    assert call("record", *NO_DATABASE).code == 0
    assert call("verify", *NO_DATABASE).code == 0


def test_secrets_reach_no_record(call: Call, folder: Path) -> None:
    """The value of a secret parameter is masked in the record, in the lines of a run and in JSON."""
    file = write(folder, "segredo", fence("mostra", 'echo "$SENHA"; echo "$SENHA" | base64'), engines=["mysql"])
    parameter = "parameters: [{name: SENHA, description: x, default: mui-secreta-1, secret: true}]\nrisk:"
    file.write_text(file.read_text(encoding="utf-8").replace("risk:", parameter), encoding="utf-8")
    for done in (
        call("record", *NO_DATABASE, "-k", "segredo"),
        call("run", "segredo", *NO_DATABASE, "--engine", "mysql"),
        call("verify", *NO_DATABASE, "-k", "segredo", "--json"),
    ):
        assert done.code == 0
        assert "mui-secreta-1" not in done.out + done.err
        assert "bXVpLXNlY3JldGEtM" not in done.out + done.err
    text = (folder / "segredo.mysql.json").read_text(encoding="utf-8")
    assert "mui-secreta" not in text
    assert "********" in text


def test_selection(call: Call, folder: Path) -> None:
    """`-k` and `--engine` choose by the name of the run or of the runbook, and may be repeated."""
    write(folder, "outro", fence("x", "true"))

    def names(*arguments: str) -> list[str]:
        return [run["name"] for run in json.loads(call("verify", *NO_DATABASE, "--json", *arguments).out)["runs"]]

    assert names("-k", "capitulo/verde") == ["capitulo-postgresql-verde", "capitulo-mysql-verde"]
    assert names("-k", "mysql") == ["capitulo-mysql-verde", "mysql-outro"]
    assert names("-k", "outro", "--engine", "mysql") == ["mysql-outro"]
    assert len(names("-k", "outro", "-k", "verde", "--engine", "mysql", "--engine", "postgresql")) == 4


def test_run(call: Call, folder: Path) -> None:
    """`run` shows each command and its output, writes nothing, and ends like a verification."""
    before = contents(folder)
    done = call("run", "capitulo/verde", *NO_DATABASE)
    assert done.code == 0
    position = -1
    for part in ("$ echo olá [/x] :100:\n", "\nolá [/x] :100:\n", "✔ capitulo-postgresql-verde · ola", "$ cat "):
        position = done.out.index(part, position + 1)
    assert contents(folder) == before
    break_it(folder)
    assert call("run", "capitulo/vermelho", *NO_DATABASE, "--engine", "mysql").code == 1


def test_notebook(call: Call, folder: Path, tmp_path: Path) -> None:
    """`notebook` gives a valid Jupyter notebook of one engine, the same every time, to the screen or into a file."""
    write(folder, "dois", *(fence("x", f"echo {e}", f'engine="{e}"') for e in ("postgresql", "mysql")))
    done = call("notebook", "dois", "--engine", "mysql")
    assert (done.code, done.err) == (0, "")
    notebook = nbformat.reads(done.out, as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells if cell.cell_type == "code"] == ["echo mysql"]
    file = tmp_path / "dois.ipynb"
    assert call("notebook", "dois", "--engine", "mysql", "--output", file) == Done(0, "", "")
    assert file.read_text(encoding="utf-8") == done.out
