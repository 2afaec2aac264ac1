"""The commands of a step, each changed in one place: bash text in, new texts out.

Nothing is found by looking for characters: `syntax` reads the text. Apart from `mutants`, which knows runbooks and
nothing of bash.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from . import syntax
from .programs import CALLERS, GROUPED, NO_FILES, NO_OPTIONS, PROGRAM_FIRST, VALUES
from .syntax import Node

_FILE = re.compile(r"(?!/dev/|.*://)[\w$.{}/@-]*(/[\w$.{}@*-]+|\.[a-z][a-z0-9]{1,7})")
_SHOWN = 48  # characters of a word in a title
LONGEST = 72  # characters of a detail


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a step's text.

    Attributes:
        operator: `primeiro`, `opcao`, `operando`, `redirecao` or `cano`.
        detail: where; with the operator unique in a step.
        title: what was done, in the reader's words.
        text: the whole new text.
    """

    operator: str
    detail: str
    title: str
    text: str


def changes(text: str, databases: Mapping[str, str] = MappingProxyType({})) -> list[Change]:
    """Every change of a step's text, in the order of the text; each parses, and none is the text itself.

    Args:
        text: a step's.
        databases: of each variable of the shell that holds the name of a database, which one.

    Raises:
        ValueError: the text is not bash.
    """
    root = syntax.parse(text.encode())
    if root is None:
        raise ValueError(f"shfmt não entende este texto:\n{text}")
    script = _Script(text.encode(), databases)
    script.walk(root)
    script.first(root)
    found: dict[str, Change] = {}
    for _, change in sorted(script.found, key=lambda pair: pair[0]):
        if change.text == text or syntax.parse(change.text.encode()) is None:
            continue
        detail, number = change.detail, 1
        while f"{change.operator}/{detail}" in found:
            number += 1
            detail = f"{change.detail}#{number}"
        found[f"{change.operator}/{detail}"] = Change(change.operator, detail, change.title, change.text)
    return list(found.values())


