"""The options that several commands share: names in, a decorator out.

Apart from `cli` so that the same option has the same name, default and help wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from . import sandbox
from .step import ENGINES

ROOT = Path(__file__).resolve().parents[2]

Command = Callable[..., Any]


def options(*names: str) -> Callable[[Command], Command]:
    """The named options, in this order, as one decorator."""
    every = {
        "runbooks": click.option(
            "--runbooks", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
            default=ROOT / "runbooks", metavar="PASTA", help="Pasta dos runbooks, se não for a do manual.",
        ),
        "engine": click.option(
            "--engine", "engines", multiple=True, type=click.Choice(ENGINES), help="Só este banco; pode repetir."
        ),
        "sandbox": click.option(
            "--sandbox", "kind", type=click.Choice(sandbox.KINDS), default="docker", show_default=True,
            help="Onde executar: contêineres, PostgreSQL embutido, ou sem banco.",
        ),
        "select": click.option(
            "-k", "words", multiple=True, metavar="TEXTO", help="Só as execuções cujo nome tem TEXTO."
        ),
        "json": click.option("--json", "as_json", is_flag=True, help="Resultado em JSON na saída padrão."),
        "junit": click.option(
            "--junit", metavar="ARQUIVO", type=click.Path(dir_okay=False, path_type=Path),
            help="Resultado em JUnit XML.",
        ),
        "jobs": click.option(
            "--jobs", type=click.IntRange(1, 16), default=2, show_default=True, metavar="N",
            help="Quantas execuções ao mesmo tempo.",
        ),
    }  # fmt: skip

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            command = every[name](command)
        return command

    return decorate
