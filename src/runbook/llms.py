"""`llms.txt`, the list of pages for programs that read: titles, addresses and descriptions in, its text out; pure.

Apart from the plugin, which knows where MkDocs keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One page; the description may be empty."""

    title: str
    address: str
    description: str


def text(name: str, description: str, chapters: Mapping[str, Sequence[Entry]]) -> str:
    """The whole file; a chapter without a page is left out."""
    parts = [f"# {name}\n", f"> {description}\n"]
    for chapter, entries in chapters.items():
        if entries:
            parts += [f"## {chapter}\n", *map(_line, entries), ""]
    return "\n".join(parts)


def _line(entry: Entry) -> str:
    told = f": {' '.join(entry.description.split())}" if entry.description else ""
    return f"- [{entry.title}]({entry.address}){told}"
