"""Scenarios about what is around a deploy: the server, the password, the lock of another, the file system.

In: a `Case`. Out: nothing; the case has noted what the CLI said. Apart from `histories`, in which all of that is well.
"""

from __future__ import annotations

import subprocess
import time

from .case import Case
from .table import DEPLOY, ONE, STATUS, TWO, Table

TABLE = Table()
LIMIT_OF_A_NAME = 255  # bytes, in file systems and in the history's column


@TABLE.add
def bloqueio_de_outro(case: Case) -> None:
    """Outro processo tem o bloqueio consultivo: dez segundos, e P1002."""
    case.migration("1_um", ONE)
    hold = {
        "postgresql": "SELECT pg_advisory_lock(72707369); SELECT pg_sleep(60);",
        "mysql": "SELECT GET_LOCK('prisma_migrate', 0); SELECT SLEEP(60);",
    }[case.server.engine]
    other = _behind(case, hold)
    try:
        case.prisma(*DEPLOY, exits=1)
    finally:
        case.sql(
            postgresql="SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objid = 72707369",
            mysql="SET @holder = CONCAT('KILL ', IS_USED_LOCK('prisma_migrate')); PREPARE s FROM @holder; EXECUTE s",
        )
        other.kill()
        other.wait()


def _behind(case: Case, text: str) -> subprocess.Popen[str]:
    """The database's own client, busy with `text`; ready when it has answered once."""
    server = case.server
    if server.engine == "postgresql":
        place = ["--host", server.host, "--port", str(server.port), "--username", server.user, case.database]
        command, secret = ["psql", "--no-psqlrc", "-qAt", *place], {"PGPASSWORD": server.password}
    else:
        place = ["--host", server.host, "--port", str(server.port), "--user", server.user, case.database]
        command = ["mysql", "--no-defaults", "--batch", "--skip-column-names", "--unbuffered", *place]
        secret = {"MYSQL_PWD": server.password}
    path = ":".join([*server.path, "/usr/local/bin", "/usr/bin", "/bin"])
    process = subprocess.Popen(
        command, env={"PATH": path, **secret}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()
    held = {
        "postgresql": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369 AND granted",
        "mysql": "SELECT IS_USED_LOCK('prisma_migrate') IS NOT NULL",
    }[server.engine]
    for _ in range(100):
        if case.sql(held) != "0":
            return process
        time.sleep(0.1)
    raise RuntimeError("the lock was not taken")


@TABLE.add
def senha_errada(case: Case) -> None:
    """A senha está errada: P1000."""
    wrong = case.server.url(case.database, password="senha-errada")  # noqa: S106
    case.prisma(*STATUS, exits=1, url=wrong)
    case.prisma(*DEPLOY, exits=1, url=wrong)


@TABLE.add
def banco_inexistente(case: Case) -> None:
    """O banco não existe: status diz P1003; deploy o cria."""
    case.migration("1_um", ONE)
    case.drop()
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def servidor_desligado(case: Case) -> None:
    """Ninguém atende no endereço: P1001."""
    nobody = case.server.url(case.database, port=1)
    case.prisma(*STATUS, exits=1, url=nobody)
    case.prisma(*DEPLOY, exits=1, url=nobody)


@TABLE.add
def nomes_no_limite(case: Case) -> None:
    """Nomes de pasta com 255 bytes, acentos, espaços e aspas; a ordem é a do CLI."""
    case.migration("1_" + "n" * (LIMIT_OF_A_NAME - 2), ONE)
    case.migration("2_ação 'entre' aspas", TWO)
    case.migration("10_dez", "CREATE TABLE dez (id INT);\n")
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)


@TABLE.add
def arquivo_ausente(case: Case) -> None:
    """Uma pasta sem migration.sql: P3015, e nada fica marcado."""
    case.migration("1_um", ONE)
    case.migration("2_sem_arquivo", "").unlink()
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=1)
    case.prisma(*STATUS, exits=1)


@TABLE.add
def provedor_trocado(case: Case) -> None:
    """O migration_lock.toml é de outro banco: P3019."""
    case.migration("1_um", ONE)
    case.lock_file("sqlite")
    case.prisma(*DEPLOY, exits=1)
