"""What a page says of the sabotages of its runbook: scores in, Markdown out; pure.

Apart from `render`, which shows steps and what they gave. The reader is no tester: what nobody noticed comes first,
then what the runbook is known not to prove, and folded below that all that it does notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .markup import ENGINE_NAMES, anchor, date, indent, inline, note, place, plain, tabs
from .mutant import KILLED, TIMED_OUT, Verdict
from .record import State
from .score import Score, Tally
from .step import Runbook

WHAT = (
    "Cada sabotagem muda o roteiro em um lugar — tira uma opção, corta um arquivo, altera uma linha — e o executa: "
    "o próprio roteiro tem de acusar."
)
# Nobody looks for an expression that a sabotage put into a command: the search does not find this part.
_HEADING = "\n## Sabotagem { data-search-exclude }\n\n"
LONGEST = 140  # characters of a reason in the table


@dataclass(frozen=True, slots=True)
class Sabotage:
    """What is known of the sabotages on one engine; without a score of the present text there is no tally."""

    state: State = State.MISSING
    score: Score | None = None
    tally: Tally | None = None


NEVER = Sabotage()


def words(sabotage: Sabotage) -> str:
    """`17 de 18 sabotagens detectadas, 1 declarada`, for the list of all runbooks; empty without such a score."""
    if not sabotage.score or not sabotage.tally:
        return ""
    part = "" if sabotage.score.complete else " (só uma parte delas)"
    return _detected(sabotage.tally) + _rest(sabotage.tally) + part


def line(sabotage: Sabotage, only: str = "") -> str:
    """What stands below the box of an engine; `only` is the class of what concerns that one alone."""
    classes = "{ .sabotagem" + (f" .{only}" if only else "") + " }\n"
    if not sabotage.score or not sabotage.tally:
        stale = sabotage.state is State.STALE
        text = "desatualizada, o roteiro mudou depois dela" if stale else "ainda não executada"
        return f"\n<small>Sabotagem: {text}</small>\n{classes}"
    text = f"[**{_detected(sabotage.tally)}**](#sabotagem){_rest(sabotage.tally)} ({_when(sabotage.score)})"
    return f"\n{text}\n{classes}"


def section(runbook: Runbook, sabotages: Mapping[str, Sabotage]) -> str:
    """The part near the end of the page; empty when no engine has a score of the present text."""
    shown = {e: _engine(runbook, e, s) for e, s in sabotages.items() if s.score and s.tally}
    if not shown:
        return ""
    if len(shown) > 1:
        return f"{_HEADING}{WHAT}\n{tabs(shown)}"
    ((engine, text),) = shown.items()
    name = f"**{ENGINE_NAMES[engine]}:** " if len(runbook.engines) > 1 else ""
    return f"{_HEADING}{WHAT}\n\n{name}{text}"


def _engine(runbook: Runbook, engine: str, sabotage: Sabotage) -> str:
    assert sabotage.score
    assert sabotage.tally
    score, tally = sabotage.score, sabotage.tally
    # As HTML: MkDocs takes a link to a block of code for one that leads nowhere.
    links = {step.name: f'<a href="#{anchor(step)}">{step.name}</a>' for step in runbook.steps(engine)}
    text = f"{_detected(tally)}{_rest(tally)} ({_when(score)}, {place(score.sandbox)})."
    if tally.invalid:
        text += f" Fora da conta, por não terem efeito ou não poderem ser executadas: {tally.invalid}."
    undeclared = "".join(_undeclared(v, links) for v in tally.undeclared)
    killed = [v for v in score.verdicts if v.outcome == KILLED]
    return f"{text}\n{undeclared}{_declared(tally, links)}{_killed(killed, links)}"


def _undeclared(verdict: Verdict, links: Mapping[str, str]) -> str:
    late = "O passo não terminou no tempo da sabotagem." if verdict.outcome == TIMED_OUT else "Nenhum passo acusou."
    return note("danger", f"Não detectada: {inline(verdict.title)}", f"No passo {_where(verdict, links)}. {late}")


def _declared(tally: Tally, links: Mapping[str, str]) -> str:
    if not tally.declared:
        return ""
    reasons: dict[str, dict[str, list[str]]] = {}
    for verdict, reason in tally.declared:  # one reason may speak for many
        reasons.setdefault(reason, {}).setdefault(_where(verdict, links), []).append(inline(verdict.title))
    rows = "\n".join(f"- {inline(reason)} <small>({_listed(steps)})</small>" for reason, steps in reasons.items())
    return f"\n**O que este roteiro não prova**\n\n{rows}\n"


def _listed(steps: Mapping[str, list[str]]) -> str:
    return "; ".join(f"{step}: {', '.join(dict.fromkeys(titles))}" for step, titles in steps.items())


def _killed(verdicts: list[Verdict], links: Mapping[str, str]) -> str:
    if not verdicts:
        return ""
    rows = "\n".join(
        f"| {_where(v, links)}: {inline(v.title)} | {_linked(v.by, links)} | {inline(_short(v.reason))} |"
        for v in verdicts
    )
    table = f"| O que foi feito | Quem acusou | Por quê |\n|---|---|---|\n{rows}\n"
    title = f"{len(verdicts)} {_many(len(verdicts), 'detectada', 'detectadas')}"
    return f'\n??? success sabotadas "{title}"\n\n' + indent(table)


def _where(verdict: Verdict, links: Mapping[str, str]) -> str:
    """The step that was sabotaged, which is the first part of the id."""
    return _linked(verdict.id.partition("/")[0], links)


def _linked(name: str, links: Mapping[str, str]) -> str:
    return links.get(name, plain(name))


def _detected(tally: Tally) -> str:
    return f"{tally.killed} de {tally.valid} {_many(tally.valid, 'sabotagem detectada', 'sabotagens detectadas')}"


def _rest(tally: Tally) -> str:
    count, missed = len(tally.declared), len(tally.undeclared)
    text = f", {count} {_many(count, 'declarada', 'declaradas')}" if count else ""
    return text + (
        f", **{missed} {_many(missed, 'não detectada', 'não detectadas')}**{{ .nao-detectada }}" if missed else ""
    )


def _when(score: Score) -> str:
    return date(score.recorded) + ("" if score.complete else ", só uma parte delas")


def _many(count: int, one: str, more: str) -> str:
    return one if count == 1 else more


def _short(reason: str) -> str:
    text = " ".join(reason.split())
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
