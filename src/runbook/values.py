"""The values of a runbook's parameters, on a real database: flags, file, environment or answers in, a table out.

Each is checked before the first step, so that no step meets a value that it would read as something else. Apart from
`target`, which says which database: no parameter may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from .errors import RunbookError
from .step import Parameter, Runbook
from .target import OWNED, control

LONGEST = 4096
Ask = Callable[[Parameter], str]  # shows the description and the default, gives what was typed


def flags(given: Sequence[str], runbook: Runbook) -> dict[str, str]:
    """`NAME=value` arguments.

    Raises:
        RunbookError: not of that form, no parameter of this runbook, a secret, or for the file to say.
    """
    found: dict[str, str] = {}
    known = {p.name: p for p in runbook.parameters if p.name not in OWNED}
    for argument in given:
        name, equals, value = argument.partition("=")
        if not equals:
            raise RunbookError(f"`{argument}`: esperava NOME=valor")
        if name in OWNED:
            raise RunbookError(f"`{name}`: quem diz o banco de dados é o arquivo de `--env-file`, e só ele")
        if name not in known:
            raise RunbookError(f"`{name}`: não é parâmetro deste runbook; são: {', '.join(known) or 'nenhum'}")
        if known[name].secret:
            raise RunbookError(f"`{name}`: é um segredo, que outros veriam na lista de processos; será perguntado")
        found[name] = value
    return found


def collect(wanted: Sequence[Parameter], sources: Sequence[Mapping[str, str]], ask: Ask | None) -> dict[str, str]:
    """A value for each parameter that the target does not decide.

    Args:
        wanted: the parameters of one engine.
        sources: where a value may stand, the first one wins.
        ask: for what stands nowhere; None takes the defaults.

    Raises:
        RunbookError: a value that a step would misread.
    """
    found: dict[str, str] = {}
    for parameter in wanted:
        if parameter.name in OWNED:
            continue
        given = next((source[parameter.name] for source in sources if parameter.name in source), None)
        if given is None:
            given = (ask(parameter) if ask else "") or parameter.default
        check(parameter, given)
        found[parameter.name] = given
    return found


def check(parameter: Parameter, value: str) -> None:
    """Refuses what a command would read as something else than a value."""
    problem = ""
    if control(value):
        problem = "tem quebra de linha ou outro caractere de controle"
    elif len(value) > LONGEST:
        problem = f"tem {len(value)} caracteres; no máximo {LONGEST}"
    elif parameter.secret:
        return
    elif value.startswith("-"):
        problem = "começa por `-`, que um comando leria como opção; se for uma pasta, escreva `./` antes"
    elif value.startswith("~"):
        problem = "começa por `~`, que aqui não vira a sua pasta; escreva o caminho inteiro"
    elif re.fullmatch(r"\d+", parameter.default) and not re.fullmatch(r"[0-9]{1,9}", value):
        problem = "não é um número inteiro"
    if problem:
        shown = "" if parameter.secret else f" `{value[:80]!r}`"
        raise RunbookError(f"o valor{shown} de {parameter.name} ({parameter.description}) {problem}")
