"""The command `runbook pack`: a folder in, a zip and PDF files in it out.

Apart from `cli` because it alone reaches a browser, and that only when something is printed.
"""

from __future__ import annotations

from pathlib import Path

import click

from . import offline
from .errors import EnvironmentUnavailable
from .options import ROOT


@click.command("pack")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "dist",
    metavar="PASTA",
    help="Sem isto, dist.",
)
@click.option("--no-pdf", is_flag=True, help="Só o zip, que não precisa de Chromium.")
def command(output: Path, no_pdf: bool) -> None:
    """Faz os arquivos que se levam para onde não há rede: o site em um zip, e um PDF de cada runbook e do manual."""
    output.mkdir(parents=True, exist_ok=True)
    with offline.pages(ROOT) as site:
        offline.pack(site, output / "manual.zip")
        click.echo(f"{output / 'manual.zip'}: descompacte e abra index.html")
        if not no_pdf:
            _print(site, output)


def _print(site: Path, output: Path) -> None:
    from . import chromium, printed  # which need playwright, and the zip does not

    if reason := chromium.obstacle():
        raise EnvironmentUnavailable(f"{reason}; instale-o, ou use --no-pdf")
    with chromium.opened() as browser:
        for page, name in printed.papers(site):
            printed.write(browser, page, output / name)
            click.echo(output / name)
