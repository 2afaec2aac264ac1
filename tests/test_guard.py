"""Attempts to get a step that loses data past the guard of a real database; after each, every row is still there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook import audit
from runbook.embedded import Embedded

from .person import QUESTION, Person
from .real import Shop, shop
from .samples import fence, write

NAME = "capitulo/perigo"
CODE = re.compile(r"Para executar, digite (\S+): ")
LOSS = fence(
    "apagar",
    'psql --no-psqlrc --no-password --quiet --dbname="$DB" --command="DELETE FROM auditoria"',
    "destructive=true",
)
PARAMETERS = "parameters:\n  - name: PASTA\n    description: Uma pasta\n    default: backups\n"


@pytest.fixture(scope="module")
def store(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose orders the second step would delete."""
    with shop(embedded_sandbox.place("postgresql"), tmp_path_factory.mktemp("loja")) as found:
        write(
            found.runbooks,
            NAME,
            fence("muda", 'printf "[%s]\\n" "$PASTA"; test ! -e muda.sh || . ./muda.sh'),
            LOSS,
            fence("fim", "echo fim"),
        )
        file = found.runbooks / f"{NAME}.md"
        file.write_text(file.read_text(encoding="utf-8").replace("risk:", f"{PARAMETERS}risk:"), encoding="utf-8")
        yield found


@pytest.fixture(autouse=True)
def nothing_lost(store: Shop) -> Iterator[None]:
    """Every row that was there is there."""
    store.describe(RUNBOOK_CLASS=None)
    (store.folder / "muda.sh").unlink(missing_ok=True)
    before = store.asks("SELECT count(*) FROM auditoria")
    assert int(before) > 0
    yield
    assert store.asks("SELECT count(*) FROM auditoria") == before


def begins(store: Shop, *arguments: str) -> Person:
    """Whoever begins and takes the default of the one parameter."""
    person = store.begins(NAME, "--runbooks", str(store.runbooks), *arguments)
    if not {"--set", "--resume"} & set(arguments):
        person.sees("Uma pasta (backups): ")
        person.types("\n")
    return person


def at_the_code(store: Shop, *arguments: str) -> tuple[Person, str]:
    """Whoever has come to where the code is asked for; and the code."""
    person = begins(store, *arguments)
    person.agrees(2)
    person.sees("Para executar, digite ")
    person.sees(": ")
    (code,) = CODE.findall(person.everything)
    return person, code


def stops(person: Person) -> None:
    """Refused, the step is offered again; the person stops, and that is no success."""
    person.sees("nada foi executado")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1


def first_code_again(store: Shop) -> None:
    """A code holds once."""
    person, code = at_the_code(store)
    person.types("não\n")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("Para executar, digite ")
    person.types(f"{code}\n")
    stops(person)


def answered(answer: Callable[[str], str]) -> Callable[[Shop], None]:
    """The attack that answers so, given the code."""

    def attack(store: Shop) -> None:
        person, code = at_the_code(store)
        person.types(answer(code))
        stops(person)

    return attack


def class_in_the_environment(store: Shop) -> None:
    """Only the file says the class."""
    environment = {**store.environment, "RUNBOOK_CLASS": "development"}
    command = (sys.executable, "-m", "runbook", "run", NAME, "--env-file", str(store.file))
    person = Person(environment, *command, "--runbooks", str(store.runbooks), folder=store.folder)
    person.sees("Uma pasta")
    person.types("\n")
    person.agrees(2)
    person.sees("em um banco de produção")
    person.sees("digite ")
    person.types("\n")
    stops(person)


def staging_without_the_name(store: Shop) -> None:
    """In staging it is the name of the database that is asked for, and nothing less will do."""
    store.describe(RUNBOOK_CLASS="staging")
    person = begins(store)
    person.agrees(2)
    person.sees("em um banco de homologação")
    person.sees(f"digite {store.database}: ")
    person.types(f"{store.database[:-1]}\n")
    stops(person)


def class_half_way(store: Shop) -> None:
    """The file is read once."""
    person = begins(store)
    person.sees(QUESTION)
    store.describe(RUNBOOK_CLASS="development")
    person.types("\n")
    person.sees(QUESTION)
    person.types("\n")
    person.sees("em um banco de produção")
    person.sees("digite ")
    person.types("\n")
    stops(person)


def changed_by_a_step(text: str) -> Callable[[Shop], None]:
    """The attack in which a step points somewhere else, and the person agrees to everything."""

    def attack(store: Shop) -> None:
        (store.folder / "muda.sh").write_text(text.format(db=store.database), encoding="utf-8")
        person = begins(store)
        person.agrees(2)
        person.sees("recusado:")
        stops(person)

    return attack


