"""One bash process per step; the state between steps travels in a private file.

In: the text of a step, a working folder, an environment. Out: `Ended`, the bare facts of how its process ended;
what they mean is for `executor` to judge. Apart because it alone starts the processes that runbooks consist of.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import ShellError
from .processes import Follower, children

PRELUDE = Path(__file__).with_name("shell.bash")
NAME = "passo"  # what bash calls itself in its messages: `passo: line 3: ...`
STRICT = {"errexit", "errtrace", "nounset", "pipefail"}
ECHO = {"verbose", "xtrace"}
# One group, so that bash reads the whole text before it runs any of it: with a syntax error in its last line nothing is
# run, and an expression that cannot be computed (`$((1 / 0))`) ends the step, where it would skip one line only. The
# text keeps its line numbers; it has to be complete to close what is open before it, and can hardly do so itself.
WRAPPER = '{{ if :; then {{ :; {text}\n}}\nfi\n__rb_end "$?"\n}}'


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process of a step ended.

    Attributes:
        exit_code: bash's; negative for the signal that killed it.
        duration: seconds.
        output: both streams in order; `dropped` bytes are missing from its middle.
        stderr: what came on standard error, when it was asked to be told apart.
        failed: status, line of the text and command of the first command that failed, if any did.
        completed: the text ran to its end.
        exited: line of the text at which `exit` ended it, 0 when none did.
        saved: the state for the next step was written, with the ERR trap and the strict options in their place.
        echoing: bash was echoing the commands (`set -x`, `set -v`) at the end.
        untouched: the state given to the step is still as it was given.
        timed_out: the process group had to be ended.
        stragglers: ids of processes that outlived the step, and were ended.
    """

    exit_code: int
    duration: float
    output: bytes
    dropped: int
    stderr: bytes
    failed: tuple[int, int, str] | None
    completed: bool
    exited: int
    saved: bool
    echoing: bool
    untouched: bool
    timed_out: bool
    stragglers: tuple[int, ...]


class Shell:
    """A sequence of steps that share variables, functions, exports, umask and working folder.

    Args:
        cwd: where the first step starts.
        env: the whole environment of the first step; nothing of the caller's is added.
        parent: the folder in which the private folder with the state is made; the system's temporary one by default.
    """

    def __init__(self, cwd: Path, env: Mapping[str, str], parent: Path | None = None) -> None:
        self._cwd, self._env = cwd, dict(env)
        self._bash = shutil.which("bash", path=self._env.get("PATH")) or "bash"
        self._folder = Path(tempfile.mkdtemp(prefix="estado-", dir=parent))  # 0700
        self._state: bytes | None = None
        self._next: bytes | None = None

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def state(self) -> bytes | None:
        """What the next step starts from; None before the first one."""
        return self._state

    def rewind(self, state: bytes | None) -> None:
        """Makes a `state` of before the start of the next step."""
        self._state = state  # `run` sees that the file is another one

    def keep(self) -> None:
        """Makes the state that the last step left the start of the next one."""
        self._state = self._next
        _remove(self._folder / "state")
        if self._next is not None:
            (self._folder / "state.new").rename(self._folder / "state").chmod(0o600)

    def run(
        self,
        text: str,
        timeout: float,
        *,
        split_stderr: bool = False,
        on_output: Callable[[bytes], None] = lambda _: None,
        cancelled: IO[bytes] | None = None,
    ) -> Ended:
        """Runs one step's text to its end or its time limit.

        Raises:
            ShellError: bash could not be started.
            KeyboardInterrupt: `cancelled` became readable; the step was ended.
        """
        mark, state, new, names = (self._folder / name for name in ("mark", "state", "state.new", "names"))
        self._folder.mkdir(mode=0o700, exist_ok=True)
        # Removed and not overwritten: some file systems write a file to the disk when it is emptied and filled again.
        for path in (mark, new, names):
            _remove(path)
        if not self._intact(state):  # the step before it damaged it, and is tried again
            _remove(state)
            if self._state is not None:
                state.write_bytes(self._state)
                state.chmod(0o600)
        before = children()
        start = time.monotonic()
        process = self._start(text, split_stderr)
        follower = Follower(process, before, on_output)
        try:
            timed_out = follower.wait(start + timeout, cancelled)
        finally:
            stragglers = follower.end()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        duration = time.monotonic() - start
        untouched = self._intact(state)
        self._next = _content(new)
        completed, exited, trap, options = _framing_lines(self._next)
        return Ended(
            exit_code=process.returncode,
            duration=duration,
            output=follower.output.bytes(),
            dropped=follower.output.dropped,
            stderr=follower.stderr.bytes(),
            failed=_read_mark(mark),
            completed=completed,
            exited=exited,
            saved="__rb_failed" in trap and options >= STRICT,
            echoing=bool(options & ECHO),
            untouched=untouched,
            timed_out=timed_out,
            stragglers=stragglers,
        )

    def _intact(self, state: Path) -> bool:
        return _content(state) == self._state

    def _start(self, text: str, split_stderr: bool) -> subprocess.Popen[bytes]:
        first = self._state is None
        env = {"__rb_dir": str(self._folder), "BASH_ENV": str(PRELUDE)}
        if first:
            env |= self._env
        # Open for writing only: reading it is an error at once, where an empty input would look like an answer.
        stdin = os.open(os.devnull, os.O_WRONLY)
        try:
            return subprocess.Popen(
                [self._bash, "--noprofile", "--norc", "-c", WRAPPER.format(text=text), NAME],
                cwd=self._cwd,
                env=env,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if split_stderr else subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ShellError(f"não foi possível iniciar o bash ({error}); instale o bash 4.4 ou mais novo") from error
        finally:
            os.close(stdin)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        shutil.rmtree(path)


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None  # not there, or made into something else


def _framing_lines(state: bytes | None) -> tuple[bool, int, str, set[str]]:
    """Whether the text ran to its end and the line of its `exit`; the ERR trap and bash's options at that moment."""
    lines = (state or b"").splitlines() or [b""]
    match = re.fullmatch(rb"#ended ([01]) (\d+)", lines[-1])
    if not match:
        return False, 0, "", set()
    options, _, trap = lines[0].decode(errors="replace").removeprefix("#").partition(" ")
    return match[1] == b"1", int(match[2]), trap, set(options.split(":"))


def _read_mark(mark: Path) -> tuple[int, int, str] | None:
    try:
        status, line, command = mark.read_text(errors="backslashreplace").split("\n", 2)
        return int(status), int(line), command
    except (OSError, ValueError):
        return None
