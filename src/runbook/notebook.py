"""A runbook file, read: Jupytext Markdown in, `Runbook` out; whatever the format does not know is refused.

Jupytext decides what a cell is, so that JupyterLab and we never disagree; the checks are ours, because Jupytext shows
a bash fence in a list, indented or with `~~~` without ever running it, and runs a `sql` fence without being asked.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from pathlib import Path
from typing import Any

from . import strictness
from .errors import RunbookFormatError
from .fence import Fence, find
from .header import Header
from .jupyter import jupytext
from .step import ENGINES, NEEDS, Prose, Runbook, Step

LONGEST = 100_000  # bytes: the text travels as one argument of bash, and the kernel allows 128 KiB

_FORMAT = {"extension": ".md", "format_name": "markdown"}  # said in full: nothing to guess
_ATTRIBUTE = re.compile(r"(?:^|\s)(?P<name>[^\s=\"']+)(?:=(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|\S+))?")
_INVISIBLE = ("Cc", "Cf", "Zl", "Zp")
# What a reader takes for commands of the runbook.
_LOOKS_EXECUTED = re.compile(r"\W*(?:bash|sh|shell|zsh|ksh|console|sql)\b", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def names(folder: Path) -> list[str]:
    """The names of all runbooks below a folder, sorted."""
    return sorted(p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.md"))


def read(folder: Path, name: str) -> Runbook:
    """Reads the runbook `name` below `folder`.

    Raises:
        RunbookFormatError: with the file, the line, what was found and the way out.
    """
    path = folder / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunbookFormatError(f"não foi possível ler o arquivo: {error}", path) from error
    return _Reader(path, name, text).runbook()


class _Reader:
    def __init__(self, path: Path, name: str, text: str) -> None:
        self.path, self.name, self.text = path, name, text
        self.lines = text.removesuffix("\n").split("\n")  # nothing else ends a line for bash

    def error(self, line: int, message: str) -> RunbookFormatError:
        return RunbookFormatError(message, self.path, line)

    def runbook(self) -> Runbook:
        header = Header.read(self.path, self.lines)
        first = header.length
        fences = list(find(self.lines, first))
        self._same_as_jupytext(fences)
        body: list[Prose | Step] = []
        position = first
        hidden = False
        for fence in (f for f in fences if f.is_step):
            text = self._add_prose(body, position, fence.line - 1)
            hidden = text.rfind("<!--") > text.rfind("-->") if "<!--" in text or "-->" in text else hidden
            if hidden:
                raise self.error(fence.line, 'a página esconde este passo em um comentário; use `hidden="razão"`')
            body.append(self._step(fence))
            position = fence.last
        self._add_prose(body, position, len(self.lines))
        runbook = Runbook(
            name=self.name,
            file=str(self.path),
            title=header.title,
            description=header.description,
            engines=header.engines,
            risk=header.risk,
            parameters=header.parameters,
            seed=header.seed,
            classes=header.classes,
            body=tuple(body),
        )
        self._check_names(runbook)
        return runbook

    def _same_as_jupytext(self, fences: list[Fence]) -> None:
        """Refuses a file in which Jupytext would run something else than the steps that the page shows."""
        ours = [f for f in fences if f.is_step]
        for fence in fences:
            self._check_fence(fence)
        if pandoc := next((n for n, line in enumerate(self.lines, 1) if line.startswith(":::")), 0):
            raise self.error(pandoc, "o Jupytext toma por Pandoc um arquivo com uma linha que comece por `:::`")
        try:
            with warnings.catch_warnings():  # it reads `expect` as a Python string, and warns of its backslashes
                warnings.simplefilter("ignore")
                cells = [c for c in jupytext.reads(self.text, fmt=_FORMAT).cells if c.cell_type == "code"]
        except Exception as error:  # whatever it stumbles over, the file is not a runbook
            raise self.error(1, f"o Jupytext não consegue ler o arquivo: {error}") from error
        for cell in cells:
            if language := re.match(r"%%(\w+)", cell.source):
                raise self.error(
                    next((f.line for f in fences if f.info.startswith(language[1]) or f.body == cell.source), 1),
                    f"o Jupytext executaria esta cerca como `{language[1]}`; "
                    "mostre texto com ```text, ou execute em ```bash",
                )
        for fence, cell in zip(ours, cells, strict=False):
            if fence.body != cell.source:
                raise self.error(
                    fence.line, "o Jupytext lê outro texto nesta cerca; feche-a com ``` no começo da linha"
                )
        if len(ours) != len(cells):
            line = ours[len(cells)].line if len(cells) < len(ours) else 1
            raise self.error(
                line, f"há {len(ours)} cercas ```bash e o Jupytext vê {len(cells)}; veja os atributos desta"
            )

    def _check_fence(self, fence: Fence) -> None:
        if fence.last > len(self.lines):
            raise self.error(fence.line, "esta cerca não foi fechada; falta a linha ``` no fim")
        if not fence.is_step and _LOOKS_EXECUTED.match(fence.info):
            raise self.error(
                fence.line,
                "esta cerca não é um passo (lista, citação, recuo, ~~~ ou outra linguagem); "
                "ponha ```bash no começo da linha, ou use ```text",
            )
        rest = _ATTRIBUTE.sub("", fence.info[len("bash") :]).strip() if fence.is_step else ""
        if rest:
            raise self.error(fence.line, f"`{rest}` não é um atributo; a forma é `nome=valor`, com espaços entre eles")

    def _add_prose(self, body: list[Prose | Step], start: int, end: int) -> str:
        text = "\n".join(self.lines[start:end])
        if text.strip():
            body.append(Prose(text))
        return text

    def _step(self, fence: Fence) -> Step:
        values = self._attributes(fence)
        name = values.pop("name", None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self.error(fence.line, 'falta `name="..."`, em minúsculas sem acento, com hífens')
        stderr = values.pop("stderr", None)
        if stderr not in (None, "empty"):
            raise self.error(fence.line, '`stderr` só aceita o valor "empty"')
        step = Step(name=name, text=fence.body, line=fence.line, stderr_empty=stderr == "empty", **values)
        self._check_blanks(fence, name)
        if len(fence.body.encode()) > LONGEST:
            raise self.error(fence.line, f'o passo "{name}" tem mais de {LONGEST} bytes; divida-o')
        if refused := strictness.refusal(step):
            raise self.error(*refused)
        return step

    def _attributes(self, fence: Fence) -> dict[str, Any]:
        info = fence.info[len("bash") :]
        values: dict[str, Any] = {}
        for match in _ATTRIBUTE.finditer(info):
            key, raw = match["name"], match["value"]
            if key in values:
                raise self.error(fence.line, f"atributo `{key}` repetido")
            values[key] = self._value(fence, key, raw)
        return values

    def _value(self, fence: Fence, key: str, raw: str | None) -> Any:
        def wrong(expected: str) -> RunbookFormatError:
            return self.error(fence.line, f"`{key}` deve ser {expected}, não {raw}")

        text = raw[1:-1].replace('\\"', '"') if raw and raw[0] == '"' == raw[-1] and len(raw) > 1 else None
        if key in ("name", "stderr"):
            return text
        if key in ("check", "destructive", "manual"):
            if raw != "true":
                raise wrong("true, ou faltar")
            return True
        if key == "exit_code":
            if not raw or not raw.isdigit() or int(raw) > 255:
                raise wrong("um número de 0 a 255")
            return int(raw)
        if key in ("timeout", "retry"):
            if not raw or not re.fullmatch(r"\d+(\.\d+)?", raw) or float(raw) <= 0:
                raise wrong("um número de segundos maior que zero")
            return float(raw)
        if key == "expect":
            try:
                pattern = re.compile(text or "(", re.MULTILINE)
            except re.error as error:
                raise wrong(f"uma expressão regular entre aspas duplas ({error})") from error
            if pattern.search(""):
                raise wrong("uma expressão regular que não aceite uma saída vazia")
            return text
        if key == "hidden":
            if not text:
                raise wrong("a razão, entre aspas duplas")
            return text
        choices = {"engine": ENGINES, "needs": tuple(NEEDS)}.get(key)
        if choices is None:
            raise self.error(fence.line, f"atributo `{key}` desconhecido; veja a página sobre como escrever um runbook")
        if text not in choices:
            raise wrong(" ou ".join(f'"{c}"' for c in choices))
        return text

    def _check_blanks(self, fence: Fence, name: str) -> None:
        """Refuses what Markdown would change on the way to the page, so that what is copied is what is run."""
        lines = fence.body.split("\n")
        if not fence.body.strip():
            raise self.error(fence.line, f'o passo "{name}" está vazio')
        if not lines[0].strip() or not lines[-1].strip():
            raise self.error(fence.line, f'o passo "{name}" começa ou termina com uma linha em branco; tire-a')
        for number, line in enumerate(lines, fence.line + 1):
            if "\t" in line or line != line.rstrip():
                raise self.error(number, "tabulação ou espaço no fim da linha; a página mostraria outro texto")
            # Markdown drops some of these, and a reader sees none; the joiner (U+200D) is part of emoji.
            if odd := next((c for c in line if unicodedata.category(c) in _INVISIBLE and c != "\u200d"), ""):
                raise self.error(number, f"caractere invisível (U+{ord(odd):04X}); tire-o, ou escreva-o com $'\\u...'")

    def _check_names(self, runbook: Runbook) -> None:
        seen: dict[str, tuple[int, set[str | None]]] = {}
        for position, part in enumerate(runbook.body):
            if not isinstance(part, Step):
                continue
            if part.engine is not None and part.engine not in runbook.engines:
                raise self.error(part.line, f'o passo "{part.name}" é de {part.engine}, que não está em `engines`')
            last, engines = seen.get(part.name, (position - 1, set()))
            if engines and (None in engines or part.engine is None or part.engine in engines):
                raise self.error(part.line, f'já existe um passo "{part.name}"; os nomes são únicos')
            if last != position - 1:
                raise self.error(
                    part.line, f'os passos "{part.name}" de bancos diferentes devem ser vizinhos, sem texto entre eles'
                )
            seen[part.name] = (position, engines | {part.engine})
        for engine in runbook.engines:
            if not runbook.steps(engine):
                raise self.error(1, f"nenhum passo para {engine}, que está em `engines`")
        if not any(p.text.lstrip().startswith(f"# {runbook.title}\n") for p in runbook.body if isinstance(p, Prose)):
            raise self.error(1, f"falta o título `# {runbook.title}`, igual a `title`, depois do cabeçalho")