def other_server(store: Shop) -> None:
    """The name of the server leads to another one than when the run began."""
    alias = store.folder / "servidor"
    alias.symlink_to(store.place.variables["PGHOST"])
    store.describe(RUNBOOK_CLASS="development", PGHOST=str(alias))
    try:
        with Embedded(print) as second:
            place = second.place("postgresql")
            command = [
                "psql",
                "-XAtq",
                "--dbname=postgres",
                "--command",
                f"ALTER ROLE postgres PASSWORD '{store.place.password}'",
            ]
            environment = {
                **os.environ,
                **place.variables,
                "PGPASSWORD": place.password,
                "PATH": store.environment["PATH"],
            }
            subprocess.run(command, env=environment, check=True, capture_output=True)
            person = begins(store)
            person.sees(QUESTION)
            alias.unlink()
            alias.symlink_to(place.variables["PGHOST"])
            person.types("\n")
            person.sees(QUESTION)
            person.types("\n")
            person.sees("é agora outro servidor")
            stops(person)
    finally:
        alias.unlink()


AT_THE_STEP: dict[str, Callable[[Shop], None]] = {
    "empty": answered(lambda _: "\n"),
    "yes": answered(lambda _: "sim\n"),
    "a flood of yes": answered(lambda _: "y\n" * 5),
    "the database's name alone": answered(lambda code: code.rpartition("-")[0] + "\n"),
    "the code in capitals": answered(lambda code: code.upper() + "\n"),
    "the code and more": answered(lambda code: f"{code};\n"),
    "end of input": answered(lambda _: "\x04"),
    "Ctrl-C": answered(lambda _: "\x03"),
    "the code of another question": first_code_again,
    "class in the environment": class_in_the_environment,
    "class changed half-way": class_half_way,
    "staging, without the whole name": staging_without_the_name,
    "a step changes DB": changed_by_a_step("export DB=postgres"),
    "a step changes PGHOST": changed_by_a_step("export PGHOST=localhost"),
    "a step changes DATABASE_URL": changed_by_a_step("export DATABASE_URL=postgresql://a:b@outro:5432/{db}"),
    "a step adds to the name in DATABASE_URL": changed_by_a_step('export DATABASE_URL="${{DATABASE_URL%%\\?*}}2"'),
    "another server behind the same name": other_server,
}


@pytest.mark.parametrize("attack", AT_THE_STEP.values(), ids=AT_THE_STEP)
def test_at_the_step(store: Shop, attack: Callable[[Shop], None]) -> None:
    """Whatever is answered, or changed on the way, the step is refused and nothing is lost."""
    attack(store)


BEFORE: dict[str, tuple[dict[str, str | None], tuple[str, ...], str]] = {
    "a class that there is not": ({"RUNBOOK_CLASS": "dev"}, (), "RUNBOOK_CLASS é `dev`"),
    "an empty class": ({"RUNBOOK_CLASS": ""}, (), "RUNBOOK_CLASS é ``"),
    "the class twice": ({"RUNBOOK_CLASS": "production\nRUNBOOK_CLASS=development"}, (), "está duas vezes"),
    "a database with `;`": ({"DB": "loja; drop table x"}, (), "o banco se chama"),
    "a database with $()": ({"DB": "$(id)"}, (), "o banco se chama"),
    "a database with a quote": ({"DB": "loja d'água"}, (), "o banco se chama"),
    "a database like an option": ({"DB": "-rf"}, (), "o banco se chama"),
    "a new line in a value": ({"PGUSER": '"a\nb"'}, (), "quebra de linha"),
    "no line at all": ({"PGUSER": "a\n=b"}, (), "esperava uma linha"),
    "another database in the URL": ({"DATABASE_URL": "postgresql://a:bcde@outro:5432/outra"}, (), "têm de ser o mesmo"),
    "another database in a flag": ({}, ("--set", "DB=outra"), "quem diz o banco"),
    "another server in a flag": ({}, ("--set", "PGHOST=outro"), "quem diz o banco"),
    "the class in a flag": ({}, ("--set", "RUNBOOK_CLASS=development"), "quem diz o banco"),
    "a new line in a parameter": ({}, ("--set", "PASTA=a\nb"), "quebra de linha"),
    "an option as a parameter": ({}, ("--set", "PASTA=-rf"), "começa por `-`"),
    "no terminal asked": ({}, ("--no-ask",), "a uma pessoa"),
    "no terminal asked, in development": ({"RUNBOOK_CLASS": "development"}, ("--no-ask",), "a uma pessoa"),
}


