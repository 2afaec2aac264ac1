"""The facts that the shell reports of a step's process, and the state that it carries from one step to the next."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook import processes
from runbook.errors import ShellError
from runbook.processes import CHUNK, KEPT, Capture
from runbook.shell import Ended, Shell

from .processes import adopting, running, wait_until

Start = Callable[..., Shell]
TIMEOUT = 30.0


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell that starts in an empty folder, with a small environment."""
    (tmp_path / "work").mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "HERDADA": "do sandbox"}
    with adopting(), Shell(tmp_path / "work", environment, tmp_path) as shell:
        yield shell


def run(shell: Shell, *texts: str) -> Ended:
    """Runs steps of which all but the last are kept, and gives how the last one ended."""
    for text in texts[:-1]:
        assert shell.run(text, TIMEOUT).exit_code == 0
        shell.keep()
    return shell.run(texts[-1], TIMEOUT)


FIRST_FAILURE = {
    "plain": ("true\nfalse\ntrue", 2, "false"),
    "arguments": ("grep -q nada /dev/null", 1, "grep -q nada /dev/null"),
    "pipe": ("true\nfalse | true", 2, "true"),
    "subshell": ("(\n  true\n  false\n)", 3, "false"),
    "function": ("f() {\n  false\n}\n\nf", 2, "false"),
    "function in a function": ("g() { false; }\nf() {\n  g\n}\nf", 1, "false"),
    "loop": ("for i in 1 2; do\n  test $i = 1\ndone", 2, "test $i = 1"),
    "assignment": ("x=$(false)", 1, "false"),
    "local": ("f() {\n  local x=$(false)\n}\nf", 2, "false"),
    "argument": ("true\necho $(false)", 2, "false"),
    "export": ("export x=$(false)", 1, "false"),
    "array": ('x=("$(false)")', 1, "false"),
    "here-document": ("cat <<FIM\n$(false)\nFIM", 1, "false"),
    "here-string": ('cat <<< "$(false)"', 1, "false"),
    "default value": ("x=${y:-$(false)}", 1, "false"),
    "file name": ('echo > "$(false)x"', 1, "false"),
    "loop over words": ("for i in $(false); do true; done", 1, "false"),
    "case": ("case $(false) in *) ;; esac", 1, "false"),
    "condition": ('[[ $(false) == "" ]]', 1, "false"),
    "process substitution": ("cat <(false)", 1, "false"),
    "late process substitution": ("cat <(sleep 0.05; false)", 1, "false"),
    "process substitution for writing": ("echo > >(sleep 0.05; false)", 1, "false"),
    "background group": ("{ false; } &\nwait", 1, "false"),
    "wait by id": ('true\nfalse &\nwait "$!"', 3, 'wait "$!"'),
    "eval": ("true\neval 'false'", 2, "false"),
    "exit in a substitution": ("true\necho $(exit 1)", 2, "exit 1"),
    "exit in a function in a substitution": ("f() {\n  exit 1\n}\necho $(f)", 2, "exit 1"),
    "exit in a process substitution": ("cat <(exit 1)", 1, "exit 1"),
}


@pytest.mark.parametrize(("text", "line", "command"), FIRST_FAILURE.values(), ids=FIRST_FAILURE)
def test_first_failure(text: str, line: int, command: str, shell: Shell) -> None:
    """The first failing command is named with its line, wherever it stands, and nothing is run after its statement."""
    ended = run(shell, f"{text}\ntouch depois")
    assert ended.failed == (1, line, command)
    assert ">(" in text or (ended.exit_code, ended.completed) == (1, False)  # the only one that nobody waits for


FORGIVEN = (
    "if false; then true; fi",
    "false || true",
    "true && false || true",
    "while false; do true; done",
    "until true; do true; done",
    "if ! true; then true; fi",
    "x=$(false) || x=1",
    "if x=$(exit 3); then true; fi",
    "(exit 4) || test $? = 4",
    "(false; true) || true",
    "f() { exit 5; }\nx=$(f) || test $? = 5",
    "f() { false; true; }\nif f; then true; fi",
    "echo $(false || true)",
    "test -e nada && true\ntrue",
)


@pytest.mark.parametrize("text", FORGIVEN)
def test_forgiven_failure(text: str, shell: Shell) -> None:
    """A failure that bash itself forgives leaves no mark and does not end the step."""
    ended = run(shell, f"{text}\ntouch depois")
    assert (ended.failed, ended.exit_code, ended.completed) == (None, 0, True)


