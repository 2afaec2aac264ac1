"""`runbook sabotage`: runbooks in, a table of what was noticed out, and a score beside each runbook.

Apart from `cli` because it alone knows laboratories, and judges declarations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from . import declared, mutant, plan, record, score
from .containers import Docker
from .markup import seconds
from .mutant import Verdict
from .options import ROOT, options
from .sabotage import Sabotaged, sabotage
from .score import Score, Tally
from .selection import Selection

TOOLBOX = ROOT / "toolbox"
console = Console(highlight=False, soft_wrap=True, emoji=False, markup=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


@click.command("sabotage")
@click.argument("words", metavar="[TEXTO]...", nargs=-1)
@options("runbooks", "engine", "jobs", "json")
@click.option("--limit", type=click.FloatRange(min=0), default=0, metavar="MINUTOS", help="Só o que couber no tempo.")
@click.option("--only", metavar="TEXTO", default="", help="Só as sabotagens cujo nome tem TEXTO.")
@click.option("--anew", is_flag=True, help="Executa também as que já têm um resultado que ainda vale.")
def command(
    words: tuple[str, ...],
    folder: Path,
    engines: tuple[str, ...],
    jobs: int,
    as_json: bool,
    limit: float,
    only: str,
    anew: bool,
) -> int:
    """Sabota os runbooks cujo nome tem TEXTO, e exige que cada um acuse cada sabotagem.

    Cada sabotagem muda o runbook em um lugar: tira uma opção, corta um arquivo, altera uma linha, para o servidor. O
    placar é gravado ao lado do runbook, também quando só uma parte coube no tempo. O que um passo detectou vale
    enquanto o roteiro não mudar até esse passo, e não é executado outra vez.
    """
    runs, _ = plan.choose(folder, engines, words, "docker")
    keys = [record.key(*run, TOOLBOX) for run in runs]  # before the runs, as in `runbook record`
    every: list[tuple[str, Sabotaged, Tally, list[str]]] = []
    with Docker(lambda line: errors.print(line, style="dim")) as place:
        for (book, engine), key in zip(runs, keys, strict=True):
            with Progress(console=errors, transient=True) as progress:
                task = progress.add_task(book.run_id(engine), total=None)

                def watch(verdict: Verdict, progress: Progress = progress, task: Any = task) -> None:
                    progress.advance(task)
                    if verdict.outcome in (mutant.SURVIVED, mutant.TIMED_OUT):
                        progress.console.print(f"{verdict.outcome} {verdict.id}")

                file = score.path(folder, book, engine)
                earlier = score.read(file)

                def keep(done: Sabotaged, file: Path = file, earlier: Score | None = earlier, key: str = key) -> None:
                    score.write(file, _score(done, earlier, key))

                selection = Selection(limit * 60 / len(runs), only, anew)
                done = sabotage(book, engine, place, TOOLBOX, selection, jobs, earlier, watch, keep)
            tally = score.tally(done.verdicts, declared.read(folder, book, engine))
            every.append((book.run_id(engine), done, tally, score.problems(tally, done.complete)))
            if not as_json:
                _show(*every[-1])
    if as_json:
        click.echo(json.dumps([_plain(*one) for one in every], ensure_ascii=False, indent=1))
    return 1 if any(problems for *_, problems in every) else 0


def _score(done: Sabotaged, earlier: Score | None, key: str) -> Score:
    """With the oldest date and the time of all runs, as long as a verdict of an earlier one stands."""
    date, before = (earlier.recorded, earlier.duration) if earlier and done.standing else (record.stamp(), 0.0)
    seconds = round(before + done.duration, 1)
    return Score(key, date, "docker", seconds, done.complete, done.versions, done.verdicts)


def _show(name: str, done: Sabotaged, tally: Tally, problems: Sequence[str]) -> None:
    console.print(
        f"{'✘' if problems else '✔'} {name}: {tally.killed} de {tally.valid} sabotagens detectadas, "
        f"{len(tally.declared)} declaradas, {tally.invalid} sem efeito, em {seconds(done.duration)}"
        + (f", {done.standing} de antes" if done.standing else "")
        + ("" if done.complete else " (só uma parte delas)")
    )
    for problem in problems:
        console.print(f"  {problem}")


def _plain(name: str, done: Sabotaged, tally: Tally, problems: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "passed": not problems,
        "problems": list(problems),
        "complete": done.complete,
        "duration": round(done.duration, 1),
        "killed": tally.killed,
        "valid": tally.valid,
        "verdicts": [asdict(verdict) for verdict in done.verdicts],
    }
