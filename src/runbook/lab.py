"""JupyterLab with the runbooks as notebooks, one for each engine: runbooks in, a server until it is ended.

The notebooks are copies, made anew at each start, in a folder that goes with the server. Apart from `kernel`, which
Jupyter starts by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import ipynb
from .markup import ENGINE_NAMES
from .step import Runbook

ENGINE, SANDBOX, FOLDER = "RUNBOOK_ENGINE", "RUNBOOK_SANDBOX", "RUNBOOK_FOLDER"  # what the kernel is told
START = "inicio.md"  # what is seen first
_SETTINGS = {
    # Without them JupyterLab asks whether it may fetch news, which many a network does not let it.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": False},
    "docmanager-extension/plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    # The kernel goes with its notebook: its databases would wait for nobody.
    # Every cell stays on the page: what ran is seen without moving to it.
    "notebook-extension/tracker": {"kernelShutdown": True, "windowingMode": "none"},
}
_INTRODUCTION = """\
# Runbooks

Cada caderno é um runbook, e cada célula com comando é um passo. **Shift+Enter** executa a célula e vai para a próxima.

- **Célula vermelha**: o passo falhou, e nada depois dele é executado. Conserte e repita a partir dela.
- **■** interrompe o passo, e não a execução: o próximo passo parte de onde este partiu.
- **⟳** reinicia: a execução começa do zero, com bancos novos.
- Os cadernos são cópias: o que você mudar neles some quando o JupyterLab termina.
- Cada caderno tem bancos só dele, que somem quando você o fecha.
"""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the server listens.

    Attributes:
        address: of this machine.
        port: Jupyter takes the next free one when it is 8888, its own default.
        shown: the address that is printed, when people reach it by another one.
    """

    address: str = "127.0.0.1"
    port: int = 8888
    shown: str = ""


def kernel(engine: str) -> str:
    """The name of an engine's kernel, which the engine's notebooks ask for."""
    return ipynb.KERNEL.format(engine=engine)


def write(folder: Path, books: Iterable[Runbook], engines: Sequence[str]) -> None:
    """Writes the notebooks below a folder, a folder for each chapter, and the page that leads to them."""
    lines, chapter = [_INTRODUCTION], ""
    for book in books:
        found = [(engine, f"{book.name}.{engine}.ipynb") for engine in book.engines if engine in engines]
        for engine, name in found:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(ipynb.write(book, engine), encoding="utf-8")
        if found and chapter != (chapter := book.name.rpartition("/")[0]):
            lines.append(f"\n## `{chapter}/`\n")
        if found:
            links = ", ".join(f"[{ENGINE_NAMES[engine]}]({name})" for engine, name in found)
            lines.append(f"- {book.title}: {links}")
    (folder / START).write_text("\n".join(lines) + "\n", encoding="utf-8")


def describe(folder: Path, engine: str, environment: dict[str, str]) -> None:
    """Writes the description of an engine's kernel where Jupyter looks for it when `folder` is in `JUPYTER_PATH`."""
    place = folder / "kernels" / kernel(engine)
    place.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "runbook.kernel", "-f", "{connection_file}"],
        "display_name": f"Runbook ({ENGINE_NAMES[engine]})",
        "language": "bash",
        "interrupt_mode": "signal",
        "env": {ENGINE: engine, **environment},
    }
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def serve(books: Iterable[Runbook], engines: Sequence[str], environment: dict[str, str], listen: Listen) -> int:
    """Serves the notebooks of these engines; gives Jupyter's exit code."""
    with tempfile.TemporaryDirectory(prefix="runbook-lab-") as name:
        folder = Path(name)
        (folder / "cadernos").mkdir()
        write(folder / "cadernos", books, engines)
        for engine in engines:
            describe(folder, engine, environment)
        for plugin, values in _SETTINGS.items():
            file = folder / "ajustes" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser"),
            f"--ServerApp.ip={listen.address}",
            f"--ServerApp.port={listen.port}",
            f"--ServerApp.custom_display_url={listen.shown}",
            f"--ServerApp.root_dir={folder / 'cadernos'}",
            f"--LabApp.default_url=/lab/tree/{START}",
            "--LabApp.extension_manager=readonly",  # it would ask a registry of packages
            f"--KernelSpecManager.allowed_kernelspecs={set(map(kernel, engines))!r}",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ]
        # Its own folder for what it remembers: the tabs of the last time would be of notebooks that are gone.
        folders = {
            "JUPYTER_PATH": str(folder),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "ajustes"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "mesas"),
        }
        # In a group of its own: Ctrl-C would make it ask whether to stop, and while it asks it may lose our own word.
        with subprocess.Popen(command, env={**os.environ, **folders}, process_group=0) as server:
            try:
                return server.wait()
            except KeyboardInterrupt:
                server.terminate()
                return server.wait()
