"""JupyterLab with every runbook of one engine as a notebook: runbooks in, a server on the loopback until it is ended.

The notebooks are copies, made anew at each start, in a folder that goes with the server. Apart from `kernel`, which
Jupyter starts by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from . import notebook
from .markup import ENGINE_NAMES
from .step import Runbook

KERNEL = "runbook"
ENGINE, SANDBOX, FOLDER = "RUNBOOK_ENGINE", "RUNBOOK_SANDBOX", "RUNBOOK_FOLDER"  # what the kernel is told
# Without them JupyterLab asks whether it may fetch news, which many a network does not let it.
_SETTINGS = Path("@jupyterlab/apputils-extension/notification.jupyterlab-settings")
_NO_NEWS = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": False}


def write(folder: Path, books: Iterable[Runbook], engine: str) -> None:
    """Writes the notebooks of an engine below a folder, a folder for each chapter."""
    for book in books:
        if engine in book.engines:
            file = folder / f"{book.name}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(notebook.to_notebook(book, engine), encoding="utf-8")


def describe(folder: Path, engine: str, environment: dict[str, str]) -> None:
    """Writes the kernel's description where Jupyter looks for it when `folder` is in `JUPYTER_PATH`."""
    place = folder / "kernels" / KERNEL
    place.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "runbook.kernel", "-f", "{connection_file}"],
        "display_name": f"Runbook ({ENGINE_NAMES[engine]})",
        "language": "bash",
        "interrupt_mode": "signal",
        "env": environment,
    }
    (place / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def serve(books: Iterable[Runbook], engine: str, environment: dict[str, str]) -> int:
    """Serves the notebooks of an engine; gives Jupyter's exit code."""
    with tempfile.TemporaryDirectory(prefix="runbook-lab-") as name:
        folder = Path(name)
        write(folder / "cadernos", books, engine)
        describe(folder, engine, environment)
        settings = folder / "ajustes"
        (settings / _SETTINGS).parent.mkdir(parents=True)
        (settings / _SETTINGS).write_text(json.dumps(_NO_NEWS), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"),
            f"--ServerApp.root_dir={folder / 'cadernos'}",
            f"--KernelSpecManager.allowed_kernelspecs={{{KERNEL!r}}}",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ]
        folders = {"JUPYTER_PATH": str(folder), "JUPYTERLAB_SETTINGS_DIR": str(settings)}
        with subprocess.Popen(command, env={**os.environ, **folders}) as server:
            try:
                return server.wait()
            except KeyboardInterrupt:
                server.terminate()  # at once, where Ctrl-C would ask it whether to
                return server.wait()
