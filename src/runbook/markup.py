"""The pieces of Markdown that pages are made of: text in, text out in which only what we mean is interpreted.

Apart from `render`, because the part on the sabotages uses them too, and so do the reports their words.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Mapping

from .step import Step

ENGINE_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL"}
SANDBOX_NAMES = {"docker": "contêineres", "embedded": "servidor embutido", "none": "sem banco"}
CLASS_NAMES = {"production": "produção", "staging": "homologação", "development": "desenvolvimento"}


def anchor(step: Step) -> str:
    """Where a step stands on its page; what is hidden stands in a list at the end."""
    if step.hidden is not None:
        return f"oculto-{step.name}-{step.engine or 'todos'}"
    return f"passo-{step.name}" + (f"-{step.engine}" if step.engine else "")


def place(sandbox: str) -> str:
    """Where a run was, in the reader's words."""
    return SANDBOX_NAMES.get(sandbox, plain(sandbox))


def date(recorded: str) -> str:
    """`2026-11-22T20:15:00Z` as `22/11/2026`."""
    year, month, day = recorded[:10].split("-")
    return f"{day}/{month}/{year}"


def seconds(value: float) -> str:
    """`1.25` as `1,2 s`."""
    return f"{value:.1f} s".replace(".", ",")


def note(kind: str, title: str, text: str) -> str:
    """A box, such as `danger` or `success`."""
    return f'\n!!! {kind} "{title}"\n\n    {text}\n'


def tabs(texts: Mapping[str, str]) -> str:
    """One tab per engine; `===!` begins a set of its own, where `===` would add to the set just before."""
    blocks = (f'=== "{ENGINE_NAMES[e]}"\n\n' + indent(text) for e, text in texts.items())
    return "\n" + "\n".join(blocks).replace("===", "===!", 1)


def indent(text: str) -> str:
    """What belongs to the block above it."""
    # Only at "\n": `splitlines` also parts lines at characters that are content to everybody else.
    return "\n".join(f"    {line}" if line.strip() else line for line in text.split("\n"))


def code(text: str, attributes: str) -> str:
    """A block of code, between marks that are longer than any in its text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence} {{ {attributes} }}\n{text}\n{fence}\n"


@functools.cache
def unaccented(text: str) -> str:
    """`Restauração` as `Restauracao`: how it is found in an alphabet, in an address and by a hurried hand."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def quoted(text: str) -> str:
    """A value of the front matter."""
    return json.dumps(text, ensure_ascii=False)  # which YAML reads too


def plain(text: str) -> str:
    """Text on one line in which neither Markdown nor HTML finds anything to interpret."""
    return re.sub(r"[\\`*_{}\[\]<>&|]", lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def inline(text: str) -> str:
    """Such text too, but with what stands between two backticks shown as code."""
    shown = plain(text)
    if shown.count("&#96;") % 2:  # which one is alone cannot be known
        return shown
    return re.sub("&#96;(.+?)&#96;", r"<code>\1</code>", shown)
