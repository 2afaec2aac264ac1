"""A procedure on a real database that is not the sample shop: what is the shop's, what the person judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook import audit
from runbook.embedded import Embedded

from .person import QUESTION, Person
from .real import Shop, shop
from .samples import fence, write

Begin = Callable[..., Person]
NAME = "capitulo/comum"
GATE = 'exemplo() { echo "pulado: $1 não é a loja de exemplo"; false; }'


@pytest.fixture(scope="module")
def store(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A database for which the page's question `exemplo` says no."""
    with shop(embedded_sandbox.place("postgresql"), tmp_path_factory.mktemp("loja")) as found:
        yield found


@pytest.fixture
def begins(store: Shop, tmp_path: Path) -> Iterator[Begin]:
    """Begins a runbook of these steps, or goes on with it."""
    store.describe()
    book = tmp_path / "livro"

    def begin(*steps: str, arguments: tuple[str, ...] = ()) -> Person:
        if steps:
            write(book, NAME, *steps)
        return store.begins(NAME, "--runbooks", str(book), *arguments)

    yield begin
    for file in store.files():
        file.unlink()


def decisions(store: Shop) -> list[tuple[str, str]]:
    """What is on file of the last run."""
    folder = store.folder / "estado/runbook"
    events = audit.read(folder, audit.names(folder)[0])
    return [(e["step"], e["decision"]) for e in events if e["event"] == "step"]


def test_of_the_shop_alone(store: Shop, begins: Begin) -> None:
    """A step that would do nothing here is passed over without a question, and one that says so is not red."""
    person = begins(
        fence("parametros", GATE),
        fence("acidente", 'exemplo "$DB" && echo nunca', "destructive=true"),
        fence("depois", 'echo feito; test -e nada || exemplo "$DB"'),
        fence("fim", "echo fim"),
    )
    person.agrees(1)
    person.sees("pulado: ")
    person.sees("$ echo feito")
    person.agrees(1)
    person.sees("pulado: ")
    person.agrees(1)
    person.sees("2 passos executados, 2 pulados")
    assert person.ends() == 0
    assert decisions(store) == [
        ("parametros", "executado"), ("acidente", "pulado"), ("depois", "pulado"), ("fim", "executado"),
    ]  # fmt: skip
    assert "\nnunca\n" not in person.everything


def test_a_section_of_the_shop_alone(store: Shop, begins: Begin) -> None:
    """In such a section what follows a step passed over goes with it, without a code; in any other it is offered."""
    person = begins(
        fence("parametros", GATE),
        "### Só no exemplo: o acidente\n\n",
        fence("acidente", 'test -d . && exemplo "$DB" && echo nunca', "destructive=true"),
        fence("prova", "false"),
        "## Verificação\n\n",
        fence("fim", "echo fim"),
        "## Desfazer\n\n### A troca\n\n",
        fence("desfazer", '{ test "${CERTEZA:-}" = sim || exemplo "$DB"; } && echo nunca', "destructive=true"),
        fence("aplicar", "echo a volta de quem lê"),
    )
    person.agrees(3)
    person.sees("3 passos executados, 3 pulados")
    assert person.ends() == 0
    passed = [name for name, decision in decisions(store) if decision == "pulado"]
    assert passed == ["acidente", "prova", "desfazer"]
    assert "\nnunca\n" not in person.everything


def test_a_password_that_nobody_told(store: Shop, begins: Begin) -> None:
    """An address that a step shows loses its password on the screen and on file, also one that is not the target's."""
    (store.folder / "app.env").write_text("URL=mysql://outra:Mig-Segr3do%40x@servidor/vendas\n", encoding="utf-8")
    person = begins(fence("mostrar", "cat app.env"))
    person.agrees(1)
    person.sees("URL=mysql://outra:********@servidor/vendas")
    assert person.ends() == 0
    folder = store.folder / "estado/runbook"
    assert "Segr3do" not in (folder / f"{audit.names(folder)[0]}.jsonl").read_text("utf-8")


def test_another_output(store: Shop, begins: Begin) -> None:
    """Where the output is not that of the shop the person compares: without their word it is red, with it on file."""
    person = begins(fence("contar", "echo 3 tabelas", r'expect="\A7 tabelas\Z"'))
    for answer in ("", "sim"):
        person.agrees(1)
        person.sees("não é a que a página espera")
        person.sees("digite sim: ")
        person.types(f"{answer}\n")
    person.sees("1 passo executado")
    assert person.ends() == 0
    assert decisions(store) == [("contar", "falhou"), ("contar", "executado")]


def test_red_and_passed_over(store: Shop, begins: Begin) -> None:
    """A run in which a red step was passed over, be it after a pause, does not end with 0 and names the step."""
    person = begins(fence("quebra", "false"), fence("fim", "echo fim"))
    person.agrees(1)
    person.sees("terminou com o código 1")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1
    person = begins(arguments=("--resume",))
    person.sees(QUESTION)
    person.types("p\n")
    person.sees("Por quê? ")
    person.types("veremos depois\n")
    person.agrees(1)
    person.sees("vermelhos e pulados: quebra")
    assert person.ends() == 1


def test_typed_before_the_question(store: Shop, begins: Begin) -> None:
    """What was typed before a question could be read is no answer to it."""
    person = begins(fence("um", "sleep 1"), fence("dois", "touch dois"))
    person.agrees(1)
    person.types("\n\n\n")
    person.sees("✔ um ")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1
    assert not (store.folder / "dois").exists()


def test_goes_on_from_where_it_began(store: Shop, begins: Begin) -> None:
    """A run that began with a later step does not offer the earlier ones when it goes on; the programs are today's."""
    steps = (fence("antes", "touch antes"), fence("um", "echo um"), fence("dois", "programa-novo"))
    person = begins(*steps, arguments=("--from", "um"))
    person.agrees(1)
    person.sees("✔ um ")
    person.sees(QUESTION)
    person.types("q\n")
    person.sees("--resume")
    assert person.ends() == 1
    program = store.folder / "tmp/programa-novo"
    program.write_text("#!/bin/sh\necho agora há\n", encoding="utf-8")
    program.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        person = begins(arguments=("--resume",))
    person.agrees(1)
    person.sees("agora há")
    person.sees("2 passos executados")
    assert person.ends() == 0
    assert not (store.folder / "antes").exists()
    program.unlink()


def test_what_is_lost_is_named(store: Shop, begins: Begin) -> None:
    """Before a step that loses data, each variable in its text is shown with its value, a database with its size."""
    store.describe(RUNBOOK_CLASS="staging")
    text = 'echo "${DB}_antes" "$ALVO" "$OUTRO"'
    person = begins(fence("parametros", "ALVO=$DB OUTRO=$'x\\nservidor: 1'"), fence("apagar", text, "destructive=true"))
    person.agrees(2)
    person.sees(f"neles, ${{DB}}_antes é: {store.database}_antes\n")
    person.sees(f"neles, $ALVO é: {store.database} (")
    person.sees(r"neles, $OUTRO é: $'x\nservidor: 1'")
    person.sees("digite ")
    person.types("não\n")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1
    assert decisions(store)[-1] == ("apagar", "recusado")
