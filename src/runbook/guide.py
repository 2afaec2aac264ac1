"""A person led through a runbook, a step at a time: what they decide in, what became of each step out.

Nothing is carried out that they have not seen and agreed to. Apart from `conversation`, which carries it out, and from
the command line, which knows where the answers come from.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.text import Text

from . import result
from .audit import ENDED, Audit
from .conversation import Conversation
from .errors import RunbookError
from .guard import Guard
from .markup import seconds
from .report import MARKS, command
from .result import StepResult
from .step import Prose, Runbook, Step
from .values import check, flags

RUN, SKIP, SET, STOP = "", "p", "v", "q"
_QUESTION = "[bold]Enter[/] {verb}  [bold]p[/] pular  [bold]v[/] mudar um valor  [bold]q[/] parar: "
_NO_ANSWER = "não entendi; responda com Enter, p, v ou q"


@dataclass
class Outcome:
    """What became of the steps.

    Attributes:
        passed: names of the steps that were carried out and are good.
        skipped: of those that the person, or the place, left out.
        stopped: the step at which the person stopped; empty when they went to the end.
    """

    passed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    stopped: str = ""


class Guide:
    """Leads through one runbook.

    Args:
        runbook: which.
        engine: whose steps.
        conversation: entered.
        audit: where everything is written down.
        console: where everything is shown.
        ask: shows a question, gives the answer; EOFError and KeyboardInterrupt stop.
        known: seconds that each step took when it was recorded.
        left_out: steps that are not offered, each with the reason.
        guard: asked before each step of a run on a real database.
    """

    def __init__(
        self,
        runbook: Runbook,
        engine: str,
        conversation: Conversation,
        audit: Audit,
        console: Console,
        ask: Callable[[str], str],
        known: Mapping[str, float],
        left_out: Mapping[str, str] = MappingProxyType({}),
        guard: Guard | None = None,
    ) -> None:
        self._runbook, self._engine = runbook, engine
        self._conversation, self._audit, self._console, self._ask = conversation, audit, console, ask
        self._known, self._left_out, self._guard, self._start = known, left_out, guard, time.monotonic()

    def lead(self) -> Outcome:
        """From the first step to the last, or to where the person stops."""
        outcome = Outcome()
        number, count = 0, len(self._runbook.steps(self._engine))
        for part in self._runbook.body:
            if isinstance(part, Prose):
                self._console.print(Markdown(part.text), soft_wrap=False)
            elif part.engine in (None, self._engine):
                number += 1
                self._console.rule(self._title(part, f"{number} de {count}"), align="left")
                if part.name in self._left_out:
                    self._console.print(f"[dim]{escape(self._left_out[part.name])}[/]")
                elif not self._step(part, outcome):
                    outcome.stopped = part.name
                    self._audit.add("end", how=f"parou no passo {part.name}")
                    return outcome
        self._audit.add("end", how=ENDED)
        return outcome

    def _step(self, step: Step, outcome: Outcome) -> bool:
        """False when the person stops."""
        self._console.print(command(step.text))
        verb = "executar"
        while True:
            answer = self._decide(verb)
            if answer == STOP:
                return False
            if answer == SKIP:
                reason = self._answer("Por quê? ")
                if reason == STOP:
                    return False
                if not reason:
                    continue
                self._audit.add("step", step=step.name, decision="pulado", reason=reason)
                outcome.skipped.append(step.name)
                return True
            if answer == SET:
                self._set(self._answer("NOME=valor: "))
                continue
            if self._guard and not self._guard.allows(step):
                self._audit.add("step", step=step.name, decision="recusado")
                continue
            self._audit.add("begin", step=step.name)
            done = self._conversation.ask(step, lambda text: self._console.print(Text(text.rstrip("\n"))))
            self._tell(step, done)
            if done and done.outcome != result.FAILED:
                (outcome.passed if done.outcome == result.PASSED else outcome.skipped).append(step.name)
                return True
            verb = "repetir"

    def _set(self, given: str) -> None:
        """Changes a parameter for the steps that come."""
        try:
            ((name, value),) = flags([given], self._runbook).items()
            check(next(p for p in self._runbook.parameters if p.name == name), value)
        except RunbookError as error:
            self._console.print(f"[yellow]{escape(str(error))}[/]; nada mudou")
            return
        done = self._conversation.ask(Step("valor", f"{name}={shlex.quote(value)}", 1))
        if done is None or done.outcome != result.PASSED:
            self._console.print("[yellow]o valor não pôde ser mudado[/]")
            return
        self._audit.add("value", name=name, value=value)
        self._console.print(f"{name}={value!r} de agora em diante", markup=False)

    def _tell(self, step: Step, done: StepResult | None) -> None:
        if done is None:
            self._console.print("[yellow]interrompido[/]; o próximo passo parte de onde este partiu")
            self._audit.add("step", step=step.name, decision="interrompido", text=step.text)
            return
        reason = f" [yellow]{escape(done.reason)}[/]" if done.reason else ""
        self._console.print(f"{MARKS[done.outcome]} {step.name} [dim]{seconds(done.duration)}[/]{reason}")
        self._audit.add(
            "step",
            step=step.name,
            decision={result.PASSED: "executado", result.FAILED: "falhou", result.SKIPPED: "não se pôde executar"}[
                done.outcome
            ],
            text=step.text,
            output=done.output,
            exit_code=done.exit_code,
            duration=done.duration,
            reason=done.reason,
        )

    def _decide(self, verb: str) -> str:
        while (answer := self._answer(_QUESTION.format(verb=verb))) not in (RUN, SKIP, SET, STOP):
            self._console.print(_NO_ANSWER)
        return answer

    def _answer(self, question: str) -> str:
        try:
            return self._ask(question).strip()
        except (EOFError, KeyboardInterrupt):
            self._console.print()
            return STOP

    def _title(self, step: Step, place: str) -> str:
        known = self._known.get(step.name)
        parts = [f"[bold]{step.name}[/]", place, f"{seconds(time.monotonic() - self._start)} até aqui"]
        if known:
            parts.append(f"levou {seconds(known)} quando foi gravado")
        if step.destructive:
            parts.append("[red]apaga dados[/]")
        return " · ".join(parts)
