"""The commands `runbook sandbox ...`: arguments in, lines and an exit code out.

Apart from `cli` because they are about the place and not about runbooks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict

import click

from . import sandbox
from .containers import Docker
from .environment import PLACE
from .options import options
from .step import ENGINES


@click.group("sandbox")
def group() -> None:
    """Liga, desliga e mostra os contêineres em que os runbooks são executados, e abre um bash neles."""


@group.command()
@click.option("--publish", is_flag=True, help="Publica as portas dos bancos, só em 127.0.0.1.")
def up(publish: bool) -> None:
    """Liga PostgreSQL, MySQL e as ferramentas, e os deixa ligados."""
    Docker(_tell, publish=publish).up()
    click.echo("sandbox ligado; `runbook sandbox shell` abre um bash nele, `runbook sandbox down` o desliga")


@group.command()
def down() -> None:
    """Desliga e remove contêineres, redes e volumes do sandbox."""
    Docker(_tell).down()
    click.echo("sandbox desligado")


@group.command()
def status() -> None:
    """Mostra o estado de cada serviço do sandbox."""
    for line in Docker(_tell).status():
        click.echo(line)


@group.command()
@options("sandbox")
@click.option("--engine", type=click.Choice(ENGINES), default="postgresql", show_default=True, help="Em que banco.")
def shell(kind: str, engine: str) -> int:
    """Abre um bash no sandbox, com a loja de exemplo e as variáveis das páginas; no fim apaga tudo."""
    with sandbox.make(kind, _tell) as chosen:
        command = chosen.command("runbook.session", terminal=sys.stdin.isatty())
        # In the environment of the program and never among its arguments: it holds a password.
        return subprocess.call(command, env={**os.environ, PLACE: json.dumps(asdict(chosen.place(engine)))})


def _tell(line: str) -> None:
    click.secho(line, dim=True, err=True)