def test_line_of_a_function_of_an_earlier_step(shell: Shell) -> None:
    """A failure in a function of an earlier step has the line of this step that called it."""
    ended = run(shell, "\n\n\nf() {\n  true\n  false\n}", "g() {\n  f\n}\ng")
    assert ended.failed == (1, 2, "false")


@pytest.mark.parametrize(
    ("text", "line"), [("true\nexit 0\ntrue", 2), ("f() { exit 0; }\ntrue\nf", 1), ("true\neval 'exit 0'", 2)]
)
def test_line_of_exit(text: str, line: int, shell: Shell) -> None:
    """`exit` is told from the end of the text, with its line."""
    ended = run(shell, text)
    assert (ended.exit_code, ended.exited, ended.completed) == (0, line, False)


def test_status_is_that_of_a_script(shell: Shell) -> None:
    """A step whose last command is a forgiven failure ends with its status, as a script would."""
    ended = run(shell, "test -e nada && true")
    assert (ended.exit_code, ended.completed, ended.failed) == (1, True, None)


INCOMPLETE = (
    "if",
    "echo 'aberto",
    "cat <<FIM",
    "}",
    "fi",
    "else",
    "done",
    "} }",
    "echo um &&",
    "echo um \\",
    "((",
    ";;",
)


@pytest.mark.parametrize("text", INCOMPLETE)
def test_incomplete_text_runs_nothing(text: str, shell: Shell, tmp_path: Path) -> None:
    """Of a text that bash cannot read to its end not even the first line is run."""
    ended = run(shell, f"touch feito\n{text}")
    assert (ended.exit_code != 0, ended.completed, ended.failed, ended.exited) == (True, False, None, 0)
    assert not (tmp_path / "work" / "feito").exists()


def test_text_of_the_longest_kind(shell: Shell) -> None:
    """A step as long as the reader allows still fits on bash's command line."""
    ended = run(shell, f"echo {'x' * 99_990} | wc -c")
    assert ended.output.split() == [b"99991"]


def test_only_comments(shell: Shell) -> None:
    """A step of comments alone passes."""
    assert run(shell, "# nada\n# a fazer").completed


def test_environment_from_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the caller comes in, and the second step's children see the same as the first one's."""
    monkeypatch.setenv("DE_FORA", "1")
    seen = [run(shell, "env | cut -d = -f 1 | sort").output.split()]
    shell.keep()
    seen += [run(shell, "env | cut -d = -f 1 | sort").output.split()]
    given = {b"HERDADA", b"HOME", b"LC_ALL", b"PATH"}
    assert [set(names) - {b"_", b"PWD", b"OLDPWD", b"SHLVL"} for names in seen] == [given, given]


def test_unset_stays_unset(shell: Shell) -> None:
    """A variable of the environment that a step unsets does not come back."""
    assert run(shell, "unset HERDADA", "true", 'echo "[${HERDADA-}]"').output == b"[]\n"


def test_failed_try_leaves_no_state(shell: Shell) -> None:
    """What a step that is not kept has set is not seen by the next try."""
    run(shell, "x=guardado\ncd /", "x=perdido\ncd /tmp\nfalse")
    assert run(shell, "echo $x $PWD").output == b"guardado /\n"


def test_traps_are_not_carried(shell: Shell, tmp_path: Path) -> None:
    """A trap ends with its step."""
    assert run(shell, "trap 'echo sinal' INT USR2", "trap -p INT USR2; kill -0 $$").output == b""
    assert tmp_path.exists()


@pytest.mark.parametrize(
    "text",
    [
        "eval 'trap - ERR'",
        "eval 'trap true EXIT'",
        "eval 'set +e'",
        "eval 'set +E'",
        "eval 'set +u'",
        "eval 'set +o pipefail'",
        "exec true",
        "set -n\ntrue",
    ],
)
def test_lost_watch_is_told(text: str, shell: Shell) -> None:
    """A step that ends without the ERR trap or the strict options in their place is told, though no command failed."""
    ended = run(shell, "true", text)
    assert (ended.exit_code, ended.saved, ended.failed) == (0, False, None)


def test_strictness_comes_back(shell: Shell) -> None:
    """The next step is strict again, whatever options the last one had."""
    run(shell, "eval 'set +eEu +o pipefail; shopt -u inherit_errexit'")
    shell.keep()
    ended = run(shell, "echo $-; shopt inherit_errexit; shopt -o pipefail\nfalse | true")
    assert ended.failed is not None
    assert b"off" not in ended.output


@pytest.mark.parametrize(("text", "echoing"), [("eval 'set -x'", True), ("eval 'set -v'", True), ("true", False)])
def test_echo_is_told(text: str, echoing: bool, shell: Shell) -> None:
    """Bash's echo of the commands is noticed, and is off again in the next step."""
    assert run(shell, text).echoing is echoing
    shell.keep()
    assert run(shell, "echo limpo").output == b"limpo\n"


