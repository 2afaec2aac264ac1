"""A runbook file, read: Jupytext Markdown in, `Runbook` out; whatever the format does not know is refused.

Jupytext decides what a cell is, so that JupyterLab and we never disagree; the checks are ours, because Jupytext shows
a bash fence in a list, indented or with `~~~` without ever running it, and runs a `sql` fence without being asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml

from .errors import RunbookFormatError
from .step import DEFAULT_TIMEOUT, ENGINES, Parameter, Prose, Runbook, Step

RISKS = ("leitura", "escrita", "destrutivo")
NEEDS = ("cliente-antigo",)
KEYS = {"title", "description", "engines", "risk", "parameters", "seed", "jupyter"}
REQUIRED = ("title", "description", "engines", "risk")
LONGEST = 100_000  # bytes: the text travels as one argument of bash, and the kernel allows 128 KiB

_FENCE = re.compile(r"^(?P<indent>[ \t>*+-]*|\s*\d+[.)]\s*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)$")
_ATTRIBUTE = re.compile(r"(?:^|\s)(?P<name>[^\s=\"']+)(?:=(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|\S+))?")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Read from left to right: a quote inside a comment or the reverse does not count.
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|(?:^|(?<=[\s;|&(]))#[^\n]*", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<(?P<dash>-?)\s*\\?(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_AT_COMMAND = r"(?:^|[;&|({!]|\b(?:then|do|else|if|while)\b)\s*"
_FORBIDDEN = (
    (rf"{_AT_COMMAND}trap\b[^\n;]*\b(?:ERR|EXIT|DEBUG|RETURN)\b", "`trap` de ERR, EXIT, DEBUG ou RETURN",
     "esses sinais são do executor; faça a limpeza em um passo próprio"),
    (rf"{_AT_COMMAND}set\s+(?:\S+\s+)*?(?:\+[a-zA-Z]*[eEu]|\+o\s+(?:errexit|errtrace|nounset|pipefail))",
     "`set` que desliga o modo estrito", "use `if`, `||` ou `exit_code` onde uma falha é esperada"),
    (rf"{_AT_COMMAND}set\s+(?:\S+\s+)*?(?:-[a-zA-Z]*[xv]|-o\s+(?:xtrace|verbose))",
     "`set -x` ou `set -v`", "o eco dos comandos se misturaria à saída mostrada"),
)  # fmt: skip
_BARE_EXIT = re.compile(rf"{_AT_COMMAND}exit(?:\s+0)?\s*(?:$|[;&|)}}])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Fence:
    """A fence found in the text: `line` is its opening line, `body` the lines between the marks."""

    line: int
    last: int
    top: bool
    info: str
    body: str


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


def to_notebook(runbook: Runbook, engine: str) -> str:
    """The runbook of one engine as an `.ipynb` text, for JupyterLab."""
    notebook: Any = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "bash", "display_name": "Bash", "language": "bash"}
    for number, part in enumerate(runbook.body):
        if isinstance(part, Prose):
            cell: Any = nbformat.v4.new_markdown_cell(part.text.strip())
        elif part.engine in (None, engine):
            cell = nbformat.v4.new_code_cell(part.text, metadata={"name": part.name})
        else:
            continue
        cell.id = f"parte-{number}"  # the same at every export
        notebook.cells.append(cell)
    return str(nbformat.writes(notebook)) + "\n"


class _Reader:
    def __init__(self, path: Path, name: str, text: str) -> None:
        self.path, self.name, self.text = path, name, text
        self.lines = text.splitlines()

    def error(self, line: int, message: str) -> RunbookFormatError:
        return RunbookFormatError(message, self.path, line)

    def runbook(self) -> Runbook:
        header, first = self._header()
        fences = list(_fences(self.lines, first))
        self._same_as_jupytext(fences)
        body: list[Prose | Step] = []
        position = first
        for fence in (f for f in fences if f.top and f.info.split(" ")[0] == "bash"):
            self._add_prose(body, position, fence.line - 1)
            body.append(self._step(fence))
            position = fence.last
        self._add_prose(body, position, len(self.lines))
        engines = tuple(header["engines"])
        runbook = Runbook(
            name=self.name,
            file=str(self.path),
            title=str(header["title"]),
            description=str(header["description"]),
            engines=engines,
            risk=header["risk"],
            parameters=tuple(self._parameter(p) for p in header.get("parameters") or ()),
            seed=tuple(str(s) for s in header.get("seed") or ()),
            body=tuple(body),
        )
        self._check_names(runbook)
        return runbook

    def _header(self) -> tuple[dict[str, Any], int]:
        """The front matter, and the number of lines it takes."""
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
        kernel = (header.get("jupyter") or {}).get("kernelspec") or {}
        if kernel.get("name") != "bash":
            raise self.error(1, "o cabeçalho deve declarar `jupyter: kernelspec: {name: bash, ...}`")
        return header, end + 1

    def _line_of(self, start: str) -> int:
        return next((n for n, line in enumerate(self.lines, 1) if line.lstrip(" -").startswith(start)), 1)

    def _parameter(self, data: Any) -> Parameter:
        allowed = {"name", "description", "default", "secret", "engine"}
        line = self._line_of("parameters:")
        if not isinstance(data, dict) or not set(data) <= allowed or not {"name", "description"} <= set(data):
            raise self.error(line, f"cada parâmetro tem `name` e `description`, e pode ter: {', '.join(sorted(allowed))}")
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

    def _same_as_jupytext(self, fences: list[_Fence]) -> None:
        """Refuses a file in which Jupytext would run something else than the steps that the page shows."""
        ours = [f for f in fences if f.top and f.info.split(" ")[0] == "bash"]
        cells = [c for c in jupytext.reads(self.text, fmt="md").cells if c.cell_type == "code"]
        for cell in cells:
            language = re.match(r"%%(\w+)", cell.source)
            if language:
                raise self.error(
                    next((f.line for f in fences if f.info.startswith(language[1])), 1),
                    f"o Jupytext executaria esta cerca como `{language[1]}`; mostre texto com ```text, ou execute em ```bash",
                )
        for fence, cell in zip(ours, cells, strict=False):
            if fence.body != cell.source:
                raise self.error(fence.line, "o Jupytext lê outro texto nesta cerca; feche-a com ``` no começo da linha")
        if len(ours) != len(cells):
            line = ours[len(cells)].line if len(cells) < len(ours) else 1
            raise self.error(line, f"há {len(ours)} cercas ```bash e o Jupytext vê {len(cells)}; veja os atributos desta")
        for fence in fences:
            if fence.last > len(self.lines):
                raise self.error(fence.line, "esta cerca não foi fechada; falta a linha ``` no fim")
            if not fence.top and fence.info.split(" ")[0] in ("bash", "sh", "shell", "sql"):
                raise self.error(
                    fence.line,
                    "esta cerca não seria executada (lista, citação, recuo ou ~~~); ponha ```bash no começo da linha, ou use ```text",
                )

    def _add_prose(self, body: list[Prose | Step], start: int, end: int) -> None:
        text = "\n".join(self.lines[start:end])
        if text.strip():
            body.append(Prose(text))

    def _step(self, fence: _Fence) -> Step:
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
        self._check_text(step)
        return step

    def _attributes(self, fence: _Fence) -> dict[str, Any]:
        info = fence.info[len("bash") :]
        values: dict[str, Any] = {}
        for match in _ATTRIBUTE.finditer(info):
            key, raw = match["name"], match["value"]
            if key in values:
                raise self.error(fence.line, f"atributo `{key}` repetido")
            values[key] = self._value(fence, key, raw)
        return values

    def _value(self, fence: _Fence, key: str, raw: str | None) -> Any:
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
                re.compile(text or "(", re.MULTILINE)
            except re.error as error:
                raise wrong(f"uma expressão regular entre aspas duplas ({error})") from error
            return text
        if key == "hidden":
            if not text:
                raise wrong("a razão, entre aspas duplas")
            return text
        choices = {"engine": ENGINES, "needs": NEEDS}.get(key)
        if choices is None:
            raise self.error(fence.line, f"atributo `{key}` desconhecido; veja a página sobre como escrever um runbook")
        if text not in choices:
            raise wrong(" ou ".join(f'"{c}"' for c in choices))
        return text

    def _check_blanks(self, fence: _Fence, name: str) -> None:
        """Refuses what Markdown would change on the way to the page, so that what is copied is what is run."""
        lines = fence.body.split("\n")
        if not fence.body.strip():
            raise self.error(fence.line, f'o passo "{name}" está vazio')
        if not lines[0].strip() or not lines[-1].strip():
            raise self.error(fence.line, f'o passo "{name}" começa ou termina com uma linha em branco; tire-a')
        for number, line in enumerate(lines, fence.line + 1):
            if "\t" in line or line != line.rstrip():
                raise self.error(number, "tabulação ou espaço no fim da linha; a página mostraria outro texto")

    def _check_text(self, step: Step) -> None:
        code = _code_only(step.text)
        for pattern, found, cure in _FORBIDDEN:
            if match := re.search(pattern, code, re.MULTILINE):
                raise self.error(_line_in(step, code, match), f"{found} não é aceito em um passo: {cure}")
        if step.exit_code is None and (match := _BARE_EXIT.search(code)):
            raise self.error(
                _line_in(step, code, match),
                "`exit` sem código de falha encerra o passo antes do fim e pareceria sucesso; tire-o, ou declare `exit_code`",
            )

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


def _fences(lines: list[str], first: int) -> Iterator[_Fence]:
    number = first
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if not opening:
            number += 1
            continue
        mark, start = opening["fence"], number
        closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        while (number := number + 1) < len(lines) and not closing.match(lines[number]):
            pass
        yield _Fence(
            line=start + 1,
            last=number + 1,
            top=opening["indent"] == "" and mark[0] == "`",
            info=opening["info"].strip(),
            body="\n".join(lines[start + 1 : number]),
        )
        number += 1


def _code_only(text: str) -> str:
    """The text with quoted words, comments and here-documents blanked, line for line."""
    lines, end = [], ""
    for line in text.split("\n"):
        if end:
            if line.lstrip("\t") == end:
                end = ""
            lines.append("")
            continue
        if heredoc := _HEREDOC.search(line):
            end = heredoc["word"]
        lines.append(line)
    return _QUOTED.sub(lambda m: "\n" * m[0].count("\n"), "\n".join(lines))


def _line_in(step: Step, code: str, match: re.Match[str]) -> int:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return step.line + 1 + code.count("\n", 0, start)
