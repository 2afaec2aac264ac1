"""Prisma where runs happen: an installation's folder in; its engine, its versions and what a run needs of it out.

Made by `toolbox/install-prisma`. Apart from `databases`, which knows servers only; the standard library alone, since it
is used in the sandbox. Which engine stands behind the CLI is found out here and nowhere else.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .environment import Place

NATIVE = "native"
# What stands in for the native engine where that cannot be had.
_OWN = {"postgresql": "wasm", "mysql": "deploy-side"}
STORE = ".store"  # pnpm's, in an installation and beside a project
DIFF = "schema-diff"  # the facility that all engines but the deploy-side one have
INSTALLED = {"node_modules", "generated"}  # folders that a developer may have made in the checkout
# What `install-prisma` reads, beside itself. The engine's own sources are not among them: each run has a copy.
_PACKAGES = ("pnpm", "loja/projeto", "schema-engine", "prisma-8")
_LOCKS = ("package.json", "package-lock.json", "pnpm-lock.yaml")


def inputs(toolbox: Path) -> list[Path]:
    """The files that decide what is installed."""
    packages = [toolbox / package / name for package in _PACKAGES for name in _LOCKS]
    return [file for file in (toolbox / "node.txt", toolbox / "install-prisma", *packages) if file.exists()]


class Prisma:
    """The installation of a place, as one run sees it.

    Args:
        place: whose `prisma` is not empty.
        toolbox: the folder with the sample project.
    """

    def __init__(self, place: Place, toolbox: Path) -> None:
        self._place, self._toolbox, self._folder = place, toolbox, Path(place.prisma)
        native = (self._folder / "engine").read_text(encoding="utf-8").strip() == NATIVE
        self.engine = NATIVE if native else _OWN[place.engine]

    @property
    def has(self) -> tuple[str, ...]:
        """The facilities that a step may name in `needs`."""
        return () if self.engine == "deploy-side" else (DIFF,)

    def versions(self) -> dict[str, str]:
        """What stands in the record."""
        package = json.loads((self._folder / "loja/node_modules/prisma/package.json").read_text(encoding="utf-8"))
        return {"prisma": f"Prisma {package['version']}", "motor": self.engine}

    def prepare(self, folder: Path, project: Path) -> None:
        """Makes the run's copies of the sample project and of the engine, and a store that shares pnpm's files.

        Args:
            folder: the run's private folder.
            project: where the project shall be.
        """
        for source in ("projeto", f"{self._place.engine}/projeto"):
            shutil.copytree(self._toolbox / "loja" / source, project, dirs_exist_ok=True, ignore=_left_out)
        # Links into ../.store only, which lies beside the project here as it does there.
        shutil.copytree(self._folder / "loja" / "node_modules", project / "node_modules", symlinks=True)
        for version in (self._folder / STORE).iterdir():
            store = project.parent / STORE / version.name
            store.mkdir(parents=True)
            for part in version.iterdir():
                if part.name != "projects":  # in which pnpm notes every project that it installs
                    (store / part.name).symlink_to(part)
        notes = project / "node_modules" / ".modules.yaml"
        notes.write_text(notes.read_text().replace(str(self._folder / STORE), str(project.parent / STORE)))
        # A copy: Node looks for an engine's packages beside the file itself, where the checkout has none.
        shutil.copytree(self._toolbox / "schema-engine", folder / "schema-engine", ignore=_left_out)
        (folder / "schema-engine" / "node_modules").symlink_to(self._folder / "schema-engine" / "node_modules")

    def variables(self, folder: Path, project: Path, database: str, password: str) -> dict[str, str]:
        """What the steps see of it; `password` is that of the database's owner."""
        own = {"PRISMA_SCHEMA_ENGINE_BINARY": str(folder / "schema-engine" / "schema-engine")}
        return ({} if self.engine == NATIVE else own) | {
            "PROJETO": str(project),
            "PRISMA_8": str(self._folder / "prisma-8/node_modules/.bin/prisma"),
            "DATABASE_URL": url(self._place, database, f"{database}_dono", password),
            "SHADOW_DATABASE_URL": url(self._place, f"{database}_sombra", f"{database}_dono", password),
            "CHECKPOINT_DISABLE": "1",
            "NODE_COMPILE_CACHE": str(self._folder / "compile-cache"),  # the CLI is 3 MB of JavaScript
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "npm_config_store_dir": str(project.parent / STORE),
            "npm_config_enable_global_virtual_store": "true",
            "npm_config_ignore_scripts": "true",  # the installation has done what they would do
            "npm_config_update_notifier": "false",
        }


def url(place: Place, database: str, user: str, password: str) -> str:
    """The address of a database as Prisma wants it."""
    variables: Mapping[str, str] = place.variables
    account = f"{quote(user, safe='')}:{quote(password, safe='')}"
    if place.engine == "mysql":
        return f"mysql://{account}@{variables['DB_HOST']}:{variables.get('DB_PORT', '3306')}/{database}"
    host, port = variables["PGHOST"], variables["PGPORT"]
    if Path(host).is_absolute():  # the folder of a socket
        return f"postgresql://{account}@localhost:{port}/{database}?host={quote(host, safe='')}"
    return f"postgresql://{account}@{host}:{port}/{database}"


def _left_out(_folder: str, names: list[str]) -> set[str]:
    return INSTALLED & set(names)
