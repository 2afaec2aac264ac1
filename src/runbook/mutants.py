"""Every sabotage of a runbook on an engine: its steps and what they were seen to do in, mutants out; pure.

Apart from `commands`, which knows bash and nothing of runbooks. What is known beforehand to change nothing becomes a
verdict at once, so that it is counted and never run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import commands, mutant
from .mutant import Mutant, Verdict
from .step import Runbook, Step

# Steps that show what goes wrong: they are sabotaged as commands, but nobody claims that what they leave is good.
WRONG_TURN = "errado"
MAIN = "loja"  # the database of the run, as `Scene.common` calls it
LARGE = 64 * 1024  # bytes; as in `saboteur`
BRIEF = 0.15  # seconds: a step that is over before a connection could be cut
_DAMAGES = {
    "empty": "{} vazio",
    "last-line": "{} sem a última linha",
    "third": "{} sem o último terço",
    "middle": "{} cortado ao meio",
    "byte": "um bit trocado em {}",
    "older": "{} de antes da última linha gravada",
}
_SURROUNDINGS = {
    "password": "a senha errada, deste passo em diante",
    "stop": "o servidor parado, deste passo em diante",
    "cut": "a conexão cortada no meio do passo",
    "full": "o disco cheio depois de 64 KiB",
    "lock": "`clientes` bloqueada por outra sessão",
    "role": "a conta da aplicação com outro nome no servidor",
    "owner": "a conta dona do banco com outro nome no servidor",
    "url": "`DATABASE_URL` com o endereço de outro banco, deste passo em diante",
    "client": "um cliente de uma versão mais antiga, deste passo em diante",
}
_DETAILS = {"lock": {"database": MAIN}, "owner": {"do": "role", "account": "dono"}}
_PRISMA = "exec prisma "  # how the pages call it


@dataclass(frozen=True, slots=True)
class Seen:
    """What a step was seen to do when nobody disturbed it (see `scene.Look`).

    Attributes:
        step: its name.
        duration: seconds.
        skipped: it could not be run here.
        named: of each variable that held the name of a database before it, which one.
        made: files that it made or changed, with their size in bytes.
        filled: databases in which there are customers since.
        databases: databases in which there were customers before.
        changed: it left anything at all: a variable, a file, a row.
    """

    step: str
    duration: float
    skipped: bool
    named: Mapping[str, str]
    made: Mapping[str, int]
    filled: Sequence[str]
    databases: Sequence[str]
    changed: bool


def scripts(toolbox: Path, engine: str) -> dict[str, str]:
    """The sabotages of data: name of the SQL file, and what it does in the reader's words, which is its first line."""
    files = sorted((toolbox / "sabotagem" / engine).glob("*.sql"))
    return {f.stem: f.read_text(encoding="utf-8").partition("\n")[0].removeprefix("-- ") for f in files}


def make(
    runbook: Runbook, engine: str, seen: Sequence[Seen], damages: Mapping[str, str]
) -> tuple[list[Mutant], list[Verdict]]:
    """All mutants in the order of the steps, and the verdicts on those that would change nothing.

    Args:
        runbook: what is sabotaged.
        engine: on which.
        seen: one for each step.
        damages: what `scripts` gave.
    """
    mutants: list[Mutant] = []
    invalid: list[Verdict] = []
    for step, look in zip(runbook.steps(engine), seen, strict=True):
        if look.skipped:
            continue
        why = _pointless(step, look)
        for m in _whole(step):
            if why:
                invalid.append(Verdict(m.id, m.kind, m.title, mutant.INVALID, reason=why))
            else:
                mutants.append(m)
        mutants += _commands(step, look)
        if not step.name.startswith(WRONG_TURN):
            mutants += [*_files(step, look), *_surroundings(step, look, engine)]
            if not step.check:  # what a check fills is its own, and nobody's afterwards
                mutants += _data(step, look, damages)
    return mutants, invalid


def _pointless(step: Step, look: Seen) -> str:
    """Why nothing is wrong when a step is left out or repeated; empty when something may be."""
    if step.check:
        return "é uma verificação: sem ela nada fica errado"
    if step.name.startswith(WRONG_TURN):
        return "é um caminho errado: sem ele nada fica errado"
    return "" if look.changed else "o passo só lê: nada muda"


def _whole(step: Step) -> Iterator[Mutant]:
    yield Mutant(f"{step.name}/omitido", step.name, mutant.STEP, "o passo omitido", text="")
    yield Mutant(f"{step.name}/repetido", step.name, mutant.STEP, "o passo feito duas vezes", action={"do": "twice"})


def _commands(step: Step, look: Seen) -> Iterator[Mutant]:
    for change in commands.changes(step.text, look.named):
        kind = mutant.STEP if change.operator == "primeiro" else mutant.COMMAND
        name = "/".join(part for part in (step.name, change.operator, change.detail) if part)
        yield Mutant(name, step.name, kind, change.title, text=change.text)


def _files(step: Step, look: Seen) -> Iterator[Mutant]:
    for file in look.made:
        for how, title in _DAMAGES.items():
            action = {"do": "file", "file": file, "how": how}
            if how == "older":
                if MAIN not in look.databases:
                    continue
                action["database"] = MAIN
            text = title.format(f"`{file.rpartition('/')[2]}`")
            yield Mutant(f"{step.name}/arquivo/{file}/{how}", step.name, mutant.FILE, text, action=action)


def _data(step: Step, look: Seen, damages: Mapping[str, str]) -> Iterator[Mutant]:
    for database in look.filled:
        for script, title in damages.items():
            action = {"do": "data", "script": script, "database": database}
            text = f"{title}, em `{database}`"
            yield Mutant(f"{step.name}/dados/{database}/{script}", step.name, mutant.DATA, text, action=action)


def _surroundings(step: Step, look: Seen, engine: str) -> Iterator[Mutant]:
    dumps = any(size >= LARGE for size in look.made.values()) and MAIN in look.databases
    does = {
        "password": dumps or look.filled,
        "stop": dumps or look.filled,
        "cut": (dumps or look.filled) and look.duration > BRIEF,
        "full": dumps,
        "lock": dumps and list(look.databases) == [MAIN],
        "role": look.filled,
        "owner": look.filled,
        "url": _PRISMA in step.text and look.changed,
        "client": (dumps or look.filled) and engine == "postgresql",
    }
    for what in (what for what, wanted in does.items() if wanted):
        action = {"do": what, **_DETAILS.get(what, {})}
        name = f"{step.name}/entorno/{what}"
        yield Mutant(name, step.name, mutant.SURROUNDINGS, _SURROUNDINGS[what], action=action)
