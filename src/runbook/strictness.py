"""What the text of a step may not contain, because it would take the executor's watch away.

In: a step. Out: the line and the reason of the first thing refused. Apart from `notebook` because it reads bash and not
Markdown. It is a courtesy to the author: what gets past it, through `eval` for instance, is red when it is run.
"""

from __future__ import annotations

import re

from .step import Step

# Read from left to right: a quote inside a comment or the reverse does not count.
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|(?:^|(?<=[\s;|&(]))#[^\n]*", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"(?<!<)<<(?!<)(?P<dash>-?)\s*\\?(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_AT_COMMAND = r"(?:^|[;&|({!]|\b(?:then|do|else|if|while)\b)[ \t]*"
_FORBIDDEN = (
    (rf"{_AT_COMMAND}trap\b[^\n;]*\b(?i:(?:SIG)?(?:ERR|EXIT|DEBUG|RETURN)|0)\b", "`trap` de ERR, EXIT, DEBUG ou RETURN",
     "esses sinais são do executor; faça a limpeza em um passo próprio"),
    (rf"{_AT_COMMAND}set[ \t]+(?:\S+[ \t]+)*?(?:\+[a-zA-Z]*[eEu]|\+o[ \t]+(?:errexit|errtrace|nounset|pipefail))",
     "`set` que desliga o modo estrito", "use `if`, `||` ou `exit_code` onde uma falha é esperada"),
    (rf"{_AT_COMMAND}set[ \t]+(?:\S+[ \t]+)*?(?:-[a-zA-Z]*[xv]|-o[ \t]+(?:xtrace|verbose))",
     "`set -x` ou `set -v`", "o eco dos comandos se misturaria à saída mostrada"),
)  # fmt: skip
# Bash forgives this failure anywhere, so as a check it would be none. A line that continues another one is no command.
_NEGATED = re.compile(r"(?:(?<!\\\n)^|[;{(]|\b(?:then|do|else)\b)[ \t]*!\s", re.MULTILINE)
# Of a group or a function in the background the ERR trap sees the failure, of a simple command nobody but `wait`.
_BACKGROUND = re.compile(r"[^\s&|;<>)}]\s*&(?![&>\d])")
_WAIT_FOR_ALL = re.compile(rf"{_AT_COMMAND}wait[ \t]*(?:$|[;&|)}}])", re.MULTILINE)
_BARE_EXIT = re.compile(rf"{_AT_COMMAND}exit(?:[ \t]+0)?[ \t]*(?:$|[;&|)}}])", re.MULTILINE)


def refusal(step: Step) -> tuple[int, str] | None:
    """The line of the file and the reason, with the way out, if the step is refused."""
    code = _code_only(step.text)
    for pattern, found, cure in _FORBIDDEN:
        if match := re.search(pattern, code, re.MULTILINE):
            return _line_in(step, code, match), f"{found} não é aceito em um passo: {cure}"
    if step.exit_code is None and (match := _BARE_EXIT.search(code)):
        return (
            _line_in(step, code, match),
            "`exit` sem código de falha encerra o passo antes do fim e pareceria sucesso; "
            "tire-o, ou declare `exit_code`",
        )
    if match := _NEGATED.search(code):
        return (
            _line_in(step, code, match),
            "`! comando` não reprova o passo quando o comando dá certo; escreva `if comando; then false; fi`",
        )
    if _BACKGROUND.search(code) and (match := _WAIT_FOR_ALL.search(code)):
        return (
            _line_in(step, code, match),
            '`wait` sozinho esquece o código de saída dos comandos em segundo plano; espere por cada um: `wait "$!"`',
        )
    return None


def _code_only(text: str) -> str:
    """The text with the words in quotes emptied, and comments and here-documents gone, line for line."""
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
    return _QUOTED.sub(_emptied, "\n".join(lines))


def _emptied(match: re.Match[str]) -> str:
    if match[0] == "\\\n":
        return match[0]
    return ("''" if match[0][0] in "'\"" else "") + "\n" * match[0].count("\n")


def _line_in(step: Step, code: str, match: re.Match[str]) -> int:
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return step.line + 1 + code.count("\n", 0, start)
