"""The command line: arguments in, lines and an exit code out; each command calls the modules that do the work.

Exit codes: 0 good, 1 a step or a comparison failed, 2 the work could not be done, 130 interrupted.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from . import (
    __version__,
    history,
    ipynb,
    pack_commands,
    plan,
    record,
    report,
    run_commands,
    sabotage_commands,
    sandbox,
    sandbox_commands,
)
from .errors import RunbookError
from .options import ROOT, options
from .result import ExecutionResult
from .runs import Run, run_all
from .step import ENGINES, Runbook
from .verdict import Verdict, compare, exit_code, skipped
from .words import portuguese

# Without emoji: rich would turn `arquivo.md:100:` into one.
console = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def main() -> None:
    """Entry point of the program `runbook`."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        code = portuguese(cli).main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):  # click makes the first of the second
        errors.print("[red]interrompido[/]; o que as execuções criaram foi removido")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (RunbookError, OSError) as error:
        errors.print("[red]erro:[/]", escape(str(error)))
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="runbook", message="%(prog)s %(version)s", help="Mostra a versão.")
def cli() -> None:
    """Executa, verifica e grava os runbooks do manual.

    Um runbook é um arquivo só: página, roteiro e teste. `verify` executa e compara; `record` executa e grava o que as
    páginas mostram; `run` mostra cada passo enquanto acontece. Tudo em bancos descartáveis,
    que somem no fim; só `run --env-file` toca em um banco de verdade, passo a passo e com guardas.
    """


