"""The sample shop: always the same bytes, everything nasty in it, and nothing left of it when it is removed.

Runs on the embedded PostgreSQL. The rows are loaded without checking the foreign keys; those that PostgreSQL validates
here prove the rows of both engines, because both get the same ones.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.embedded import Embedded

LOJA = Path(__file__).parents[1] / "toolbox" / "loja"
ENGINES = ("postgresql", "mysql")
# A change of the data makes every record stale and every fingerprint differ: it must be on purpose.
SHA256 = {
    "postgresql": "b5453df39bd61bf520b45ff4e3ced15a27c3097373a906abe46980a469102abe",
    "mysql": "f3dc42bf2ceb4e7d8c37315a4472d9170db46b014117e043d4b62fb7ecceb1bc",
}
ROWS = {
    "clientes": 8_000,
    "produtos": 2_000,
    "estoque": 4_000,
    "pedidos": 20_000,
    "itens": 44_000,
    "pagamentos": 17_000,
    "auditoria": 5_000,
}
PASSWORD = "senha-de-teste-0123456789"  # noqa: S105 - of a server that lives as long as this test


@functools.cache
def generate(engine: str, **variables: str) -> bytes:
    """What gerar.py writes, in an environment of its own; once per environment."""
    command = [sys.executable, str(LOJA / "gerar.py"), engine]
    return subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE).stdout


class Server:
    """The scripts and psql, on the embedded server and with the environment that a run has."""

    def __init__(self, sandbox: Embedded, folder: Path, database: str) -> None:
        place = sandbox.place("postgresql")
        passwords = folder / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:postgres:{place.password}\n*:*:*:{database}_app:{PASSWORD}\n")
        self.variables = {
            **place.variables,
            "PATH": os.pathsep.join([*place.path, str(Path(sys.executable).parent), os.defpath]),
            "PGPASSFILE": str(passwords),
            "DB": database,
        }

    def script(self, name: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A script of the PostgreSQL folder; its exit code is for the caller to judge."""
        return self._run(["bash", str(LOJA / "postgresql" / name)], "", variables)

    def ask(self, sql: str, database: str = "", user: str = "postgres") -> str:
        """The answer of the server, or its error message."""
        command = [
            "psql",
            "-XqAt",
            "--no-password",
            f"--dbname={database or self.variables['DB']}",
            f"--username={user}",
        ]
        return self._run(command, sql, {}).stdout.strip()

    def _run(self, command: list[str], text: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.variables | variables,
            input=text,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )


