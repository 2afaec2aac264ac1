"""A runbook for JupyterLab: `Runbook` in, the text of an `.ipynb` out, with the steps of one engine.

Apart from the reader, which every command needs; this is for the laboratory and the export.
"""

from __future__ import annotations

from typing import Any

from .jupyter import nbformat
from .step import Prose, Runbook

KERNEL = "runbook-{engine}"  # the name of the Jupyter kernel that an engine's notebooks ask for
# As the kernel says it: a notebook that already has it has its colours at once, and does not count as changed.
LANGUAGE: dict[str, object] = {
    "name": "bash",
    "mimetype": "text/x-sh",
    "file_extension": ".sh",
    "codemirror_mode": "shell",
}
CELL = "parte-{number}"  # the id of a cell, the same at every export


def write(runbook: Runbook, engine: str) -> str:
    """The runbook of one engine as an `.ipynb` text, for JupyterLab."""
    notebook: Any = nbformat.v4.new_notebook()
    name = KERNEL.format(engine=engine)
    notebook.metadata.kernelspec = {"name": name, "display_name": "Runbook", "language": "bash"}
    notebook.metadata.language_info = dict(LANGUAGE)
    for number, part in enumerate(runbook.body):
        if isinstance(part, Prose):
            cell: Any = nbformat.v4.new_markdown_cell(part.text.strip())
        elif part.engine in (None, engine):
            cell = nbformat.v4.new_code_cell(part.text, metadata={"name": part.name})
        else:
            continue
        cell.id = CELL.format(number=number)
        notebook.cells.append(cell)
    return str(nbformat.writes(notebook)) + "\n"
