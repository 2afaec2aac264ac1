"""A runbook and its records in, the Markdown of its page out; pure: the same input gives the same text.

Apart from the plugin so that the site engine may change without the pages changing. The command on the page is the
text of the step, untouched; nothing is shown as an output that was not recorded for this very text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import result
from .record import Record, RecordedStep, State
from .step import Prose, Runbook, Step

ENGINE_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL"}
SANDBOX_NAMES = {"docker": "contêineres", "embedded": "servidor embutido", "none": "sem banco"}
RISK_NAMES = {"leitura": "só leitura", "escrita": "escreve", "destrutivo": "destrutivo"}
# Which of Prisma's engines stood behind the CLI (see `prisma`), in the reader's words.
MOTOR_NAMES = {
    "native": "motor nativo",
    "wasm": "motor WASM",
    "deploy-side": "motor que só aplica (deploy-side)",
}
LONG = 12  # lines of output from which it starts folded


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about a runbook on one engine."""

    state: State
    record: Record | None


def page(runbook: Runbook, proofs: Mapping[str, Proof]) -> str:
    """The whole page, with its own front matter."""
    first, *body = runbook.body
    opening = first.text if isinstance(first, Prose) else ""
    body = body if opening else [first, *body]
    parts = [
        f"---\ntitle: {_quoted(runbook.title)}\ndescription: {_quoted(runbook.description)}\n---\n",
        *_with_summary(opening, runbook, proofs),
    ]
    while body:
        part = body.pop(0)
        if isinstance(part, Prose):
            parts.append(part.text)
            continue
        twins = [part]
        while body and isinstance(body[0], Step) and body[0].name == part.name:
            twins.append(body.pop(0))  # type: ignore[arg-type]  # checked by the loop's own condition
        parts.append(_steps(twins, runbook, proofs))
    parts.append(_hidden(runbook))
    return "\n".join(part for part in parts if part) + "\n"


def index(runbooks: Sequence[Runbook], proofs: Mapping[str, Mapping[str, Proof]]) -> str:
    """The list of all runbooks, with what each was verified on."""
    rows = "\n".join(
        f"| [{_plain(r.title)}]({r.name}.md) | {RISK_NAMES[r.risk]} | "
        + " | ".join(_state_cell(proofs[r.name].get(e)) for e in ENGINE_NAMES)
        + " |"
        for r in runbooks
    )
    return (
        "---\ntitle: Runbooks\n---\n\n# Runbooks\n\n"
        "Cada runbook é um roteiro executável: o que a página mostra foi executado, e a data diz quando.\n\n"
        f"| Runbook | Risco | {' | '.join(ENGINE_NAMES.values())} |\n|---|---|---|---|\n{rows}\n"
    )


def date(recorded: str) -> str:
    """`2026-11-22T20:15:00Z` as `22/11/2026`."""
    year, month, day = recorded[:10].split("-")
    return f"{day}/{month}/{year}"


def _with_summary(text: str, runbook: Runbook, proofs: Mapping[str, Proof]) -> list[str]:
    """The title and the opening paragraph come first, then what the runbook was verified on."""
    before, heading, after = text.partition("\n## ")
    return [before.rstrip() + "\n", _summary(runbook, proofs), _parameters(runbook), heading + after]


def _summary(runbook: Runbook, proofs: Mapping[str, Proof]) -> str:
    lines = []
    for engine in runbook.engines:
        proof = proofs[engine]
        name = ENGINE_NAMES[engine]
        if proof.record is None or proof.state is State.MISSING:
            lines.append(_note("danger", f"{name}: nunca verificado", "Nenhuma execução foi gravada para este banco."))
            continue
        record = proof.record
        when = f"{date(record.recorded)} ({SANDBOX_NAMES.get(record.sandbox, _plain(record.sandbox))})"
        if proof.state is State.STALE:
            text = f"O roteiro mudou depois da última execução gravada, de {when}. As saídas não são mostradas."
            lines.append(_note("danger", f"{name}: não verificado, o registro está desatualizado", text))
        elif proof.state is State.FAILED:
            lines.append(_note("danger", f"{name}: falhou na última execução", f"Execução de {when}."))
        else:
            counts = _counts(runbook, engine, record)
            versions = "; ".join(_plain(_version(k, v)) for k, v in record.versions.items() if k != "bash")
            text = f"{versions}. {counts}, em {seconds(record.duration)}."
            lines.append(_note("success", f"{name}: verificado em {when}", text))
    risk = f"**Risco:** {RISK_NAMES[runbook.risk]}\n{{ .risco .risco-{runbook.risk} }}\n"
    return risk + "\n" + "\n".join(lines)


def _version(of: str, text: str) -> str:
    """Without what the packager added: `pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)` loses its last part."""
    if of == "motor":
        return MOTOR_NAMES.get(text, text)
    return re.sub(r"\s*\((?:Debian|Ubuntu)[^)]*\)|\s+for \S+ on \S+.*$", "", text)


def _counts(runbook: Runbook, engine: str, record: Record) -> str:
    passed = sum(s.outcome == result.PASSED for s in record.steps)
    skipped = sum(s.outcome == result.SKIPPED for s in record.steps)
    hidden = sum(s.hidden is not None for s in runbook.steps(engine))
    return f"{passed} passos executados, {skipped} não verificados aqui, {hidden} ocultos"


def _parameters(runbook: Runbook) -> str:
    if not runbook.parameters:
        return ""
    rows = "\n".join(
        f"| `{p.name}` | {_plain(p.description)}{f' ({ENGINE_NAMES[p.engine]})' if p.engine else ''} | "
        f"{'segredo, nunca gravado' if p.secret else f'<code>{_plain(p.default)}</code>' if p.default else ''} |"
        for p in runbook.parameters
    )
    return f"\n| Parâmetro | O que é | Padrão |\n|---|---|---|\n{rows}\n"


