"""Jupytext and nbformat, without the 2 s that they take to be imported when all their relatives are installed.

As soon as they find them, one compiles a grammar of Internet addresses and the other prepares JupyterLab's server. Both
do without, and every command of the runbook would wait for it.
"""

from __future__ import annotations

import sys

_unwanted = {"rfc3987_syntax", "isoduration", "tornado", "jupyter_client"} - sys.modules.keys()
for _name in _unwanted:
    sys.modules[_name] = None  # type: ignore[assignment]  # how the import system says "not there"

import jupytext  # noqa: E402
import nbformat  # noqa: E402

for _name in _unwanted:
    del sys.modules[_name]

__all__ = ["jupytext", "nbformat"]
