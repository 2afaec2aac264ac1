"""The private folder of one run, and the folders of runs that died without removing theirs.

In: an engine. Out: a folder (0700) whose name is the run's identity and which is locked while the run lives. Apart
because the lock is the only way to know, after a crash, which databases nobody needs any more.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
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

    def remove(self) -> None:
        """Deletes the folder and gives up the lock."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def base(kind: str = "runs") -> Path:
    """The folder of all runs (or of all embedded servers) of this user on this machine."""
    folder = Path(tempfile.gettempdir()) / f"runbook-{kind}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} é de outro usuário")
    return folder


def create(engine: str) -> Workspace:
    """A new locked folder with an identity that no other run has."""
    space = claim(base(), engine)
    for name in ("home", "tmp", "work"):
        (space.folder / name).mkdir(mode=0o700)
    return space


def claim(parent: Path, prefix: str) -> Workspace:
    """A new, empty, locked folder below `parent`."""
    folder = parent / f"{prefix}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    lock = _lock(folder)
    assert lock is not None  # nobody else knows the name yet
    return Workspace(folder, lock)


def dead(parent: Path, prefix: str) -> Iterator[Workspace]:
    """Folders below `parent` whose process is gone, each locked for whoever cleans up after it."""
    for folder in sorted(parent.glob(f"{prefix}-*")):
        if (lock := _lock(folder)) is not None:
            yield Workspace(folder, lock)


def _lock(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None  # removed by its owner between the look and the grasp
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
