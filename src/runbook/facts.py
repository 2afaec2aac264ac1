"""What one has to know before the first step, on one line: a runbook and its records in, Markdown out; pure.

Where it is meant to be done, how long it took and what it needs. Apart from `render`, which shows what was run; this
is for whoever has a minute. Nothing is guessed: what the runbook does not say is not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import result
from .markup import ENGINE_NAMES
from .record import Record
from .step import Prose, Runbook

ENVIRONMENTS = ("desenvolvimento", "homologação", "produção")
_NEEDS = "antes-de-comecar"  # the heading that all runbooks have
_CHAPTERS = {"producao": "produção"}


def environments(runbook: Runbook) -> list[str]:
    """The environments that a runbook names in its header or by its chapter; none when it is for any."""
    header = " ".join([runbook.title, runbook.description, *(p.description for p in runbook.parameters)])
    named = {*re.findall("|".join(ENVIRONMENTS), header.casefold()), _CHAPTERS.get(runbook.name.partition("/")[0])}
    return [environment for environment in ENVIRONMENTS if environment in named]


def line(runbook: Runbook, told: Mapping[str, Record | None]) -> str:
    """The line; empty when there is nothing to say.

    Args:
        runbook: what the page is about.
        told: the record of each engine, where it speaks of the present text.
    """
    where = " ".join(
        f'<span class="ambiente ambiente-{number}">{name}</span>'
        for number, name in enumerate(ENVIRONMENTS, 1)
        if name in environments(runbook)
    )
    parts = [f"**Ambiente:** {where}"] if where else []
    took = [
        f"{_about(record.duration)}{f' ({ENGINE_NAMES[engine]})' if len(told) > 1 else ''}"
        for engine, record in told.items()
        if record and record.outcome == result.PASSED
    ]
    if took:
        parts.append(f"**Leva:** cerca de {' ou '.join(took)} no sandbox, {_steps(runbook)}")
    prose = "\n".join(part.text for part in runbook.body if isinstance(part, Prose))
    if re.search(r"^## Antes de começar$", prose, re.MULTILINE):
        parts.append(f"[**Antes de começar**](#{_NEEDS})")
    return " · ".join(parts) + "\n{ .fatos }\n" if parts else ""


def _about(duration: float) -> str:
    """In minutes from a minute and a half: nobody waits by the second for so long."""
    return f"{max(round(duration), 1)} s" if duration < 90 else f"{round(duration / 60)} min"


def _steps(runbook: Runbook) -> str:
    counts = [len(runbook.steps(engine)) for engine in runbook.engines]
    least, most = min(counts), max(counts)
    return f"{most} {'passo' if most == 1 else 'passos'}" if least == most else f"{least} a {most} passos"