def test_state_is_private(shell: Shell) -> None:
    """The state can be read by its owner alone, whatever umask the step has."""
    assert run(shell, "umask 000", 'stat -c %a "$__rb_dir" "$__rb_dir/state"').output == b"700\n600\n"


@pytest.mark.parametrize("damage", ["rm {}", "echo x >> {}", "rm {0}; mkdir {0}", "rm -r $(dirname {})"])
def test_damaged_state_is_told_and_restored(damage: str, shell: Shell) -> None:
    """A step that touches the state is told on, and the next try starts from the state as it was."""
    assert not run(shell, "x=1", damage.format('"$__rb_dir/state"')).untouched
    ended = run(shell, "echo $x")
    assert (ended.output, ended.untouched) == (b"1\n", True)


def test_folder_is_removed(tmp_path: Path) -> None:
    """Nothing of the state is left when the shell is closed."""
    with Shell(tmp_path, {"PATH": os.environ["PATH"]}, tmp_path) as shell:
        run(shell, "true", "true")
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["read -r x", "cat", "bash -c 'read -r x'", "head -c 1", "read -r x < /dev/tty"])
def test_input_cannot_be_read(command: str, shell: Shell) -> None:
    """A command that waits for input fails at once."""
    assert run(shell, command).failed == (1, 1, command)


def test_streams_in_order(shell: Shell) -> None:
    """Both streams come in the order in which they were written, to the listener as to the result."""
    heard: list[bytes] = []
    ended = shell.run("for i in 1 2 3; do echo $i; echo e$i >&2; done", TIMEOUT, on_output=heard.append)
    assert ended.output == b"".join(heard) == b"1\ne1\n2\ne2\n3\ne3\n"
    assert ended.stderr == b""


def test_split_stderr(shell: Shell) -> None:
    """Where it is asked for, standard error is told apart and still part of the output."""
    ended = shell.run("echo a; echo b >&2", TIMEOUT, split_stderr=True)
    assert ended.stderr == b"b\n"
    assert sorted(ended.output.split()) == [b"a", b"b"]


def test_bounded_output(shell: Shell) -> None:
    """Of 50 MB the head, the tail and the number of missing bytes are kept; the listener hears all of it."""
    heard = 0

    def count(data: bytes) -> None:
        nonlocal heard
        assert len(data) <= CHUNK
        heard += len(data)

    ended = shell.run("echo comeco\nhead -c 50000000 /dev/zero\necho fim", TIMEOUT, on_output=count)
    assert heard == 50_000_011
    assert ended.dropped == heard - 2 * KEPT
    gap = f"\n[... {ended.dropped} bytes ...]\n".encode()
    assert ended.output[KEPT : KEPT + len(gap)] == gap
    assert len(ended.output) == 2 * KEPT + len(gap)
    assert ended.output.startswith(b"comeco\n\0")
    assert ended.output.endswith(b"\0fim\n")


def test_capture_does_not_depend_on_chunks() -> None:
    """However the bytes arrive, the same head and tail are kept, and memory stays within three times that."""
    chance = random.Random(7)  # noqa: S311
    for size in (0, 1, KEPT, KEPT + 1, 2 * KEPT, 2 * KEPT + 1, 5 * KEPT):
        data = chance.randbytes(size)
        capture, rest = Capture(), data
        while rest:
            cut = chance.randint(1, CHUNK)
            capture.add(rest[:cut])
            rest = rest[cut:]
            assert len(capture.head) + len(capture.tail) <= 3 * KEPT + CHUNK
        dropped = max(0, size - 2 * KEPT)
        gap = f"\n[... {dropped} bytes ...]\n".encode() if dropped else b""
        assert capture.bytes() == (data if not dropped else data[:KEPT] + gap + data[-KEPT:])
        assert capture.dropped == dropped


def test_closed_output(shell: Shell) -> None:
    """A step that closes its output is still followed to its end."""
    ended = run(shell, "exec >&- 2>&-\nsleep 0.05\ntouch feito\nfalse")
    assert ended.failed == (1, 4, "false")


TIMED_OUT = (
    "sleep 300",
    "trap '' TERM\nsleep 300",
    "bash -c \"trap '' TERM; sleep 300; sleep 300\"",
    "setsid --wait sleep 300",
    "setsid --wait bash -c \"trap '' TERM; sleep 300 & sleep 300; true\"",
    "kill -STOP $$",
    "yes",
    "yes >&2 & wait",
    "sleep 300 | cat",
    "x=$(sleep 300)",
)


