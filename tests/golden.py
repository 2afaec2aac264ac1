"""A runbook and records with everything on them that a page can show; `python -m tests.golden` prints the page.

For when it changes on purpose: `python -m tests.golden > tests/data/pagina.md`, and read the difference.
"""

from __future__ import annotations

import dataclasses

import markdown  # type: ignore[import-untyped]
import yaml

from runbook import render
from runbook.declared import Declaration
from runbook.mutant import COMMAND, DATA, FILE, INVALID, KILLED, STEP, SURROUNDINGS, SURVIVED, TIMED_OUT, Verdict
from runbook.record import Record, RecordedStep, State
from runbook.render import Proof
from runbook.sabotage_page import Sabotage
from runbook.score import Score, tally
from runbook.step import ENGINES, Parameter, Prose, Runbook, Step

from .samples import ROOT

GOLDEN = ROOT / "tests" / "data" / "pagina.md"

BOOK = Runbook(
    name="capitulo/prova",
    file="runbooks/capitulo/prova.md",
    title='Prova "dura" com \\ e `crase`',
    description='Uma descrição: com "aspas" e \\',
    engines=ENGINES,
    risk="destrutivo",
    parameters=(
        Parameter("DB", "Nome do banco", "loja"),
        Parameter("SENHA", "A senha", "nunca-na-página", secret=True),
        Parameter("CNF", "Arquivo | de *opções*", "a|b`c", engine="mysql"),
        Parameter("VAZIO", "Sem padrão"),
    ),
    seed=(),
    body=(
        Prose('# Prova "dura" com \\ e `crase`\n\nUm parágrafo.\n\n## Quando usar\n\nSempre.\n'),
        Step("comum", "echo comum", 20, check=True),
        Step("gemeo", "psql\n\n  --command='```'", 30, engine="postgresql", destructive=True),
        Step("gemeo", "mysql", 40, engine="mysql", manual=True, exit_code=1),
        Prose("\n## Verificação\n"),
        Step("escondido", "true", 50, hidden='porque "sim", `x` e <b>'),
        Step("escondido", "false", 52, engine="mysql", hidden="outra razão"),
        Step("longo", "seq 13", 60),
        Step("vazio", "true", 64, engine="postgresql"),
        Step("pulado", "antigo", 68, engine="postgresql", needs="cliente-antigo"),
        Step("quebrado", "false", 72, engine="mysql"),
        Step("nunca", "true", 76, engine="mysql"),
    ),
)


def recorded(
    name: str, *output: str, outcome: str = "passed", matched: int | None = None, reason: str = ""
) -> RecordedStep:
    """A step of a record."""
    return RecordedStep(name, outcome, 0 if outcome == "passed" else 1, 1.25, output, reason, matched)


POSTGRESQL = Record(
    key="k",
    outcome="passed",
    recorded="2026-11-22T20:15:00Z",
    sandbox="docker",
    duration=12.34,
    versions={
        "servidor": "PostgreSQL 17.11 (Debian 17.11-0+deb13u1)",
        "cliente": "pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)",
        "bash": "5.2",
    },
    steps=(
        recorded("comum", "primeira", "a | *linha* | <b>", "  recuada", matched=1),
        recorded("gemeo", "", "", "depois de duas em branco", matched=2),
        recorded("escondido"),
        recorded("longo", *map(str, range(13)), matched=0),
        recorded("vazio"),
        recorded("pulado", outcome="skipped", reason="precisa de um cliente mais antigo"),
    ),
)
MYSQL = Record(
    key="k",
    outcome="failed",
    recorded="2026-01-02T00:00:00Z",
    sandbox="embedded",
    duration=0.04,
    versions={"servidor": "MySQL 9.7.0", "cliente": "mysqldump  Ver 9.7.0 for Linux on x86_64 (MySQL)"},
    steps=(
        recorded("comum", "primeira"),
        recorded("gemeo", "```", "````", "fim"),
        recorded("longo", "1"),
        recorded("quebrado", "erro", outcome="failed", reason="nenhuma linha corresponde a: ^[a](b)\\*<i>\n_x_"),
    ),
)
PROOFS = {"postgresql": Proof(State.CURRENT, POSTGRESQL), "mysql": Proof(State.FAILED, MYSQL)}


def sabotage(*verdicts: Verdict, complete: bool = True) -> Sabotage:
    """A score of the present text, and what is declared of it."""
    declared = Declaration("gemeo/*", None, "Só importa quando *tudo* é grande.", 1)
    score = Score("k", "2026-11-23T02:00:00Z", "docker", 212.4, complete, {}, verdicts)
    return Sabotage(State.CURRENT, score, tally(verdicts, [declared]))


SABOTAGES = {
    "postgresql": sabotage(
        Verdict("gemeo/opcao", COMMAND, "sem `--command`", SURVIVED),
        Verdict("comum/passo", STEP, "o passo inteiro omitido", KILLED, "escondido", "terminou com o código 1"),
        Verdict("longo/byte", FILE, "um byte trocado em `a|b`", KILLED, "vazio", "não corresponde a: ^[a](b)\\*<i>"),
        Verdict("longo/nada", FILE, "nada", INVALID, reason="o arquivo fica igual"),
    ),
    "mysql": sabotage(
        Verdict("longo/dados", DATA, "uma linha de <pedidos> a menos", SURVIVED),
        Verdict("nunca/bloqueio", SURROUNDINGS, "outra sessão segura `pedidos`", TIMED_OUT, "nunca", "tarde"),
        complete=False,
    ),
}


def page(book: Runbook = BOOK, **proofs: Proof) -> str:
    """The page, with other proofs where they are given."""
    return render.page(book, PROOFS | proofs)


def whole() -> str:
    """The page with its sabotages, which the golden one is."""
    proofs = {e: dataclasses.replace(proof, sabotage=SABOTAGES[e]) for e, proof in PROOFS.items()}
    return render.page(BOOK, proofs)


def html(text: str) -> str:
    """What the site's Markdown makes of a page."""
    with (ROOT / "mkdocs.yml").open(encoding="utf-8") as file:
        listed = yaml.safe_load(file)["markdown_extensions"]
    options = {k: v for entry in listed if isinstance(entry, dict) for k, v in entry.items()}
    names = [entry if isinstance(entry, str) else next(iter(entry)) for entry in listed]
    return str(markdown.markdown(text.split("---\n", 2)[2], extensions=names, extension_configs=options))


def only(*steps: Step, engines: tuple[str, ...] = ENGINES) -> Runbook:
    """A runbook of a few steps."""
    return dataclasses.replace(BOOK, engines=engines, body=(Prose("# T\n\nIntrodução.\n"), *steps))


if __name__ == "__main__":
    print(whole(), end="")
