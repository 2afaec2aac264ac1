"""A YAML list that a person writes: a file in, one mapping of texts for each entry out, each text with its line.

Nothing in such a file is guessed. Apart from those who read one: `declared`, `coverage`, `symptoms` and `glossary`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import RunbookFormatError


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; each text on one line, `lines` and `line` counted from 1."""

    file: Path
    line: int
    texts: dict[str, str]
    lines: dict[str, int]

    def wrong(self, key: str, message: str) -> RunbookFormatError:
        """What is wrong with one of its texts, with the place."""
        return RunbookFormatError(message, self.file, self.lines.get(key, self.line))


def read(file: Path, required: Sequence[str], optional: Sequence[str] = (), unique: str = "") -> list[Entry]:
    """The entries of a file, in order; none when there is no file. No two have the same text for `unique`.

    Raises:
        RunbookFormatError: with the file, the line, what was found and the way out.
    """
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RunbookFormatError(f"não foi possível ler o arquivo: {error}", file) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or error
        raise RunbookFormatError(f"não é YAML válido: {problem}", file, mark.line + 1 if mark else None) from error
    if not isinstance(root, yaml.SequenceNode):
        form = " ".join(f"`{key}: ...`" for key in required)
        raise RunbookFormatError(f"deve ser uma lista de {form}; vazio, apague-o", file, 1)
    entries = [_entry(file, node, (*required, *optional)) for node in root.value]
    known: set[str] = set()
    for entry in entries:
        for key in required:
            if not entry.texts.get(key):
                raise entry.wrong(key, f"falta `{key}`")
        if unique and entry.texts[unique] in known:
            raise entry.wrong(unique, f"`{entry.texts[unique]}` aparece duas vezes")
        known.add(entry.texts.get(unique, ""))
    return entries


def _entry(file: Path, node: yaml.Node, keys: Collection[str]) -> Entry:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise RunbookFormatError(f"cada item tem a forma `chave: valor`; as chaves são: {', '.join(keys)}", file, line)
    texts: dict[str, str] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        here = key.start_mark.line + 1
        if key.value not in keys:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            raise RunbookFormatError(f"chave `{name}` desconhecida; as chaves são: {', '.join(keys)}", file, here)
        if key.value in texts:
            raise RunbookFormatError(f"`{key.value}` aparece duas vezes no mesmo item", file, here)
        if not isinstance(value, yaml.ScalarNode):
            raise RunbookFormatError(f"`{key.value}` deve ser um texto", file, here)
        texts[key.value] = " ".join(value.value.split())
        lines[key.value] = here
    return Entry(file, line, texts, lines)
