"""The sample project on both databases: criar.sh makes what Prisma makes, and the project's programs work on it.

PostgreSQL is the embedded one, MySQL the container; the same shell lines run in both places. The names of all databases
have one prefix, so that remover.sh takes them all.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from runbook import compose
from runbook.containers import Docker
from runbook.embedded import Embedded
from runbook.environment import Place
from runbook.prisma import url

from .conftest import PROJECT, ROOT

PASSWORD = "senha-de-teste-0123456789"  # noqa: S105 - of a server that lives as long as this test

# What a run gets of Prisma, made where the database can be reached.
PREPARE = """
import json, sys
from pathlib import Path
from runbook.environment import Place
from runbook.prisma import Prisma
place, toolbox, folder, database, password = json.loads(sys.argv[1])
prisma = Prisma(Place(**place), Path(toolbox))
prisma.prepare(Path(folder), Path(folder) / "projeto")
variables = prisma.variables(Path(folder), Path(folder) / "projeto", database, password)
print(json.dumps(variables | {"MOTOR": prisma.engine}))
"""

# What every line of a test can use: sql DATABASE, criar_banco DATABASE, impressao DATABASE, em DATABASE COMMAND...
PRELUDE = r"""
set -euo pipefail
shopt -s inherit_errexit
umask 077
loja="$TOOLBOX/loja/$BANCO"
if [[ "$BANCO" == mysql ]]; then
    export CNF="$PASTA/my.cnf"
    sql() { mysql --defaults-file="$CNF" --default-character-set=utf8mb4 --batch --skip-column-names "$@"; }
    criar_banco() { sql <<< "CREATE DATABASE \`$1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci"; }
else
    export PGPASSFILE="$PASTA/pgpass"
    sql() { psql -XqAt --no-password -v ON_ERROR_STOP=1 --dbname="$1"; }
    criar_banco() {
        sql postgres <<< "CREATE DATABASE \"$1\" OWNER \"${DB}_dono\" TEMPLATE template0 LOCALE_PROVIDER builtin
                          BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    }
fi
impressao() { sql "$1" < "$TOOLBOX/impressao-digital/$BANCO.sql"; }
em() {
    DATABASE_URL="${ENDERECO//BANCO/$1}" SHADOW_DATABASE_URL="${ENDERECO//BANCO/${DB}_sombra}" \
        env -C "$PROJETO" "${@:2}" < /dev/null
}
"""


@dataclass(frozen=True)
class Shop:
    """The shop and the project, where the database is.

    Args:
        command: what to put before `bash`.
        variables: the environment of the lines.
    """

    command: tuple[str, ...]
    variables: dict[str, str]

    def run(self, lines: str, code: int = 0) -> str:
        """What the lines print, standard error included, when they end as expected."""
        environment = [f"{name}={value}" for name, value in self.variables.items()]
        done = subprocess.run(
            [*self.command, "env", "-i", *environment, "bash", "-c", PRELUDE + lines],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        assert done.returncode == code, done.stdout
        return done.stdout


def make(place: Place, command: tuple[str, ...], python: str, toolbox: str, folder: str) -> Shop:
    """The lines' environment at a place, with the project in `folder`."""
    name = f"loja_{secrets.token_hex(4)}"
    argument = json.dumps([asdict(place), toolbox, folder, name, PASSWORD])
    done = subprocess.run([*command, python, "-c", PREPARE, argument], check=True, stdout=subprocess.PIPE, text=True)
    return Shop(
        command,
        {
            **place.variables,
            **json.loads(done.stdout),
            "PATH": ":".join([*place.path, str(Path(python).parent), "/usr/local/bin:/usr/bin:/bin"]),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "HOME": folder,
            "PASTA": folder,
            "DB": name,
            "BANCO": place.engine,
            "TOOLBOX": toolbox,
            "ENDERECO": url(place, "BANCO", f"{name}_dono", PASSWORD),
            "SENHA_DONO": PASSWORD,
            "SENHA_ADMIN": place.password,
        },
    )


def embedded(sandbox: Embedded, folder: Path) -> Shop:
    """PostgreSQL on this machine."""
    return make(sandbox.place("postgresql"), (), sys.executable, str(ROOT / "toolbox"), str(folder))


def contained(sandbox: Docker) -> Shop:
    """MySQL, from the toolbox."""
    command = tuple(compose.exec_prefix(PROJECT))
    folder = subprocess.run([*command, "mktemp", "-d"], check=True, capture_output=True, text=True).stdout.strip()
    return make(sandbox.place("mysql"), command, "/usr/bin/python3", "/manual/toolbox", folder)


