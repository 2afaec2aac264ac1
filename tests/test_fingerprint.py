"""The fingerprint of a PostgreSQL database: any change of data or definition changes its text, nothing else does.

Runs on the embedded PostgreSQL, on the shop with a schema `outro` full of rarer objects. Changes are made one after the
other on a small copy; after each the text must be another one.
"""

# ruff: noqa: S608 - the SQL is made of names and values from this file

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from runbook.embedded import Embedded

ROOT = Path(__file__).parents[1]
FINGERPRINT = ROOT / "toolbox" / "impressao-digital" / "postgresql.sql"
LOJA = ROOT / "toolbox" / "loja" / "postgresql"
OBJECTS = Path(__file__).parent / "data" / "impressao-digital" / "postgresql.sql"
CHANGES = OBJECTS.with_name("postgresql-mudancas.sql")
PSQL = ["psql", "-X", "--no-password", "-v", "ON_ERROR_STOP=1", "--quiet", "--no-align", "--tuples-only"]


class Server:
    """The clients of the embedded server, with the environment that a run has; every name starts with `name`."""

    def __init__(self, sandbox: Embedded, folder: Path, name: str) -> None:
        place = sandbox.place("postgresql")
        self.name, self.folder = name, folder
        passwords = folder / "pgpass"
        passwords.touch(mode=0o600)
        passwords.write_text(f"*:*:*:*:{place.password}\n")
        self.variables = {
            **place.variables,
            "PATH": os.pathsep.join([*place.path, str(Path(sys.executable).parent), os.defpath]),
            "PGPASSFILE": str(passwords),
            "PGOPTIONS": "-c client_min_messages=error",
            "DB": name,
        }

    def run(self, command: Sequence[str], text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """A command, whatever its exit code."""
        return subprocess.run(
            command,
            env=self.variables | variables,
            input=text,
            text=True,
            check=False,
            capture_output=True,
            timeout=300,
        )

    def do(self, command: Sequence[str], text: str = "", **variables: str) -> str:
        """The output of a command that succeeds and complains about nothing."""
        done = self.run(command, text, **variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def sql(self, database: str, text: str) -> str:
        """The answer to SQL; `:"dono"` and `:"app"` are the shop's roles."""
        roles = ["-v", f"dono={self.name}_dono", "-v", f"app={self.name}_app"]
        return self.do([*PSQL, *roles, f"--dbname={database}"], text)

    def fingerprint(self, database: str, **variables: str) -> str:
        """The fingerprint, by the command of the manual."""
        return self.do([*PSQL, f"--dbname={database}", "-f", str(FINGERPRINT)], **variables)

    def after_each(self, database: str, changes: Sequence[str]) -> list[str]:
        """A fingerprint before anything and one after each change, in one session."""
        script = "".join(
            f"\\o /dev/null\n{change};\n\\o\n\\echo =====\n\\i {FINGERPRINT}\n" for change in ("SELECT", *changes)
        )
        return self.sql(database, script).split("=====\n")[1:]

    def copy(self, source: str, suffix: str, more: str = "") -> str:
        """A copy of a database, as a template makes it."""
        target = f"{self.name}_{suffix}"
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{target}"; CREATE DATABASE "{target}" TEMPLATE "{source}"')
        self.sql(target, more)
        return target


@pytest.fixture(scope="module")
def server(embedded_sandbox: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server with the full shop and the rarer objects; everything named like it is removed at the end."""
    name = f"loja_{secrets.token_hex(4)}"
    server = Server(embedded_sandbox, tmp_path_factory.mktemp("impressao"), name)
    try:
        server.do(["bash", str(LOJA / "criar.sh")])
        server.sql(name, OBJECTS.read_text())
        yield server
    finally:
        server.do(["bash", str(LOJA / "remover.sh")])
    assert server.sql("postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%'") == ""


@pytest.fixture(scope="module")
def small(server: Server) -> str:
    """The same with a few rows in each table, for tests that take many fingerprints."""
    cut = """
        SET session_replication_role = replica;
        SELECT format('DELETE FROM %1$s WHERE ctid NOT IN (SELECT ctid FROM %1$s LIMIT 30)', oid::regclass)
          FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \\gexec
    """
    return server.copy(server.name, "pouco", cut)


def facts(text: str, kind: str) -> set[str]:
    """The lines of one kind."""
    return {line for line in text.splitlines() if line.startswith(f"{kind} ")}


def columns_of(server: Server, database: str) -> list[tuple[str, str, str]]:
    """Table, column and type of every column, as SQL would name them."""
    rows = server.sql(
        database,
        """SET search_path = pg_catalog;
           SELECT attrelid::regclass, quote_ident(attname), format_type(atttypid, NULL) FROM pg_attribute
             JOIN pg_class ON pg_class.oid = attrelid
            WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'outro'::regnamespace)
              AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2""",
    )
    return [(table, name, kind) for table, name, kind in (row.split("|") for row in rows.splitlines())]


def test_shape(server: Server) -> None:
    """One fact a line, data before inventory, each part sorted by bytes, `fim` at the end."""
    lines = server.fingerprint(server.name).splitlines()
    assert (lines[0], lines[-1]) == ("impressao-digital postgresql formato=1", "fim")
    kinds = [line.split(" ")[0] for line in lines]
    starts = [kinds.index(kind) for kind in ("tabela", "sequencia", "objeto_grande", "agregacao", "objeto", "fim")]
    assert starts == sorted(starts)
    for start, end in pairwise(starts):
        part = [line.encode() for line in lines[start:end]]
        assert part == sorted(part)
    assert any(re.fullmatch(r"tabela public\.clientes linhas=8000 conteudo=[0-9a-f]{32}", line) for line in lines)
    assert server.name not in "".join(lines).replace(f"{server.name}_dono", "").replace(f"{server.name}_app", "")
    assert "nunca-impressa" not in "".join(lines)


# How to change a value of each type that the shop and the other tables have, as little as can be.
SLIGHTLY = {
    "integer": "{} + 1",
    "bigint": "{} + 1",
    "smallint": "{} + 1",
    "numeric": "{} + 1",
    "double precision": "{} * (1 + 2 ^ -51)",
    "text": "overlay({} placing 'ç' from 1 for 1)",
    "character varying": "overlay({} placing 'ç' from 1 for 1)",
    "public.citext": "CASE WHEN {0} = upper({0})::text THEN lower({0}::text) ELSE upper({0}::text) END",
    "boolean": "NOT {}",
    "date": "{} - 1",
    "timestamp with time zone": "{} + interval '1 millisecond'",
    "timestamp without time zone": "{} + interval '1 microsecond'",
    "time without time zone": "{} + interval '1 second'",
    "uuid": "gen_random_uuid()",
    "jsonb": "jsonb_build_array({})",
    "bytea": "{} || '\\x00'",
    "text[]": "{} || NULL::text",
    "public.status_pedido": "CASE {} WHEN 'pago' THEN 'enviado' ELSE 'pago' END::status_pedido",
}


def test_every_cell(server: Server, small: str) -> None:
    """Any cell, slightly changed and then made NULL, changes the line of its table and no other."""
    free = """
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) FROM pg_constraint
         WHERE conrelid >= 16384 AND conparentid = 0 AND coninhcount = 0 AND contype IN ('p', 'u', 'c', 'f')
         ORDER BY contype <> 'f' \\gexec
        SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index JOIN pg_class c ON c.oid = indrelid
         WHERE indisunique AND relnamespace = 'public'::regnamespace \\gexec
        SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', attrelid::regclass, attname) FROM pg_attribute
          JOIN pg_class c ON c.oid = attrelid WHERE c.oid >= 16384 AND relkind IN ('r', 'p') AND NOT relispartition
           AND attnotnull AND attnum > 0 AND attidentity = '' AND attinhcount = 0 \\gexec
        SELECT format('ALTER TABLE %s ALTER %I DROP EXPRESSION', attrelid::regclass, attname)
          FROM pg_attribute WHERE attgenerated = 's' \\gexec
        ALTER TABLE outro.aponta ALTER id DROP IDENTITY; ALTER TABLE outro.aponta ALTER id DROP NOT NULL;
        DROP PUBLICATION saida;
        ALTER TABLE outro.partes DETACH PARTITION outro.partes_1;
        ALTER TABLE outro.partes DETACH PARTITION outro.partes_x;
        UPDATE _prisma_migrations SET logs = 'x', rolled_back_at = now();
        INSERT INTO outro.regras VALUES (1, 'x', 'y', 1); UPDATE outro.aponta SET g = 'g'; UPDATE outro.mae SET c = 1;
        SET session_replication_role = replica;
    """
    database = server.copy(small, "celulas", free)
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in columns_of(server, database):
        columns.setdefault(table, []).append((column, SLIGHTLY[kind].format(column)))
    assert len(columns) >= 14
    # A fingerprint has a line for each table, so one column of every table can change at a time.
    rounds = [
        [(table, cells[number][0], cells[number][1]) for table, cells in columns.items() if number < len(cells)]
        for number in range(max(map(len, columns.values())))
    ]
    rounds = [change for cells in rounds for change in (cells, [(table, column, "NULL") for table, column, _ in cells])]
    changes = [
        ";".join(
            f"UPDATE ONLY {table} SET {column} = {value}"
            f" WHERE ctid = (SELECT min(ctid) FROM ONLY {table} WHERE {column} IS NOT NULL)"
            for table, column, value in cells
        )
        for cells in rounds
    ]
    prints = server.after_each(database, ["SET session_replication_role = replica", *changes])[1:]
    for cells, (before, after) in zip(rounds, pairwise(prints), strict=True):
        different = {*before.splitlines()} ^ {*after.splitlines()}
        assert {line.split(" linhas=")[0] for line in different} == {f"tabela {table}" for table, _, _ in cells}
    assert len({line for text in prints for line in facts(text, "tabela")}) == len(columns) + sum(map(len, rounds))


def test_generated_columns(server: Server, small: str) -> None:
    """What a generated column holds is part of the content, whether it is stored or computed when read."""
    make = "CREATE TABLE gerada (a integer, g integer GENERATED ALWAYS AS (a / 2) VIRTUAL)"
    database = server.copy(small, "geradas", f"{make}; INSERT INTO gerada VALUES (2)")
    changes = [
        "ALTER TABLE gerada ALTER g SET EXPRESSION AS (a / 3)",
        "ALTER TABLE estoque ALTER disponivel SET EXPRESSION AS (quantidade - reservado - 1)",
    ]
    prints = server.after_each(database, changes)
    assert len({*(frozenset(facts(text, "tabela")) for text in prints)}) == 3


# Values that are easily taken for one another.
ALIKE = [
    ("text", "NULL", "''"),
    ("text", "'é'", "'e\u0301'"),
    ("text", "'a'", "'a '"),
    ("text", "'a,b'", "'a\",\"b'"),
    ("text", "E'a\\nb'", "'a\\nb'"),
    ("char(3)", "'a'", "'b'"),
    ("varchar", "'A'", "'a'"),
    ("citext", "'A'", "'a'"),
    ("bytea", "'\\x'", "'\\x00'"),
    ("bytea", "'\\x00ff'", "'\\x00fe'"),
    ("real", "'3.1415927'", "'3.1415925'"),
    ("double precision", "0.1", "0.1 * (1 + 2::float8 ^ -52)"),
    ("double precision", "'0'", "'-0'"),
    ("double precision", "'NaN'", "'Infinity'"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "12345678901234567890.000000001", "12345678901234567890.000000002"),
    ("bigint", "9007199254740993", "9007199254740992"),
    ("boolean", "false", "NULL"),
    ("date", "'0044-03-15 BC'", "'0044-03-15'"),
    ("date", "'infinity'", "'-infinity'"),
    ("time", "'23:59:59.999999'", "'23:59:59.999998'"),
    ("timetz", "'12:00+03'", "'11:00+02'"),
    ("timestamp", "'1969-12-31 23:59:59.999999'", "'1970-01-01'"),
    ("timestamptz", "'2018-02-17 23:30-02'", "'2018-02-17 23:30-03'"),
    ("interval", "'1 mon'", "'30 days'"),
    ("interval", "'1 day'", "'24 hours'"),
    ("json", """'{"a": 1, "b": 2}'""", """'{"b": 2, "a": 1}'"""),
    ("json", "'null'", "NULL"),
    ("jsonb", "'1.0'", "'1.00'"),
    ("jsonb", """'{"a": null}'""", "'{}'"),
    ("text[]", "'{NULL}'", """'{"NULL"}'"""),
    ("text[]", "'{}'", "NULL"),
    ("integer[]", "'{1,2,3,4}'", "'{{1,2},{3,4}}'"),
    ("integer[]", "'{1,2}'", "'[2:3]={1,2}'"),
    ("status_pedido", "'pago'", "'enviado'"),
    ("outro.cpf", "'1'", "'01'"),
    ("outro.ponto", "'(1,)'", "'(1,\"\")'"),
    ("outro.hstore", "'a=>NULL'", "'a=>\"NULL\"'"),
    ("int4range", "'empty'", "'[1,2)'"),
    ("nummultirange", "'{}'", "'{[1,2)}'"),
    ("inet", "'10.0.0.1/8'", "'10.0.0.1/9'"),
    ("bit varying", "B'1'", "B'10'"),
    ("money", "12.34", "12.35"),
    ("tsvector", "'a:1'", "'a:2'"),
    ("uuid", "'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    ("regclass", "'public.clientes'", "'public.produtos'"),
]


def test_values_that_look_alike(server: Server, small: str) -> None:
    """Values that a careless digest takes for one another are told apart, and putting them back gives the old text."""
    tables = [
        f"CREATE TABLE v{number} (v {kind}); INSERT INTO v{number} VALUES ({value})"
        for number, (kind, value, _) in enumerate(ALIKE)
    ]
    database = server.copy(small, "valores", ";".join(tables))
    others = ";".join(f"UPDATE v{number} SET v = {value}" for number, (_, _, value) in enumerate(ALIKE))
    back = ";".join(f"UPDATE v{number} SET v = {value}" for number, (_, value, _) in enumerate(ALIKE))
    before, between, after = server.after_each(database, [others, back])
    changed = {line.split()[1] for line in {*before.splitlines()} ^ {*between.splitlines()}}
    assert [pair for number, pair in enumerate(ALIKE) if f"public.v{number}" not in changed] == []
    assert after == before


def test_rows_are_a_multiset(server: Server, small: str) -> None:
    """Repeated rows count, values are bound to their row and column, and NULL is not an empty text."""
    more = """CREATE TABLE par (a text, b text); INSERT INTO par VALUES ('x', 'y'), ('z', NULL), ('', 'w');
              CREATE TABLE par_2 (LIKE par); CREATE TABLE vazia_1 ();
              CREATE TABLE "t" ("t" text); INSERT INTO t VALUES (NULL)"""
    database = server.copy(small, "linhas", more)
    changes = [
        "INSERT INTO par VALUES ('x', 'y')",
        "INSERT INTO par VALUES ('x', 'y')",
        "INSERT INTO par VALUES ('k', 'k'), ('k', 'k')",
        "INSERT INTO par VALUES (NULL, NULL)",
        "UPDATE par SET a = b, b = a WHERE a = 'z'",
        "UPDATE par SET b = '' WHERE b IS NULL",
        "UPDATE par SET a = CASE a WHEN 'x' THEN 'k' ELSE 'x' END WHERE a IN ('x', 'k')",
        "UPDATE par SET a = a || b, b = '' WHERE a = 'k'",
        "WITH f AS (DELETE FROM par WHERE a = '' RETURNING *) INSERT INTO par_2 SELECT * FROM f",
        "INSERT INTO vazia_1 DEFAULT VALUES",
        "UPDATE t SET t = ''",
        "INSERT INTO auditoria SELECT * FROM auditoria",
        "INSERT INTO auditoria SELECT * FROM auditoria",
        "DELETE FROM outro.mae WHERE ctid = (SELECT min(ctid) FROM ONLY outro.mae)",
        "UPDATE produtos SET nome = descricao, descricao = nome WHERE id = 1",
    ]
    prints = server.after_each(database, changes)
    # Without the number of rows, which would tell most of these apart by itself.
    digests = [tuple(re.findall(r"conteudo=(\w+)", text)) for text in prints]
    assert len({*digests}) == len(changes) + 1
    before, after = server.after_each(database, ["INSERT INTO outro.filha VALUES (7, 'y')"])
    assert {line.split()[1] for line in facts(before, "tabela") ^ facts(after, "tabela")} == {"outro.filha"}


def test_every_kind_of_object(server: Server, small: str) -> None:
    """Each object dropped, made or altered, each privilege, setting and comment gives a new text."""
    database = server.copy(small, "objetos", 'ALTER DATABASE :"DBNAME" OWNER TO :"dono"')
    changes = [line.rstrip(";") for line in CHANGES.read_text().splitlines() if not line.startswith("--")]
    prints = server.after_each(database, changes)
    pairs = [{*before.splitlines()} ^ {*after.splitlines()} for before, after in pairwise(prints)]
    assert [change for change, lines in zip(changes, pairs, strict=True) if not lines] == []
    kinds = {line.split(" ")[0] for text in prints for line in text.splitlines()}
    changed = {line.split(" ")[0] for lines in pairs for line in lines}
    assert kinds - changed == {"impressao-digital", "fim"}


def test_every_sequence(server: Server, small: str) -> None:
    """Each sequence, also one behind an identity column, moved by one or not yet used, gives a new text."""
    database = server.copy(small, "sequencias")
    names = server.sql(database, "SELECT oid::regclass FROM pg_class WHERE relkind = 'S'").split()
    assert len(names) == 6
    moves = ("nextval('{}')", "setval('{}', 8, false)", "setval('{}', 8, true)")
    changes = [f"SELECT {move.format(name)}" for name in names for move in moves]
    assert len({*server.after_each(database, changes)}) == len(changes) + 1


def test_what_must_not_change_it(server: Server) -> None:
    """Row order, maintenance, statistics, another name and the settings of the session leave the text as it is."""
    before = server.fingerprint(server.name)
    shuffle = """
        SET session_replication_role = replica;
        CREATE TEMP TABLE troca AS SELECT * FROM auditoria ORDER BY md5(auditoria::text);
        DELETE FROM auditoria; INSERT INTO auditoria SELECT * FROM troca;
        UPDATE produtos SET nome = nome; UPDATE produtos SET nome = nome WHERE id % 2 = 0;
        ALTER TABLE estoque ADD COLUMN x integer, ALTER COLUMN contado_em SET STATISTICS 9;
        ALTER TABLE estoque DROP COLUMN x, ALTER COLUMN contado_em SET STATISTICS -1;
        GRANT DELETE ON pagamentos TO :"app"; REVOKE DELETE ON pagamentos FROM :"app";
        VACUUM FULL; REINDEX DATABASE; ANALYZE;
    """
    database = server.copy(server.name, "mexida", shuffle)
    after = server.fingerprint(database)
    # What belongs to the database itself does not come along with a template; everything else does.
    own = ("banco ", "configuracao ", "concessao banco ", "comentario banco ")
    assert [line for line in after.splitlines() if not line.startswith(own)] == [
        line for line in before.splitlines() if not line.startswith(own)
    ]
    options = {
        "bytea_output": "escape",
        "extra_float_digits": "-5",
        "search_path": "outro",
        "standard_conforming_strings": "off",
        "escape_string_warning": "off",
        "quote_all_identifiers": "on",
        "IntervalStyle": "sql_standard",
        "default_transaction_isolation": "serializable",
        "default_transaction_read_only": "on",
        "enable_seqscan": "off",
    }
    session = " ".join(f"-c {name}={value}" for name, value in options.items())
    variables = {"PGTZ": "Asia/Kathmandu", "PGDATESTYLE": "SQL, DMY", "PGCLIENTENCODING": "LATIN1"}
    assert server.fingerprint(database, PGOPTIONS=session, **variables) == after


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_dump_and_restore(server: Server, form: str) -> None:
    """A database restored from pg_dump under another name, with its own settings given back, has the same text."""
    before = server.fingerprint(server.name)
    target, file = f"{server.name}_{form}", server.folder / f"dump.{form}"
    server.do(["pg_dump", "--no-password", f"--format={form}", f"--file={file}", f"--dbname={server.name}"])
    server.sql(
        "postgres",
        f"""CREATE DATABASE "{target}" OWNER :"dono" TEMPLATE template0 ENCODING 'UTF8'
                LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'""",
    )
    if form == "custom":
        server.do(["pg_restore", "--no-password", "--exit-on-error", f"--dbname={target}", str(file)])
    else:
        assert server.run([*PSQL, "--output=/dev/null", f"--dbname={target}", "-f", str(file)]).returncode == 0
    lost = facts(before, "configuracao") | facts(before, "concessao banco") | facts(before, "comentario banco")
    assert {*before.splitlines()} - {*server.fingerprint(target).splitlines()} == lost
    server.sql(
        "postgres",
        f"""ALTER DATABASE "{target}" SET timezone = 'America/Sao_Paulo';
            ALTER DATABASE "{target}" SET search_path = public;
            ALTER ROLE :"app" IN DATABASE "{target}" SET lock_timeout = '5s';
            REVOKE ALL ON DATABASE "{target}" FROM PUBLIC; GRANT CONNECT ON DATABASE "{target}" TO :"app";
            COMMENT ON DATABASE "{target}" IS 'Loja de exemplo do manual'""",
    )
    assert server.fingerprint(target) == before


@pytest.mark.parametrize(
    ("obstacle", "message"),
    [
        ('REVOKE SELECT ON itens FROM "{role}"', "permission denied"),
        ("ALTER TABLE itens ENABLE ROW LEVEL SECURITY", "row-level security"),
    ],
)
def test_what_cannot_be_read_is_an_error(server: Server, small: str, obstacle: str, message: str) -> None:
    """A role that may not read a table, or only some of its rows, gets an error and no last line."""
    role = f"{server.name}_le"
    more = f"""ALTER TABLE outro.regras DISABLE ROW LEVEL SECURITY; CREATE ROLE "{role}";
               GRANT USAGE ON SCHEMA public, outro TO "{role}";
               GRANT SELECT ON ALL TABLES IN SCHEMA public, outro TO "{role}"; {obstacle.format(role=role)}"""
    database = server.copy(small, "negada", more)
    command = [*PSQL, f"--dbname={database}", "-c", f'SET ROLE "{role}"', "-f", str(FINGERPRINT)]
    refused = server.run(command)
    assert refused.returncode == 3
    assert message in refused.stderr
    assert not refused.stdout.endswith("fim\n")
    server.sql("postgres", f'DROP DATABASE "{database}"; DROP ROLE "{role}"')
