"""The sabotages that a runbook is allowed to miss: `logico.sabotage.yml` in, declarations with their reasons out.

A person writes this file and the reader of the page sees it, so nothing in it is guessed. Apart from `score`, which
only counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from . import entries
from .entries import Entry
from .step import Runbook

KEYS = ("mutant", "reason"), ("engine",)  # required, and optional
SHORTEST = 20  # characters of a reason: less than that explains nothing to the reader of the page


@dataclass(frozen=True, slots=True)
class Declaration:
    """A pattern of sabotages that may go unnoticed on an engine, or on all, and why; `line` is the file's."""

    pattern: str
    engine: str | None
    reason: str
    line: int

    def matches(self, id: str) -> bool:  # noqa: A002 - the mutant's own word
        """Whether it speaks of a mutant; the very id always does, though bash has brackets that mean more here."""
        return id == self.pattern or fnmatchcase(id, self.pattern)


def path(folder: Path, runbook: Runbook) -> Path:
    """Where the declarations of a runbook lie."""
    return folder / f"{runbook.name}.sabotage.yml"


def read(folder: Path, runbook: Runbook, engine: str) -> tuple[Declaration, ...]:
    """What is declared for one engine, in order; nothing when there is no file.

    Raises:
        RunbookFormatError: with the file, the line, what was found and the way out.
    """
    every = [_declaration(entry, runbook.engines) for entry in entries.read(path(folder, runbook), *KEYS)]
    return tuple(d for d in every if d.engine in (None, engine))


def _declaration(entry: Entry, engines: tuple[str, ...]) -> Declaration:
    engine, reason = entry.texts.get("engine"), entry.texts["reason"]
    if engine is not None and engine not in engines:
        raise entry.wrong("engine", f"`engine` é `{engine}`, e este runbook é de {' ou '.join(engines)}")
    if len(reason) < SHORTEST:
        short = f"`reason` tem {len(reason)} caracteres; diga em pelo menos {SHORTEST} ao leitor por quê"
        raise entry.wrong("reason", short)
    return Declaration(entry.texts["mutant"], engine, reason, entry.line)
