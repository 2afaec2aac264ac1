"""The Jupyter kernel of the runbooks: a cell in, its output out, and red when the step would be red.

Started by Jupyter as `python -m runbook.kernel`, for one engine. A cell that is a step is judged as that step; any
other text is a step that has to end with 0. The first step that is run decides which runbook the notebook is. Apart
from `conversation`, which carries steps out for whoever asks, because this alone knows Jupyter's protocol.
"""

from __future__ import annotations

import os
import re
import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from . import __version__, ipynb, plan, result, sandbox
from .conversation import Conversation
from .errors import RunbookError
from .lab import ENGINE, FOLDER, SANDBOX
from .markup import seconds
from .options import ROOT
from .result import StepResult
from .step import Runbook, Step

_NOTHING = Runbook("caderno", "caderno", "Caderno", "", (), "leitura", (), (), ())
_WORD = re.compile(r"\$?[\w./-]*\Z")
_CHOICES = 100  # completions that are offered at most


class RunbookKernel(Kernel):
    """One notebook: a run that begins with its first cell and ends with the kernel."""

    implementation = "runbook"
    implementation_version = __version__
    language_info = ipynb.LANGUAGE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self._engine = os.environ.get(ENGINE, "postgresql")
        self.banner = f"Runbook, {self._engine}: cada célula é um passo."
        self._books = plan.read_all(Path(os.environ.get(FOLDER) or ROOT / "runbooks"))
        self._book: Runbook | None = None
        self._stack = ExitStack()
        self._conversation: Conversation | None = None
        self._next = 0  # where the run stands, in the body of the runbook

    async def do_execute(self, code: str, silent: bool, *_: Any, cell_id: Any = None, **__: Any) -> dict[str, Any]:
        """Carries a cell out; `cell_id` is what JupyterLab says of it, and others do not."""
        if not code.strip():
            return self._good()
        try:
            conversation = self._open(code)
            number, step = self._step(code, cell_id)
            done = conversation.ask(step, lambda text: self._print(text, silent))
        except (RunbookError, OSError) as error:
            self._end()
            return self._bad("NãoExecutado", str(error), [])
        except KeyboardInterrupt:
            return self._bad("Interrompido", "antes de o passo começar", [])
        if done is None:
            return self._bad("Interrompido", "o próximo passo parte de onde este partiu", [])
        self._next = number + (done.outcome != result.FAILED)
        return self._show(done, silent)

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        """Commands, functions, files, and after a `$` variables."""
        word = _WORD.search(code[:cursor_pos])
        text = word[0] if word else ""
        found: list[str] = []
        if text and self._conversation:
            kind = "-v" if text.startswith("$") else "-c -f"
            asked = f"{{ compgen {kind} -- {shlex.quote(text.lstrip('$'))} || true; }} | sort -u | head -n {_CHOICES}"
            done = self._conversation.ask(Step("completar", asked, 1))
            found = done.output.splitlines() if done and done.outcome == result.PASSED else []
        dollar = "$" * text.startswith("$")
        return {
            "status": "ok",
            "matches": [dollar + name for name in found],
            "cursor_start": cursor_pos - len(text),
            "cursor_end": cursor_pos,
            "metadata": {},
        }

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """Removes what the run made."""
        self._end()
        return {"status": "ok", "restart": restart}

    def _end(self) -> None:
        stack, self._stack = self._stack, ExitStack()
        self._conversation, self._book, self._next = None, None, 0
        stack.close()

    def _open(self, code: str) -> Conversation:
        if self._conversation is None:
            self._book = next(
                (b for b in self._books if any(_is(s, self._engine, code) for s in b.steps(self._engine))), _NOTHING
            )
            kind = os.environ.get(SANDBOX, "docker")
            place = self._stack.enter_context(sandbox.make(kind, self._tell))
            run = (self._book, self._engine)
            self._conversation = self._stack.enter_context(Conversation(run, place, on_phase=self._tell))
        return self._conversation

    def _step(self, code: str, cell_id: str | None) -> tuple[int, Step]:
        """The step of that very text, with its place; of several that cell, else the next from here."""
        assert self._book
        found = {n: s for n, s in enumerate(self._book.body) if isinstance(s, Step) and _is(s, self._engine, code)}
        if not found:
            return self._next, Step("célula", code, 1)
        places = [n for n in found if ipynb.CELL.format(number=n) == cell_id] or [n for n in found if n >= self._next]
        number = (places or list(found))[0]
        return number, found[number]

    def _show(self, done: StepResult, silent: bool) -> dict[str, Any]:
        if not silent and done.output:
            # What was seen while it ran had the run's own names; what stays is what the page would show.
            self._send("clear_output", {"wait": True})
            self._print(done.output + "\n", silent)
        if done.outcome == result.FAILED:
            where = [f"comando: {done.command}"] if done.command else []
            return self._bad("PassoVermelho", done.reason, where)
        mark = f"✔ {done.name} · {seconds(done.duration)}" if done.outcome == result.PASSED else f"– {done.reason}"
        if not silent:
            self._send("display_data", {"data": {"text/plain": mark}, "metadata": {}})
        return self._good()

    def _print(self, text: str, silent: bool) -> None:
        if not silent:
            self._send("stream", {"name": "stdout", "text": text})

    def _tell(self, line: str) -> None:
        self._send("stream", {"name": "stderr", "text": f"{line}\n"})

    def _good(self) -> dict[str, Any]:
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    def _bad(self, name: str, reason: str, more: list[str]) -> dict[str, Any]:
        content = {"ename": name, "evalue": reason, "traceback": [f"✘ {name}: {reason}", *more]}
        self._send("error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        self.send_response(self.iopub_socket, kind, content)  # type: ignore[no-untyped-call]


def _is(step: Step, engine: str, code: str) -> bool:
    return step.engine in (None, engine) and step.text.strip() == code.strip()


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=RunbookKernel)
