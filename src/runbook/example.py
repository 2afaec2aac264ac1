"""The steps that are only the sample shop's: the prose and the steps of a runbook in, what to ask or to say out.

On a real database such a step does nothing but say so. Apart from `guide`, which asks and passes over, because what is
known of the pages' way of writing (the question `exemplo`, the headings) stands here alone.
"""

from __future__ import annotations

import re

from .step import Step

PASSED_OVER = "pulado: "  # how the answer of `exemplo` begins on another database
# A chain of `&&` that `exemplo` can end, in any line: with the database, or with the reader's word that they are sure.
_GATE = re.compile(
    r'^(?:[^&|;{}\n]+ && )*(exemplo(?: "\$\w+")?|\{ test "\$\{CERTEZA:-\}" = sim \|\| exemplo "\$\w+"; \}) &&',
    re.MULTILINE,
)
_HEADING = re.compile(r"^#{2,3} (.*)$", re.MULTILINE)
_ONLY = "Só no exemplo"


class Example:
    """Goes through a runbook beside the person."""

    def __init__(self) -> None:
        self._section = self._said = ""

    def read(self, prose: str) -> None:
        """Takes note of the headings."""
        if titles := _HEADING.findall(prose):
            self._section, self._said = titles[-1], ""

    def passed(self, said: str) -> None:
        """A step was passed over; what follows it goes with it in a section that is only the shop's, and in no other.

        Elsewhere the next step may be the reader's own: after the shop's way back, which is passed over, theirs.
        """
        if self._section.startswith(_ONLY):
            self._said = said

    def said(self) -> str:
        """Why every step from here to the next heading is passed over; empty when each is asked."""
        return self._said

    @staticmethod
    def question(step: Step) -> str:
        """What the step asks of its database before it does anything; empty when it is for any database."""
        gate = _GATE.search(step.text)
        return gate[1] if gate else ""
