"""What a verdict rests on: a runbook, a mutant and its verdict in, a digest out; pure but for reading the toolbox.

Who was noticed by a step was judged by what stands up to that step, and by nothing after it; who was not, by the whole
runbook. As long as the digest is the same the verdict stands, so that a check mended on the last page does not cost
the hours of all that came before it. Apart from `sabotage`, which finds verdicts, and from `score`, which keeps them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from . import mutant, record
from .mutant import KILLED, Mutant, Verdict
from .step import Runbook

_LENGTH = 16  # characters of a digest: to tell thousands apart, not to keep anybody out


class Grounds:
    """The grounds of all verdicts on one runbook.

    Args:
        runbook: what is sabotaged.
        engine: on which.
        toolbox: the folder with the sample shop and the sabotages of data.
    """

    def __init__(self, runbook: Runbook, engine: str, toolbox: Path) -> None:
        steps = runbook.steps(engine)
        self._until = {
            step.name: record.key(replace(runbook, body=steps[: number + 1]), engine, toolbox)
            for number, step in enumerate(steps)
        }
        self._whole = record.key(runbook, engine, toolbox)
        files = sorted((toolbox / "sabotagem" / engine).glob("*.sql"))
        self._scripts = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()

    def of(self, m: Mutant, verdict: Verdict) -> str:
        """What a verdict rests on; empty when the step that it names is no longer there."""
        until = self._until.get(verdict.by, "") if verdict.outcome == KILLED else self._whole
        text = json.dumps([until, self._scripts, mutant.to_json(m)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH] if until else ""
