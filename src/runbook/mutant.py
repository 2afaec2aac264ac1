"""What a sabotage is, and what became of it: frozen data, with a JSON form for the journey into the sandbox.

Apart from what makes mutants and from what runs them, because the record and the page know them too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# What was sabotaged.
STEP, COMMAND, FILE, DATA, SURROUNDINGS = "passo", "comando", "arquivo", "dados", "entorno"
# What became of it.
KILLED, SURVIVED, INVALID, TIMED_OUT = "killed", "survived", "invalid", "timeout"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of a runbook, in one place.

    Attributes:
        id: `step/operator/detail`, the same whenever the step's text is the same; unique in a runbook and engine.
        step: name of the step that is changed, or after which something is changed.
        kind: one of the five above.
        title: what was done, in the reader's language: "sem `--quick`".
        text: the step's new text; None when the text is not what changes.
        action: what is done instead, as `saboteur` knows it: {"do": "file", "file": "...", "how": "..."}.
    """

    id: str
    step: str
    kind: str
    title: str
    text: str | None = None
    action: dict[str, str] | None = None

    @property
    def late(self) -> bool:
        """Whether it acts on what the step has left, and not on the step."""
        return self.action is not None and self.action["do"] in ("file", "data")

    @property
    def older(self) -> bool:
        """Whether it needs a file made of the data as they were one row before."""
        return self.action is not None and self.action.get("how") == "older"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        id: the mutant's.
        kind: the mutant's.
        title: the mutant's.
        outcome: one of the four above.
        by: name of the step that noticed; empty unless killed or timed out.
        reason: why that step was red, or why the mutant is invalid; empty for a survivor.
        grounds: what it rests on (see `grounds`); empty for what was known without trying.
    """

    id: str
    kind: str
    title: str
    outcome: str
    by: str = ""
    reason: str = ""
    grounds: str = ""


def to_json(data: Mutant | Verdict) -> dict[str, Any]:
    """The plain form, for the worker's pipes and for the record."""
    return asdict(data)
