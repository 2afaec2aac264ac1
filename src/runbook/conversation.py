"""One run that somebody attends: a step in, its result out, as often as they like.

The same worker as a whole run has, told the steps one at a time. Apart from `runs`, where nobody is asked anything.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .errors import EnvironmentUnavailable
from .result import ExecutionResult, StepResult
from .runs import Run, ended, job
from .sandbox import Sandbox
from .step import Step, to_json


class Conversation:
    """Open while it is entered; what the run made is removed when it is left.

    Args:
        run: a runbook and an engine.
        sandbox: entered.
        parameters: values that replace the defaults of the runbook's parameters.
        on_phase: told what takes long before the first step and after the last.
        secrets: texts that no output may show, beside the secret parameters.
        state: sealed, of the run that this one goes on from.
        on_state: told the sealed state that each step leaves, before its result; None where it could not be sealed.

    Attributes:
        versions: of servers and clients, once entered.
    """

    def __init__(
        self,
        run: Run,
        sandbox: Sandbox,
        parameters: Mapping[str, str] | None = None,
        on_phase: Callable[[str], None] = lambda _: None,
        *,
        secrets: Sequence[str] = (),
        state: str | None = None,
        on_state: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._run, self._sandbox, self._on_phase, self._on_state = run, sandbox, on_phase, on_state
        self._place = sandbox.place(run[1])
        order = job(run, self._place, parameters or {})
        every = [*order["secrets"], *secrets]
        self._order = {**order, "secrets": every, "state": state, "steps": None, "stream": True}
        self._errors: list[bytes] = []
        self.versions: dict[str, str] = {}

    def __enter__(self) -> Conversation:
        self._process = subprocess.Popen(
            self._sandbox.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        threading.Thread(target=self._read_errors, daemon=True).start()
        try:
            self._say(self._order)
            self.versions = self._hear(until=("ready",))["versions"]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, step: Step, on_output: Callable[[str], None] = lambda _: None) -> StepResult | None:
        """Has a step carried out; None when Ctrl-C stopped it, and then the next one starts where it did.

        Raises:
            EnvironmentUnavailable: the run is over, and why.
        """
        self._say(to_json(step))
        try:
            event = self._hear(on_output, until=("step", "interrupted"))
        except KeyboardInterrupt:
            self._say(None)
            event = self._hear(on_output, until=("step", "interrupted"))
            if event["event"] == "step":  # it had just ended
                self._hear(until=("interrupted",))
        return StepResult(**event["result"]) if event["event"] == "step" else None

    def close(self) -> ExecutionResult | None:
        """Ends the run and has everything removed; gives its result the first time."""
        if self._process.poll() is not None and self._process.stdout and self._process.stdout.closed:
            return None
        assert self._process.stdin
        assert self._process.stdout
        result = None
        try:
            self._process.stdin.close()
            for line in self._process.stdout:
                result = self._judge(json.loads(line)) or result
        except (BrokenPipeError, json.JSONDecodeError):
            pass  # the worker is gone: there is no result
        finally:
            self._process.stdout.close()
            self._process.wait()
        return result

    def _judge(self, event: dict[str, Any]) -> ExecutionResult | None:
        if event["event"] == "phase":
            self._on_phase(event["step"])
        return ended(event["result"]) if event["event"] == "end" else None

    def _say(self, message: object) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise EnvironmentUnavailable(self._why()) from None

    def _hear(self, on_output: Callable[[str], None] = lambda _: None, *, until: tuple[str, ...]) -> dict[str, Any]:
        assert self._process.stdout
        for line in self._process.stdout:
            event: dict[str, Any] = json.loads(line)
            if event["event"] in until:
                return event
            if event["event"] == "kept":
                self._on_state(event["state"])
            elif event["event"] == "output":
                on_output(event["text"])
            if result := self._judge(event):
                raise EnvironmentUnavailable(result.error or "a execução terminou")
        raise EnvironmentUnavailable(self._why())

    def _why(self) -> str:
        self._process.wait()
        said = b"".join(self._errors).decode(errors="replace").strip().splitlines()
        return f"a execução terminou sem dar o resultado (código {self._process.returncode}): {' | '.join(said[-3:])}"

    def _read_errors(self) -> None:
        assert self._process.stderr
        with self._process.stderr as stream:
            self._errors.append(stream.read())