@cli.command("list")
@options("runbooks", "json")
def list_(folder: Path, as_json: bool) -> None:
    """Lista os runbooks, com seus bancos e o estado do registro de cada um."""
    rows = [
        {"name": book.name, "run": book.run_id(e), "engine": e, "title": book.title, "record": _state(folder, book, e)}
        for book in plan.read_all(folder)
        for e in book.engines
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    words = {
        "current": "registro atual",
        "stale": "registro desatualizado",
        "failed": "falhou",
        "missing": "sem registro",
    }
    width = max((len(str(row["run"])) for row in rows), default=0)
    for row in rows:
        console.print(f"{row['run']:<{width}}  {words[row['record']]:<23} {row['title']}", markup=False)


@cli.command()
@options("runbooks", "engine", "sandbox", "select", "jobs", "json", "junit")
@click.option("--no-skips", is_flag=True, help="Um passo pulado também é uma falha.")
def verify(
    folder: Path,
    engines: tuple[str, ...],
    kind: str,
    words: tuple[str, ...],
    jobs: int,
    as_json: bool,
    junit: Path | None,
    no_skips: bool,
) -> int:
    """Executa os runbooks e compara com os registros; não grava nada."""
    runs, not_run = plan.choose(folder, engines, words, kind)
    verdicts = _judge(folder, runs, kind, jobs, quiet=as_json)
    code = _report(verdicts, not_run, as_json=as_json, junit=junit)
    names = skipped(verdicts) if no_skips else []
    if names:
        _tell(f"passos pulados, e --no-skips não os aceita: {', '.join(names)}")
    return code or min(len(names), 1)


@cli.command("record")
@options("runbooks", "engine", "sandbox", "select", "jobs")
def record_(folder: Path, engines: tuple[str, ...], kind: str, words: tuple[str, ...], jobs: int) -> int:
    """Executa os runbooks e grava o registro de cada execução verde; uma vermelha não grava nada."""
    runs, not_run = plan.choose(folder, engines, words, kind)
    keys = [_key(*run) for run in runs]  # before the runs: what is edited while they last is not what was run
    verdicts = []
    for (book, engine), key, result in zip(runs, keys, _execute(runs, kind, jobs), strict=True):
        if result.passed:
            made = record.make(key, result)
            record.write(record.path(folder, book, engine), made)
            history.append(folder, history.made(book, engine, made))
        verdicts.append(Verdict((book, engine), result, (), "gravado" if result.passed else "não gravado"))
    return _report(verdicts, not_run)


@cli.command("notebook")
@click.argument("name", metavar="RUNBOOK")
@options("runbooks")
@click.option("--engine", type=click.Choice(ENGINES), default="postgresql", show_default=True, help="De que banco.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="ARQUIVO",
    help="Arquivo .ipynb; sem isto, a saída padrão.",
)
def notebook_(name: str, folder: Path, engine: str, output: Path | None) -> None:
    """Escreve um runbook como caderno Jupyter (.ipynb), para um banco."""
    text = ipynb.write(plan.one(folder, name, engine), engine)
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@cli.command("lab")
@options("runbooks", "sandbox", "engine")
@click.option("--ip", default="127.0.0.1", hidden=True)  # for the container, which publishes it on the loopback
@click.option(
    "--port", metavar="N", default=8888, show_default=True, help="Porta; se estiver ocupada, a próxima livre."
)
@click.option("--url", default="", hidden=True)
def lab_(folder: Path, kind: str, engines: tuple[str, ...], ip: str, port: int, url: str) -> int:
    """Abre o JupyterLab, só nesta máquina, com cada runbook como caderno; Ctrl+C encerra.

    Os cadernos são cópias: o que você mudar neles some no fim. Cada um tem seus bancos, que somem com o kernel.
    """
    from . import lab

    chosen = engines or sandbox.engines(kind)
    with sandbox.make(kind, _tell):  # up as long as the notebooks are
        environment = {lab.SANDBOX: kind, lab.FOLDER: str(folder.resolve())}
        return lab.serve(plan.read_all(folder), chosen, environment, lab.Listen(ip, port, url))


@cli.command()
@click.option("--no-serve", is_flag=True, help="Termina depois de construir o site.")
def demo(no_serve: bool) -> int:
    """Prova backup e restauração no PostgreSQL embutido, constrói o site e o serve nesta máquina."""
    from . import site

    folder = ROOT / "runbooks"
    runs, not_run = plan.choose(folder, ("postgresql",), ("backup/", "restauracao/"), "embedded")
    code = _report(_judge(folder, runs, "embedded", 2), not_run)
    if code:
        return code
    output = site.build(ROOT)
    console.print(f"site construído em {output}", markup=False)
    if not no_serve:
        site.serve(output, lambda address: console.print(f"manual em [bold]{address}[/] (Ctrl+C encerra)"))
    return 0


@cli.command()
@click.option("--quick", is_flag=True, help="Só o que não precisa de contêineres.")
def test(quick: bool) -> int:
    """Verifica tudo: estilo, tipos, testes, runbooks nos bancos reais e o site."""
    from . import checks

    return checks.run(ROOT, _tell, quick=quick)


cli.add_command(run_commands.run)
cli.add_command(run_commands.runs)
cli.add_command(run_commands.show)
cli.add_command(sandbox_commands.group)
cli.add_command(sabotage_commands.command)
cli.add_command(pack_commands.command)


def _tell(line: str) -> None:
    errors.print(line, markup=False, style="dim")


def _key(book: Runbook, engine: str) -> str:
    return record.key(book, engine, ROOT / "toolbox")


def _state(folder: Path, book: Runbook, engine: str) -> str:
    return record.state(record.read(record.path(folder, book, engine)), _key(book, engine)).value


def _judge(folder: Path, runs: Sequence[Run], kind: str, jobs: int, *, quiet: bool = False) -> list[Verdict]:
    results = _execute(runs, kind, jobs, quiet=quiet)
    return [compare(folder, run, result, _key(*run)) for run, result in zip(runs, results, strict=True)]


def _execute(runs: Sequence[Run], kind: str, jobs: int, *, quiet: bool = False) -> list[ExecutionResult]:
    if not runs:
        return []  # nothing that is worth starting a sandbox for
    progress = report.Progress(Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True, emoji=False))
    with sandbox.make(kind, _tell) as place, progress:
        return run_all(runs, place, jobs, progress.watch)


def _report(
    verdicts: Sequence[Verdict],
    not_run: Sequence[tuple[str, str]],
    *,
    as_json: bool = False,
    junit: Path | None = None,
) -> int:
    if as_json:
        click.echo(json.dumps(report.as_json(verdicts, not_run), ensure_ascii=False, indent=1))
    else:
        report.show(console, verdicts, not_run)
    if junit:
        report.write_junit(junit, verdicts)
    return exit_code(verdicts)