class _Script:
    """A text, and what was found in it."""

    def __init__(self, text: bytes, databases: Mapping[str, str]) -> None:
        self.text, self._databases = text, databases
        self.found: list[tuple[int, Change]] = []
        self._files: list[tuple[int, int, str]] = []  # words that name a file: place, end, command; "" if not read

    def walk(self, node: Any, command: str = "", end: int = 0) -> None:
        """Looks at a node and at all below it; `end` is that of the pipeline in which it is."""
        if isinstance(node, list):
            for one in node:
                self.walk(one, command)
            return
        if not isinstance(node, dict):
            return
        kind = node.get("Type", "")
        if kind == "CallExpr":
            command = self._call(node) or command
        elif kind == "ParamExp":
            self._database(node, command)
        elif kind == "BinaryCmd" and node["Op"] in ("|", "|&"):
            self._pipe(node, end or node["End"]["Offset"])
            self.walk(node["X"]["Cmd"], command, end or node["End"]["Offset"])
            node = {**node, "X": {**node["X"], "Cmd": None}}
        elif "OpPos" in node and "Word" in node:  # a redirection has no type of its own
            self._redirect(node)
        for key, below in node.items():
            if key == "Assigns":  # a value is no operand
                for array in (a.get("Array") or {} for a in below):
                    self._option("", [element["Value"] for element in array.get("Elems") or []])
                self.walk(syntax.substitutions(below), command)
            elif key == "Redirs":  # they stand beside their command
                self.walk(below, self._program(node.get("Cmd") or {}))
            elif isinstance(below, dict | list):
                self.walk(below, command)

    def first(self, root: Node) -> None:
        """The text up to its first command, and what files there are to be swapped."""
        self._swap_files()
        statements = root["Stmts"]
        for number, statement in enumerate(statements):
            leaf, operator = statement, None
            while leaf["Cmd"] and leaf["Cmd"].get("Type") == "BinaryCmd":
                leaf, operator = leaf["Cmd"]["X"], leaf["Cmd"]["OpPos"]["Offset"]
            if leaf["Cmd"] and leaf["Cmd"].get("Type") == "CallExpr" and not leaf["Cmd"].get("Args"):
                continue
            if operator is None and number == len(statements) - 1:
                return
            end = leaf["End"]["Offset"]
            if operator is not None and operator < end:  # a here-document follows the line
                line = self.text.index(b"\n", operator)
                new = self.text[:operator] + self.text[line:end]
            else:
                new = self.text[:end]
            self._add(-1, "primeiro", "", "só até o primeiro comando", new.rstrip())
            return

    def _call(self, node: Node) -> str:
        words = node.get("Args") or []
        if not words:
            return ""
        return self._option(self._program(node), words[1:])

    def _program(self, node: Node) -> str:
        words = node.get("Args") or []
        return self._raw(words[0]).strip('"').rpartition("/")[2] if words else ""  # "$FOLDER/pg_dump" is one too

    def _option(self, command: str, words: Sequence[Node]) -> str:
        """Each option of a command left out; gives the name of the program that is called in the end."""
        number, program = 0, command
        waiting = program in PROGRAM_FIRST
        while number < len(words):
            word, raw = words[number], self._raw(words[number])
            number += 1
            if raw == "--":
                break
            if not (raw.startswith("-") and len(raw) > 1):
                if program in CALLERS and (raw in VALUES or raw in NO_OPTIONS):
                    program = raw
                elif waiting:
                    waiting = False
                else:
                    self._file(word, program)
                continue
            if program in NO_OPTIONS:
                continue
            end = word
            taking = VALUES.get(program, "").split()
            grouped = program in GROUPED and raw[1] != "-" and f"-{raw[-1]}" in taking
            if (raw in taking or grouped) and number < len(words):
                end, number = words[number], number + 1
                waiting = waiting and raw not in ("-e", "-f")
            whole = self._between(word, end)
            name = f"{program} {whole}" if program else whole
            title = f"sem {_quoted(whole)}" + (f" em {_quoted(program)}" if program else "")
            start, last = word["Pos"]["Offset"], end["End"]["Offset"]
            self._add(start, "opcao", name, title, self._without(start, last))
            if "=" in raw:
                self._file(word, program)
        return program

    def _file(self, word: Node, program: str) -> None:
        start, end = word["Pos"]["Offset"], word["End"]["Offset"]
        raw = self.text[start:end].decode()
        if raw.startswith("--") and "=" in raw:
            start += len(raw.partition("=")[0].encode()) + 1
            raw = raw.partition("=")[2]
        if program not in NO_FILES and _FILE.fullmatch(raw.replace('"', "")):
            self._files.append((start, end, program))

    def _redirect(self, node: Node) -> None:
        raw, operator = self._raw(node["Word"]), node["OpPos"]["Offset"]
        if node["Op"] in (">", "&>") and not raw.startswith("/dev/"):
            new = self.text[:operator] + node["Op"].encode() + b">" + self.text[operator + len(node["Op"]) :]
            self._add(operator, "redirecao", raw, f"`{node['Op']}>` no lugar de `{node['Op']}` em {_quoted(raw)}", new)
        if node["Op"] in ("<", ">") and _FILE.fullmatch(raw.replace('"', "")):
            read = "<" if node["Op"] == "<" else ""
            self._files.append((node["Word"]["Pos"]["Offset"], node["Word"]["End"]["Offset"], read))

    def _swap_files(self) -> None:
        words = list(dict.fromkeys(self.text[start:end].decode() for start, end, _ in self._files))
        for start, end, program in self._files:
            raw = self.text[start:end].decode()
            others = [word for word in words if _path(word) != _path(raw)]
            if not program or not others:
                continue
            suffix = raw.strip('"').rpartition(".")[2]
            other = next((word for word in others if word.strip('"').endswith(f".{suffix}")), others[0])
            title = f"{_quoted(other)} no lugar de {_quoted(raw)}"
            new = self.text[:start] + other.encode() + self.text[end:]
            self._add(start, "operando", f"{raw} por {other}", title, new)

    def _database(self, node: Node, command: str) -> None:
        name = node["Param"]["Value"]
        own = self._databases.get(name)
        other = next((n for n, database in self._databases.items() if database != own), None)
        if own is None or other is None or command in ("", "echo", "printf", "test", "["):
            return
        start, end = node["Param"]["Pos"]["Offset"], node["Param"]["End"]["Offset"]
        title = f"`${other}` no lugar de `${name}` em {_quoted(command)}"
        new = self.text[:start] + other.encode() + self.text[end:]
        self._add(start, "operando", f"{command} {name} por {other}", title, new)

    def _pipe(self, node: Node, end: int) -> None:
        start, operator = node["X"]["End"]["Offset"], node["OpPos"]["Offset"]
        last = self.text[node["X"]["Pos"]["Offset"] : operator].decode().split("|")[-1].split() or [""]
        title = f"o cano cortado depois de {_quoted(last[0])}"
        new = self.text[: min(start, operator)].rstrip() + self.text[end:]
        if operator < start:  # a here-document follows the line
            line = self.text.index(b"\n", operator)
            new = self.text[:operator].rstrip() + self.text[line:]
        self._add(operator, "cano", last[0], title, new)

    def _add(self, place: int, operator: str, detail: str, title: str, new: bytes) -> None:
        detail = " ".join(detail.split())[:LONGEST]
        self.found.append((place, Change(operator, detail, title, new.decode())))

    def _raw(self, word: Node) -> str:
        return self._between(word, word)

    def _between(self, first: Node, last: Node) -> str:
        return self.text[first["Pos"]["Offset"] : last["End"]["Offset"]].decode()

    def _without(self, start: int, end: int) -> bytes:
        before = self.text[:start]
        kept = before.rstrip(b" ")
        return (kept if not kept.endswith((b"\n", b"(")) else before) + self.text[end:]


def _path(word: str) -> str:
    """The file that a word names: `./x` and `"x"` are x."""
    return posixpath.normpath(word.replace('"', ""))


def _quoted(text: str) -> str:
    """As code in a title, on one line and not too long."""
    text = " ".join(text.split()).replace("`", "'")
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}`"
