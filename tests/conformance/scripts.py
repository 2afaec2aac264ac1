"""Scenarios about what stands in a migration: errors, transactions, sessions, bodies, sizes.

In: a `Case`. Out: nothing; the case has noted what the CLI said. The SQL is what both databases understand, or given
for each. Apart from `histories`, in which the files are all alike.
"""

from __future__ import annotations

from .case import Case
from .table import BROKEN, DEPLOY, ONE, STATUS, TWO, Table

TABLE = Table()


@TABLE.add
def falha_no_meio(case: Case) -> None:
    """A terceira instrução falha: as anteriores ficam, e nada mais é aplicado."""
    case.migration("1_um", ONE)
    case.migration("2_falha", BROKEN)
    case.migration("3_dois", TWO)
    case.prisma(*DEPLOY, exits=1)
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=1)
    case.facts["tables"] = case.tables()


@TABLE.add
def erro_de_sintaxe(case: Case) -> None:
    """Um erro de digitação na primeira instrução."""
    case.migration("1_falha", "-- comentário\nCREATE TABEL um (id INT);\n")
    case.prisma(*DEPLOY, exits=1)


@TABLE.add
def cinco_megabytes(case: Case) -> None:
    """Uma migration de 5 MB."""
    rows = ",\n".join(f"({number}, '{'x' * 80}; -- {number}')" for number in range(52_000))
    case.migration(
        "1_grande", f"CREATE TABLE grande (id INT PRIMARY KEY, t VARCHAR(200));\nINSERT INTO grande VALUES {rows};\n"
    )
    case.prisma(*DEPLOY, exits=0)
    case.facts["linhas"] = case.sql("SELECT count(*) FROM grande")


@TABLE.add
def transacao(case: Case) -> None:
    """BEGIN e COMMIT em volta: o PostgreSQL volta atrás e esconde a causa; o MySQL não volta atrás."""
    case.migration("1_um", ONE)
    case.migration("2_falha", f"BEGIN;\n{BROKEN}COMMIT;\n")
    case.prisma(*DEPLOY, exits=1)
    case.prisma(*STATUS, exits=1)
    case.facts["tables"] = case.tables()


@TABLE.add
def uma_sessao(case: Case) -> None:
    """O que um SET ou uma tabela temporária faz vale até o fim do arquivo."""
    case.migration("1_um", ONE)
    case.migration(
        "2_sessao",
        postgresql="SET app.valor = '7';\nCREATE TEMPORARY TABLE t (v INT);\nINSERT INTO t VALUES (7);\n"
        "INSERT INTO um SELECT v FROM t WHERE v = current_setting('app.valor')::int;\n",
        mysql="SET @valor = 7;\nCREATE TEMPORARY TABLE t (v INT);\nINSERT INTO t VALUES (7);\n"
        "INSERT INTO um SELECT v FROM t WHERE v = @valor;\n",
    )
    case.prisma(*DEPLOY, exits=0)
    case.facts["um"] = case.sql("SELECT id FROM um")


@TABLE.add
def corpos(case: Case) -> None:
    """Função, gatilho, visão e procedimento com ponto e vírgula no corpo."""
    case.migration("1_um", "CREATE TABLE um (id INT PRIMARY KEY, t VARCHAR(20));\n")
    case.migration(
        "2_corpos",
        postgresql="CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $corpo$\nBEGIN\n  NEW.t := 'a;b';\n"
        "  RETURN NEW;\n"
        "END;\n$corpo$;\nCREATE TRIGGER g BEFORE INSERT ON um FOR EACH ROW EXECUTE FUNCTION f();\n"
        "CREATE PROCEDURE p(n INT) BEGIN ATOMIC INSERT INTO um VALUES (n); INSERT INTO um VALUES (n + 1); END;\n"
        "CREATE VIEW v AS SELECT id, t FROM um; /* fim; */ -- fim;\nCALL p(1);\n",
        mysql="CREATE TRIGGER g BEFORE INSERT ON um FOR EACH ROW BEGIN SET NEW.t = 'a;b'; END;\n"
        "CREATE FUNCTION f() RETURNS INT DETERMINISTIC BEGIN DECLARE r INT; SET r = 1; RETURN r; END;\n"
        "CREATE PROCEDURE p(n INT) BEGIN INSERT INTO um(id) VALUES (n); INSERT INTO um(id) VALUES (n + f()); END;\n"
        "CREATE VIEW v AS SELECT id, t FROM um; /* fim; */ -- fim;\nCALL p(1);\n",
    )
    case.prisma(*DEPLOY, exits=0)
    case.facts["v"] = case.sql("SELECT concat(id, t) FROM v ORDER BY id")


@TABLE.add
def indice_sem_parada(case: Case) -> None:
    """O índice que não para a escrita, sozinho no arquivo e com outra instrução."""
    case.migration("1_um", ONE)
    case.migration(
        "2_sozinho",
        postgresql="CREATE INDEX CONCURRENTLY i ON um (id);\n",
        mysql="CREATE INDEX i ON um (id) ALGORITHM=INPLACE LOCK=NONE;\n",
    )
    case.migration(
        "3_acompanhado",
        postgresql="SET lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY j ON um (id);\n",
        mysql="SET lock_wait_timeout = 5;\nCREATE INDEX j ON um (id) ALGORITHM=INPLACE LOCK=NONE;\n",
    )
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def so_comentario(case: Case) -> None:
    """Um arquivo que só tem um comentário."""
    case.migration("1_um", ONE)
    case.migration("2_nada", "-- This is an empty migration.")
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def db_execute(case: Case) -> None:
    """SQL avulso: várias instruções, e um erro."""
    case.prisma("db", "execute", "--stdin", exits=0, stdin=ONE + TWO)
    case.prisma("db", "execute", "--stdin", exits=1, stdin="CREATE TABEL tres (id INT);\n")
    case.facts["tables"] = case.tables()
