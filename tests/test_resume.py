"""A procedure on a real database that is cut off, at every step of it, and goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import audit, notebook
from runbook.embedded import Embedded

from .person import QUESTION, Person
from .real import Shop, shop
from .samples import ROOT, fence, write

BOOK = notebook.read(ROOT / "runbooks", "restauracao/logica")
# What is offered on a real database: the wrong turns belong to the proof of the page.
OFFERED = [s.name for s in BOOK.steps("postgresql") if not s.name.startswith("errado-") and not s.hidden]


@pytest.fixture
def store(embedded_sandbox: Embedded, tmp_path: Path) -> Iterator[Shop]:
    """A shop of 100,000 rows, and an env file that describes it."""
    with shop(embedded_sandbox.place("postgresql"), tmp_path) as found:
        yield found


def begins(store: Shop, *arguments: str) -> Person:
    """Whoever begins, or goes on, and takes the default of each parameter that is asked for."""
    person = store.begins(BOOK.name, *arguments)
    if not arguments:
        for parameter in BOOK.parameters:
            if parameter.engine in (None, "postgresql") and parameter.name != "DB":
                person.sees(parameter.description)
                person.types("\n")
    person.sees(QUESTION)
    return person


def ends(store: Shop) -> str:
    """What the procedure left, whatever the database is called."""
    return store.fingerprint().replace(store.database, "loja")


def undisturbed(embedded: Embedded, folder: Path) -> str:
    """What is left of another shop, just like it, after the whole procedure."""
    folder.mkdir()
    with shop(embedded.place("postgresql"), folder) as other:
        person = begins(other)
        for _ in OFFERED[1:]:
            person.types("\n")
            person.sees(QUESTION)
        person.types("\n")
        person.sees(f"{len(OFFERED)} passos executados; ")
        assert person.ends() == 0
        return ends(other)


def test_killed_at_every_step(embedded_sandbox: Embedded, store: Shop, tmp_path: Path) -> None:
    """Killed with SIGKILL after every step and resumed each time, a restoration ends as the one nobody disturbed."""
    person = begins(store)
    for name in OFFERED[:-1]:
        person.types("\n")
        person.sees(f"✔ {name} ")
        person.sees(QUESTION)
        person.process.kill()
        person.ends()
        person = begins(store, "--resume")
    person.types("\n")
    person.sees(f"✔ {OFFERED[-1]} ")
    person.sees(f"{len(OFFERED)} passos executados; ")
    assert person.ends() == 0

    assert ends(store) == undisturbed(embedded_sandbox, tmp_path / "outra")
    (name,) = audit.names(store.folder / "estado/runbook")
    events = audit.read(store.folder / "estado/runbook", name)
    assert [e["step"] for e in events if e.get("decision") == "executado"] == OFFERED
    assert [e["event"] for e in events].count("resume") == len(OFFERED) - 1
    assert [file.suffix for file in store.files()] == [".jsonl"]  # nothing to go on from is left


def test_killed_in_the_middle(store: Shop) -> None:
    """A step that was cut off is offered again, and told of; what came before is not, and its variables are there."""
    long = 'printf "vai%s\\n" -se; test -e pressa || sleep 600'
    write(
        store.runbooks,
        "capitulo/longo",
        fence("um", 'x="a b"; echo um >> feito'),
        fence("dois", long),
        fence("fim", 'echo "[$x]"'),
    )
    arguments = ("--runbooks", str(store.runbooks))
    person = store.begins("capitulo/longo", *arguments)
    person.sees(QUESTION)
    person.types("\n")
    person.sees("✔ um ")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("vai-se\n")
    person.process.kill()
    person.ends()
    (store.folder / "pressa").touch()
    person = store.begins("capitulo/longo", *arguments, "--resume")
    person.sees("já feito nesta execução: executado")
    person.sees("foi cortado no meio")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("✔ dois ")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("[a b]")
    assert person.ends() == 0
    assert (store.folder / "feito").read_text(encoding="utf-8") == "um\n"
    folder = store.folder / "estado/runbook"
    (name,) = audit.names(folder)
    page = audit.page(name, audit.read(folder, name))
    assert page.count("dois: começou e não terminou") == 1
    assert page.index("dois: começou") < page.index("**Retomado**") < page.index("dois: executado")


def test_nothing_to_go_on_from(store: Shop) -> None:
    """A step that leaves what cannot be kept is not taken for done by a run that would not have it."""
    # bash writes the body of a function as it is, and this one has a byte that is not text
    write(
        store.runbooks,
        "capitulo/bytes",
        fence("um", r'''eval "f() { echo '$(printf '\xff')'; }"'''),
        fence("dois", "f"),
    )
    arguments = ("capitulo/bytes", "--runbooks", str(store.runbooks))
    person = store.begins(*arguments)
    person.agrees(1)
    person.sees("✔ um ")
    person.sees(QUESTION)
    person.process.kill()
    person.ends()
    person = store.begins(*arguments, "--resume")
    person.sees("não se pode guardar em disco")
    assert person.ends() == 2


def test_two_at_once(store: Shop) -> None:
    """A run that is open in one terminal cannot go on in another."""
    person = begins(store)
    person.types("\n")
    person.sees(QUESTION)
    other = store.begins(BOOK.name, "--resume")
    other.sees("está aberta em outro terminal")
    assert other.ends() == 2
    person.types("q\n")
    assert person.ends() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"RUNBOOK_CLASS": "staging"}, "o banco mudou desde o começo"),
        ({"PGUSER": "outro"}, "o banco mudou desde o começo"),
        ({"DB": "outra_loja"}, "o banco mudou desde o começo"),
    ],
)
def test_on_another_target(store: Shop, change: dict[str, str], said: str) -> None:
    """A run goes on where it began, or not at all."""
    person = begins(store)
    person.types("\n")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1
    store.describe(**change)
    person = store.begins(BOOK.name, "--resume")
    person.sees(said)
    assert person.ends() == 2


def test_nothing_to_resume(store: Shop) -> None:
    """Where no run has stopped, none begins either."""
    person = store.begins(BOOK.name, "--resume")
    person.sees("não há o que continuar")
    assert person.ends() == 2
    assert store.files() == []
