"""The code fences of a Markdown text: lines in, each fence with its place and its text out.

Apart from `notebook`, which holds them against what Jupytext makes of the same text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent>[ \t>*+-]*|\s*\d+[.)]\s*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*)$")


@dataclass(frozen=True, slots=True)
class Fence:
    """One fence.

    Attributes:
        line: of the opening mark, counted from 1.
        last: of the closing mark; beyond the end of the text when there is none.
        top: whether it begins at the margin with backticks, as Jupytext wants a cell.
        info: what follows the opening mark.
        body: the lines between the marks.
    """

    line: int
    last: int
    top: bool
    info: str
    body: str

    @property
    def is_step(self) -> bool:
        """Whether it is a step of a runbook."""
        return self.top and self.info.split(" ")[0] == "bash"


def find(lines: list[str], first: int) -> Iterator[Fence]:
    """The fences after the first `first` lines, in order."""
    number = first
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if not opening:
            number += 1
            continue
        mark, start = opening["fence"], number
        closing = re.compile(rf"[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")
        while (number := number + 1) < len(lines) and not closing.match(lines[number]):
            pass
        yield Fence(
            line=start + 1,
            last=number + 1,
            top=opening["indent"] == "" and mark[0] == "`",
            info=opening["info"].strip(),
            body="\n".join(lines[start + 1 : number]),
        )
        number += 1
