"""The site as one file that needs neither server nor network: the project's folder in, a zip out.

Apart from `site`, whose pages want a server: here each address is a file, and the search is a script.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import site

CONFIGURATION = "mkdocs.offline.yml"
FOLDER = "manual-migrations-prisma"  # what unpacking makes; `index.html` in it is the first page
WHOLE = "print_page.html"  # where the site has all its pages in one
LEFT_OUT = ("404.html", WHOLE)  # what only a server shows, and what only a printer needs
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file: the same site is the same zip, byte by byte


@contextmanager
def pages(root: Path) -> Iterator[Path]:
    """The folder of the site as it is read from `file://`, removed at the end.

    Raises:
        ProgramError: the build failed; the message ends with MkDocs's own words.
    """
    with tempfile.TemporaryDirectory(prefix="runbook-offline-") as folder:
        yield site.build(root, Path(folder) / "site", CONFIGURATION)


def pack(folder: Path, file: Path) -> None:
    """Puts the folder of a site, as a reader needs it, into a zip."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in LEFT_OUT):
            name = f"{FOLDER}/{source.relative_to(folder).as_posix()}"
            archive.writestr(zipfile.ZipInfo(name, EPOCH), source.read_bytes(), zipfile.ZIP_DEFLATED)
