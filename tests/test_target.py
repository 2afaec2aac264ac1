"""What a file says of a real database: read as it is written, or refused with the place and the way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook import environment, target, values
from runbook.errors import RunbookError
from runbook.real import Real
from runbook.step import Parameter, Runbook
from runbook.target import Target

from .samples import ROOT

PLAIN = "PGHOST=db.interno\nPGUSER=ana\nPGPASSWORD=senha-dela\nDB=loja\n"
URL = "DATABASE_URL=postgresql://ana:senha%2Ddela@db.interno:5432/loja?schema=public\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An env file that only its owner reads."""
    found = tmp_path / "banco.env"
    found.touch(0o600)
    return found


def read(file: Path, text: str, engine: str = "postgresql") -> Target:
    """The target that the text describes."""
    file.write_text(text, encoding="utf-8")
    return target.target(engine, target.read(file), file)


@pytest.mark.parametrize("text", [PLAIN, URL, PLAIN + URL], ids=["names", "URL", "both"])
def test_said_in_two_ways(file: Path, text: str) -> None:
    """Names, the URL of a Prisma project, or both say the same; without a class it is production."""
    found = read(file, text)
    assert found.facts() == {
        "engine": "postgresql", "kind": "production",
        "host": "db.interno", "port": "5432", "user": "ana", "database": "loja",
    }  # fmt: skip
    assert found.secrets() == list(dict.fromkeys([found.password, *(["senha%2Ddela"] * ("URL" in text)), "senha-dela"]))


def test_mysql(file: Path) -> None:
    """Port and class as given; comments and empty lines are nothing."""
    text = "# o nosso\n\nexport DB_HOST=m\nDB_PORT=3307\nDB_USER=ana\nDB=loja\n"
    text += "RUNBOOK_CLASS=staging\nDB_PASSWORD='a # b'\n"
    found = read(file, text, "mysql")
    assert (found.port, found.kind, found.password) == ("3307", "staging", "a # b")


def test_socket(file: Path) -> None:
    """The folder of a socket is a host, in the URL too."""
    found = read(file, "DATABASE_URL=postgresql://ana@localhost:5433/loja?host=%2Frun%2Fpg\n")
    assert (found.host, found.port) == ("/run/pg", "5433")


def test_password_of_another_account(file: Path) -> None:
    """The application's password in the URL is not the administrator's, but is hidden as well."""
    found = read(file, f"PGUSER=postgres\n{URL}")
    assert found.password == ""
    assert "senha-dela" in found.secrets()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PGUSER=ana\nDB=loja\n", "falta PGHOST"),
        ("PGHOST=h\nDB=loja\n", "falta PGUSER"),
        ("PGHOST=h\nPGUSER=ana\n", "falta DB"),
        (PLAIN + "PGPORT=5433\n" + URL, "PGPORT diz `5433`"),
        (PLAIN + "DATABASE_URL=mysql://a:bcde@h/loja\n", "é de `mysql`"),
        (PLAIN + "DATABASE_URL=postgresql://a:b[cde@h:x/loja\n", "não é uma URL"),
        (PLAIN + URL + URL.replace("DATABASE_URL", "SHADOW_DATABASE_URL"), "é o próprio banco"),
        (PLAIN.replace("DB=loja", "DB=Loja"), "o banco se chama `Loja`"),
        (PLAIN.replace("DB=loja", f"DB={'l' * 39}"), "o banco se chama"),
        (PLAIN.replace("db.interno", "a b"), "não é um servidor"),
        (PLAIN.replace("db.interno", "-h"), "não é um servidor"),
        (PLAIN + "PGPORT=abc\n", "a porta é `abc`"),
        (PLAIN.replace("senha-dela", "abc"), "menos de 4"),
        (PLAIN.replace("=ana", "=-ana"), "começa por `-`"),
        (PLAIN + "SOLTA\n", ":5: esperava uma linha"),
        (PLAIN + "DB=loja\n", ":5: DB está duas vezes"),
    ],
)
def test_refused(file: Path, text: str, said: str) -> None:
    """What is missing, contradicts itself or would be misread is named, with file and line where there is one."""
    with pytest.raises(RunbookError, match=re.escape("banco.env")) as caught:
        read(file, text)
    assert said in str(caught.value)