@pytest.fixture(scope="module")
def loja(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The shop, made once for all tests that only read."""
    server = Server(embedded_sandbox, tmp_path_factory.mktemp("loja"), "loja_00000001")
    created = server.script("criar.sh", SENHA_APP=PASSWORD)
    assert (created.returncode, created.stdout) == (0, "")
    yield server
    assert server.script("remover.sh").returncode == 0


@pytest.fixture
def server(embedded_sandbox: Embedded, tmp_path: Path) -> Iterator[Server]:
    """A server without the shop; whatever the test makes is removed."""
    server = Server(embedded_sandbox, tmp_path, "loja_00000002")
    yield server
    assert server.script("remover.sh").returncode == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_bytes_are_the_same_everywhere(engine: str) -> None:
    """Another locale, time zone and hash seed change nothing, and neither does another day."""
    first = generate(engine)
    second = generate(engine, LC_ALL="C", TZ="Asia/Kathmandu", PYTHONHASHSEED="2", PYTHONUTF8="0")
    assert first == second
    assert hashlib.sha256(first).hexdigest() == SHA256[engine]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_is_one_line(engine: str) -> None:
    """Line breaks inside values are escaped, so that rows can be counted and a file can be cut between them."""
    counted = dict.fromkeys(ROWS, 0)
    table = ""
    for line in generate(engine).decode().split("\n"):
        if start := re.match(r"(?:COPY|INSERT INTO) (\w+) \(", line):
            table = start[1]
        elif line.startswith("(") if engine == "mysql" else table and line and not line.startswith(("\\.", "SET ")):
            counted[table] += 1
    assert counted == ROWS
    assert sum(counted.values()) == 100_000


@pytest.mark.parametrize("engine", ENGINES)
def test_bytes_that_dumps_get_wrong(engine: str) -> None:
    """Four-byte characters, joined emoji, decomposed accents, and every byte value in a binary column."""
    data = generate(engine)
    for text in ("😀", "👩🏽\u200d💻", "cafe\u0301", "日本語", "\ufeff", "\x01"):
        assert text.encode() in data
    assert bytes(range(256)).hex().encode() in data


def test_rows_arrive(loja: Server) -> None:
    """Every table has its rows."""
    for table, count in ROWS.items():
        assert loja.ask(f"SELECT count(*) FROM {table}") == str(count)  # noqa: S608


CONTENTS = {
    "NULL beside the empty string": "SELECT count(*) FILTER (WHERE apelido IS NULL) > 500 AND"
    " count(*) FILTER (WHERE apelido = '') > 500 FROM clientes",
    "empty binary beside NULL": r"SELECT bool_or(foto = '\x') AND bool_or(foto IS NULL) FROM clientes",
    "quotes": """SELECT count(*) > 0 FROM clientes WHERE observacao LIKE '%"%' AND observacao LIKE '%''%'""",
    "backslash at the end": r"SELECT count(*) > 0 FROM clientes WHERE right(observacao, 1) = E'\\'",
    "tab, newline, carriage return": r"SELECT bool_or(observacao ~ '\t') AND bool_or(observacao ~ '\n') AND"
    r" bool_or(observacao ~ '\r\n') FROM clientes",
    "text that looks like NULL": "SELECT count(DISTINCT observacao) = 3 FROM clientes"
    r" WHERE observacao IN (E'\\N', E'\\.', 'NULL')",
    "text that looks like the end of a dump": "SELECT count(*) > 1 FROM clientes WHERE observacao ~ '-- Dump completed'"
    " OR observacao ~ 'PostgreSQL database dump complete'",
    "JSON null beside SQL NULL": "SELECT bool_or(preferencias = 'null') AND bool_or(preferencias IS NULL)"
    " FROM clientes",
    "integers that a float cannot hold": "SELECT bool_or(preferencias->>'número' = '9007199254740993') FROM clientes",
    "decimals": "SELECT min(limite_credito) < 0 AND max(limite_credito) = 999999999999.99 AND"
    " bool_or(limite_credito = 0) FROM clientes",
    "decimals with 38 digits": "SELECT count(*) = 1 FROM produtos"
    " WHERE custo = 12345678901234567890.123456789123456789",
    "every byte": r"SELECT count(*) > 0 FROM clientes WHERE length(foto) = 512 AND get_byte(foto, 255) = 255",
    "dates before 1970, before 1900, and the last one": "SELECT min(nascimento) = '1000-01-01' AND max(nascimento) ="
    " '9999-12-31' AND count(*) FILTER (WHERE nascimento < '1970-01-01') > 1000 FROM clientes",
    "two instants with the same local time": "SELECT count(*) = 2 FROM pedidos WHERE"
    " (realizado_em AT TIME ZONE 'America/Sao_Paulo') = '2018-02-17 23:30:00'",
    "offset with seconds": "SELECT count(*) > 0 FROM produtos WHERE adquirido_em < '1900-01-01 00:00:00+00'",
    "list elements with commas, quotes and braces": r"""SELECT count(*) = 1 FROM produtos WHERE
        etiquetas @> ARRAY['a"b', E'c\\d', 'e,f', '{g}', '😀', ' ']""",
    "generated columns": "SELECT bool_and(preco_centavos = preco * 100) FROM produtos",
    "negative sums": "SELECT min(valor) < 0 AND min(quantidade) < 0 FROM pagamentos, estoque WHERE produto_id < 99",
    "every value of the enum": "SELECT count(DISTINCT status) = 7 FROM pedidos",
    "both booleans": "SELECT count(DISTINCT ativo) = 2 FROM clientes",
    "rows that occur twice and three times": "SELECT array_agg(DISTINCT n ORDER BY n) = '{1,2,3}' FROM"
    " (SELECT count(*) AS n FROM auditoria t GROUP BY t) AS r",
    "sums that agree": "SELECT bool_and(subtotal = total_pedido(id)) FROM pedidos",
    "customers without orders": "SELECT min(pedidos) = 0 AND sum(pedidos) > 5000 FROM vendas_por_cliente",
    "foreign keys, all validated": "SELECT count(*) = 6 AND bool_and(convalidated) FROM pg_constraint"
    " WHERE contype = 'f' AND connamespace = 'public'::regnamespace",
    "a table without primary key": "SELECT count(*) = 0 FROM pg_constraint"
    " WHERE contype = 'p' AND conrelid = 'auditoria'::regclass",
}


@pytest.mark.parametrize("sql", CONTENTS.values(), ids=CONTENTS)
def test_contents(loja: Server, sql: str) -> None:
    """What the runbooks' checks have to be able to see is there."""
    assert loja.ask(sql) == "t"


def test_every_foreign_key_holds(loja: Server) -> None:
    """Each foreign key, made anew, is validated against all rows."""
    again = """SELECT format('ALTER TABLE %1$s DROP CONSTRAINT %2$I, ADD CONSTRAINT %2$I %3$s', conrelid::regclass,
                             conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE contype = 'f' \\gexec"""
    assert loja.ask(f"\\set ON_ERROR_STOP on\nBEGIN;\n{again}\nROLLBACK;\nSELECT 'todas'") == "todas"


def test_counters_are_ahead_of_the_data(loja: Server) -> None:
    """The next number is 501 beyond the last one; MySQL's numbers say the same."""
    mysql = (LOJA / "mysql" / "contadores.sql").read_text()
    for table in ("clientes", "produtos", "pedidos", "pagamentos"):
        assert loja.ask(f"SELECT last_value FROM {table}_id_seq") == str(ROWS[table] + 500)  # noqa: S608
        assert f"ALTER TABLE {table} AUTO_INCREMENT = {ROWS[table] + 501};" in mysql


def test_app_has_just_what_it_needs(loja: Server) -> None:
    """The application logs in with its password, reads and writes, and can neither alter nor erase its traces."""
    app = f"{loja.variables['DB']}_app"
    assert loja.ask("SELECT count(*) FROM vendas_por_cliente", user=app) == "8000"
    assert loja.ask("SHOW lock_timeout; SHOW timezone", user=app) == "5s\nAmerica/Sao_Paulo"
    written = "SELECT autor FROM auditoria WHERE chave = '16' AND autor LIKE '%_app'"
    assert loja.ask(f"BEGIN; CALL cancelar_pedido(16); {written}; ROLLBACK", user=app) == app
    for forbidden in (
        "DELETE FROM auditoria",
        "UPDATE estoque SET deposito = 'x'",
        "CREATE TABLE x (i int)",
        "SELECT setval('clientes_id_seq', 1)",
        "CREATE SCHEMA x",
        "ALTER TABLE clientes ADD x int",
    ):
        assert re.search("permission denied|must be owner", loja.ask(forbidden, user=app)), forbidden


def test_nothing_is_left(server: Server) -> None:
    """Open sessions, copies, other roles of the run: all go; what only looks alike stays."""
    name, alike = server.variables["DB"], "lojax00000002_x"
    server.ask(f"CREATE DATABASE {alike}", "postgres")
    before = server.script("inventario.sh").stdout
    assert server.script("criar.sh").returncode == 0
    server.ask(f"CREATE DATABASE {name}_nova OWNER {name}_dono; CREATE ROLE {name}_backup LOGIN", "postgres")
    server.ask(f"CREATE TABLE perdida (i int); ALTER TABLE perdida OWNER TO {name}_dono", "postgres")
    assert name in server.script("inventario.sh").stdout
    session = subprocess.Popen(
        ["psql", "-XqAt", f"--dbname={name}", "-c", "BEGIN; TABLE clientes; SELECT pg_sleep(60)"],
        env=server.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert server.script("remover.sh").stdout == ""
    assert session.wait(timeout=10) != 0
    assert server.script("inventario.sh").stdout == before
    assert server.script("remover.sh").returncode == 0
    server.ask(f"DROP DATABASE {alike}", "postgres")


def test_a_migration_that_fails_is_noticed(server: Server, tmp_path: Path) -> None:
    """An error in the last migration is no shop: criar.sh fails, and not one table is there."""
    broken = shutil.copytree(LOJA, tmp_path / "loja")
    last = max(broken.glob("postgresql/projeto/prisma/migrations/*/migration.sql"))
    last.write_text(f"{last.read_text()}SELECT 1 / 0;\n")
    created = server.script(str(broken / "postgresql" / "criar.sh"))
    assert created.returncode != 0
    assert "division by zero" in created.stdout
    assert server.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"


def test_a_generator_that_fails_is_noticed(server: Server, tmp_path: Path) -> None:
    """Half of the rows are no shop: criar.sh fails, and not one table is there."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "python3"
    fake.write_text(f'#!/bin/bash\n{sys.executable} "$@" | head -n 12000\nexit 3\n')
    fake.chmod(0o755)
    created = server.script("criar.sh", PATH=f"{fake.parent}{os.pathsep}{server.variables['PATH']}")
    assert created.returncode != 0
    assert server.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    fake.write_text("#!/bin/bash\n")
    assert server.script("remover.sh").returncode == 0
    created = server.script("criar.sh", PATH=f"{fake.parent}{os.pathsep}{server.variables['PATH']}")
    assert created.returncode == 1
    assert "esperava 100000 linhas" in created.stdout


DANGEROUS = ("", "Loja", "loja-x", "loja%", "loja'", "1loja", "loja\nx", "mysql", "postgres", "pg_x", "information")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", DANGEROUS)
def test_dangerous_names_are_refused(engine: str, name: str) -> None:
    """Before any server is asked."""
    for script in ("criar.sh", "remover.sh", "inventario.sh"):
        refused = subprocess.run(
            ["bash", str(LOJA / engine / script)],
            env={"DB": name, "PATH": os.defpath},
            check=False,
            capture_output=True,
            text=True,
            timeout=10,
        )
        assert refused.returncode == 1
        assert refused.stderr.startswith("loja: ")


@pytest.mark.parametrize(("engine", "client"), [("postgresql", "psql"), ("mysql", "mysql")])
def test_no_password_on_a_command_line(engine: str, client: str, tmp_path: Path) -> None:
    """A client that only writes its arguments down finds no password there; everyone on a machine can read them."""
    seen = tmp_path / "arguments"
    fake = tmp_path / client
    fake.write_text(f'#!/bin/bash\necho "$@" >> {seen}\ncat > /dev/null\n')
    fake.chmod(0o755)
    variables = {
        "DB": "loja_00000003",
        "PATH": f"{tmp_path}{os.pathsep}{os.defpath}",
        "CNF": os.devnull,
        "SENHA_APP": PASSWORD,
        "SENHA_DONO": f"{PASSWORD}-do-dono",
    }
    command = ["bash", str(LOJA / engine / "criar.sh")]
    subprocess.run(command, env=variables, check=False, stderr=subprocess.DEVNULL, timeout=60)
    assert len(seen.read_text().splitlines()) >= 2
    assert PASSWORD not in seen.read_text()
    assert "-Aa1" not in seen.read_text()  # how the passwords end that the script makes up
