"""Scenarios about the history: what is in the folders against what is in `_prisma_migrations`.

In: a `Case`. Out: nothing; the case has noted what the CLI said. Each docstring is the scenario's line in the table.
"""

from __future__ import annotations

from .case import Case
from .table import BROKEN, DEPLOY, ONE, STATUS, TWO, Table

TABLE = Table()


@TABLE.add
def vazio(case: Case) -> None:
    """Banco vazio e nenhuma migration."""
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)


@TABLE.add
def pendentes(case: Case) -> None:
    """Duas migrations pendentes; depois, nada a fazer."""
    case.migration("1_um", ONE)
    case.migration("2_dois", TWO)
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def falha_revertida(case: Case) -> None:
    """Falhou; desfeita à mão, marcada como revertida, corrigida e aplicada."""
    case.migration("1_um", ONE)
    case.migration("2_falha", BROKEN)
    case.prisma(*DEPLOY, exits=1)
    case.sql("DROP TABLE antes")
    case.prisma("migrate", "resolve", "--rolled-back", "2_falha", exits=0)
    case.prisma(*STATUS, exits=1)
    case.migration("2_falha", "CREATE TABLE antes (id INT);\n")
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)
    case.diagnose()
    case.facts["tables"] = case.tables()


@TABLE.add
def revertida_e_apagada(case: Case) -> None:
    """Falhou, foi marcada como revertida, e a pasta foi apagada."""
    file = case.migration("1_falha", BROKEN.replace("um", "antes"))
    case.prisma(*DEPLOY, exits=1)
    case.prisma("migrate", "resolve", "--rolled-back", "1_falha", exits=0)
    file.unlink()
    file.parent.rmdir()
    case.diagnose()
    case.prisma("migrate", "resolve", "--rolled-back", "1_falha", exits=0)


@TABLE.add
def falha_concluida(case: Case) -> None:
    """Falhou; concluída à mão, marcada como aplicada, e as seguintes vão."""
    case.migration("1_um", ONE)
    case.migration("2_falha", BROKEN)
    case.migration("3_dois", TWO)
    case.prisma(*DEPLOY, exits=1)
    case.sql("CREATE TABLE nunca (id INT)")
    case.prisma("migrate", "resolve", "--applied", "2_falha", exits=0)
    case.prisma(*DEPLOY, exits=0)
    case.prisma(*STATUS, exits=0)


@TABLE.add
def arquivo_editado(case: Case) -> None:
    """Um arquivo já aplicado foi editado: nem status nem deploy acusam; o motor sabe."""
    case.migration("1_um", ONE)
    case.prisma(*DEPLOY, exits=0)
    case.migration("1_um", ONE + TWO)
    case.prisma(*STATUS, exits=0)
    case.prisma(*DEPLOY, exits=0)
    case.diagnose()


@TABLE.add
def pasta_apagada(case: Case) -> None:
    """A pasta de uma migration aplicada foi apagada."""
    case.migration("1_um", ONE)
    file = case.migration("2_dois", TWO)
    case.prisma(*DEPLOY, exits=0)
    file.unlink()
    file.parent.rmdir()
    case.prisma(*STATUS, exits=0)
    case.prisma(*DEPLOY, exits=0)
    case.diagnose()


@TABLE.add
def historias_divergem(case: Case) -> None:
    """Falta uma pasta aplicada e há outra pendente: status acusa, deploy aplica mesmo assim."""
    case.migration("1_um", ONE)
    gone = case.migration("2_dois", TWO)
    case.prisma(*DEPLOY, exits=0)
    gone.unlink()
    gone.parent.rmdir()
    case.migration("3_tres", "CREATE TABLE tres (id INT);\n")
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def banco_nao_vazio(case: Case) -> None:
    """O banco já tem tabelas e nenhum histórico: recusado; com a linha de base, aceito."""
    case.sql(ONE)
    case.migration("1_um", ONE)
    case.migration("2_dois", TWO)
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=1)
    case.prisma("migrate", "resolve", "--applied", "1_um", exits=0)
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def so_uma_visao(case: Case) -> None:
    """Um banco que só tem uma visão conta como vazio."""
    case.sql("CREATE VIEW visao AS SELECT 1 AS um")
    case.migration("1_um", ONE)
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def sem_pasta(case: Case) -> None:
    """Um banco com tabelas e um projeto sem migrations."""
    case.sql(ONE)
    case.prisma(*STATUS, exits=1)
    case.prisma(*DEPLOY, exits=1)


@TABLE.add
def fim_de_linha(case: Case) -> None:
    """O mesmo arquivo com CRLF não conta como editado; com outro texto, sim."""
    case.migration("1_um", ONE)
    case.migration("2_dois", TWO.replace("\n", "\r\n"))
    case.prisma(*DEPLOY, exits=0)
    case.migration("1_um", ONE.replace("\n", "\r\n"))
    case.migration("2_dois", TWO)
    case.migration("3_tres", "CREATE TABLE tres (id INT);\r\n")
    case.diagnose()
    case.prisma(*DEPLOY, exits=0)


@TABLE.add
def resolve_recusado(case: Case) -> None:
    """Resolver o que não se pode: P3011, P3012, P3017 e P3008."""
    case.migration("20260101000000_um", ONE)
    case.prisma(*DEPLOY, exits=0)
    case.prisma("migrate", "resolve", "--rolled-back", "um", exits=1)
    case.prisma("migrate", "resolve", "--rolled-back", "20260101000000_um", exits=1)
    case.prisma("migrate", "resolve", "--applied", "um", exits=1)
    case.prisma("migrate", "resolve", "--applied", "20260101000000_um", exits=1)


@TABLE.add
def reset(case: Case) -> None:
    """Reset: tudo some e volta só o que as migrations fazem."""
    case.migration("1_um", ONE)
    case.prisma(*DEPLOY, exits=0)
    case.sql("CREATE TABLE alheia (id INT); INSERT INTO um VALUES (1)")
    case.prisma("migrate", "reset", "--force", exits=0)
    case.facts["tables"] = case.tables()
    case.facts["um"] = case.sql("SELECT count(*) FROM um")