def _steps(twins: Sequence[Step], runbook: Runbook, proofs: Mapping[str, Proof]) -> str:
    shown = [s for s in twins if s.hidden is None]
    if len(shown) > 1:
        return _tabs({s.engine or "": _step(s, [s.engine or ""], proofs) for s in shown})
    parts = []
    for step in shown:
        only = [f"só {ENGINE_NAMES[step.engine]}"] if step.engine and len(runbook.engines) > 1 else []  # no tab says it
        parts.append("\n" + _step(step, [step.engine] if step.engine else runbook.engines, proofs, *only))
    return "".join(parts)


def _step(step: Step, engines: Sequence[str], proofs: Mapping[str, Proof], *marks: str) -> str:
    marks += ("Verificação",) if step.check else ()
    marks += ("feito por uma pessoa",) if step.manual else ()
    marks += ("apaga dados",) if step.destructive else ()
    marks += (f"deve terminar com código {step.exit_code}",) if step.exit_code else ()
    title = " · ".join([step.name, *marks])
    fence = _fence(step.text)
    classes = " ".join([".bash", ".passo", *([".verificacao"] if step.check else [])])
    anchor = f"passo-{step.name}" + (f"-{step.engine}" if step.engine else "")
    code = f'{fence} {{ {classes} #{anchor} title="{title}" }}\n{step.text}\n{fence}\n'
    outputs = {e: _output(step, proofs[e]) for e in engines}
    if len(set(outputs.values())) == 1:
        return code + next(iter(outputs.values()))
    return code + _tabs({e: text or "Não verificado neste banco.\n" for e, text in outputs.items()})


def _output(step: Step, proof: Proof) -> str:
    """What the run gave, folded when long; nothing when the record is not of this text."""
    if proof.state not in (State.CURRENT, State.FAILED) or proof.record is None:
        return ""
    recorded = proof.record.step(step.name)
    if recorded is None:
        return _note("danger", "Não executado", "A execução gravada parou antes deste passo.")
    if recorded.outcome == result.SKIPPED:
        return _note("warning", "Não verificado aqui", f"Este passo {_plain(recorded.reason)}.")
    if recorded.outcome == result.FAILED:
        return _note("danger", "Falhou", _plain(recorded.reason)) + _block(recorded, "Saída")
    return _block(recorded, "Saída verificada")


def _block(recorded: RecordedStep, title: str) -> str:
    facts = f"código {recorded.exit_code} · {seconds(recorded.duration)}"
    if not recorded.output:
        return f"\n<small>{title}: nenhuma · {facts}</small>\n"
    # Markdown drops the blank lines with which a block begins, and would then highlight another line.
    blank = next((n for n, line in enumerate(recorded.output) if line), 0)
    text = "\n".join(recorded.output[blank:]).expandtabs()  # as a terminal does, where Markdown would use four columns
    fence = _fence(text)
    matched = -1 if recorded.matched is None else recorded.matched - blank
    highlight = f' hl_lines="{matched + 1}"' if matched >= 0 else ""
    fold = "???" if len(recorded.output) > LONG else "???+"
    block = f"{fence} {{ .text .saida .no-copy{highlight} }}\n{text}\n{fence}\n"
    return f'\n{fold} quote "{title} · {facts}"\n\n' + _indent(block)


def _hidden(runbook: Runbook) -> str:
    hidden = [s for s in runbook.body if isinstance(s, Step) and s.hidden is not None]
    if not hidden:
        return ""
    blocks = []
    for step in hidden:
        fence = _fence(step.text)
        engine = f" ({ENGINE_NAMES[step.engine]})" if step.engine else ""
        code = f"{fence} {{ .bash .passo #oculto-{step.name}-{step.engine or 'todos'} }}\n{step.text}\n{fence}\n"
        blocks.append(f'??? note "{step.name}{engine}: {_plain(step.hidden or "")}"\n\n' + _indent(code))
    return "\n## Passos ocultos\n\nExecutados na verificação, mas fora do roteiro:\n\n" + "\n".join(blocks)


def _state_cell(proof: Proof | None) -> str:
    if proof is None:
        return "não se aplica"
    if proof.state is State.CURRENT and proof.record:
        return f"verificado em {date(proof.record.recorded)}"
    return {State.STALE: "**desatualizado**", State.FAILED: "**falhou**"}.get(proof.state, "**nunca verificado**")


def seconds(value: float) -> str:
    """`1.25` as `1,2 s`."""
    return f"{value:.1f} s".replace(".", ",")


def _note(kind: str, title: str, text: str) -> str:
    return f'\n!!! {kind} "{title}"\n\n    {text}\n'


def _tabs(texts: Mapping[str, str]) -> str:
    """One tab per engine; `===!` begins a set of its own, where `===` would add to the set just before."""
    tabs = (f'=== "{ENGINE_NAMES[e]}"\n\n' + _indent(text) for e, text in texts.items())
    return "\n" + "\n".join(tabs).replace("===", "===!", 1)


def _indent(text: str) -> str:
    # Only at "\n": `splitlines` also parts lines at characters that are content to everybody else.
    return "\n".join(f"    {line}" if line.strip() else line for line in text.split("\n"))


def _fence(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # which YAML reads too


def _plain(text: str) -> str:
    """Text on one line in which neither Markdown nor HTML finds anything to interpret."""
    return re.sub(r"[\\`*_{}\[\]<>&|]", lambda match: f"&#{ord(match[0])};", " ".join(text.split()))
