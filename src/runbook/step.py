"""What a runbook is once it has been read: frozen data, with a JSON form for the journey into the sandbox.

Apart from `notebook`, so that the worker inside the sandbox can take a runbook without Jupytext.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

ENGINES = ("postgresql", "mysql")
DEFAULT_TIMEOUT = 120.0
# What a database is to its owners, the one that forgives least first.
PRODUCTION, STAGING, DEVELOPMENT = CLASSES = ("production", "staging", "development")
# Facilities that not every place has, and what the reader is told where one is missing.
NEEDS = {
    "cifra": "o programa `age`, que não há aqui",
    "cliente-antigo": "um cliente mais antigo que o servidor, que não há aqui",
    "schema-diff": "um motor do Prisma que compare schemas, e o que há aqui só aplica migrations",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One bash fence; `line` is the line of the fence in the file, so `line + n` is line n of `text`."""

    name: str
    text: str
    line: int
    engine: str | None = None
    exit_code: int | None = None
    timeout: float = DEFAULT_TIMEOUT
    expect: str | None = None
    stderr_empty: bool = False
    check: bool = False
    destructive: bool = False
    retry: float = 0.0
    hidden: str | None = None
    manual: bool = False
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value the reader may change; in the sandbox the sandbox decides it."""

    name: str
    description: str
    default: str = ""
    secret: bool = False
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown between two steps, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Runbook:
    """A whole runbook: `name` is its path without suffix, such as `backup/logico`; `file` is for messages.

    On a real database it is only carried out where that is of one of its `classes`.
    """

    name: str
    file: str
    title: str
    description: str
    engines: tuple[str, ...]
    risk: str
    parameters: tuple[Parameter, ...]
    seed: tuple[str, ...]
    body: tuple[Prose | Step, ...]
    classes: tuple[str, ...] = CLASSES

    def steps(self, engine: str) -> tuple[Step, ...]:
        """The steps of one engine, in order."""
        return tuple(s for s in self.body if isinstance(s, Step) and s.engine in (None, engine))

    def parameters_of(self, engine: str) -> tuple[Parameter, ...]:
        """The parameters of one engine, in order."""
        return tuple(p for p in self.parameters if p.engine in (None, engine))

    def run_id(self, engine: str) -> str:
        """How a run is called in lists and tests: `restauracao-mysql-logica`, chapter and engine first."""
        chapter, _, stem = self.name.rpartition("/")
        return "-".join(part for part in (chapter.replace("/", "-"), engine, stem) if part)


def to_json(step: Step) -> dict[str, Any]:
    """The plain form of a step, for the worker's standard input and for a record's key."""
    return asdict(step)


def from_json(data: dict[str, Any]) -> Step:
    """The step that `to_json` wrote."""
    return Step(**data)
