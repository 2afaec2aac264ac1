"""A person at a terminal is led through a runbook: what they see, decide and leave behind, on a real terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import audit, notebook
from runbook.conversation import Conversation
from runbook.errors import EnvironmentUnavailable
from runbook.sandbox import Nothing
from runbook.step import Step

from .person import LIMIT, QUESTION, Person
from .samples import fence, write

ASKS = """
import rich.console, runbook.run_commands
for number in range(300):
    try:
        runbook.run_commands.typed(rich.console.Console(), "pergunta: ")
    except KeyboardInterrupt:
        print("ouvido")
"""
STARTED = "sleep 600 # o passo que demora"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Where the files of a run go to, and where its worker makes its folder."""
    (tmp_path / "tmp").mkdir()
    return {
        **os.environ,
        "XDG_STATE_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path / "tmp"),
        "TERM": "dumb",
        "COLUMNS": "100",
    }


@pytest.fixture
def person(tmp_path: Path, environment: dict[str, str]) -> Iterator[Person]:
    """Somebody who has started a runbook: a good step, one that wants a file, one that takes long, one that reads."""
    write(
        tmp_path / "livro",
        "capitulo/guiado",
        "A razão do **primeiro**.\n\n",
        fence("primeiro", "x=valor; echo feito"),
        fence("precisa", f"cat {tmp_path}/dado"),
        fence("demora", f"test -e {tmp_path}/pressa || {{ echo começou; {STARTED}; }}".replace("; }", "\n}")),
        fence("fim", 'echo "x é $x"'),
    )
    command = (sys.executable, "-m", "runbook", "run", "capitulo/guiado", "--sandbox", "none")
    somebody = Person(environment, *command, "--runbooks", str(tmp_path / "livro"))
    yield somebody
    if somebody.process.poll() is None:
        os.killpg(somebody.process.pid, signal.SIGKILL)
        somebody.process.wait()


def events(tmp_path: Path) -> list[tuple[str, str]]:
    """What is on file: each step with the decision, and how the run ended."""
    folder = tmp_path / "runbook"
    (name,) = audit.names(folder)
    found = audit.read(folder, name)[1:]
    found = [e for e in found if e["event"] != "begin"]
    return [(e["step"], e["decision"]) if e["event"] == "step" else ("", e["how"]) for e in found]