def test_encrypted(file: Path) -> None:
    """How a connection is encrypted goes with it, from the address or the variables; MySQL's would be lost: refused."""
    tls = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/x y"}
    assert read(file, f"{URL.strip()}&sslmode=verify-full&sslrootcert=/x%20y\n").tls == tls
    found = read(file, PLAIN + "PGSSLMODE=verify-full\nPGSSLROOTCERT=/x y\n")
    assert found.tls == tls
    variables = Real(found, file.parent).place("postgresql").variables
    assert tls.items() <= variables.items()
    assert variables["DATABASE_URL"].endswith("?sslmode=verify-full&sslrootcert=%2Fx+y")
    with pytest.raises(RunbookError, match="PGSSLMODE diz `disable`"):
        read(file, f"PGSSLMODE=disable\n{URL.strip()}&sslmode=require\n")
    with pytest.raises(RunbookError, match="sslaccept"):
        read(file, "DATABASE_URL=mysql://ana:senha@h/loja?sslaccept=strict\n", "mysql")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_others_can_read_it(file: Path, mode: int) -> None:
    """A file of passwords is its owner's alone."""
    file.write_text(PLAIN, encoding="utf-8")
    file.chmod(mode)
    with pytest.raises(RunbookError, match="chmod 600"):
        target.read(file)


PARAMETERS = (
    Parameter("DB", "O banco", "loja"),
    Parameter("PASTA", "Uma pasta", "backups"),
    Parameter("RPO", "Minutos", "60"),
    Parameter("SENHA", "A senha", secret=True),
)
BOOK = Runbook("c/r", "r.md", "R", "R", ("postgresql",), "leitura", PARAMETERS, (), ())


def test_sources() -> None:
    """A flag wins over the file, the file over what is asked, and nothing typed is the default; DB is not asked for."""
    asked: list[str] = []

    def ask(parameter: Parameter) -> str:
        asked.append(parameter.name)
        return "" if parameter.name == "RPO" else "-segredo"

    found = values.collect(PARAMETERS, [{"PASTA": "a b"}, {"PASTA": "outra"}], ask)
    assert found == {"PASTA": "a b", "RPO": "60", "SENHA": "-segredo"}
    assert asked == ["RPO", "SENHA"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PASTA", "-rf", "começa por `-`"), ("PASTA", "~/b", "começa por `~`"),
        ("PASTA", "a\tb", "caractere de controle"), ("PASTA", "a" * 4097, "tem 4097 caracteres"),
        ("RPO", "1; id", "não é um número"), ("RPO", "", "não é um número"), ("SENHA", "a\nb", "caractere de controle"),
    ],
)  # fmt: skip
def test_misread_values(name: str, value: str, said: str) -> None:
    """A value that a command would take for something else is refused; that of a secret is not shown."""
    with pytest.raises(RunbookError, match=name) as caught:
        values.check(next(p for p in PARAMETERS if p.name == name), value)
    assert said in str(caught.value)
    assert name != "SENHA" or "a\\nb" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("PASTA", "esperava NOME=valor"),
        ("OUTRA=1", "não é parâmetro"),
        ("SENHA=x", "é um segredo"),
        ("DB=x", "quem diz o banco"),
    ],
)
def test_flags(given: str, said: str) -> None:
    """A flag names a parameter of this runbook that others may see, and has a value."""
    with pytest.raises(RunbookError, match=said):
        values.flags([given], BOOK)
    assert values.flags(["PASTA=a=b", "RPO=5"], BOOK) == {"PASTA": "a=b", "RPO": "5"}


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_files_of_the_page(file: Path, engine: str) -> None:
    """The two files that the manual shows are read as it says, and want a password."""
    text = (ROOT / "docs/banco-de-verdade.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```ini\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (mine,) = (block for block in blocks if target.NAMES[engine][0] in block)
    found = read(file, mine, engine)
    assert (found.kind, found.database, found.port, found.password) == ("staging", "loja", target.PORTS[engine], "")


def test_an_account_without_a_password(file: Path) -> None:
    """MySQL's clients are told of the server all the same, and not left to whatever listens on this machine."""
    place = Real(read(file, "DB_HOST=db.interno\nDB_USER=ana\nDB=loja\n", "mysql"), file.parent).place("mysql")
    private = environment.password_file(place)
    assert private
    assert "host=db.interno\n" in private[1]
    assert environment.variables(place, file.parent, "loja", {})["CNF"].endswith(private[0])


def test_the_file_is_of_the_other_engine(file: Path) -> None:
    """Whoever forgot to say which engine is told how."""
    with pytest.raises(RunbookError, match="diga `--engine mysql`"):
        read(file, "DB_HOST=db.interno\nDB_USER=ana\nDB=loja\n")
