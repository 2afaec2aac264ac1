"""The commands `runbook run`, `runs` and `show`: arguments in, a run that a person follows and its file out.

Apart from `cli` because here somebody is asked.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from . import audit, plan, record, report, sandbox
from .conversation import Conversation
from .guide import Guide, Outcome
from .options import ROOT, options
from .runs import run_all
from .step import ENGINES, Runbook
from .verdict import Verdict, exit_code

console = Console(highlight=False, soft_wrap=True, emoji=False)


@click.command()
@click.argument("name", metavar="RUNBOOK")
@options("runbooks", "sandbox")
@click.option("--engine", type=click.Choice(ENGINES), default="postgresql", show_default=True, help="Em que banco.")
@click.option("--ask/--no-ask", default=None, help="Pergunta antes de cada passo, ou não; em um terminal, pergunta.")
@click.option("--dry-run", is_flag=True, help="Só mostra os comandos, na ordem; não executa nada.")
def run(name: str, folder: Path, kind: str, engine: str, ask: bool | None, dry_run: bool) -> int:
    """Executa um runbook no sandbox, mostrando cada comando e sua saída enquanto acontece.

    Em um terminal, cada passo espera por você: executar, pular com uma razão, ou parar. O que foi decidido e o que
    saiu ficam em um arquivo, que `runbook show` mostra.
    """
    book = plan.one(folder, name, engine)
    if dry_run:
        for step in book.steps(engine):
            console.print(f"\n[bold]{step.name}[/]")
            console.print(report.command(step.text))
        return 0
    if ask if ask is not None else sys.stdin.isatty() and sys.stdout.isatty():
        return _led(folder, book, kind, engine)
    with sandbox.make(kind, _tell) as place, report.Progress(console, show_output=True) as progress:
        results = run_all([(book, engine)], place, 1, progress.watch, stream=True)
    verdict = Verdict((book, engine), results[0], (), "não comparado")
    report.show(console, [verdict], [])
    return exit_code([verdict])


@click.command()
def runs() -> None:
    """Lista as execuções que alguém seguiu passo a passo, a mais nova primeiro."""
    names = audit.names(audit.folder())
    for name in names:
        end = audit.read(audit.folder(), name)[-1:]
        how = end[0]["how"] if end and end[0]["event"] == "end" else "interrompida"
        click.echo(f"{name}  {how}")
    if not names:
        _tell("nenhuma execução; `runbook run` em um terminal faz a primeira")


@click.command()
@click.argument("name", metavar="EXECUÇÃO")
def show(name: str) -> None:
    """Mostra uma execução: quem, quando, cada comando, a decisão e a saída, em Markdown."""
    click.echo(audit.page(name, audit.read(audit.folder(), name)), nl=False)


def _led(folder: Path, book: Runbook, kind: str, engine: str) -> int:
    recorded = record.read(record.path(folder, book, engine))
    known = {step.name: step.duration for step in recorded.steps} if recorded else {}
    with sandbox.make(kind, _tell) as place, Conversation((book, engine), place, on_phase=_tell) as conversation:
        facts = {"sandbox": kind, "versions": conversation.versions, "key": record.key(book, engine, ROOT / "toolbox")}
        with audit.Audit(audit.folder(), book.name, engine, facts) as written:
            outcome = Guide(book, engine, conversation, written, console, _ask, known).lead()
        ended = conversation.close()
    console.print(f"\n{_summary(outcome)}; `runbook show {written.name}` mostra tudo", markup=False)
    if ended and (ended.leftovers or ended.error):
        console.print("ficou para trás:", ended.error, *ended.leftovers, markup=False, style="red")
        return 1
    return int(bool(outcome.stopped))


def _summary(outcome: Outcome) -> str:
    """`3 passos executados, 1 pulado`, and where the person stopped."""
    done, left = len(outcome.passed), len(outcome.skipped)
    parts = [f"{done} passo{'s' * (done != 1)} executado{'s' * (done != 1)}"]
    if left:
        parts.append(f"{left} pulado{'s' * (left != 1)}")
    return ", ".join(parts) + (f"; parou em {outcome.stopped}" if outcome.stopped else "")


def _ask(question: str) -> str:
    return console.input(question)


def _tell(line: str) -> None:
    click.secho(line, dim=True, err=True)
