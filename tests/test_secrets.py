"""A planted password, in every form in which it travels: in nothing that is written, shown or listed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from runbook import notebook, target
from runbook.containers import Docker
from runbook.conversation import Conversation
from runbook.embedded import Embedded
from runbook.real import Real
from runbook.redact import SHORTEST, forms, redactor
from runbook.result import PASSED
from runbook.sealed import seal, unseal
from runbook.shell import Shell
from runbook.step import Step

from .person import QUESTION
from .real import Shop, shop
from .samples import fence, write

PASSWORDS = (
    "loja d'água",
    "a b c d",
    "$HOME",
    "-rf-",
    "ção-ção",
    'as"pas',
    "barra\\invertida:1",
    "p@ss/w%rd#1",
    "`id`$(id)",
)
NAME = "capitulo/segredo"


@pytest.fixture(scope="module")
def store(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop, and a runbook that shows its password in every way it can."""
    with shop(embedded_sandbox.place("postgresql"), tmp_path_factory.mktemp("loja")) as found:
        write(
            found.runbooks,
            NAME,
            fence("entra", 'test "$(psql -XAtq --no-password --dbname="$DB" --command="SELECT 1")" = 1 && echo entrou'),
            fence("mostra", 'cat "$PGPASSFILE"; echo "$DATABASE_URL"; base64 "$PGPASSFILE"; guardado="$DATABASE_URL"'),
            fence("lista", "ps -eo args > lista.txt; env | base64 -w 0 | cut -c 1-100"),
            fence("fim", 'declare -p guardado DATABASE_URL; test "$guardado" = "$DATABASE_URL" && echo igual'),
        )
        yield found


def as_line(password: str) -> str:
    """As an env file writes it."""
    return "'" + password.replace("\\", "\\\\").replace("'", "\\'") + "'"


def planted(texts: str, password: str) -> list[str]:
    """The forms of the password that stand in the texts."""
    return [form for form in forms(password) if len(form) >= SHORTEST and form in texts]


@pytest.mark.parametrize("password", PASSWORDS)
def test_nowhere(store: Shop, password: str) -> None:
    """It opens the database, and is on no screen, in no file, page, list of processes or state, also after a kill."""
    role = f"{store.database}_app"
    store.asks(f"ALTER ROLE {role} PASSWORD '{password.replace(chr(39), 2 * chr(39))}'")
    store.describe(PGUSER=role, PGPASSWORD=as_line(password))
    person = store.begins(NAME, "--runbooks", str(store.runbooks))
    for seen in ("entrou", "********", "✔ lista"):
        person.sees(QUESTION)
        person.types("\n")
        person.sees(seen)
    person.sees(QUESTION)
    person.process.kill()
    person.ends()
    second = store.begins(NAME, "--runbooks", str(store.runbooks), "--resume")
    assert planted("".join(file.read_text(encoding="utf-8") for file in store.files()), password) == []
    second.sees(QUESTION)
    second.types("\n")
    second.sees("igual")
    second.sees("4 passos executados")
    assert second.ends() == 0
    shown = [sys.executable, "-m", "runbook", "show", store.files()[-1].stem]
    page = subprocess.run(shown, env=store.environment, capture_output=True, text=True, check=True).stdout
    written = "".join(file.read_text(encoding="utf-8") for file in store.files())
    listed = (store.folder / "lista.txt").read_text(encoding="utf-8")
    assert "runbook" in listed
    assert planted("\n".join((person.everything, second.everything, page, written, listed)), password) == []
    assert [file for file in (store.folder / "tmp").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize("password", PASSWORDS)
def test_state(tmp_path: Path, password: str) -> None:
    """What a step leaves has no secret when it is sealed, and is what it was when it is unsealed."""
    text = (
        f'x={shlex.quote(password)}; url="postgres://a:$x@b"; f() {{ echo {shlex.quote(password)}; }}; lista=("$x" 1)'
    )
    with Shell(tmp_path, {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PASTA": str(tmp_path)}) as shell:
        assert shell.run(text, 10).completed
        shell.keep()
        state = shell.state
        assert state
        sealed = seal(state, [password], str(tmp_path))
        assert sealed is not None
        assert planted(sealed, password) == []
        assert redactor([password])(sealed) == sealed
        assert str(tmp_path) not in sealed
        assert unseal(sealed, [password], str(tmp_path)) == state
        moved = unseal(sealed, [password], "/outra/pasta")
        assert b'PASTA="/outra/pasta"' in moved


ACCOUNTS = {
    "postgresql": """psql -XAtq --no-password --dbname=postgres <<'FIM'
CREATE ROLE {user} LOGIN PASSWORD {password};
FIM""",
    "mysql": """mysql --defaults-file="$CNF" <<'FIM'
CREATE USER {user} IDENTIFIED BY {password};
FIM""",
}
WHO = {
    "postgresql": "psql -XAtq --no-password --dbname=postgres --command='SELECT current_user'",
    "mysql": """mysql --defaults-file="$CNF" -N -e "SELECT substring_index(current_user(), '@', 1)" """,
}
DROP = {
    "postgresql": "psql -XAtq --no-password --dbname=postgres --command='DROP ROLE {user}'",
    "mysql": """mysql --defaults-file="$CNF" -e 'DROP USER {user}'""",
}


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_opens_a_server_in_a_container(docker_sandbox: Docker, engine: str, tmp_path: Path) -> None:
    """Each such password, read from a file, opens a server that wants one, and as the account that has it."""
    write(tmp_path / "livro", "capitulo/nada", fence("nada", "true"))
    run = (notebook.read(tmp_path / "livro", "capitulo/nada"), engine)
    host, _, user_key, password_key = target.NAMES[engine]
    address = docker_sandbox.place(engine).variables[host]

    def says(conversation: Conversation, text: str) -> str:
        done = conversation.ask(Step("passo", text, 1))
        assert done
        assert done.outcome == PASSED, done.output
        return done.output

    with Conversation(run, docker_sandbox) as administrator:
        for number, password in enumerate(PASSWORDS):
            user = f"u{number}_{token_hex(4)}"
            escaped = password.replace("'", "''")
            escaped = escaped.replace("\\", "\\\\") if engine == "mysql" else escaped
            says(administrator, ACCOUNTS[engine].format(user=user, password=f"'{escaped}'"))
            file = tmp_path / f"{number}.env"
            file.touch(0o600)
            file.write_text(
                f"{host}={address}\n{user_key}={user}\n{password_key}={as_line(password)}\nDB=loja\n", "utf-8"
            )
            found = target.target(engine, target.read(file), file)
            assert found.password == password
            with Conversation(
                run, Real(found, Path("/manual/toolbox"), docker_sandbox.command()), secrets=found.secrets()
            ) as person:
                assert says(person, WHO[engine]) == user
            says(administrator, DROP[engine].format(user=user))
        ended = administrator.close()
        assert ended
        assert ended.leftovers == ()
