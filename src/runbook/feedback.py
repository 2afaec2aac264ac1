"""What a reader sends when a page did not hold for them: a runbook and its records in, Markdown out; pure.

Facts that they would otherwise have to look for are filled in. Apart from `render`, because it needs to know where
the project takes reports, which only the settings of the site say; where they do not, the text is there to be copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from .markup import ENGINE_NAMES, SANDBOX_NAMES, code, date, tabs
from .record import Record
from .step import Runbook

_HEADING = "\n## Não conferiu? { data-search-exclude }\n\n"  # the same on all pages: the search need not find it
_TEXT = """\
Página: {page}
Banco: {engine}
{proof}

As minhas versões (servidor, cliente, Prisma):
O passo:
O que a página promete:
O que apareceu, sem senhas nem endereços:
"""


def form(repository: str | None) -> str:
    """Where a repository takes reports; empty without a repository."""
    if not repository:
        return ""
    own = "/-/issues/new" if "gitlab" in (urlsplit(repository).hostname or "") else "/issues/new"
    return repository.rstrip("/") + own


def section(runbook: Runbook, told: Mapping[str, Record | None], address: str, *, emergency: bool = False) -> str:
    """The part of a page on what to do when it did not hold: to stop comes first, and the report after.

    Args:
        runbook: what the page is about.
        told: the record of each engine, where it speaks of the present text.
        address: of the form for reports; empty when the site has none.
        emergency: whether the site has the page for when something went wrong.
    """
    way = (
        f" Em produção, vá agora a [Deu errado]({'../' * (runbook.name.count('/') + 1)}rollback.md)."
        if emergency
        else ""
    )
    heading = f"{_HEADING}**Pare: não dê o passo seguinte.**{way}\n\n"
    texts = {engine: _text(runbook, engine, record) for engine, record in told.items()}
    if address:
        links = " · ".join(
            f"[Conte o que aconteceu no {ENGINE_NAMES[engine]}]({_link(address, _title(runbook, engine), text)})"
            for engine, text in texts.items()
        )
        return (
            f"{heading}Depois, conte. O relato já vai com a página, o banco e as versões. "
            f"Tire dele senhas e endereços.\n\n{links}\n"
        )
    opening = (
        "Depois, copie este texto, complete-o e entregue-o a quem cuida do manual. Tire dele senhas e endereços.\n\n"
    )
    blocks = {engine: code(_title(runbook, engine) + "\n\n" + text, ".text .relato") for engine, text in texts.items()}
    shown = tabs(blocks) if len(blocks) > 1 else "".join(blocks.values())
    return heading + opening + shown


def _title(runbook: Runbook, engine: str) -> str:
    return f"Não conferiu: {runbook.title} ({ENGINE_NAMES[engine]})"


def _text(runbook: Runbook, engine: str, record: Record | None) -> str:
    proof = "Execução gravada: nenhuma deste texto"
    if record:
        where = SANDBOX_NAMES.get(record.sandbox, record.sandbox)
        told = (
            f"motor {text}" if name == "motor" else text for name, text in record.versions.items() if name != "bash"
        )
        versions = "; ".join(told)
        proof = (
            f"Execução gravada: {date(record.recorded)} ({where}), chave {record.key[:12]}\nVersões dela: {versions}"
        )
    return _TEXT.format(page=f"runbooks/{runbook.name}", engine=ENGINE_NAMES[engine], proof=proof).rstrip("\n")


def _link(address: str, title: str, text: str) -> str:
    title_name, text_name = ("issue[title]", "issue[description]") if "/-/" in address else ("title", "body")
    return f"{address}{'&' if '?' in address else '?'}{urlencode({title_name: title, text_name: text})}"
