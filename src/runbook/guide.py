"""A person led through a runbook, a step at a time: what they decide in, where they stopped out.

Nothing is carried out that they have not seen and agreed to. Apart from `conversation`, which carries it out, and from
the command line, which knows where the answers come from.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.text import Text

from . import result
from .audit import ENDED, Audit
from .conversation import Conversation
from .errors import RunbookError
from .example import PASSED_OVER, Example
from .executor import match
from .guard import Guard
from .markup import seconds
from .record import RecordedStep
from .report import MARKS, command
from .result import StepResult
from .step import Prose, Runbook, Step
from .values import check, flags

RUN, SKIP, SET, STOP = "", "p", "v", "q"
_QUESTION = "[bold]Enter[/] {verb}  [bold]p[/] pular  [bold]v[/] mudar um valor  [bold]q[/] parar: "
_NO_ANSWER = "não entendi; responda com Enter, p, v ou q"
YES = "sim"


class Guide:
    """Leads through one runbook.

    Args:
        runbook: which.
        engine: whose steps.
        conversation: entered.
        audit: where everything is written down.
        console: where everything is shown.
        ask: shows a question, gives the answer; EOFError and KeyboardInterrupt stop.
        known: each step as it was recorded.
        left_out: steps that are not offered, each with the reason.
        guard: asked before each step of a run on a real database; None in a sandbox.
        cut: name of the step in which the run that goes on was cut off.
    """

    def __init__(
        self,
        runbook: Runbook,
        engine: str,
        conversation: Conversation,
        audit: Audit,
        console: Console,
        ask: Callable[[str], str],
        known: Mapping[str, RecordedStep],
        left_out: Mapping[str, str] = MappingProxyType({}),
        guard: Guard | None = None,
        cut: str = "",
    ) -> None:
        self._runbook, self._engine = runbook, engine
        self._conversation, self._audit, self._console, self._ask = conversation, audit, console, ask
        self._known, self._left_out, self._guard, self._cut = known, left_out, guard, cut
        self._example = Example()
        self._start = time.monotonic()

    def lead(self) -> str:
        """From the first step to the last; the name of the one at which the person stopped, empty when at none."""
        number, count = 0, len(self._runbook.steps(self._engine))
        for part in self._runbook.body:
            if isinstance(part, Prose):
                self._console.print(Markdown(part.text), soft_wrap=False)
                self._example.read(part.text)
            elif part.engine in (None, self._engine):
                number += 1
                self._console.rule(self._title(part, f"{number} de {count}"), align="left")
                if part.name in self._left_out:
                    self._console.print(f"[dim]{escape(self._left_out[part.name])}[/]")
                elif not self._step(part):
                    self._audit.add("end", how=f"parou no passo {part.name}")
                    return part.name
        self._audit.add("end", how=ENDED)
        return ""

    def _step(self, step: Step) -> bool:
        """False when the person stops."""
        self._console.print(command(step.text))
        if why := self._of_the_example(step):
            return self._passed_over(step, why)
        if step.name == self._cut:
            self._console.print("[yellow]este passo começou e foi cortado no meio:[/] veja o que ele já fez")
        verb = "executar"
        while True:
            answer = self._decide(verb)
            if answer == STOP:
                return False
            if answer == SKIP:
                while not (reason := self._answer("Por quê? ")):
                    self._console.print("o passo só é pulado com uma razão, que fica no registro")
                if reason == STOP:
                    return False
                self._audit.add("step", step=step.name, decision="pulado", reason=reason)
                return True
            if answer == SET:
                self._set(self._answer("NOME=valor: "))
                continue
            if self._guard and (why := self._guard.refuses(step)):
                self._audit.add("step", step=step.name, decision="recusado", reason=why)
                continue
            self._audit.add("begin", step=step.name)
            done = self._carry_out(step)
            if done and self._guard and (said := _last(done.output)).startswith(PASSED_OVER) and _red(done):
                return self._passed_over(step, said)
            self._tell(step, done)
            if done and not _red(done):
                return True
            verb = "repetir"

    def _carry_out(self, step: Step) -> StepResult | None:
        """What became of it; on a real database an output that is not the shop's is for the person to judge."""

        def show(text: str) -> None:
            self._console.print(Text(text.rstrip("\n")))

        if not self._guard or step.expect is None:
            return self._conversation.ask(step, show)
        done = self._conversation.ask(replace(step, expect=None), show)
        if done is None or done.outcome != result.PASSED:
            return done
        matched, reason = match(step, done.output)
        if not reason:
            return replace(done, matched=matched)
        self._console.print(
            "[yellow]o comando terminou bem, mas a saída não é a que a página espera da loja de exemplo[/]"
        )
        if known := self._known.get(step.name):
            self._console.print("na loja de exemplo, foi:", *known.output, sep="\n  ", markup=False)
        if self._answer(f"Compare as duas. Para aceitar a do seu banco, digite [bold]{YES}[/]: ").casefold() == YES:
            return replace(done, reason="a saída não é a da loja de exemplo; quem executa a aceitou")
        return replace(done, outcome=result.FAILED, reason="quem executa não aceitou a saída")

    def _of_the_example(self, step: Step) -> str:
        """What the step's own question says when the real database is not the sample shop; empty when it is."""
        if not self._guard:
            return ""
        if said := self._example.said():
            return said
        question = self._example.question(step)
        asked = self._conversation.ask(Step("exemplo", question, 1)) if question else None
        said = _last(asked.output) if asked and _red(asked) else ""
        return said if said.startswith(PASSED_OVER) else ""

    def _passed_over(self, step: Step, said: str) -> bool:
        self._console.print(f"[dim]{escape(said)}[/]")
        self._example.passed(said)
        self._audit.add("step", step=step.name, decision="pulado", reason=said.removeprefix(PASSED_OVER))
        return True

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
        note = "o que um passo já calculou com o valor antigo fica como está"
        self._console.print(f"{name}={value!r} de agora em diante; {note}", markup=False)

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
            parts.append(f"levou {seconds(known.duration)} quando foi gravado")
        if step.destructive:
            parts.append("[red]apaga dados[/]")
        return " · ".join(parts)


def _red(done: StepResult) -> bool:
    return done.outcome == result.FAILED


def _last(output: str) -> str:
    return (output.strip().splitlines() or [""])[-1]
