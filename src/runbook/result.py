"""What came out of running a step and a whole runbook: frozen data, no behaviour but its JSON form.

A failed step is such data too; only the outermost layer turns it into an exit code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step's outcome.

    Attributes:
        outcome: `passed`, `failed` or `skipped`.
        exit_code: what bash ended with; negative for a signal; None when the step did not run.
        duration: seconds.
        output: both streams in order, redacted, head and tail only when it was too long.
        reason: why it failed or was skipped, with the way out; empty when it passed.
        line: line of the runbook that failed, or of the fence.
        command: the command that failed, if bash could name one.
        matched: line of `output`, counted from 0, where `expect` matched.
    """

    name: str
    outcome: str
    exit_code: int | None = None
    duration: float = 0.0
    output: str = ""
    reason: str = ""
    line: int = 0
    command: str = ""
    matched: int | None = None


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """One runbook on one engine.

    Attributes:
        steps: results in order; the steps after a failed one are not in it.
        versions: what the live servers and clients said of themselves.
        leftovers: lines that the run left behind; must be empty.
        error: why the run could not be done at all (exit code 2), empty otherwise.
    """

    runbook: str
    engine: str
    sandbox: str
    steps: tuple[StepResult, ...] = ()
    versions: dict[str, str] | None = None
    leftovers: tuple[str, ...] = ()
    error: str = ""
    duration: float = 0.0

    @property
    def passed(self) -> bool:
        """True only when every step passed or was skipped, nothing was left and no error arose."""
        return (
            not self.error
            and not self.leftovers
            and bool(self.steps)
            and all(s.outcome in (PASSED, SKIPPED) for s in self.steps)
            and any(s.outcome == PASSED for s in self.steps)
        )


def to_json(result: StepResult | ExecutionResult) -> dict[str, Any]:
    """The plain form, for the worker's standard output and for `--json`."""
    return asdict(result)
