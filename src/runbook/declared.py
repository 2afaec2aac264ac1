"""The sabotages that a runbook is allowed to miss: `logico.sabotage.yml` in, declarations with their reasons out.

A person writes this file and the reader of the page sees it, so nothing in it is guessed. Apart from `score`, which
only counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from .errors import RunbookFormatError
from .step import Runbook

KEYS = ("mutant", "engine", "reason")
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
    file = path(folder, runbook)
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise RunbookFormatError(f"não foi possível ler o arquivo: {error}", file) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or error
        raise RunbookFormatError(f"não é YAML válido: {problem}", file, mark.line + 1 if mark else None) from error
    if not isinstance(root, yaml.SequenceNode):
        raise RunbookFormatError("deve ser uma lista de `- mutant: ...` com `reason: ...`; vazio, apague-o", file, 1)
    every = [_declaration(file, node, runbook.engines) for node in root.value]
    return tuple(d for d in every if d.engine in (None, engine))


def _declaration(file: Path, node: yaml.Node, engines: tuple[str, ...]) -> Declaration:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise RunbookFormatError("cada declaração tem a forma `chave: valor`, com `mutant` e `reason`", file, line)
    found: dict[str, str] = {}
    for key, value in node.value:
        here = key.start_mark.line + 1
        if key.value not in KEYS:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            raise RunbookFormatError(f"chave `{name}` desconhecida; as chaves são: {', '.join(KEYS)}", file, here)
        if key.value in found:
            raise RunbookFormatError(f"`{key.value}` aparece duas vezes na mesma declaração", file, here)
        if not isinstance(value, yaml.ScalarNode):
            raise RunbookFormatError(f"`{key.value}` deve ser um texto", file, here)
        found[key.value] = " ".join(value.value.split())
        if key.value == "engine" and value.value not in engines:
            here_are = " ou ".join(engines)
            raise RunbookFormatError(f"`engine` é `{value.value}`, e este runbook é de {here_are}", file, here)
        if key.value == "reason" and len(found["reason"]) < SHORTEST:
            short = f"`reason` tem {len(found['reason'])} caracteres; diga em pelo menos {SHORTEST} ao leitor por quê"
            raise RunbookFormatError(short, file, here)
    for required in ("mutant", "reason"):
        if not found.get(required):
            raise RunbookFormatError(f"falta `{required}` na declaração", file, line)
    return Declaration(found["mutant"], found.get("engine"), found["reason"], line)
