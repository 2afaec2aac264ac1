"""A stand-in for `program.run`: answers by the words of a command and remembers what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runbook.program import ProgramError

Answer = str | ProgramError


def failure(tail: str, exit_code: int | None = 1, *, timed_out: bool = False) -> ProgramError:
    """What `program.run` raises when a command fails."""
    return ProgramError(["programa"], exit_code, tail, "falhou", timed_out=timed_out)


class FakeProgram:
    """Answers with the first rule whose words begin the command; a list is used up one by one, its last answer stays.

    Args:
        rules: words of a command -> its output, a failure, or a list of these.
    """

    def __init__(self, rules: dict[str, Answer | list[Answer]]) -> None:
        self.rules = rules
        self.calls: list[str] = []
        self.options: list[dict[str, Any]] = []

    def __call__(self, command: Sequence[str], **options: Any) -> str:
        """Stands in for `program.run`."""
        line = " ".join(command)
        self.calls.append(line)
        self.options.append(options)
        for words, rule in self.rules.items():
            if line.startswith(words):
                answer = (rule.pop(0) if len(rule) > 1 else rule[0]) if isinstance(rule, list) else rule
                if isinstance(answer, ProgramError):
                    raise answer
                return answer
        raise AssertionError(f"unexpected command: {line}")

    def asked(self, words: str) -> list[str]:
        """The commands that begin with these words."""
        return [line for line in self.calls if line.startswith(words)]
