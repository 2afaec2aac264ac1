"""The commands `runbook run`, `runs` and `show`: arguments in, a run that a person follows and its file out.

Apart from `cli` because here somebody is asked.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console

from . import audit, plan, record, report, sandbox, target, values
from .errors import RunbookError
from .markup import CLASS_NAMES, ENGINE_NAMES
from .options import ROOT, options
from .procedure import Procedure
from .redact import MASK
from .result import ExecutionResult
from .runs import run_all
from .step import ENGINES, Parameter, Runbook
from .verdict import Verdict, exit_code


@click.command()
@click.argument("name", metavar="RUNBOOK")
@options("runbooks", "sandbox")
@click.option("--engine", type=click.Choice(ENGINES), default="postgresql", show_default=True, help="Em que banco.")
@click.option("--ask/--no-ask", default=None, help="Pergunta antes de cada passo, ou não; em um terminal, pergunta.")
@click.option("--dry-run", is_flag=True, help="Só mostra os comandos, na ordem; não executa nada.")
@click.option(
    "--env-file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ARQUIVO",
    help="Executa no banco de verdade que este arquivo descreve; sem RUNBOOK_CLASS, ele é de produção.",
)
@click.option("--set", "given", multiple=True, metavar="NOME=VALOR", help="Valor de um parâmetro; pode repetir.")
@click.option("--from", "start", default="", metavar="PASSO", help="Começa por este passo, depois de `parametros`.")
@click.option(
    "--resume",
    is_flag=False,
    flag_value="última",
    default="",
    metavar="[EXECUÇÃO]",
    help="Continua a execução que parou, no passo em que parou.",
)
@click.option("--plain", is_flag=True, help="Sem cores nem linhas, para guardar o que aparece na tela.")
def run(
    name: str,
    folder: Path,
    kind: str,
    engine: str,
    ask: bool | None,
    dry_run: bool,
    file: Path | None,
    given: tuple[str, ...],
    start: str,
    resume: str,
    plain: bool,
) -> int:
    """Executa um runbook, mostrando cada comando e sua saída enquanto acontece.

    Em um terminal, cada passo espera por você: executar, pular com uma razão, ou parar. O que foi decidido e o que
    saiu ficam em um arquivo, que `runbook show` mostra. Sem `--env-file`, tudo acontece no sandbox.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False, color_system=None if plain else "auto")
    if plain:
        click.get_current_context().color = False
    book = plan.one(folder, name, engine)
    flags = values.flags(given, book)
    if (given or resume) and not file:
        raise RunbookError("`--set` e `--resume` são de um banco de verdade: diga qual com `--env-file`")
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    asked = terminal if ask is None else ask
    if not dry_run and file and not (asked and terminal):
        raise RunbookError(
            "em um banco de verdade cada passo é perguntado a uma pessoa, em um terminal; aqui "
            + ("`--no-ask` o impede" if terminal else "não há um")
        )
    if start and not (asked or dry_run):
        raise RunbookError("`--from` é de quem segue o runbook passo a passo, em um terminal")
    recorded = record.read(record.path(folder, book, engine))
    procedure = Procedure(
        book, engine, console, lambda question: typed(console, question), _tell,
        known={step.name: step for step in recorded.steps} if recorded else {},
        facts={"sandbox": "real" if file else kind, "key": record.key(book, engine, ROOT / "toolbox")},
        start=start,
    )  # fmt: skip
    if file:
        return _on_target(procedure, file, flags, resume, dry_run=dry_run)
    if dry_run:
        return _only_shown(console, book, engine, {})
    if asked:
        with sandbox.make(kind, _tell) as place:
            return _told(console, *procedure.in_sandbox(place))
    with sandbox.make(kind, _tell) as place, report.Progress(console, show_output=True) as progress:
        results = run_all([(book, engine)], place, 1, progress.watch, stream=True)
    verdict = Verdict((book, engine), results[0], (), "não comparado")
    report.show(console, [verdict], [])
    return exit_code([verdict])


def _on_target(procedure: Procedure, file: Path, flags: dict[str, str], resume: str, *, dry_run: bool) -> int:
    """Reads who and what is meant, asks what is not said, and shows it before anything begins."""
    book, engine, console = procedure.book, procedure.engine, procedure.console
    told = target.read(file)
    found = target.target(engine, told, file)
    procedure.check(found)
    wanted = book.parameters_of(engine)
    if ignored := sorted(set(told) - target.OWNED - {p.name for p in wanted}):
        _tell(f"{file}: sem uso aqui: {', '.join(ignored)}")
    if not found.password and not dry_run:
        typed = click.prompt(f"Senha de {found.user} em {found.host}", default="", hide_input=True, show_default=False)
        found = target.target(engine, {**told, target.NAMES[engine][3]: typed}, file)
    again = _stopped(book, engine, resume) if resume else ""
    before = audit.read(audit.folder(), again)[0].get("parameters", {}) if again else {}
    before = {name: value for name, value in before.items() if value != MASK}
    parameters = values.collect(wanted, [flags, before, told, os.environ], None if dry_run else _ask_value)
    silent = "" if target.CLASS in told else f" ({target.CLASS} não diz outra coisa)"
    console.print(
        f"banco {found.database} de {CLASS_NAMES[found.kind]}{silent}, {ENGINE_NAMES[engine]} em {found.host}, "
        f"porta {found.port}, usuário {found.user}",
        markup=False,
        style="bold",
    )
    secret = {p.name for p in wanted if p.secret}
    for parameter, value in parameters.items():
        console.print(f"  {parameter}={MASK if parameter in secret else value!r}", markup=False)
    if dry_run:
        return _only_shown(console, book, engine, procedure.left_out())
    _tell(f"onde o texto fala de `~/.pgpass` ou de `CNF`, aqui vale {file}")
    if not again and any(Path.cwd().iterdir()):
        _tell(
            f"{Path.cwd()} não está vazia: os passos escrevem nela, e substituem arquivos que tenham os nomes dos deles"
        )
    return _told(console, *procedure.on(found, Path.cwd(), parameters, again))