@pytest.fixture(scope="module", params=["postgresql", pytest.param("mysql", marks=pytest.mark.docker)])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop as criar.sh makes it, beside a copy of the project with the generated client."""
    if request.param == "mysql":
        shop = contained(request.getfixturevalue("docker_sandbox"))
    else:
        shop = embedded(request.getfixturevalue("embedded_sandbox"), tmp_path_factory.mktemp("projeto"))
    try:
        shop.run(r"""
            printf '*:*:*:*:%s\n' "$SENHA_ADMIN" > "$PASTA/pgpass"
            printf '%s\n' '[client]' "host=${DB_HOST:-}" "user=${DB_USER:-}" "password=$SENHA_ADMIN" > "$PASTA/my.cnf"
            bash "$loja/criar.sh"
            em "$DB" pnpm exec prisma generate > /dev/null
        """)
        yield shop
    finally:
        shop.run('bash "$loja/remover.sh"; rm -rf "$PASTA"')


def test_the_same_as_migrate_deploy(shop: Shop) -> None:
    """A database made by `migrate deploy` and the generator has the same fingerprint, and the same history.

    But for what migrations do not make: permissions, settings, counters, and the ids and times of the history.
    """
    made = shop.run(r"""
        criar_banco "${DB}_nova"
        em "${DB}_nova" pnpm exec prisma migrate deploy > "$PASTA/deploy" 2>&1
        {
            if [[ "$BANCO" == postgresql ]]; then echo 'SET session_replication_role = replica;'; fi
            python3 "$TOOLBOX/loja/gerar.py" "$BANCO"
        } | sql "${DB}_nova"
        for banco in "$DB" "${DB}_nova"; do
            impressao "$banco"
            echo =====
            sql "$banco" <<< "SELECT checksum, migration_name, logs, rolled_back_at, applied_steps_count,
                              finished_at >= started_at FROM _prisma_migrations ORDER BY migration_name"
            echo =====
        done
    """)
    fingerprint, history, other_fingerprint, other_history, _ = made.split("=====\n")
    name = shop.variables["DB"]
    assert len(history.splitlines()) == 5
    assert history == other_history
    different = {*fingerprint.splitlines()} ^ {*other_fingerprint.replace(f"{name}_nova", name).splitlines()}
    outside = (
        "tabela public._prisma_migrations ",
        "tabela _prisma_migrations ",
        "sequencia ",
        "auto_increment ",
        "concessao",
        "configuracao ",
        "comentario banco ",
    )
    assert [line for line in sorted(different) if not line.startswith(outside)] == []


def test_schema_and_history_agree(shop: Shop) -> None:
    """For the owner's account schema, migrations and database do not differ, and nothing is pending.

    The deploy-side engine cannot compare; there the schema is only valid. The shadow database is empty before.
    """
    said = shop.run(r"""
        if [[ "$BANCO" == mysql ]]; then
            sql "${DB}_sombra" <<< "SELECT CONCAT('sombra ', COUNT(*)) FROM information_schema.tables
                                    WHERE table_schema = DATABASE()"
        else
            sql "${DB}_sombra" <<< "SELECT 'sombra ' || count(*) FROM pg_tables WHERE schemaname = 'public'"
        fi
        em "$DB" pnpm exec prisma validate
        em "$DB" pnpm exec prisma migrate status
        if [[ "$MOTOR" != deploy-side ]]; then
            schema=(--to-schema prisma/schema.prisma --exit-code)
            em "$DB" pnpm exec prisma migrate diff --from-migrations prisma/migrations "${schema[@]}"
            em "$DB" pnpm exec prisma migrate diff --from-config-datasource "${schema[@]}"
        else
            printf '%s\n' 'No difference detected' 'No difference detected'
        fi
    """)
    assert "sombra 0\n" in said
    assert "Database schema is up to date!" in said
    assert said.count("No difference detected") == 2


def test_seed_and_smoke(shop: Shop) -> None:
    """Without orders the smoke program says what is missing; seeding twice is seeding once; smoke leaves no trace."""
    said = shop.run(r"""
        banco="${DB}_semente"
        criar_banco "$banco"
        em "$banco" pnpm exec prisma migrate deploy > /dev/null 2>&1
        if em "$banco" node src/fumaca.ts; then exit 9; else echo "código $?"; fi
        for vez in 1 2 3; do
            if [[ "$vez" == 3 ]]; then em "$banco" node src/fumaca.ts; else em "$banco" pnpm exec prisma db seed; fi
            impressao "$banco" | grep '^tabela ' > "$PASTA/$vez"
        done
        cat "$PASTA/1"
        cmp "$PASTA/1" "$PASTA/2"
        cmp "$PASTA/1" "$PASTA/3"
    """)
    assert "fumaça: não há nenhum pedido" in said
    assert "código 1\n" in said
    assert said.count("semente: 1 cliente, 3 produtos e 1 pedido estão no banco de dados") == 2
    assert "produtos linhas=3 " in said
    assert "fumaça: li o pedido SEMENTE-1 (itens: 1)" in said


def test_smoke_on_the_shop(shop: Shop) -> None:
    """On the full shop the smoke program is content; with a wrong password it ends with 1 and says so in one line."""
    said = shop.run(r"""
        em "$DB" node src/fumaca.ts
        ENDERECO="${ENDERECO/"$SENHA_DONO"/errada}"
        if em "$DB" node src/fumaca.ts; then exit 9; else echo "código $?"; fi
    """)
    good, bad, code = said.splitlines()
    assert good.startswith("fumaça: li o pedido P00000001 ")
    assert bad.startswith("fumaça: ")
    assert "Authentication failed" in bad or "Access denied" in bad
    assert PASSWORD not in bad
    assert code == "código 1"


def test_a_copy_by_hand(shop: Shop) -> None:
    """projeto.sh makes the same project as a run gets, and refuses a folder that exists and an unknown database."""
    said = shop.run(r"""
        projeto="$TOOLBOX/loja/projeto.sh"
        "$projeto" "$PASTA/copia" "$BANCO"
        diff -r --exclude=node_modules --exclude=generated "$PASTA/copia" "$PROJETO"
        if "$projeto" "$PASTA/copia" "$BANCO"; then exit 9; fi
        if "$projeto" "$PASTA/outra" oracle; then exit 9; fi
        if [[ -e "$PASTA/outra" ]]; then exit 9; fi
    """)
    assert "já existe; escolha uma pasta que não existe" in said
    assert "diga a pasta a criar e o banco" in said