@pytest.mark.parametrize(("changes", "arguments", "said"), BEFORE.values(), ids=BEFORE)
def test_before_the_first_step(
    store: Shop, changes: dict[str, str | None], arguments: tuple[str, ...], said: str
) -> None:
    """What is not plainly one database and one class does not begin, and says why."""
    store.describe(**{"RUNBOOK_CLASS": "production"} | changes)
    person = store.begins(NAME, "--runbooks", str(store.runbooks), *arguments)
    person.sees(said)
    assert person.ends() == 2


@pytest.mark.parametrize("arguments", [(), ("--ask",)], ids=["yes in a pipe", "yes in a pipe, with --ask"])
def test_without_a_terminal(store: Shop, arguments: tuple[str, ...]) -> None:
    """A program that answers is nobody."""
    command = [sys.executable, "-m", "runbook", "run", NAME, "--env-file", str(store.file), "--runbooks"]
    done = subprocess.run(
        [*command, str(store.runbooks), *arguments],
        env=store.environment, cwd=store.folder, input="y\n" * 100, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "a uma pessoa, em um terminal" in done.stderr


def test_file_that_others_read(store: Shop) -> None:
    """A file with passwords that others can read is not used."""
    store.file.chmod(0o644)
    person = store.begins(NAME, "--runbooks", str(store.runbooks))
    person.sees("chmod 600")
    assert person.ends() == 2
    store.file.chmod(0o600)


@pytest.mark.parametrize(
    "value",
    ["a; psql -c 'DELETE FROM auditoria'", "$(id)", "`id`", "a\"'b", "loja d'água", "a b", "$HOME", "ção"],
)
def test_parameters_are_values(store: Shop, value: str) -> None:
    """Whatever bash would make of it, a value reaches the step as it was typed."""
    person = begins(store, "--set", f"PASTA={value}")
    person.sees(QUESTION)
    person.types("\n")
    person.sees(f"[{value}]\n")
    person.sees(QUESTION)
    person.types("q\n")
    assert person.ends() == 1


def test_only_for_development(store: Shop) -> None:
    """A runbook for development alone does not begin in production."""
    file = store.runbooks / f"{NAME}.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("risk:", "classes: [development]\nrisk:"), encoding="utf-8")
    try:
        person = store.begins(NAME, "--runbooks", str(store.runbooks))
        person.sees("só se executa em desenvolvimento")
        assert person.ends() == 2
    finally:
        file.write_text(text, encoding="utf-8")


def test_resumed_under_an_alias(store: Shop) -> None:
    """The same server under another name is another target for a run that has begun."""
    person, _ = at_the_code(store)
    person.types("\n")
    stops(person)
    alias = store.folder / "apelido"
    alias.symlink_to(store.place.variables["PGHOST"])
    store.describe(RUNBOOK_CLASS=None, PGHOST=str(alias))
    person = begins(store, "--resume")
    person.sees("o banco mudou desde o começo")
    assert person.ends() == 2
    alias.unlink()


def test_dry_run(store: Shop) -> None:
    """Every command is shown with the values, nothing is run, and nothing is on file."""
    files = store.files()
    person = store.begins(NAME, "--runbooks", str(store.runbooks), "--dry-run")
    person.sees("produção")
    person.sees("PASTA='backups'")
    person.sees("DELETE FROM auditoria")
    assert person.ends() == 0
    assert store.files() == files


@pytest.mark.parametrize(("kind", "more"), [(None, 5), ("staging", 0)], ids=["production", "staging"])
def test_the_right_code(embedded_sandbox: Embedded, tmp_path: Path, kind: str | None, more: int) -> None:
    """With what is asked for, which names the database, the step is carried out; what was decided is on file."""
    with shop(embedded_sandbox.place("postgresql"), tmp_path) as own:
        own.describe(RUNBOOK_CLASS=kind)
        write(
            tmp_path / "livro",
            NAME,
            LOSS,
        )
        person = own.begins(NAME, "--runbooks", str(tmp_path / "livro"))
        person.sees(QUESTION)
        person.types("\n")
        person.sees("Para executar, digite ")
        person.sees(": ")
        (code,) = CODE.findall(person.everything)
        assert code.startswith(own.database)
        assert len(code) == len(own.database) + more
        person.types(f"{code}\n")
        person.sees("1 passo executado")
        assert person.ends() == 0
        assert own.asks("SELECT count(*) FROM auditoria") == "0"
        (name,) = audit.names(tmp_path / "estado/runbook")
        assert own.database in audit.page(name, audit.read(tmp_path / "estado/runbook", name))
