"""A run, judged: its result and the record of its runbook in, green or red with the reasons out.

Apart from `executor`, which judges one step, and from `report`, which only shows: here is the one place that says what
makes a run red.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import record, result
from .markup import ENGINE_NAMES
from .result import ExecutionResult
from .runs import Run


@dataclass(frozen=True, slots=True)
class Verdict:
    """One run, judged: its result, and how it compares with the record.

    Attributes:
        differences: unified diffs against the record; any of them makes the run red.
        not_compared: why it was not compared, empty when it was.
    """

    run: Run
    result: ExecutionResult
    differences: tuple[str, ...] = ()
    not_compared: str = ""

    @property
    def passed(self) -> bool:
        """Green in every respect."""
        return self.result.passed and not self.differences

    @property
    def refuted(self) -> bool:
        """Red by what was found, not only because the run could not be done."""
        failed = any(s.outcome == result.FAILED for s in self.result.steps)
        return not self.passed and bool(failed or self.result.leftovers or self.differences or not self.result.error)

    @property
    def name(self) -> str:
        """`restauracao-mysql-logica`."""
        return self.run[0].run_id(self.run[1])

    def failure(self) -> str:
        """Why it is red, place first; empty when it is green."""
        path = self.run[0].file
        lines = [
            f'{path}:{s.line}: passo "{s.name}" em {ENGINE_NAMES[self.result.engine]}: {s.reason}'
            + (f"\n  comando: {s.command}" if s.command else "")
            + "".join(f"\n  | {line}" for line in s.output.splitlines()[-12:])
            for s in self.result.steps
            if s.outcome == result.FAILED
        ]
        if self.result.error:
            lines.append(f"{path}: {self.result.error}")
        if self.result.leftovers:
            lines.append(f"{path}: sobras no servidor depois da limpeza:\n  " + "\n  ".join(self.result.leftovers))
        if self.differences:
            lines.append(f"{path}: a saída não é a do registro:\n" + "\n".join(self.differences))
        if not lines and not self.passed:
            lines.append(f"{path}: nenhum passo foi executado")
        return "\n".join(lines)


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 all green; 1 a step, a comparison or the leftover check failed; 2 a run, or every one, could not be done."""
    if any(v.refuted for v in verdicts):
        return 1
    return 0 if verdicts and all(v.passed for v in verdicts) else 2


def skipped(verdicts: Sequence[Verdict]) -> list[str]:
    """The steps that were not carried out, each with its run."""
    return [f"{v.name} · {s.name}" for v in verdicts for s in v.result.steps if s.outcome == result.SKIPPED]


def compare(folder: Path, run: Run, execution: ExecutionResult, key: str) -> Verdict:
    """A result, judged against the record in `folder`; `key` is what the record's key must be."""
    book, engine = run
    old = record.read(record.path(folder, book, engine))
    new = record.make(key, execution)
    reason = record.comparison(old, new)
    if reason is not None or old is None or not execution.passed:
        return Verdict(run, execution, (), reason or "não comparado")
    return Verdict(run, execution, tuple(record.differences(old, new)))
