"""What was asked for: a folder and a choice in, runbooks and runs out.

Apart from `cli` because here it is decided what is run, and what is said of what cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import notebook, sandbox
from .errors import RunbookError
from .markup import ENGINE_NAMES
from .runs import Run
from .step import Runbook


def read_all(folder: Path) -> list[Runbook]:
    """Every runbook below a folder."""
    return [notebook.read(folder, name) for name in notebook.names(folder)]


def one(folder: Path, name: str, engine: str) -> Runbook:
    """The runbook of that name, if it is for that engine."""
    if name not in notebook.names(folder):
        raise RunbookError(f"não há runbook {name}; os que há: {', '.join(notebook.names(folder))}", folder)
    book = notebook.read(folder, name)
    if engine not in book.engines:
        known = ", ".join(ENGINE_NAMES[e] for e in book.engines)
        raise RunbookError(f"o runbook {name} não é de {ENGINE_NAMES[engine]}, só de: {known}")
    return book


def choose(
    folder: Path, engines: Sequence[str], words: Sequence[str], kind: str
) -> tuple[list[Run], list[tuple[str, str]]]:
    """The runs that were asked for, and those of them that this sandbox cannot do."""
    every = [(book, e) for book in read_all(folder) for e in book.engines]
    asked = [
        (book, e)
        for book, e in every
        if (not engines or e in engines)
        and (not words or any(word in book.run_id(e) or word in book.name for word in words))
    ]
    if not asked:
        known = ", ".join(book.run_id(e) for book, e in every) or "nenhuma"
        raise RunbookError(f"nenhuma execução corresponde ao pedido; as que há: {known}", folder)
    available = sandbox.engines(kind)
    not_run = [(book.name, f"{ENGINE_NAMES[e]} só há em `--sandbox docker`") for book, e in asked if e not in available]
    return [(book, e) for book, e in asked if e in available], not_run
