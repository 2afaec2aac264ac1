"""The folder of a run: private, locked while its process lives, found and removed when it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from runbook import workspace
from runbook.workspace import Workspace

from .processes import running, wait_until

PREFIX = "none-mysql"
OTHER_PROCESS = """
import sys, tempfile, time
from runbook import workspace
print(workspace.create(sys.argv[1]).folder, flush=True)
time.sleep(300)
"""


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all runs, in a temporary folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return workspace.base()


def dead(parent: Path, prefix: str = PREFIX) -> list[Path]:
    """The folders that are taken for dead; they are unlocked again."""
    spaces = list(workspace.dead(parent, prefix))
    for space in spaces:
        os.close(space._lock)
    return [space.folder for space in spaces]


def killed(tmp_path: Path, prefix: str = PREFIX) -> Path:
    """The folder of a run whose process was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, prefix],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        folder = Path(process.stdout.readline().decode().strip())
        assert dead(folder.parent, prefix) == []
        process.kill()
    return folder


def test_private_folders(parent: Path) -> None:
    """A new folder holds what a run needs, is closed to others, and is named like its database and no other run."""
    spaces = [workspace.create(PREFIX) for _ in range(20)]
    for space in spaces:
        assert space.folder.parent == parent
        assert {p.name for p in space.folder.iterdir()} == {"home", "tmp", "work", "lock"}
        assert {oct(p.stat().st_mode & 0o077) for p in (parent, space.folder, *space.folder.iterdir())} == {"0o0"}
        assert space.work == space.folder / "work"
        assert space.folder.name == f"{PREFIX}-{space.database.removeprefix('loja_')}"
    assert len({space.database for space in spaces}) == 20
    for space in spaces:
        space.remove()
    assert not list(parent.iterdir())


def test_base_of_someone_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that someone else has put in the way is not used."""
    base = workspace.base()
    monkeypatch.setattr(os, "getuid", lambda: int(base.name.rpartition("-")[2]) + 1)
    base.rename(base.with_name(f"runbook-runs-{os.getuid()}"))
    with pytest.raises(PermissionError, match="é de outro usuário"):
        workspace.base()


def test_living_run_is_not_dead(parent: Path) -> None:
    """A folder whose process lives is never taken for dead, not even by that process."""
    space = workspace.create(PREFIX)
    assert dead(parent) == []
    space.remove()


def test_killed_run_is_dead(parent: Path, tmp_path: Path) -> None:
    """The folder of a killed process is found by whoever sweeps for its place, once, and by no one else."""
    folder = killed(tmp_path)
    assert dead(parent, "docker-mysql") == []
    (space,) = workspace.dead(parent, PREFIX)
    assert (space.folder, dead(parent)) == (folder, [])
    space.remove()
    assert not list(parent.iterdir())


def test_new_folder_is_never_swept(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sweeps at the moment in which a folder is made, before it is locked, does not take it."""
    lock = workspace._lock
    swept: list[Workspace] = []

    def sweep_first(folder: Path) -> int | None:
        monkeypatch.setattr(workspace, "_lock", lock)
        swept.extend(workspace.dead(parent, PREFIX))
        return lock(folder)

    monkeypatch.setattr(workspace, "_lock", sweep_first)
    space = workspace.create(PREFIX)
    assert swept == []
    space.remove()


def test_folder_on_its_way_out_is_not_swept(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sweeps while a folder is being removed does not take it."""
    space = workspace.create(PREFIX)
    remove = shutil.rmtree
    swept: list[Path] = []

    def sweep_first(path: Path, *, ignore_errors: bool) -> None:
        swept.extend(dead(parent))
        remove(path, ignore_errors=ignore_errors)
        swept.extend(dead(parent))

    monkeypatch.setattr(shutil, "rmtree", sweep_first)
    space.remove()
    assert swept == []
    assert not list(parent.iterdir())


def test_removal_stays_inside(tmp_path: Path, parent: Path) -> None:
    """Links in the folder are removed, and what they point at is not."""
    outside = tmp_path / "fora"
    outside.mkdir()
    (outside / "arquivo").touch()
    space = workspace.create(PREFIX)
    (space.work / "atalho").symlink_to(outside)
    (space.folder / "atalho").symlink_to(outside)
    (space.folder / "arquivo").symlink_to(outside / "arquivo")
    space.remove()
    assert not list(parent.iterdir())
    assert list(outside.iterdir()) == [outside / "arquivo"]


def test_write_private() -> None:
    """A private file can be read by its owner alone, also when it is written again."""
    space = workspace.create(PREFIX)
    for text in ("um texto mais longo", "senha"):
        space.write_private("pgpass", text)
        file = space.folder / "pgpass"
        assert (file.read_text(), file.stat().st_mode & 0o777) == (text, 0o600)
    space.remove()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="o sistema não mostra o ambiente dos processos")
def test_end_processes() -> None:
    """What runs with the folder in its environment is killed, nothing else is."""
    ours, theirs = workspace.create(PREFIX), workspace.create(PREFIX)
    with (
        subprocess.Popen(["sleep", "300"], env={**os.environ, "TMPDIR": str(ours.folder / "tmp")}) as mine,
        subprocess.Popen(["sleep", "300"], env={**os.environ, "TMPDIR": str(theirs.folder / "tmp")}) as other,
    ):
        wait_until(lambda: running(ours.folder) and running(theirs.folder))
        ours.end_processes()
        assert mine.wait() == -9
        assert other.poll() is None
        theirs.end_processes()
        assert other.wait() == -9
    for space in (ours, theirs):
        space.remove()
