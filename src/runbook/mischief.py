"""What a sabotage does besides changing a step's text: to files, to data, and to what a run stands on.

In: a scene, and the `action` of a mutant. Out: the steps that are to be carried out after it. Apart from `saboteur`,
which decides when, and judges what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from .databases import TOOLBOX
from .environment import Place
from .errors import EnvironmentUnavailable
from .scene import Scene
from .step import Step
from .witness import Witness

LARGE = 64  # KiB that a file may have when the disk is full
OLDER = "linha-a-menos"  # the change of data that makes what was made before it old
LOCKED = 6.0  # seconds: who waits for a lock for so long would wait for ever
# Where to say it, and what: the account with which the application enters is known by another name.
_RENAME = {
    "postgresql": ("postgres", 'ALTER ROLE "{0}_{1}" RENAME TO "{0}_outra"'),
    "mysql": ("mysql", "RENAME USER `{0}_{1}`@`%` TO `{0}_outra`@`%`"),
}
_UNREAD = "ninguém leu o arquivo, e o próprio roteiro o apagou ou refez"
TWICE = {"do": "twice"}  # which is done to a step, and to nothing besides it
Steps = Sequence[Step]


class Refused(Exception):
    """A sabotage could not be done, or would change nothing; the reason is the reader's."""


class Mischief:
    """What can be done in one scene.

    Args:
        scene: of a run.
        place: of the same run.
        folder: the run's private folder.
        durations: of its steps when nobody disturbed them, in seconds.
        ask: has the server's owner do something.

    Attributes:
        older: what the step at hand would have made of older data, by the file's name.
    """

    def __init__(
        self, scene: Scene, place: Place, folder: Path, durations: dict[str, float], ask: Callable[..., None]
    ) -> None:
        self._scene, self._place, self._folder, self._durations, self._ask = scene, place, folder, durations, ask
        self.older: dict[str, bytes] = {}
        self._unread: set[tuple[str, int]] = set()  # files that nobody read, with how many steps were left
        self._damaged = ("", 0)  # the same of the file that was damaged last
        self._witness: Witness | None = None  # of that file

    def do(self, action: dict[str, str], steps: Steps) -> Steps:
        """Does it, and gives the steps that come after it.

        Raises:
            Refused: it cannot be done here.
        """
        doers: dict[str, Callable[[dict[str, str], Steps], Steps]] = {
            "file": self._file,
            "data": self._data,
            "password": self._password,
            "stop": self._stop,
            "lock": self._lock,
            "cut": self._cut,
            "role": self._role,
            "full": lambda _, steps: _begin(steps, f"trap '' XFSZ; ulimit -f {LARGE}; "),
            "url": lambda _, steps: _begin(steps, "DATABASE_URL=$SHADOW_DATABASE_URL; "),
            "client": lambda _, steps: _begin(steps, "PATH=$PG_ANTIGO:$PATH; "),
        }
        return doers[action["do"]](action, steps)

    def undo(self, action: dict[str, str]) -> None:
        """Ends what lasts for one step only, after that step.

        Raises:
            Refused: nothing has come of it.
        """
        if action["do"] == "lock":
            self._ask("unlock")
        elif action["do"] == "cut":
            try:
                self._ask("was-cut")
            except EnvironmentUnavailable:
                raise Refused("nenhuma sessão estava aberta nesse momento") from None

    def ask_witness(self) -> None:
        """Asks whether anybody could have noticed.

        Raises:
            Refused: nobody read the damaged file before it was written anew or removed.
        """
        if self._witness and self._witness.ignored():
            self._unread.add(self._damaged)
            raise Refused(_UNREAD)

    def forget(self) -> None:
        """Looks away from the last damaged file."""
        if self._witness:
            self._witness.close()
        self._witness = None

    def _file(self, action: dict[str, str], steps: Steps) -> Steps:
        self._damaged = action["file"], len(steps)
        if self._damaged in self._unread:  # nobody reads it, whatever is in it
            raise Refused(_UNREAD)
        file = self._scene.file(action["file"])
        old = file.read_bytes()
        new = self.older.get(action["file"], old) if action["how"] == "older" else DAMAGE[action["how"]](old)
        if new == old:
            raise Refused("o arquivo fica igual")
        file.write_bytes(new)
        self._witness = Witness(file)
        return steps

    def _data(self, action: dict[str, str], steps: Steps) -> Steps:
        script = TOOLBOX / "sabotagem" / self._place.engine / f"{action['script']}.sql"
        text = script.read_text(encoding="utf-8").replace("loja_", f"{self._scene.own}_")
        before = self._scene.journal()
        try:
            self._scene.query(self._scene.database(action["database"]), text)
        except EnvironmentUnavailable as error:
            raise Refused(f"o banco recusou: {error}") from error
        if self._scene.journal() == before:
            raise Refused("o banco ficou igual")
        return steps

    def _password(self, _: dict[str, str], steps: Steps) -> Steps:
        for file in (self._folder / name for name in ("pgpass", "my.cnf")):
            if file.exists():
                file.write_text(file.read_text().replace(self._place.password, "senha-errada"))
        return steps

    def _role(self, action: dict[str, str], steps: Steps) -> Steps:
        database, text = _RENAME[self._place.engine]
        self._scene.query(database, text.format(self._scene.own, action.get("account", "app")))
        return steps

    def _stop(self, _: dict[str, str], steps: Steps) -> Steps:
        self._ask("stop")
        return steps

    def _lock(self, action: dict[str, str], steps: Steps) -> Steps:
        self._ask("lock", self._scene.database(action["database"]))
        return [replace(steps[0], timeout=min(steps[0].timeout, LOCKED)), *steps[1:]]

    def _cut(self, _: dict[str, str], steps: Steps) -> Steps:
        self._ask("cut", f"{self._durations.get(steps[0].name, 1.0) * 0.3:.2f}")
        return steps


def _begin(steps: Steps, text: str) -> Steps:
    """On the step's own first line, so that its lines keep their numbers."""
    return [replace(steps[0], text=text + steps[0].text), *steps[1:]]


def _cut_last_line(data: bytes) -> bytes:
    return data[: data.rstrip(b"\n").rfind(b"\n") + 1]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "last-line": _cut_last_line,
    "third": lambda data: data[: len(data) * 2 // 3],
    "middle": lambda data: data[: len(data) // 2],
    "byte": _flip,
}
