"""One attended run from its beginning to its end: what to run and where in, how it ended and its file out.

Apart from `run_commands`, which only knows arguments, and from `guide`, which leads through the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from . import audit
from .conversation import Conversation
from .errors import RunbookError
from .guard import Guard
from .guide import Guide
from .markup import CLASS_NAMES
from .real import Real
from .record import RecordedStep
from .redact import MASK
from .result import ExecutionResult
from .sandbox import Sandbox
from .step import Runbook
from .target import Target

SETUP = "parametros"  # the step that sets what all others use
WRONG = "errado-"  # how the names of the steps begin that do harm on purpose


@dataclass
class Procedure:
    """An attended run.

    Attributes:
        book: the runbook.
        engine: on which.
        console: where everything is shown.
        ask: shows a question, gives the answer.
        tell: told what takes long.
        known: each step as it was recorded.
        facts: of the runbook, for the file of the run.
        start: name of the step to begin with; empty for the first.
    """

    book: Runbook
    engine: str
    console: Console
    ask: Callable[[str], str]
    tell: Callable[[str], None]
    known: Mapping[str, RecordedStep] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    start: str = ""

    def __post_init__(self) -> None:
        names = [step.name for step in self.book.steps(self.engine)]
        if self.start and self.start not in names:
            raise RunbookError(f"não há passo {self.start} em {self.book.name}; há: {', '.join(names)}")

    def in_sandbox(self, place: Sandbox) -> tuple[str, ExecutionResult | None, str]:
        """In a sandbox, entered; the step at which the person stopped, how the worker ended, the name of the run."""
        with Conversation((self.book, self.engine), place, on_phase=self.tell) as conversation:
            facts = {**self.facts, "versions": conversation.versions}
            with audit.Audit(audit.folder(), self.book.name, self.engine, facts) as written:
                stopped = self._guide(conversation, written, self._before_start())
            return stopped, conversation.close(), written.name

    def on(
        self, target: Target, folder: Path, parameters: Mapping[str, str], again: str = ""
    ) -> tuple[str, ExecutionResult | None, str]:
        """On a real database; `again` is the name of the run to go on with.

        Raises:
            RunbookError: the run that goes on was on another one, or left nothing to go on from.
        """
        earlier = audit.read(audit.folder(), again) if again else []
        self.start = self.start or (earlier[0].get("start", "") if earlier else "")
        facts = {
            **self.facts,
            "target": target.facts(),
            "parameters": self._without_secrets(parameters),
            "folder": str(folder.resolve()),
            "start": self.start,
        }
        _same(earlier, facts)
        place = Real(target, folder)
        state = audit.state(audit.folder(), again) if again else None
        if state is None and "executado" in audit.done(earlier).values():
            raise RunbookError(
                f"os passos já feitos em {again} deixaram no bash o que não se pode guardar em disco (um segredo ou "
                "bytes que não são texto), e o próximo passo não teria as variáveis deles; comece outra, sem `--resume`"
            )
        with ExitStack() as stack:
            written: audit.Audit | None = None
            conversation = stack.enter_context(
                Conversation(
                    (self.book, self.engine),
                    place,
                    parameters,
                    self.tell,
                    secrets=target.secrets(),
                    state=state,
                    on_state=lambda kept: written.keep(kept) if written else None,
                )
            )
            url = place.place(self.engine).variables["DATABASE_URL"]
            server = next((e["server"] for e in earlier if "server" in e), "")
            guard = Guard(target, url, conversation, self.console, self.ask, server)
            guard.begin()
            facts |= {"server": guard.server, "versions": {"servidor": guard.version}}
            written = stack.enter_context(audit.Audit(audit.folder(), self.book.name, self.engine, facts, again))
            done = {name: f"já feito nesta execução: {how}" for name, how in audit.done(earlier).items()}
            left_out = self.left_out() | done
            stopped = self._guide(conversation, written, left_out, guard, audit.cut(earlier))
            if not stopped:
                written.keep(None)
            return stopped, conversation.close(), written.name

    def _guide(
        self,
        conversation: Conversation,
        written: audit.Audit,
        left_out: Mapping[str, str],
        guard: Guard | None = None,
        cut: str = "",
    ) -> str:
        return Guide(
            self.book, self.engine, conversation, written, self.console, self.ask, self.known, left_out, guard, cut
        ).lead()

    def check(self, target: Target) -> None:
        """Refuses a database of a class that the runbook is not for.

        Raises:
            RunbookError: it is of one.
        """
        if target.kind not in self.book.classes:
            allowed = ", ".join(CLASS_NAMES[kind] for kind in self.book.classes)
            raise RunbookError(
                f"{self.book.name} só se executa em {allowed}, e o banco é de {CLASS_NAMES[target.kind]}"
            )

    def left_out(self) -> dict[str, str]:
        """On a real database, what belongs to the proof of the page and not to the procedure; each with the reason."""
        steps = self.book.steps(self.engine)
        wrong = {s.name: "caminho errado: só se executa no sandbox" for s in steps if s.name.startswith(WRONG)}
        hidden = {s.name: "passo oculto da verificação: só se executa no sandbox" for s in steps if s.hidden}
        return wrong | hidden | self._before_start()

    def _before_start(self) -> dict[str, str]:
        """The steps before the one to begin with, but for the one that sets what all others use."""
        names = [step.name for step in self.book.steps(self.engine)]
        before = names[: names.index(self.start)] if self.start else []
        return {name: f"antes de {self.start}, por onde você quis começar" for name in before if name != SETUP}

    def _without_secrets(self, parameters: Mapping[str, str]) -> dict[str, str]:
        hidden = {p.name for p in self.book.parameters if p.secret}
        return {name: MASK if name in hidden else value for name, value in parameters.items()}


def _same(earlier: list[dict[str, Any]], now: Mapping[str, Any]) -> None:
    """The run that goes on was of this text, on this target, with these values."""
    if not earlier:
        return
    before = earlier[0]
    for what, name in (
        ("key", "o texto do runbook mudou"),
        ("target", "o banco mudou"),
        ("parameters", "um parâmetro mudou"),
        ("folder", "a pasta mudou"),
    ):
        if before.get(what) != now.get(what):
            raise RunbookError(
                f"{name} desde o começo da execução{_differences(before.get(what), now.get(what))}; "
                "comece outra, sem `--resume`"
            )


def _differences(before: object, now: object) -> str:
    """What is told of it; nothing where people could not read it."""
    if not isinstance(before, dict) or not isinstance(now, dict):
        return f" (era `{before}`, e agora é `{now}`)" if str(now).startswith("/") else ""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return " (" + "; ".join(f"{name} era `{before.get(name)}`, e agora é `{now.get(name)}`" for name in names) + ")"
