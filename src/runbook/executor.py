"""Steps and a shell in, one `StepResult` at a time out; stops after the first step that is red.

Apart from `shell`, which knows how a process ended, because only here it is decided whether that is what the step
declared. The rule is one: whatever was not declared is a failure.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import IO

from . import result
from .result import StepResult
from .shell import Ended, Shell
from .step import NEEDS, Step

PAUSE = 0.5  # seconds between two tries of a step with `retry`

# What bash says of itself: in a step's text (`passo`), or in a function (`environment`, with lines of another text).
_SYNTAX = re.compile(r"^passo: -c: line (?P<line>\d+): (?P<said>.*)$", re.MULTILINE)
_UNCLOSED = re.compile(r"here-document at line (?P<line>\d+) delimited by end-of-file")
_MESSAGE = re.compile(r"^passo: line (?P<line>\d+): ", re.MULTILINE)
# Expansions that cannot be done end a substitution (`echo "$(echo "$x")"`) without a failure that bash would report.
_BROKEN = re.compile(
    r"(?:passo|environment): line \d+: (?P<said>.*(?:unbound variable|parameter null or not set|bad substitution|"
    r"bad array subscript|\(error token is|substring expression < 0|invalid indirect expansion|invalid variable name|"
    r"readonly variable|no match: ).*)$",
    re.MULTILINE,
)


def execute(
    steps: Sequence[Step],
    shell: Shell,
    *,
    has: Collection[str] = (),
    clean: Callable[[str], str] = lambda text: text,
    on_start: Callable[[Step], None] = lambda _: None,
    on_output: Callable[[bytes], None] = lambda _: None,
    cancelled: IO[bytes] | None = None,
) -> Iterator[StepResult]:
    """Runs the steps in order.

    Args:
        steps: of one engine.
        shell: carries the state from step to step.
        has: facilities of this place; a step that `needs` another is skipped, and says so.
        clean: redacts and normalises output before anyone sees it.
        on_start: told of each step that begins.
        on_output: given the raw bytes as they come.
        cancelled: becomes readable when the run must stop.

    Raises:
        ShellError: bash could not be started.
        KeyboardInterrupt: `cancelled` became readable.
    """
    for step in steps:
        on_start(step)
        if step.needs and step.needs not in has:
            yield StepResult(step.name, result.SKIPPED, reason=f"precisa de {NEEDS[step.needs]}", line=step.line)
            continue
        deadline = time.monotonic() + step.retry
        while True:
            ended = shell.run(
                step.text, step.timeout, split_stderr=step.stderr_empty, on_output=on_output, cancelled=cancelled
            )
            outcome = judge(step, ended, clean)
            if outcome.outcome == result.PASSED or time.monotonic() + PAUSE > deadline:
                break
            time.sleep(PAUSE)
        if outcome.outcome == result.PASSED:
            shell.keep()  # before anybody hears of it: who is told that a step passed can have its state
        yield outcome
        if outcome.outcome == result.FAILED:
            return


def judge(step: Step, ended: Ended, clean: Callable[[str], str]) -> StepResult:
    """Compares how a step ended with what it declared."""
    raw = ended.output.decode("utf-8", errors="backslashreplace")
    output = clean(raw)
    reason = _process_reason(step, ended, raw) or _output_reason(step, ended, output)
    line, command = step.line, ""
    if reason:
        line, command = _place(step, ended, raw)
    matched = None
    if not reason and step.expect is not None:
        matched, reason = match(step, output)
    return StepResult(
        name=step.name,
        outcome=result.FAILED if reason else result.PASSED,
        exit_code=ended.exit_code,
        duration=ended.duration,
        output=output,
        reason=clean(reason),
        line=line,
        command=clean(command),
        matched=matched,
    )


def _process_reason(step: Step, ended: Ended, raw: str) -> str:
    expected = step.exit_code or 0
    if ended.timed_out:
        return f"passou do tempo limite de {step.timeout:g} s; todos os processos do passo foram encerrados"
    if not ended.untouched:
        return "o passo apagou ou alterou o arquivo com o estado dos passos; ele é do executor"
    if ended.exit_code < 0:
        return f"o bash do passo foi morto pelo sinal {signal.Signals(-ended.exit_code).name}"
    if ended.stragglers:
        return (
            f"{len(ended.stragglers)} processo(s) continuavam depois do fim do passo e foram encerrados; "
            "espere por eles com `wait`, ou encerre-os no próprio passo"
        )
    if syntax := _syntax_error(ended, raw):
        return f"erro de sintaxe, nenhum comando do passo foi executado: {syntax['said']}"
    if ended.exit_code != expected:
        return f"terminou com o código {ended.exit_code}; o esperado era {expected}"
    if not ended.saved:
        return "o passo trocou o próprio bash (`exec`) ou desligou a vigilância de falhas (`trap`, `set`)"
    if ended.echoing:
        return "o passo ligou o eco dos comandos (`set -x`, `set -v`), que se mistura à saída"
    if expected == 0 and ended.failed:
        return f"um comando falhou com o código {ended.failed[0]}, embora o passo terminasse com 0"
    if step.exit_code is None and ended.exited:
        return "terminou com 0 antes da última linha; o resto do passo não foi executado"
    if not (ended.completed or ended.failed or ended.exited):
        return f"terminou com {expected} no meio, sem `exit` e sem que um comando falhasse: veja a mensagem do bash"
    if broken := _BROKEN.search(raw):
        return f"o bash não conseguiu executar um comando: {broken['said']}"
    return ""


def _place(step: Step, ended: Ended, raw: str) -> tuple[int, str]:
    """The line of the runbook that failed, and the command if bash named it; the line of the fence if nobody knows."""
    last = step.text.count("\n") + 1
    if ended.failed:
        return step.line + min(ended.failed[1], last), ended.failed[2]
    if ended.exited:
        return step.line + ended.exited, ""
    if match := _syntax_error(ended, raw):
        match = _UNCLOSED.search(raw) or match
    elif messages := [] if ended.timed_out or ended.exit_code < 0 else list(_MESSAGE.finditer(raw)):
        match = messages[-1]
    return step.line + (min(int(match["line"]), last) if match else 0), ""


def _syntax_error(ended: Ended, raw: str) -> re.Match[str] | None:
    return None if ended.completed or ended.failed or ended.exited else _SYNTAX.search(raw)


def _output_reason(step: Step, ended: Ended, output: str) -> str:
    if ended.dropped:
        return f"saída grande demais: {ended.dropped} bytes do meio não foram guardados; mande-a para um arquivo"
    try:
        ended.output.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"a saída não é texto UTF-8 (byte {error.start}); mande dados binários para um arquivo"
    if match := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]", output):
        return f"a saída tem o caractere de controle {match[0]!r}; mande dados binários para um arquivo"
    if step.stderr_empty and ended.stderr.strip():
        first = ended.stderr.strip().decode("utf-8", errors="backslashreplace").splitlines()[0]
        return f"escreveu na saída de erros, que devia ficar vazia: {first}"
    return ""


def match(step: Step, output: str) -> tuple[int | None, str]:
    """The line of the output where `expect` matches; a line that only repeats the command does not count."""
    pattern = re.compile(step.expect or "", re.MULTILINE)
    source = {line.strip() for line in step.text.splitlines()}
    echoed = False
    for match in pattern.finditer(output):
        number = output.count("\n", 0, match.start())
        line = output.split("\n")[number]
        if re.sub(r"^\++ ", "", line).strip() in source - {""}:
            echoed = True
            continue
        return number, ""
    if echoed:
        return None, f"`expect` só encontra o eco do próprio comando: {step.expect}"
    return None, f"nenhuma linha da saída corresponde a `expect`: {step.expect}"