def _stopped(book: Runbook, engine: str, resume: str) -> str:
    """The name of the run to go on with."""
    parent = audit.folder()
    mine = [
        name
        for name in audit.names(parent)
        if (events := audit.read(parent, name))
        and (events[0]["runbook"], events[0]["engine"], events[0]["sandbox"]) == (book.name, engine, "real")
        and audit.end(events) != audit.ENDED
    ]
    if resume == "última" and mine:
        return mine[0]
    if resume not in mine:
        raise RunbookError(
            f"não há o que continuar de {book.name} em {engine}; as que pararam: {', '.join(mine) or '–'}"
        )
    return resume


def _only_shown(console: Console, book: Runbook, engine: str, left_out: Mapping[str, str]) -> int:
    for step in book.steps(engine):
        console.print(f"\n[bold]{step.name}[/]{' · [red]apaga dados[/]' if step.destructive else ''}")
        console.print(left_out.get(step.name) or report.command(step.text), markup=False)
    return 0


def _told(console: Console, stopped: str, ended: ExecutionResult | None, name: str) -> int:
    events = audit.read(audit.folder(), name)
    red = audit.red(events)
    after = f"; vermelhos e pulados: {', '.join(red)}" if red else ""
    console.print(f"\n{_summary(stopped, audit.done(events))}{after}; `runbook show {name}` mostra tudo", markup=False)
    if stopped and "target" in events[0]:
        console.print(f"para continuar daqui: o mesmo comando, com `--resume {name}`", markup=False)
    if ended and (ended.leftovers or ended.error):
        console.print("ficou para trás:", ended.error, *ended.leftovers, markup=False, style="red")
        return 1
    return int(bool(stopped or red))


@click.command()
def runs() -> None:
    """Lista as execuções que alguém seguiu passo a passo, a mais nova primeiro."""
    names = audit.names(audit.folder())
    for name in names:
        events = audit.read(audit.folder(), name)
        target = events[0].get("target") if events else None
        where = f"{target['database']} em {target['host']} ({CLASS_NAMES[target['kind']]})" if target else "sandbox"
        red = audit.red(events)
        how = audit.end(events) or "sem fim: interrompida, ou ainda aberta"
        click.echo(f"{name}  {where}  {how}{', com passos vermelhos: ' + ', '.join(red) if red else ''}")
    if not names:
        _tell("nenhuma execução; `runbook run` em um terminal faz a primeira")


@click.command()
@click.argument("name", metavar="EXECUÇÃO")
def show(name: str) -> None:
    """Mostra uma execução: quem, quando, cada comando, a decisão e a saída, em Markdown."""
    click.echo(audit.page(name, audit.read(audit.folder(), name)), nl=False)


def _summary(stopped: str, became: Mapping[str, str]) -> str:
    """`3 passos executados, 1 pulado`, of the whole run, and where the person stopped."""
    done = sum(how == "executado" for how in became.values())
    left = len(became) - done
    parts = [f"{done} passo{'s' * (done != 1)} executado{'s' * (done != 1)}"]
    if left:
        parts.append(f"{left} pulado{'s' * (left != 1)}")
    return ", ".join(parts) + (f"; parou em {stopped}" if stopped else "")


def typed(console: Console, question: str) -> str:
    """An answer to this question, and not what was typed before it could be read.

    A Ctrl-C that comes between the question and the reading is only noted by Python, and the reading then waits for a
    line all the same; so what is waited for is either of the two.
    """
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    before = signal.set_wakeup_fd(waker)
    try:
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        console.print(question, end="")
        select.select([sys.stdin, woken], [], [])
        return input()
    finally:
        signal.set_wakeup_fd(before)
        os.close(woken)
        os.close(waker)


def _ask_value(parameter: Parameter) -> str:
    shown = f" ({parameter.default})" if parameter.default else ""
    question = f"{parameter.name}: {parameter.description}{shown}"
    return str(click.prompt(question, default="", hide_input=parameter.secret, show_default=False))


def _tell(line: str) -> None:
    click.secho(line, dim=True, err=True)