@pytest.mark.parametrize("text", TIMED_OUT)
def test_timeout_ends_everything(text: str, shell: Shell, tmp_path: Path) -> None:
    """Past its time limit a step is ended with all its processes, also those in other groups or deaf to TERM."""
    ended = shell.run(text, 0.2)
    assert ended.timed_out
    assert running(tmp_path) == []


@pytest.mark.parametrize(("text", "timed_out"), [("yes", True), ("yes & sleep 0.1", False)])
def test_slow_listener_does_not_stop_the_clock(text: str, timed_out: bool, shell: Shell) -> None:
    """A step, or what outlives it, that writes faster than anyone reads is ended all the same."""
    heard = 0

    def listen(_: bytes) -> None:
        nonlocal heard
        heard += 1
        assert heard < 100, "ninguém olha o relógio"
        time.sleep(0.02)

    ended = shell.run(text, 0.3, on_output=listen)
    assert (ended.timed_out, bool(ended.stragglers)) == (timed_out, not timed_out)


STRAGGLERS = (
    ("sleep 300 &", 1),
    ("nohup sleep 300 > /dev/null 2>&1 &\ndisown", 1),
    ("sleep 300 & sleep 300 & sleep 300 &", 3),
    ("setsid sleep 300 &", 1),
    ("setsid bash -c 'setsid sleep 300 & sleep 300 & wait' &", 1),
    ("setsid bash -c \"trap '' TERM; sleep 300 & sleep 300; true\" &", 1),
    ("yes &", 1),
    ("yes > /dev/null & kill -STOP $!", 1),
)


@pytest.mark.parametrize(("text", "at_least"), STRAGGLERS)
def test_stragglers_are_ended_and_told(text: str, at_least: int, shell: Shell, tmp_path: Path) -> None:
    """What outlives a step is counted and ended, its children too, even when it never stops writing."""
    ended = run(shell, text)
    assert len(ended.stragglers) >= at_least
    assert (ended.exit_code, ended.timed_out) == (0, False)
    assert running(tmp_path) == []


def test_orphans_of_who_ends_after_the_look_are_ended(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children of a straggler that ends between being listed and being reaped are handed on, and ended too."""
    reaped = processes._reaped

    def late(pid: int) -> bool:
        time.sleep(0.05)  # more than a process needs to end when it is asked to
        return reaped(pid)

    monkeypatch.setattr(processes, "_reaped", late)
    ended = run(shell, "setsid bash -c 'setsid sleep 300 & setsid sleep 300 & wait' &")
    assert ended.stragglers
    assert running(tmp_path) == []


def test_short_lived_background_is_no_straggler(shell: Shell) -> None:
    """A process that ends by itself right after its step is waited for."""
    ended = run(shell, "setsid sleep 0.05 &")
    assert ended.stragglers == ()


def test_older_children_are_left_alone(shell: Shell) -> None:
    """A process that this one had started before the step is none of its stragglers."""
    with subprocess.Popen(["sleep", "300"]) as older:
        try:
            assert run(shell, "true").stragglers == ()
            assert shell.run("sleep 300", 0.1).timed_out
            assert older.poll() is None
        finally:
            older.kill()


def test_cancelled(shell: Shell, tmp_path: Path) -> None:
    """When the given stream becomes readable, the step is ended with all its processes."""
    reading, writing = os.pipe()

    def close() -> None:
        wait_until(lambda: any("300" in command for command in running(tmp_path)))
        os.close(writing)

    thread = threading.Thread(target=close)
    thread.start()
    with os.fdopen(reading, "rb") as stream, pytest.raises(KeyboardInterrupt):
        shell.run("sleep 300 | sleep 300", TIMEOUT, cancelled=stream)
    thread.join()
    assert running(tmp_path) == []


@pytest.mark.parametrize("name", ["KILL", "TERM", "INT", "HUP", "SEGV"])
def test_killed_by_a_signal(name: str, shell: Shell) -> None:
    """A bash that a signal ends is told by the negative number of the signal."""
    assert run(shell, f"kill -{name} $$\ntrue").exit_code == -signal.Signals[f"SIG{name}"]


def test_bash_that_is_not_there(tmp_path: Path) -> None:
    """Where there is no bash the error says what to install; it is not a failed step."""
    with Shell(tmp_path, {"PATH": str(tmp_path)}, tmp_path) as shell, pytest.raises(ShellError, match="instale o bash"):
        shell.run("true", TIMEOUT)