def nothing_left(tmp_path: Path) -> None:
    """The worker's folder is gone, soon."""
    deadline = time.monotonic() + LIMIT
    while list((tmp_path / "tmp").glob("*/*")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_to_the_end(person: Person, tmp_path: Path) -> None:
    """Prose, command and output are seen; a red step is repeated when it can pass, another skipped with a reason."""
    person.sees("A razão do primeiro.")
    person.sees("1 de 4")
    person.sees("$ x=valor; echo feito")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("feito\n")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("terminou com o código 1")
    (tmp_path / "dado").write_text("agora há\n", encoding="utf-8")
    person.sees("repetir")
    person.types("\n")
    person.sees("agora há")
    person.sees(QUESTION)
    person.types("não sei\n")
    person.sees("não entendi")
    person.sees(QUESTION)
    person.types("p\n")
    person.sees("Por quê? ")
    person.types("\n")  # no reason, no skip, and no step carried out by the next Enter
    person.sees("só é pulado com uma razão")
    person.sees("Por quê? ")
    person.types("demora demais hoje\n")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("x é valor")
    person.sees("3 passos executados, 1 pulado")
    assert person.ends() == 0
    assert events(tmp_path) == [
        ("primeiro", "executado"), ("precisa", "falhou"), ("precisa", "executado"),
        ("demora", "pulado"), ("fim", "executado"), ("", "chegou ao fim"),
    ]  # fmt: skip
    nothing_left(tmp_path)


def test_stop(person: Person, tmp_path: Path) -> None:
    """Whoever stops has run nothing of what follows, and the program does not end green."""
    person.sees(QUESTION)
    person.types("q\n")
    person.sees("0 passos executados; parou em primeiro")
    assert person.ends() == 1
    assert events(tmp_path) == [("", "parou no passo primeiro")]
    nothing_left(tmp_path)


def test_ctrl_c(person: Person, tmp_path: Path) -> None:
    """It stops the step and not the run: the step can be repeated, and what earlier steps have set is there."""
    (tmp_path / "dado").write_text("há\n", encoding="utf-8")
    for _ in range(3):
        person.sees(QUESTION)
        person.types("\n")
    person.sees("começou")
    person.types("\x03")
    person.sees("interrompido")
    (tmp_path / "pressa").touch()
    person.sees("repetir")
    person.agrees(2)
    person.sees("x é valor")
    assert person.ends() == 0
    assert ("demora", "interrompido") in events(tmp_path)
    nothing_left(tmp_path)


def test_ctrl_c_at_once(environment: dict[str, str]) -> None:
    """None is lost, however soon it comes after a question: one in fifty was, while the reading had yet to begin."""
    person = Person(environment, sys.executable, "-c", ASKS)
    for _ in range(300):
        person.sees("pergunta: ")
        person.types("\x03")
        person.sees("ouvido")
    assert person.ends() == 0


@pytest.mark.parametrize("how", ["the window is closed", "the program is killed"])
def test_gone_in_the_middle(person: Person, tmp_path: Path, how: str) -> None:
    """What was done is on file, the step that was running ends, and the worker removes what it made."""
    (tmp_path / "dado").write_text("há\n", encoding="utf-8")
    for _ in range(3):
        person.sees(QUESTION)
        person.types("\n")
    person.sees("começou")
    if how == "the window is closed":
        person.leaves()
    else:
        person.process.kill()
    person.process.wait(LIMIT)
    nothing_left(tmp_path)
    assert events(tmp_path)[:2] == [("primeiro", "executado"), ("precisa", "executado")]
    folder = tmp_path / "runbook"
    (name,) = audit.names(folder)
    assert "interrompida sem chegar ao fim" in audit.page(name, audit.read(folder, name))


def test_file_of_a_run(person: Person, tmp_path: Path, environment: dict[str, str]) -> None:
    """For its owner alone; `runs` lists it, and `show` tells who, each command and each output."""
    person.sees(QUESTION)
    person.types("\n")
    person.sees(QUESTION)
    person.types("q\n")
    person.ends()
    (file,) = (tmp_path / "runbook").glob("*.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700

    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "runbook", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert said("runs") == f"{file.stem}  sandbox  parou no passo precisa\n"
    shown = said("show", file.stem)
    assert "capitulo/guiado em postgresql, por " in shown
    assert "```bash\nx=valor; echo feito\n```" in shown
    assert "```text\nfeito\n```" in shown


def test_secret(tmp_path: Path, environment: dict[str, str]) -> None:
    """A secret parameter is in no file of the run, as it is or encoded."""
    file = write(tmp_path / "livro", "capitulo/segredo", fence("mostra", 'echo "$SENHA"; base64 <<< "$SENHA"'))
    parameter = (
        'parameters:\n  - name: SENHA\n    description: A senha\n    secret: true\n    default: "çenha d\'água/#1"\n'
    )
    file.write_text(file.read_text(encoding="utf-8").replace("risk:", f"{parameter}risk:"), encoding="utf-8")
    command = (sys.executable, "-m", "runbook", "run", "capitulo/segredo", "--sandbox", "none")
    somebody = Person(environment, *command, "--runbooks", str(tmp_path / "livro"))
    somebody.sees(QUESTION)
    somebody.types("\n")
    somebody.sees("********")
    somebody.sees("1 passo executado")
    assert somebody.ends() == 0
    (written,) = (tmp_path / "runbook").glob("*.jsonl")
    text = written.read_text(encoding="utf-8")
    assert "d'água" not in text
    assert "ZCfDoWd1YS" not in text  # a part of its base64
    assert "********" in text


def test_dry_run(tmp_path: Path, environment: dict[str, str]) -> None:
    """Every command is shown, and none is run; nothing is on file."""
    write(tmp_path / "livro", "capitulo/seco", fence("toca", f"touch {tmp_path}/tocado"), fence("dois", "echo nunca"))
    command = [
        sys.executable,
        "-m",
        "runbook",
        "run",
        "capitulo/seco",
        "--runbooks",
        str(tmp_path / "livro"),
        "--dry-run",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"$ touch {tmp_path}/tocado" in done.stdout
    assert "$ echo nunca" in done.stdout
    assert not (tmp_path / "tocado").exists()
    assert not (tmp_path / "runbook").exists()


def test_worker_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that was asked for is no green one: it is said that the run is over."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    write(tmp_path / "livro", "capitulo/morte", fence("um", "true"))
    book = notebook.read(tmp_path / "livro", "capitulo/morte")
    with Nothing() as nowhere, Conversation((book, "mysql"), nowhere) as conversation:
        assert conversation.ask(book.steps("mysql")[0])
        with pytest.raises(EnvironmentUnavailable, match="terminou sem dar o resultado"):
            conversation.ask(Step("mata", "kill -9 $PPID", 1))


def test_change_of_a_value(tmp_path: Path, environment: dict[str, str]) -> None:
    """A person changes a parameter between two steps; what no step could take is refused, and what is so is on file."""
    file = write(tmp_path / "livro", "capitulo/valor", fence("um", "true"), fence("dois", 'echo "[$PASTA]"'))
    parameter = "parameters:\n  - name: PASTA\n    description: Uma pasta\n    default: a\n"
    file.write_text(file.read_text(encoding="utf-8").replace("risk:", f"{parameter}risk:"), encoding="utf-8")
    command = (sys.executable, "-m", "runbook", "run", "capitulo/valor", "--sandbox", "none")
    somebody = Person(environment, *command, "--runbooks", str(tmp_path / "livro"))
    somebody.sees(QUESTION)
    somebody.types("\n")
    for given, seen in (
        ("PASTA=-x", "nada mudou"),
        ("OUTRA=1", "nada mudou"),
        ("PASTA=$(id) d'água", "de agora em diante"),
    ):
        somebody.sees(QUESTION)
        somebody.types("v\n")
        somebody.sees("NOME=valor: ")
        somebody.types(f"{given}\n")
        somebody.sees(seen)
    somebody.sees(QUESTION)
    somebody.types("\n")
    somebody.sees("[$(id) d'água]\n")
    assert somebody.ends() == 0
    (written,) = (tmp_path / "runbook").glob("*.jsonl")
    assert '"event": "value", ' in written.read_text(encoding="utf-8")


def test_from_a_step(tmp_path: Path, environment: dict[str, str]) -> None:
    """What comes before the step to begin with is left out, but for the parameters; an unknown step is an error."""
    write(
        tmp_path / "livro", "capitulo/meio",
        fence("parametros", "x=valor"), fence("antes", "touch nunca"), fence("fim", 'echo "x é $x"'),
    )  # fmt: skip
    command = (sys.executable, "-m", "runbook", "run", "capitulo/meio", "--sandbox", "none")
    begin = (*command, "--runbooks", str(tmp_path / "livro"), "--from")
    somebody = Person(environment, *begin, "fim")
    somebody.sees(QUESTION)
    somebody.types("\n")
    somebody.sees("antes de fim, por onde você quis começar")
    somebody.sees(QUESTION)
    somebody.types("\n")
    somebody.sees("x é valor")
    somebody.sees("2 passos executados")
    assert somebody.ends() == 0
    lost = Person(environment, *begin, "outro")
    lost.sees("não há passo outro em capitulo/meio; há: parametros, antes, fim")
    assert lost.ends() == 2


@pytest.mark.parametrize(("arguments", "colours"), [((), True), (("--plain",), False)], ids=["as it is", "plain"])
def test_plain(tmp_path: Path, environment: dict[str, str], arguments: tuple[str, ...], colours: bool) -> None:
    """On a terminal there are colours, and with `--plain` not one code of them."""
    write(tmp_path / "livro", "capitulo/simples", fence("um", "echo feito"))
    command = (sys.executable, "-m", "runbook", "run", "capitulo/simples", "--sandbox", "none")
    terminal = environment | {"TERM": "xterm-256color"}
    somebody = Person(terminal, *command, "--runbooks", str(tmp_path / "livro"), *arguments)
    somebody.sees("parar" if colours else QUESTION)
    somebody.types("\n")
    somebody.sees("mostra tudo")
    assert somebody.ends() == 0
    assert ("\x1b[" in somebody.everything) is colours
