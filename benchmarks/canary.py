"""The manual as Zensical builds it, beside MkDocs: what differs of what the manual stands on. Judges nothing.

    python3 -m venv zensical && zensical/bin/pip install zensical
    .venv/bin/python -m benchmarks.canary zensical/bin/zensical

The theme of today ends in May 2027. Compared are the pages, the anchors that links lead to, and the text of the blocks
that are copied; both get the Markdown that the plugin makes, as Zensical knows no plugins of MkDocs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from . import plain

SHOWN = 5  # pages with a difference of one kind that are named


@dataclass
class Page(HTMLParser):
    """The anchors and the copyable blocks in the article of one page."""

    anchors: set[str] = field(default_factory=set)
    blocks: list[str] = field(default_factory=list)
    depth: int = 0  # of the article
    code: bool = False
    silent: int = 0  # how deep inside a block that is not copied

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what begins."""
        given = dict(attrs)
        self.depth += tag == "article"
        if not self.depth:
            return
        name = given.get("id") or "__"
        if not name.startswith("__"):  # the builder's own
            self.anchors.add(name)
        if tag == "div" and (self.silent or "no-copy" in (given.get("class") or "").split()):
            self.silent += 1
        if tag == "pre" and not self.silent:
            self.code = True
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        """Notes what ends."""
        self.depth -= tag == "article"
        self.silent -= tag == "div" and self.silent > 0
        self.code = self.code and tag != "pre"

    def handle_data(self, data: str) -> None:
        """The text of a block."""
        if self.code:
            self.blocks[-1] += data


def pages(site: Path) -> dict[str, Page]:
    """Every page of a built site, by its address."""
    found = {}
    for file in sorted(site.rglob("*.html")):
        page = found[file.relative_to(site).as_posix()] = Page()
        page.feed(file.read_text(encoding="utf-8"))
        page.close()
    return found


def differences(ours: dict[str, Page], theirs: dict[str, Page]) -> dict[str, list[str]]:
    """Of each kind, where the other builder's site differs."""
    both = sorted(ours.keys() & theirs.keys())
    return {
        "pages that are missing": sorted(ours.keys() - theirs.keys()),
        "pages that are new": sorted(theirs.keys() - ours.keys()),
        "pages without some anchor": [
            f"{page}: {', '.join(sorted(lost))}" for page in both if (lost := ours[page].anchors - theirs[page].anchors)
        ],
        "pages whose blocks are copied otherwise": [page for page in both if ours[page].blocks != theirs[page].blocks],
    }


def main() -> None:
    """Builds the manual with both, and prints what differs."""
    zensical = shutil.which(sys.argv[1] if len(sys.argv) > 1 else "zensical")
    if not zensical:
        sys.exit("There is no Zensical: pip install zensical, and give the path of its program.")
    zensical = str(Path(zensical).resolve())
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain.project(folder)
        subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "-q", "-d", "mkdocs"], cwd=folder, env=environment, check=True
        )
        subprocess.run([zensical, "build", "--clean"], cwd=folder, check=True)
        version = subprocess.run([zensical, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        ours, theirs = pages(folder / "mkdocs"), pages(folder / "site")
    anchors, blocks = (sum(len(getattr(page, what)) for page in ours.values()) for what in ("anchors", "blocks"))
    print(f"Zensical {version}, compared with {len(ours)} pages, {anchors} anchors and {blocks} blocks of MkDocs")
    for kind, found in differences(ours, theirs).items():
        print(f"{len(found):4} {kind}", *(f"       {place}" for place in found[:SHOWN]), sep="\n")


if __name__ == "__main__":
    main()
