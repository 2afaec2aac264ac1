"""What the executor makes of how a step ended, and the order in which it carries steps out; no process is started."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from typing import IO, Any

import pytest

from runbook import executor
from runbook.executor import execute, judge
from runbook.result import FAILED, PASSED, SKIPPED, StepResult
from runbook.shell import Ended, Shell
from runbook.step import NEEDS, Step

LINE = 40  # of the fence
GOOD = Ended(
    exit_code=0,
    duration=0.5,
    output=b"",
    dropped=0,
    stderr=b"",
    failed=None,
    completed=True,
    exited=0,
    saved=True,
    echoing=False,
    untouched=True,
    timed_out=False,
    stragglers=(),
)
CUT = dataclasses.replace(GOOD, completed=False)


def step(text: str = "um\ndois\ntrês", **attributes: Any) -> Step:
    """A step of three lines."""
    return Step("passo", text, LINE, **attributes)


def verdict(declared: Step, ended: Ended, **changes: Any) -> StepResult:
    """The judgement, without redaction."""
    return judge(declared, dataclasses.replace(ended, **changes), lambda text: text)


def test_good_step() -> None:
    """A step that ends as declared passes, with the facts of its process."""
    found = verdict(step(), GOOD, output=b"tudo bem\n")
    assert found == StepResult("passo", PASSED, 0, 0.5, "tudo bem\n", "", LINE)


DECLARED = {
    "the failing command gives the code": (step(exit_code=3), CUT, {"exit_code": 3, "failed": (3, 2, "dois")}),
    "an exit gives the code": (step(exit_code=3), CUT, {"exit_code": 3, "exited": 2}),
    "the last command gives the code": (step(exit_code=1), GOOD, {"exit_code": 1}),
    "exit 0 where 0 is declared": (step(exit_code=0), CUT, {"exited": 2}),
    "messages where they may be": (step(), GOOD, {"output": b"passo: line 1: x: command not found\n"}),
    "blanks on stderr": (step(stderr_empty=True), GOOD, {"stderr": b" \n"}),
    "colours and tabs": (step(), GOOD, {"output": b"\x1b[1mnegrito\x1b[0m\tcoluna\r\n"}),
    "the broken words of another program": (step(), GOOD, {"output": b"bash: line 1: x: unbound variable\n"}),
}


@pytest.mark.parametrize(("declared", "ended", "changes"), DECLARED.values(), ids=DECLARED)
def test_what_was_declared_passes(declared: Step, ended: Ended, changes: dict[str, Any]) -> None:
    """Whatever the step declared is no failure."""
    found = verdict(declared, ended, **changes)
    assert (found.outcome, found.reason, found.command) == (PASSED, "", "")


SYNTAX = b"passo: -c: line 2: syntax error near unexpected token `)'\npasso: -c: line 2: `dois)'\n"
UNCLOSED = (
    b"passo: line 5: warning: here-document at line 3 delimited by end-of-file (wanted `FIM')\n"
    b"passo: -c: line 6: syntax error: unexpected end of file\n"
)
REASONS: dict[str, tuple[Step, Ended, dict[str, Any], int, str]] = {
    "too slow": (step(timeout=2.5), CUT, {"timed_out": True, "exit_code": -15}, 0, "passou do tempo limite de 2.5 s"),
    "too slow, as code": (step(exit_code=1), CUT, {"timed_out": True, "exit_code": 1, "exited": 1}, 1, "tempo limite"),
    "touched state": (step(), GOOD, {"untouched": False}, 0, "apagou ou alterou o arquivo com o estado"),
    "signal": (step(), CUT, {"exit_code": -9}, 0, "morto pelo sinal SIGKILL"),
    "signal, as code": (step(exit_code=137), CUT, {"exit_code": -9}, 0, "morto pelo sinal SIGKILL"),
    "stragglers": (step(), GOOD, {"stragglers": (7, 8)}, 0, "2 processo(s) continuavam depois do fim"),
    "stragglers, as code": (step(exit_code=1), GOOD, {"stragglers": (7,), "exit_code": 1}, 0, "1 processo(s)"),
    "failure": (step(), CUT, {"exit_code": 3, "failed": (3, 2, "dois")}, 2, "código 3; o esperado era 0"),
    "other failure": (step(exit_code=1), CUT, {"exit_code": 127, "failed": (127, 1, "um")}, 1, "o esperado era 1"),
    "no failure": (step(exit_code=1), GOOD, {}, 0, "código 0; o esperado era 1"),
    "hidden failure": (step(), GOOD, {"failed": (4, 3, "três")}, 3, "um comando falhou com o código 4, embora"),
    "exec": (step(), CUT, {"saved": False}, 0, "trocou o próprio bash (`exec`)"),
    "exec, as code": (step(exit_code=1), CUT, {"saved": False, "exit_code": 1}, 0, "trocou o próprio bash (`exec`)"),
    "echo": (step(), GOOD, {"echoing": True}, 0, "ligou o eco dos comandos"),
    "exit 0": (step(), CUT, {"exited": 2}, 2, "terminou com 0 antes da última linha"),
    "exit 3": (step(), CUT, {"exited": 2, "exit_code": 3}, 2, "terminou com o código 3; o esperado era 0"),
    "syntax": (step(), CUT, {"exit_code": 2, "output": SYNTAX}, 2, "erro de sintaxe, nenhum comando"),
    "syntax, as code": (step(exit_code=2), CUT, {"exit_code": 2, "output": SYNTAX}, 2, "syntax error near unexpected"),
    "unclosed": (step(), CUT, {"exit_code": 2, "output": UNCLOSED}, 3, "erro de sintaxe"),
    "beyond the end": (step("um"), CUT, {"exit_code": 2, "output": SYNTAX}, 1, "erro de sintaxe"),
    "unset": (step(), CUT, {"exit_code": 1, "output": b"passo: line 2: x: unbound variable\n"}, 2, "o código 1"),
    "unset, as code": (
        step(exit_code=1), CUT, {"exit_code": 1, "output": b"passo: line 2: x: unbound variable\n"}, 2,
        "terminou com 1 no meio, sem `exit` e sem que um comando falhasse",
    ),
    "unset in a substitution": (
        step(), GOOD, {"output": b"a\npasso: line 3: x: unbound variable\nb\n"}, 3,
        "o bash não conseguiu executar um comando: x: unbound variable",
    ),
    "sum in a function": (
        step(), GOOD, {"output": b'environment: line 9: 1/0: division by 0 (error token is "0")\n'}, 0,
        "não conseguiu executar um comando: 1/0: division by 0",
    ),
    "last message of bash": (
        step(), CUT, {"exit_code": 1, "output": b"passo: line 1: x: command not found\npasso: line 2: y: parou\n"}, 2,
        "código 1",
    ),
    "too much": (step(), GOOD, {"dropped": 9}, 0, "saída grande demais: 9 bytes do meio não foram guardados"),
    "not UTF-8": (step(), GOOD, {"output": b"caf\xe9"}, 0, "não é texto UTF-8 (byte 3)"),
    "binary": (step(), GOOD, {"output": b"PGDMP\x00"}, 0, "caractere de controle"),
    "stderr": (step(stderr_empty=True), GOOD, {"stderr": b"\nerro: um\ndois\n"}, 0, "devia ficar vazia: erro: um"),
    "nothing matches": (step(expect="^pronto$"), GOOD, {"output": b"quase pronto\n"}, 0, "nenhuma linha da saída"),
    "no output": (step(expect="pronto"), GOOD, {}, 0, "nenhuma linha da saída corresponde"),
    "echo matches": (step("echo pronto", expect="pronto"), GOOD, {"output": b"echo pronto\n"}, 0, "só encontra o eco"),
    "trace matches": (step("echo pronto", expect="pronto"), GOOD, {"output": b"++ echo pronto\n"}, 0, "só encontra"),
}  # fmt: skip


@pytest.mark.parametrize(("declared", "ended", "changes", "line", "reason"), REASONS.values(), ids=REASONS)
def test_what_was_not_declared_fails(
    declared: Step, ended: Ended, changes: dict[str, Any], line: int, reason: str
) -> None:
    """Whatever the step did not declare is a failure, at the line that bash gave or else at the fence."""
    found = verdict(declared, ended, **changes)
    assert found.outcome == FAILED
    assert reason in found.reason
    assert found.line == LINE + line
    assert found.matched is None


def test_command_is_named() -> None:
    """The command that failed is part of the result."""
    assert verdict(step(), CUT, exit_code=1, failed=(1, 2, "dois --tudo")).command == "dois --tudo"


@pytest.mark.parametrize(
    ("expect", "output", "matched"),
    [
        ("^b$", "a\nb\nc\n", 1),
        ("a", "a\na\n", 0),
        (r"\d+ linhas", "um\n\n12 linhas", 2),
        ("pronto", "echo pronto\nmais\npronto\n", 2),
        (r"a\nb", "x\na\nb\n", 1),
    ],
)
def test_matched_line(expect: str, output: str, matched: int) -> None:
    """The first line that `expect` matches is counted from 0; a line that repeats the command does not count."""
    assert verdict(step("echo pronto", expect=expect), GOOD, output=output.encode()).matched == matched


def test_everything_said_is_cleaned() -> None:
    """Output, reason and command are redacted, and `expect` sees what the page will show."""

    def clean(text: str) -> str:
        return text.replace("segredo", "****")

    failed = judge(step(stderr_empty=True), dataclasses.replace(GOOD, stderr=b"segredo", output=b"segredo\n"), clean)
    assert ("segredo" in failed.reason, failed.output) == (False, "****\n")
    assert judge(step(), dataclasses.replace(CUT, exit_code=1, failed=(1, 1, "x segredo")), clean).command == "x ****"
    good = judge(step(expect=r"^\*{4}$"), dataclasses.replace(GOOD, output=b"segredo\n"), clean)
    assert (good.outcome, good.matched) == (PASSED, 0)


class FakeShell(Shell):
    """Gives prepared endings and notes what it was asked."""

    def __init__(self, *endings: Ended | BaseException) -> None:
        self.endings, self.calls = list(endings), list[tuple[str, dict[str, Any]]]()

    def run(
        self,
        text: str,
        timeout: float,
        *,
        split_stderr: bool = False,
        on_output: Callable[[bytes], None] = lambda _: None,
        cancelled: IO[bytes] | None = None,
    ) -> Ended:
        """The next ending."""
        asked = {"timeout": timeout, "split_stderr": split_stderr, "on_output": on_output, "cancelled": cancelled}
        self.calls.append((text, asked))
        ending = self.endings.pop(0)
        if isinstance(ending, BaseException):
            raise ending
        return ending

    def keep(self) -> None:
        """Noted in the order of the calls."""
        self.calls.append(("keep", {}))

    @property
    def order(self) -> list[str]:
        """What was run and kept."""
        return [text for text, _ in self.calls]


BAD = dataclasses.replace(CUT, exit_code=1, failed=(1, 1, "um"))


def steps(*texts: str, **attributes: Any) -> list[Step]:
    """Steps with the names of their texts."""
    return [Step(text, text, LINE, **attributes) for text in texts]


def test_stops_after_the_first_red_step() -> None:
    """The steps before the red one are kept, the red one is not, the later ones are not run."""
    shell = FakeShell(GOOD, GOOD, BAD)
    found = list(execute(steps("a", "b", "c", "d"), shell))
    assert [(r.name, r.outcome) for r in found] == [("a", PASSED), ("b", PASSED), ("c", FAILED)]
    assert shell.order == ["a", "keep", "b", "keep", "c"]


def test_an_expected_failure_goes_on() -> None:
    """A step that fails as declared is kept like any other."""
    shell = FakeShell(BAD, GOOD)
    found = list(execute([*steps("a", exit_code=1), *steps("b")], shell))
    assert [r.outcome for r in found] == [PASSED, PASSED]
    assert shell.order == ["a", "keep", "b", "keep"]


def test_needs() -> None:
    """A step whose need is not met is skipped with the reason, and run where it is met."""
    needy = steps("antigo", needs="cliente-antigo")
    shell = FakeShell(GOOD)
    (skipped,) = execute(needy, shell)
    assert (skipped.outcome, skipped.exit_code, skipped.line) == (SKIPPED, None, LINE)
    assert skipped.reason == f"precisa de {NEEDS['cliente-antigo']}"
    assert shell.order == []
    assert [r.outcome for r in execute(needy, shell, has=("cliente-antigo",))] == [PASSED]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only `sleep` moves."""
    now = [100.0]
    monkeypatch.setattr("runbook.executor.time.monotonic", lambda: now[0])
    monkeypatch.setattr("runbook.executor.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def test_retry_until_it_passes(clock: list[float]) -> None:
    """A step with `retry` is run again until it passes, without the state of the failed tries, and told of once."""
    started: list[str] = []
    shell = FakeShell(BAD, BAD, GOOD)
    found = list(execute(steps("a", retry=30.0), shell, on_start=lambda s: started.append(s.name)))
    assert [r.outcome for r in found] == [PASSED]
    assert shell.order == ["a", "a", "a", "keep"]
    assert (started, clock) == (["a"], [100 + 2 * executor.PAUSE])


def test_retry_has_an_end(clock: list[float]) -> None:
    """When the time is over the last failure counts."""
    shell = FakeShell(*[BAD] * 3)
    (found,) = execute(steps("a", retry=2 * executor.PAUSE), shell)
    assert (found.outcome, shell.endings, clock) == (FAILED, [], [100 + 2 * executor.PAUSE])


def test_without_retry_there_is_one_try() -> None:
    """A failure is not tried away."""
    shell = FakeShell(BAD)
    assert [r.outcome for r in execute(steps("a"), shell)] == [FAILED]


def test_what_the_shell_is_told() -> None:
    """Time limit, listener and the stream that cancels reach the shell; stderr is split where it must be empty."""
    stream = io.BytesIO()

    def listen(_: bytes) -> None: ...

    shell = FakeShell(GOOD, GOOD)
    declared = [*steps("a", timeout=7.0), *steps("b", stderr_empty=True)]
    assert len(list(execute(declared, shell, on_output=listen, cancelled=stream))) == 2
    asked = [said for text, said in shell.calls if text != "keep"]
    assert [said["timeout"] for said in asked] == [7.0, 120.0]
    assert [said["split_stderr"] for said in asked] == [False, True]
    assert [said["on_output"] for said in asked] == [listen, listen]
    assert [said["cancelled"] for said in asked] == [stream, stream]


def test_an_interruption_goes_through() -> None:
    """An interrupted step is neither green nor red: whoever asked for the run is told."""
    running = execute(steps("a", "b"), FakeShell(GOOD, KeyboardInterrupt()))
    assert next(running).outcome == PASSED
    with pytest.raises(KeyboardInterrupt):
        next(running)
