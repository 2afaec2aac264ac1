"""The private folder of one run, and the folders of runs that died without removing theirs.

In: how the runs of one place are called. Out: a folder (0700), whose name is the run's identity, locked while the run
lives. Apart because the lock is the only way to know, after a crash, which databases nobody needs any more.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Workspace:
    """A run's folder: `home`, `tmp` and `work` inside; locked by this process until `remove`."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder, self._lock = folder, lock
        self.database = f"loja_{folder.name.rpartition('-')[2]}"

    @property
    def work(self) -> Path:
        """Where the first step starts."""
        return self.folder / "work"

    def write_private(self, name: str, text: str) -> None:
        """Writes a file that only the owner can read."""
        descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)

    def end_processes(self) -> None:
        """Kills what still runs with this folder in its environment, where the system shows that."""
        mark = str(self.folder).encode()
        for environ in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environ.read_bytes():
                    os.kill(int(environ.parent.name), signal.SIGKILL)
            except OSError:
                pass  # gone meanwhile, or someone else's

    def remove(self) -> None:
        """Deletes the folder and gives up the lock."""
        for path in self.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != "lock":
                path.unlink(missing_ok=True)
        # The lock last: as long as anything is there to be swept, it tells whether someone is at it.
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def base(kind: str = "runs") -> Path:
    """The folder of all runs (or of all embedded servers) of this user on this machine."""
    folder = Path(tempfile.gettempdir()) / f"runbook-{kind}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} é de outro usuário")
    return folder


def create(prefix: str) -> Workspace:
    """A new locked folder with an identity that no other run has."""
    space = claim(base(), prefix)
    for name in ("home", "tmp", "work"):
        (space.folder / name).mkdir(mode=0o700)
    return space


def claim(parent: Path, prefix: str) -> Workspace:
    """A new, empty, locked folder below `parent`."""
    name = secrets.token_hex(4)
    hidden = parent / f".{name}"  # until it is locked, for whoever sweeps would take it for a dead one
    hidden.mkdir(mode=0o700)
    (hidden / "lock").touch(0o600)
    lock = _lock(hidden)
    assert lock is not None  # nobody else knows the name yet
    return Workspace(hidden.rename(parent / f"{prefix}-{name}"), lock)


def dead(parent: Path, prefix: str) -> Iterator[Workspace]:
    """Folders below `parent` whose process is gone, each locked for whoever cleans up after it."""
    for folder in sorted(parent.glob(f"{prefix}-*")):
        if (lock := _lock(folder)) is not None:
            yield Workspace(folder, lock)


def _lock(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None  # removed by its owner between the look and the grasp
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
