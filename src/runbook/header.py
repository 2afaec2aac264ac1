"""The front matter of a runbook: the file's first lines in, checked values out; an unknown key is refused.

Apart from `notebook`, which reads what comes after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import RunbookFormatError
from .step import CLASSES, ENGINES, Parameter

RISKS = ("leitura", "escrita", "destrutivo")
KEYS = {"title", "description", "engines", "risk", "classes", "parameters", "seed", "jupyter"}
REQUIRED = ("title", "description", "engines", "risk")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PARAMETER_KEYS = {"name", "description", "default", "secret", "engine"}


@dataclass(frozen=True, slots=True)
class Header:
    """What the front matter says; `length` is the number of lines it takes."""

    title: str
    description: str
    engines: tuple[str, ...]
    risk: str
    parameters: tuple[Parameter, ...]
    seed: tuple[str, ...]
    classes: tuple[str, ...]
    length: int

    @classmethod
    def read(cls, path: Path, lines: Sequence[str]) -> Header:
        """Reads and checks it.

        Raises:
            RunbookFormatError: with the line, what was found and the way out.
        """
        return _Reader(path, lines).header()


class _Reader:
    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        self.path, self.lines = path, lines

    def error(self, line: int, message: str) -> RunbookFormatError:
        return RunbookFormatError(message, self.path, line)

    def header(self) -> Header:
        data, length = self._data()
        return Header(
            title=str(data["title"]),
            description=str(data["description"]),
            engines=tuple(data["engines"]),
            risk=data["risk"],
            parameters=tuple(self._parameter(p) for p in data.get("parameters") or ()),
            seed=tuple(str(s) for s in data.get("seed") or ()),
            classes=tuple(data.get("classes") or CLASSES),
            length=length,
        )

    def _data(self) -> tuple[dict[str, Any], int]:
        if not self.lines or self.lines[0] != "---" or "---" not in self.lines[1:]:
            raise self.error(1, "falta o cabeçalho YAML entre duas linhas `---`; copie o de outro runbook")
        end = self.lines.index("---", 1)
        try:
            header = yaml.safe_load("\n".join(self.lines[1:end])) or {}
        except yaml.YAMLError as error:
            raise self.error(1, f"o cabeçalho não é YAML válido: {error}") from error
        if not isinstance(header, dict):
            raise self.error(1, "o cabeçalho deve ter a forma `chave: valor`")
        for key in header:
            if key not in KEYS:
                known = ", ".join(sorted(KEYS))
                raise self.error(self._line_of(f"{key}:"), f"chave `{key}` desconhecida; as chaves são: {known}")
        for key in REQUIRED:
            if not header.get(key):
                raise self.error(1, f"falta a chave `{key}` no cabeçalho")
        engines = header["engines"]
        if not isinstance(engines, list) or not set(engines) <= set(ENGINES) or len(set(engines)) != len(engines):
            raise self.error(self._line_of("engines:"), f"`engines` deve ser uma lista com {' e/ou '.join(ENGINES)}")
        if header["risk"] not in RISKS:
            raise self.error(self._line_of("risk:"), f"`risk` deve ser um de: {', '.join(RISKS)}")
        classes = header.get("classes") or list(CLASSES)
        if not isinstance(classes, list) or not set(classes) <= set(CLASSES):
            raise self.error(self._line_of("classes:"), f"`classes` deve ser uma lista com {', '.join(CLASSES)}")
        kernel = (header.get("jupyter") or {}).get("kernelspec") or {}
        if kernel.get("name") != "bash":
            raise self.error(1, "o cabeçalho deve declarar `jupyter: kernelspec: {name: bash, ...}`")
        return header, end + 1

    def _line_of(self, start: str) -> int:
        return next((n for n, line in enumerate(self.lines, 1) if line.lstrip(" -").startswith(start)), 1)

    def _parameter(self, data: Any) -> Parameter:
        line = self._line_of("parameters:")
        if not isinstance(data, dict) or not set(data) <= PARAMETER_KEYS or not {"name", "description"} <= set(data):
            raise self.error(
                line, f"cada parâmetro tem `name` e `description`, e pode ter: {', '.join(sorted(PARAMETER_KEYS))}"
            )
        if not _VARIABLE.fullmatch(str(data["name"])):
            raise self.error(line, f"o parâmetro `{data['name']}` não é um nome de variável do bash")
        if data.get("engine") not in (None, *ENGINES):
            raise self.error(line, f"`engine` do parâmetro `{data['name']}` deve ser {' ou '.join(ENGINES)}")
        return Parameter(
            name=str(data["name"]),
            description=str(data["description"]),
            default=str(data.get("default", "")),
            secret=data.get("secret") is True,
            engine=data.get("engine"),
        )
