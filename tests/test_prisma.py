"""Prisma in a run: which engine stands behind the CLI, what a run gets of the installation, and the pins agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from runbook.environment import Place
from runbook.prisma import Prisma, inputs, url

from .samples import ROOT

TOOLBOX = ROOT / "toolbox"
SERVERS = {
    "postgresql": {"PGHOST": "postgres", "PGPORT": "5432", "PGUSER": "postgres"},
    "mysql": {"DB_HOST": "mysql", "DB_USER": "root"},
}


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """What toolbox/install-prisma leaves, as far as Python looks at it, without the native engine."""
    folder = tmp_path / "prisma"
    package = folder / "loja" / "node_modules" / "prisma"
    package.mkdir(parents=True)
    (folder / "loja" / "node_modules" / ".modules.yaml").write_text(f"storeDir: {folder}/.store/v10")
    (folder / "schema-engine").mkdir()
    (package / "package.json").write_text('{"version": "7.10.0"}')
    for part in ("files", "links", "projects"):
        (folder / ".store" / "v10" / part).mkdir(parents=True)
    (folder / "engine").write_text("own\n")
    return folder


def place(engine: str, installation: Path) -> Place:
    """A place with that installation."""
    return Place(engine, "docker", SERVERS[engine], prisma=str(installation))


@pytest.mark.parametrize(
    ("engine", "installed", "kind", "has"),
    [
        ("postgresql", "own", "wasm", ("schema-diff",)),
        ("mysql", "own", "deploy-side", ()),
        ("postgresql", "native", "native", ("schema-diff",)),
        ("mysql", "native", "native", ("schema-diff",)),
    ],
)
def test_the_engine_is_named(installation: Path, engine: str, installed: str, kind: str, has: tuple[str, ...]) -> None:
    """Native where it was downloaded; else what stands in for it on this database, which alone lacks the diff."""
    (installation / "engine").write_text(f"{installed}\n")
    prisma = Prisma(place(engine, installation), TOOLBOX)
    assert (prisma.engine, prisma.has) == (kind, has)
    assert prisma.versions() == {"prisma": "Prisma 7.10.0", "motor": kind}
    variables = prisma.variables(Path("/run"), Path("/run/loja"), "loja_1", "x")
    assert ("PRISMA_SCHEMA_ENGINE_BINARY" in variables) == (kind != "native")


def test_addresses() -> None:
    """A password or a socket's folder with special characters does not change what the address says."""
    here = Place("postgresql", "docker", SERVERS["postgresql"])
    assert url(here, "loja", "dono", "p@ss/w:rd") == "postgresql://dono:p%40ss%2Fw%3Ard@postgres:5432/loja"
    socket = Place("postgresql", "embedded", {"PGHOST": "/tmp/a b", "PGPORT": "5433"})  # noqa: S108 - no file
    assert url(socket, "loja", "dono", "x") == "postgresql://dono:x@localhost:5433/loja?host=%2Ftmp%2Fa%20b"
    mysql = Place("mysql", "docker", SERVERS["mysql"])
    assert url(mysql, "loja", "dono", "x") == "mysql://dono:x@mysql:3306/loja"


@pytest.mark.parametrize("engine", SERVERS)
def test_a_run_has_its_own_project_and_store(installation: Path, tmp_path: Path, engine: str) -> None:
    """What a run changes in its project, or notes in pnpm's store, touches neither the sample nor the installation."""
    run = tmp_path / "run"
    Prisma(place(engine, installation), TOOLBOX).prepare(run, run / "loja")
    assert f'provider = "{engine}"' in (run / "loja" / "prisma" / "schema.prisma").read_text()
    assert (run / "loja" / "node_modules" / ".modules.yaml").read_text() == f"storeDir: {run}/.store/v10"
    assert sorted(p.name for p in (run / ".store" / "v10").iterdir()) == ["files", "links"]
    assert (run / "schema-engine" / "schema-engine").stat().st_mode & 0o100
    assert (run / "schema-engine" / "node_modules").resolve() == installation / "schema-engine" / "node_modules"


def test_no_address_in_the_locks() -> None:
    """Lock files hold hashes, so that they serve with any registry."""
    pnpm = [*TOOLBOX.glob("*/pnpm-lock.yaml"), *TOOLBOX.glob("*/projeto/pnpm-lock.yaml")]
    assert len(pnpm) == 3
    for lock in (TOOLBOX / "pnpm/package-lock.json", *pnpm, TOOLBOX / "node.txt"):
        text = lock.read_text()
        assert "://" not in text, lock
        assert re.search(r"integrity|--hash", text), lock


def test_one_version_of_each() -> None:
    """The pins that stand in several places are the same: Node in both sandboxes, pnpm, every package of Prisma."""
    node = (TOOLBOX / "node.txt").read_text()
    assert node in (ROOT / "requirements.lock").read_text()
    project = json.loads((TOOLBOX / "loja/projeto/package.json").read_text())
    engine = json.loads((TOOLBOX / "schema-engine/package.json").read_text())
    pnpm = json.loads((TOOLBOX / "pnpm/package.json").read_text())["dependencies"]["pnpm"]
    assert project["packageManager"].split("+")[0] == f"pnpm@{pnpm}"
    pins = [*project["dependencies"].items(), *project["devDependencies"].items(), *engine["dependencies"].items()]
    assert {v.partition("-")[0] for name, v in pins if "prisma" in name} == {"7.10.0"}
    assert all(re.fullmatch(r"\d[\w.-]*", version) for _, version in pins)


def test_the_installation_is_made_of_what_the_build_gets() -> None:
    """A file that the image is built from is one that decides its tag, and the other way round."""
    ignored = (TOOLBOX / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    names = {file.relative_to(TOOLBOX).as_posix() for file in inputs(TOOLBOX)}
    assert all(any(name == a or name.startswith(f"{a}/") for a in allowed) for name in names)
    assert all(any(name == a or name.startswith(f"{a}/") for name in names) for a in allowed - {"image", "manual.txt"})
