"""The fingerprint of a MySQL database: any change of data or definition changes its text, nothing else does.

Runs in the toolbox next to a real MySQL, on the shop with rarer objects. Changes are made one after the other on a
small copy, in one session; after each the text must be another one.
"""
# ruff: noqa: S608 - the SQL is made of names and values from this file

from __future__ import annotations

import re
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from runbook import compose

from .conftest import PROJECT, ROOT

FINGERPRINT = ROOT / "toolbox" / "impressao-digital" / "mysql.sql"
OBJECTS = Path(__file__).parent / "data" / "impressao-digital" / "mysql.sql"
CHANGES = OBJECTS.with_name("mysql-mudancas.sql")
LOJA = "/manual/toolbox/loja/mysql"
DUMP = ["--single-transaction", "--routines", "--events", "--hex-blob", "--set-gtid-purged=OFF", "--no-tablespaces"]
PASSWORD = "senha-de-teste-0123456789-Aa1"  # noqa: S105 - of a user that lives as long as one test

pytestmark = pytest.mark.docker


def toolbox_exec(argv: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a command in the toolbox, whatever its exit code."""
    command = [*compose.exec_prefix(PROJECT), *argv]
    return subprocess.run(command, input=stdin, text=True, check=False, capture_output=True, timeout=300)


FIRST_COLUMN = {
    "clientes": "id",
    "produtos": "id",
    "pedidos": "id",
    "itens": "pedido_id",
    "pagamentos": "id",
    "estoque": "produto_id",
    "auditoria": "momento",
}


class Mysql:
    """The clients in the toolbox, logged in as root; every database and user starts with `name`.

    Args:
        name: of the full shop.
        folder: a private one in the toolbox, with the option file `my.cnf`.
    """

    def __init__(self, name: str, folder: str) -> None:
        self.name = name
        self._environment = [f"DB={name}", f"CNF={folder}/my.cnf", f"HOME={folder}", "LC_ALL=C.UTF-8"]
        self._login = f"--defaults-file={folder}/my.cnf"
        self._number = 0

    def __call__(self, text: str, database: str = "", *options: str) -> str:
        """The answer to SQL, in which `loja_app` and its like stand for the shop's users."""
        done = self.ask(text, database, *options)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def ask(self, text: str, database: str = "", *options: str) -> subprocess.CompletedProcess[str]:
        """The same, whatever the exit code."""
        client = ["mysql", self._login, "--default-character-set=utf8mb4", "--batch", "--skip-column-names", *options]
        users = re.sub(r"`loja_(app|dono|le|ninguem)`", rf"`{self.name}_\1`", text)
        return self._command([*client, *([database] if database else [])], users)

    def script(self, name: str) -> None:
        """A script of the shop that succeeds and says nothing."""
        done = self._command(["bash", f"{LOJA}/{name}"])
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def dump(self, database: str) -> str:
        """What mysqldump makes of a database."""
        done = self._command(["mysqldump", self._login, *DUMP, database])
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def restore(self, dump: str) -> str:
        """A new database with the content of a dump."""
        self._number += 1
        target = f"{self.name}_{self._number}"
        self(f"CREATE DATABASE `{target}` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci")
        self(dump, target)
        return target

    def fingerprint(self, database: str, *options: str) -> str:
        """The fingerprint, by the command of the manual."""
        return self(FINGERPRINT.read_text(), database, *options)

    def after_each(self, database: str, changes: Sequence[str]) -> list[str]:
        """A fingerprint before anything and one after each change, in one session."""
        steps = (
            f"SET sql_mode = DEFAULT, time_zone = DEFAULT, foreign_key_checks = 0; {change};\n"
            f"SELECT '=====';\n{FINGERPRINT.read_text()}"
            for change in ("DO 0", *changes)
        )
        return self("".join(steps), database).split("=====\n")[1:]

    def _command(self, argv: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        return toolbox_exec(["env", *self._environment, *argv], stdin)


@pytest.fixture(scope="module")
def mysql(request: pytest.FixtureRequest) -> Iterator[Mysql]:
    """The client, on a server with the full shop and the rarer objects; everything named like it goes at the end."""
    request.getfixturevalue("docker_sandbox")
    # printf is the shell's own: the password is in no list of arguments.
    make = """
        umask 077; folder=$(mktemp -d)
        printf '%s\\n' '[client]' host=mysql user=root "password=$(cat /run/secrets/mysql_password)" > "$folder/my.cnf"
        echo "$folder"
    """
    folder = toolbox_exec(["bash", "-c", make]).stdout.strip()
    mysql = Mysql(f"loja_{secrets.token_hex(4)}", folder)
    try:
        mysql.script("criar.sh")
        mysql(OBJECTS.read_text(), mysql.name)
        yield mysql
    finally:
        mysql.script("remover.sh")
        left = mysql(f"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '{mysql.name}%'")
        toolbox_exec(["rm", "-r", folder])
    assert left == ""


@pytest.fixture(scope="module")
def small_dump(mysql: Mysql) -> str:
    """The same with a few rows in each table, for tests that take many fingerprints."""
    database = mysql.restore(mysql.dump(mysql.name))
    for table, column in FIRST_COLUMN.items():
        rows = int(mysql(f"SELECT COUNT(*) FROM {table}", database))
        cut = f"DELETE FROM {table} ORDER BY {column} DESC LIMIT {rows - 100}"
        mysql(f"SET foreign_key_checks = 0; {cut}", database)
    return mysql.dump(database)


@pytest.fixture
def small(mysql: Mysql, small_dump: str) -> str:
    """A small copy, which the test may change."""
    return mysql.restore(small_dump)


def facts(text: str, *kinds: str) -> set[str]:
    """The lines of some kinds."""
    return {line for line in text.splitlines() if line.startswith(tuple(f"{kind} " for kind in kinds))}


def test_shape(mysql: Mysql) -> None:
    """One fact a line, data before inventory, each part sorted by bytes, `fim` at the end."""
    lines = mysql.fingerprint(mysql.name).splitlines()
    assert (lines[0], lines[-1]) == ("impressao-digital mysql formato=1", "fim")
    kinds = [line.split(" ")[0] for line in lines]
    starts = [kinds.index(kind) for kind in ("tabela", "auto_increment", "banco", "fim")]
    assert starts == sorted(starts)
    for start, end in pairwise(starts):
        part = [line.encode() for line in lines[start:end]]
        assert part == sorted(part)
    assert any(re.fullmatch(r"tabela clientes linhas=8000 conteudo=[0-9a-f]{32}", line) for line in lines)
    assert mysql.name not in "".join(lines).replace(f"{mysql.name}_dono", "").replace(f"{mysql.name}_app", "")


# How to change a value of each type, as little as can be and without meeting another key.
SLIGHTLY = {
    "tinyint": "1 - {}",
    "smallint": "{} + 1000",
    "int": "{} + 100000",
    "bigint": "{} + 100000",
    "decimal": "{} + 0.01",
    "double": "{} * (1 + 4.5e-16)",
    "char": "IF({0} = '', 'ç', INSERT({0}, 1, 1, 'ç'))",
    "varchar": "IF({0} = '', 'y', INSERT({0}, 1, 1, IF(LEFT({0}, 1) = 'y', 'x', 'y')))",
    "text": "CONCAT({}, ' ')",
    "longtext": "CONCAT({}, ' ')",
    "date": "{} - INTERVAL 1 DAY",
    "time": "ADDTIME({}, '00:00:01')",
    "timestamp": "{} + INTERVAL 1000 MICROSECOND",
    "datetime": "{} + INTERVAL 1000 MICROSECOND",
    "year": "{} + 1",
    "json": "JSON_ARRAY({})",
    "mediumblob": "CONCAT({}, x'00')",
    "longblob": "CONCAT({}, x'00')",
    "varbinary": "CONCAT(LEFT({}, 511), x'00')",
    "bit": "{} ^ 1",
    "enum": "IF({} = 1, 3, 1)",
    "set": "IF({} = 1, 2, 1)",
    "point": "ST_GeomFromText('POINT(1 2.5)', 4326)",
    "geometry": "ST_GeomFromText('POINT(1 2.5)', 4326)",
}
# Columns that can be changed: not the virtual one, and not those of tables that stay empty.
CHANGEABLE = "table_type = 'BASE TABLE' AND extra NOT LIKE '%VIRTUAL%' AND table_name NOT IN ('Com `Espaço', 'isam')"


def free(mysql: Mysql, database: str) -> None:
    """Takes away everything that would refuse a change of a single cell, and makes stored columns common ones."""
    everything = f"""
        SELECT CONCAT('ALTER TABLE ', table_name, ' DROP CONSTRAINT ', constraint_name, ';')
          FROM information_schema.table_constraints
         WHERE table_schema = '{database}' AND constraint_type IN ('FOREIGN KEY', 'CHECK')
         ORDER BY constraint_type DESC;
        SELECT CONCAT('DROP TRIGGER ', trigger_name, ';') FROM information_schema.triggers
         WHERE trigger_schema = '{database}';
        SELECT CONCAT('ALTER TABLE ', table_name, ' MODIFY ', column_name, ' ', column_type, ' NOT NULL;')
          FROM information_schema.columns WHERE table_schema = '{database}' AND extra LIKE '%auto_increment%';
        SELECT DISTINCT CONCAT('ALTER TABLE ', table_name, ' DROP INDEX `', index_name, '`;')
          FROM information_schema.statistics WHERE table_schema = '{database}';
        SELECT CONCAT('ALTER TABLE ', table_name, ' MODIFY `', REPLACE(column_name, '`', '``'), '` ', column_type,
                      IF(srs_id IS NULL, '', ' SRID 4326'), IFNULL(CONCAT(' CHARACTER SET ', character_set_name), ''),
                      ' NULL;')
          FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
         WHERE table_schema = '{database}' AND {CHANGEABLE} ORDER BY column_name DESC;
    """
    mysql(mysql(everything, "", "--raw"), database)


def test_every_cell(mysql: Mysql, small: str) -> None:
    """Any cell, slightly changed and then made NULL, changes the line of its table and no other."""
    free(mysql, small)
    mysql("UPDATE _prisma_migrations SET logs = 'x', rolled_back_at = started_at", small)
    mysql("INSERT INTO pai VALUES (1, 1); INSERT INTO filha VALUES (1, 1); INSERT INTO vazia VALUES (1)", small)
    rows = mysql(
        f"""SELECT table_name, CONCAT('`', REPLACE(column_name, '`', '``'), '`'), data_type
              FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema = '{small}' AND {CHANGEABLE}""",
        "",
        "--raw",
    )
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in (row.split("\t") for row in rows.splitlines()):
        columns.setdefault(table, []).append((column, SLIGHTLY[kind].format(column)))
    assert len(columns) == 13
    # A fingerprint has a line for each table, so one column of every table can change at a time.
    rounds = [
        [(table, cells[number][0], cells[number][1]) for table, cells in columns.items() if number < len(cells)]
        for number in range(max(map(len, columns.values())))
    ]
    rounds = [change for cells in rounds for change in (cells, [(table, column, "NULL") for table, column, _ in cells])]
    changes = [
        ";".join(
            f"UPDATE {table} SET {column} = {value} WHERE {column} IS NOT NULL ORDER BY {column} LIMIT 1"
            for table, column, value in cells
        )
        for cells in rounds
    ]
    prints = mysql.after_each(small, changes)
    for cells, (before, after) in zip(rounds, pairwise(prints), strict=True):
        different = {*before.splitlines()} ^ {*after.splitlines()}
        assert {line.split(" linhas=")[0] for line in different} == {f"tabela {table}" for table, _, _ in cells}


def test_generated_columns(mysql: Mysql, small: str) -> None:
    """What a generated column holds is part of the content, whether it is stored or computed when read."""
    changes = [
        "ALTER TABLE tudo MODIFY gv VARCHAR(20) GENERATED ALWAYS AS (CONCAT(c, 'z')) VIRTUAL",
        "ALTER TABLE tudo MODIFY gs INT GENERATED ALWAYS AS (n * 3) STORED",
    ]
    prints = mysql.after_each(small, changes)
    assert len({frozenset(facts(text, "tabela")) for text in prints}) == 3


# Values that are easily taken for one another.
ALIKE = [
    ("VARCHAR(9)", "NULL", "''"),
    ("VARCHAR(9)", "'é'", "'e\u0301'"),
    ("VARCHAR(9)", "'A'", "'a'"),
    ("VARCHAR(9)", "'a'", "'a '"),
    ("VARCHAR(9) CHARACTER SET latin1", "'é'", "'è'"),
    ("VARCHAR(9) CHARACTER SET utf16", "'😀'", "'😁'"),
    ("CHAR(4)", "'a'", "'b'"),
    ("TEXT", r"'a\nb'", r"'a\\nb'"),
    ("MEDIUMTEXT", "NULL", "''"),
    ("LONGTEXT", "'a'", "'A'"),
    ("VARBINARY(9)", "x''", "x'00'"),
    ("BINARY(2)", "x'00'", "x'20'"),
    ("LONGBLOB", "x'00ff'", "x'00fe'"),
    ("TINYBLOB", "NULL", "x''"),
    ("FLOAT", "3.1415927", "3.1415925"),
    ("DOUBLE", "0.1e0", "0.1e0 * (1 + 2.3e-16)"),
    ("DOUBLE", "0e0", "-0e0"),
    ("DECIMAL(30, 9)", "12345678901234567890.000000001", "12345678901234567890.000000002"),
    ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"),
    ("TINYINT(1)", "0", "NULL"),
    ("BIT(4)", "b'0'", "b'1'"),
    ("YEAR", "2000", "1999"),
    ("DATE", "'0000-00-00'", "NULL"),
    ("TIME(6)", "'-00:00:00.000001'", "'00:00:00.000001'"),
    ("DATETIME(6)", "'1969-12-31 23:59:59.999999'", "'1970-01-01'"),
    ("TIMESTAMP(6) NULL", "'2018-02-17 23:30:00-02:00'", "'2018-02-17 23:30:00-03:00'"),
    ("JSON", "'null'", "NULL"),
    ("JSON", "'1'", """'"1"'"""),
    ("JSON", """'{"a": null}'""", "'{}'"),
    ("ENUM('a', 'b')", "'a'", "'b'"),
    ("SET('a', 'b')", "''", "NULL"),
    ("GEOMETRY", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 2)', 4326)"),
    ("POINT", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(2 1)')"),
]


def test_values_that_look_alike(mysql: Mysql, small: str) -> None:
    """Values that a careless digest takes for one another are told apart, and putting them back gives the old text."""
    tables = [
        f"CREATE TABLE v{number} (v {kind}); INSERT INTO v{number} VALUES ({value});"
        for number, (kind, value, _) in enumerate(ALIKE)
    ]
    mysql("SET sql_mode = '';" + "".join(tables), small)
    others = ";".join(f"UPDATE v{number} SET v = {value}" for number, (_, _, value) in enumerate(ALIKE))
    back = ";".join(f"UPDATE v{number} SET v = {value}" for number, (_, value, _) in enumerate(ALIKE))
    before, between, after = mysql.after_each(small, [others, f"SET sql_mode = ''; {back}"])
    changed = {line.split()[1] for line in {*before.splitlines()} ^ {*between.splitlines()}}
    assert [pair for number, pair in enumerate(ALIKE) if f"v{number}" not in changed] == []
    assert after == before


def test_rows_are_a_multiset(mysql: Mysql, small: str) -> None:
    """Repeated rows count, values are bound to their row and column, and NULL is not an empty text."""
    more = """
        CREATE TABLE par (a VARCHAR(9), b VARCHAR(9)); INSERT INTO par VALUES ('x', 'y'), ('z', NULL), ('', 'w');
        CREATE TABLE par_2 LIKE par; CREATE TABLE h (h INT, x INT); INSERT INTO h VALUES (1, 2);
    """
    mysql(more, small)
    changes = [
        "INSERT INTO par VALUES ('x', 'y')",
        "INSERT INTO par VALUES ('x', 'y')",
        "INSERT INTO par VALUES ('k', 'k'), ('k', 'k')",
        "INSERT INTO par VALUES (NULL, NULL)",
        "UPDATE par SET a = NULL, b = 'z' WHERE a = 'z'",
        "UPDATE par SET b = '' WHERE b IS NULL",
        "UPDATE par SET a = CASE a WHEN 'x' THEN 'k' ELSE 'x' END WHERE a IN ('x', 'k')",
        "UPDATE par SET a = CONCAT(a, b), b = '' WHERE a = 'k'",
        "INSERT INTO par_2 SELECT * FROM par WHERE a = ''; DELETE FROM par WHERE a = ''",
        "UPDATE h SET h = 2, x = 1",
        "INSERT INTO auditoria SELECT * FROM auditoria",
        "INSERT INTO auditoria SELECT * FROM auditoria",
        "DELETE FROM auditoria LIMIT 1",
        "UPDATE produtos SET nome = sku, sku = 'x' LIMIT 1",
    ]
    prints = mysql.after_each(small, changes)
    # Without the number of rows, which would tell most of these apart by itself.
    digests = [tuple(re.findall(r"conteudo=(\w+)", text)) for text in prints]
    assert len({*digests}) == len(changes) + 1


def test_every_kind_of_object(mysql: Mysql, small: str) -> None:
    """Each object dropped, made or altered, each privilege, counter and comment gives a new text."""
    changes = [line.rstrip(";") for line in CHANGES.read_text().splitlines() if not line.startswith("--")]
    prints = mysql.after_each(small, changes)
    pairs = [{*before.splitlines()} ^ {*after.splitlines()} for before, after in pairwise(prints)]
    assert [change for change, lines in zip(changes, pairs, strict=True) if not lines] == []
    kinds = {line.split(" ")[0] for text in prints for line in text.splitlines()}
    changed = {line.split(" ")[0] for lines in pairs for line in lines}
    assert kinds - changed == {"impressao-digital", "fim"}


def test_every_counter(mysql: Mysql, small: str) -> None:
    """Each AUTO_INCREMENT moved by one gives a new text."""
    counters = re.findall(r"^auto_increment (\w+)\.\w+ proximo=(\d+)$", mysql.fingerprint(small), re.MULTILINE)
    assert len(counters) == 6
    # The server remembers what a common session asked, for a day.
    mysql(f"SELECT auto_increment FROM information_schema.tables WHERE table_schema = '{small}'")
    changes = [f"ALTER TABLE {table} AUTO_INCREMENT = {int(value) + 1}" for table, value in counters]
    assert len({*mysql.after_each(small, changes)}) == len(changes) + 1


def test_what_must_not_change_it(mysql: Mysql, small: str) -> None:
    """Row order, maintenance, statistics and the settings of the session leave the text as it is."""
    before = mysql.fingerprint(small)
    shuffle = """
        CREATE TEMPORARY TABLE troca AS SELECT * FROM auditoria ORDER BY RAND();
        DELETE FROM auditoria; INSERT INTO auditoria SELECT * FROM troca;
        ALTER TABLE estoque ADD COLUMN x INT FIRST; ALTER TABLE estoque DROP COLUMN x;
        ALTER TABLE produtos ENGINE = InnoDB; ALTER TABLE clientes FORCE;
        GRANT DELETE ON pagamentos TO `loja_app`@`%`; REVOKE DELETE ON pagamentos FROM `loja_app`@`%`;
        ANALYZE TABLE itens; ANALYZE TABLE itens UPDATE HISTOGRAM ON quantidade;
    """
    mysql(shuffle, small)
    assert mysql.fingerprint(small) == before
    mode = "ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE"
    limits = "group_concat_max_len = 4, information_schema_stats_expiry = 9"
    session = f"SET SESSION sql_mode = '{mode}', time_zone = '+05:45', {limits}"
    options = ["--default-character-set=latin1", "--safe-updates", "--select-limit=1", f"--init-command={session}"]
    assert mysql.fingerprint(small, *options) == before


def test_dump_and_restore(mysql: Mysql) -> None:
    """A database restored from mysqldump under another name, with its grants given back, has the same text."""
    before = mysql.fingerprint(mysql.name)
    target = mysql.restore(mysql.dump(mysql.name))
    lost = facts(before, "concessao tabela", "concessao coluna", "concessao funcao", "concessao procedimento")
    assert len(lost) >= 10
    assert {*before.splitlines()} ^ {*mysql.fingerprint(target).splitlines()} == lost
    grants = mysql("SHOW GRANTS FOR `loja_app`@`%`", "", "--raw").replace(f" `{mysql.name}`.", f" `{target}`.")
    mysql(";".join(grants.splitlines()))
    assert mysql.fingerprint(target) == before


def test_mysqldump_rounds_floats(mysql: Mysql, small: str) -> None:
    """What mysqldump loses is seen: the seventh digit of a FLOAT and the sign of a negative zero."""
    mysql("CREATE TABLE f (f FLOAT); CREATE TABLE d (d DOUBLE)", small)
    mysql("INSERT INTO f VALUES (3.1415927); INSERT INTO d VALUES (-0e0)", small)
    restored = mysql.restore(mysql.dump(small))
    before, after = (facts(mysql.fingerprint(database), "tabela f", "tabela d") for database in (small, restored))
    assert (len(before), len(after), before & after) == (2, 2, set())


CUT = ("group_concat_max_len = 18446744073709551615", "group_concat_max_len = 2000")
TOO_LARGE = ("HEX(CAST(% AS BINARY))", "REPEAT(%, 100000000)")


@pytest.mark.parametrize(
    ("change", "message"), [(CUT, "a consulta das tabelas foi cortada"), (TOO_LARGE, "linha grande demais em")]
)
def test_what_does_not_fit_is_an_error(mysql: Mysql, small: str, change: tuple[str, str], message: str) -> None:
    """MySQL cuts long texts with nothing but a warning; here that ends the script."""
    text = FINGERPRINT.read_text()
    assert change[0] in text
    refused = mysql.ask(text.replace(*change), small)
    assert refused.returncode == 1
    assert message in refused.stderr
    assert not refused.stdout.endswith("fim\n")


def test_what_cannot_be_read_is_an_error(mysql: Mysql, small: str) -> None:
    """Without a database, or with a role that does not see everything, there is an error and no last line."""
    text = FINGERPRINT.read_text()
    assert "diga o nome do banco" in mysql.ask(text).stderr
    mysql("CREATE ROLE `loja_le`; GRANT SELECT, SHOW VIEW ON *.* TO `loja_le`; GRANT `loja_le` TO `loja_app`@`%`")
    mysql(f"ALTER USER `loja_app`@`%` IDENTIFIED BY '{PASSWORD}'; ALTER USER `loja_app`@`%` DEFAULT ROLE `loja_le`")
    login = f"[client]\nhost=mysql\nuser={mysql.name}_app\npassword={PASSWORD}\nget-server-public-key\n"
    run = """
        umask 077; file=$(mktemp); code=0; printf %s "$1" > "$file"
        mysql --defaults-file="$file" --batch --skip-column-names "$2" || code=$?
        rm "$file"; exit "$code"
    """
    command = ["bash", "-c", run, "bash", login, small]
    refused = toolbox_exec(command, text)
    assert refused.returncode == 1
    assert "falta privilegio: EVENT, TRIGGER" in refused.stderr
    mysql("GRANT TRIGGER, EVENT ON * TO `loja_le`", small)
    assert toolbox_exec(command, text).stdout.endswith("fim\n")
