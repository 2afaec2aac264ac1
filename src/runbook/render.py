"""A runbook and its records in, the Markdown of its page out; pure: the same input gives the same text.

Apart from the plugin so that the site engine may change without the pages changing. The command on the page is the
text of the step, untouched; nothing is shown as an output that was not recorded for this very text.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import facts, result, sabotage_page
from .markup import ENGINE_NAMES, anchor, code, date, indent, inline, note, place, plain, quoted, seconds, tabs
from .record import Record, RecordedStep, State
from .sabotage_page import NEVER, Sabotage, words
from .step import Parameter, Prose, Runbook, Step

RISK_NAMES = {"leitura": "só leitura", "escrita": "escreve", "destrutivo": "destrutivo"}
# Which of Prisma's engines stood behind the CLI (see `prisma`), in the reader's words.
MOTOR_NAMES = {
    "native": "motor nativo",
    "wasm": "motor WASM",
    "deploy-side": "motor que só aplica (deploy-side)",
}
UNDO = "Desfazer"
LONG = 12  # lines of output from which it starts folded


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about a runbook on one engine."""

    state: State
    record: Record | None
    sabotage: Sabotage = NEVER

    @property
    def told(self) -> Record | None:
        """The record, if it speaks of the present text."""
        return self.record if self.state in (State.CURRENT, State.FAILED) else None


def page(runbook: Runbook, proofs: Mapping[str, Proof], report: str = "") -> str:
    """The whole page, with its own front matter; `report` is the part on what to do when it did not hold."""
    first, *body = runbook.body
    opening = first.text if isinstance(first, Prose) else ""
    body = body if opening else [first, *body]
    parts = [
        f"---\ntitle: {quoted(runbook.title)}\ndescription: {quoted(runbook.description)}\n---\n",
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
    parts += [report, sabotage_page.section(runbook, {e: proofs[e].sabotage for e in runbook.engines})]
    parts.append(_hidden(runbook))
    return "\n".join(part for part in parts if part) + "\n"


def index(runbooks: Sequence[Runbook], proofs: Mapping[str, Mapping[str, Proof]]) -> str:
    """The list of all runbooks, with what each was verified on."""
    rows = "\n".join(
        f"| [{plain(r.title)}]({r.name}.md) | {RISK_NAMES[r.risk]} | "
        + " | ".join(_state_cell(proofs[r.name].get(e)) for e in ENGINE_NAMES)
        + " |"
        for r in runbooks
    )
    return (
        "---\ntitle: Runbooks\ndescription: Todos os runbooks, com o risco e a data da última execução em cada banco.\n"
        "---\n\n# Runbooks\n\n"
        "Cada runbook é um roteiro executável: o que a página mostra foi executado, e a data diz quando.\n\n"
        f"| Runbook | Risco | {' | '.join(ENGINE_NAMES.values())} |\n|---|---|---|---|\n{rows}\n"
    )


def _with_summary(text: str, runbook: Runbook, proofs: Mapping[str, Proof]) -> list[str]:
    """The title and the opening paragraph come first, then what the runbook was verified on."""
    before, heading, after = text.partition("\n## ")
    return [before.rstrip() + "\n", _summary(runbook, proofs), _parameters(runbook), heading + after]


def _summary(runbook: Runbook, proofs: Mapping[str, Proof]) -> str:
    boxes = (
        _box(runbook, e, proofs[e]) + sabotage_page.line(proofs[e].sabotage, _only(e, runbook)) for e in runbook.engines
    )
    risk = f"**Risco:** {RISK_NAMES[runbook.risk]}\n{{ .risco .risco-{runbook.risk} }}\n"
    told = {e: proofs[e].told for e in runbook.engines}
    undo = f"[{UNDO}](#{UNDO.lower()}){{ .desfazer }}\n" if _has(runbook, UNDO) else ""
    return "\n".join([risk, undo, facts.line(runbook, told), *boxes])


def _has(runbook: Runbook, section: str) -> bool:
    return any(isinstance(part, Prose) and f"\n## {section}\n" in part.text for part in runbook.body)


def _only(engine: str | None, runbook: Runbook) -> str:
    """The class of what concerns one engine alone, with which a reader who has the other one hides it."""
    return f"so-{engine}" if engine and len(runbook.engines) > 1 else ""


def _box(runbook: Runbook, engine: str, proof: Proof) -> str:
    kind, title, text = _worth(runbook, engine, proof)
    return note(f"{kind} {_only(engine, runbook)}".rstrip(), f"{ENGINE_NAMES[engine]}: {title}", text)


def _worth(runbook: Runbook, engine: str, proof: Proof) -> tuple[str, str, str]:
    """What the record is worth today: kind, title and text of the box that says so."""
    record = proof.record
    if record is None or proof.state is State.MISSING:
        return "danger vencido", "nunca verificado", "Nenhuma execução foi gravada para este banco."
    when = f"{date(record.recorded)} ({place(record.sandbox)})"
    if proof.state is State.STALE:
        text = f"O roteiro mudou depois da última execução gravada, de {when}. As saídas não são mostradas."
        return "danger vencido", "não verificado, o registro está desatualizado", text
    if proof.state is State.FAILED:
        return "danger falhou", "falhou na última execução", f"Execução de {when}."
    versions = "; ".join(plain(version(k, v)) for k, v in record.versions.items() if k != "bash")
    text = f"{versions}. {_counts(runbook, engine, record)}, em {seconds(record.duration)}."
    return "success", f"verificado em {when}", text


def version(of: str, text: str) -> str:
    """What a program said of itself, without what the packager added.

    `pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)` loses its last part.
    """
    if of == "motor":
        return MOTOR_NAMES.get(text, text)
    return re.sub(r"\s*\((?:Debian|Ubuntu)[^)]*\)|\s+for \S+ on \S+.*$", "", text)


def counts(runbook: Runbook, engine: str, record: Record) -> tuple[int, int, int]:
    """How many steps passed, were skipped, and are hidden."""
    outcomes = [step.outcome for step in record.steps]
    hidden = sum(step.hidden is not None for step in runbook.steps(engine))
    return outcomes.count(result.PASSED), outcomes.count(result.SKIPPED), hidden


def _counts(runbook: Runbook, engine: str, record: Record) -> str:
    passed, skipped, hidden = counts(runbook, engine, record)
    return f"{passed} passos executados, {skipped} não verificados aqui, {hidden} ocultos"


def _parameters(runbook: Runbook) -> str:
    if not runbook.parameters:
        return ""
    rows = "\n".join(_parameter(p, _only(p.engine, runbook)) for p in runbook.parameters)
    fields = [
        {"name": p.name, "what": p.description, "default": p.default, "engine": p.engine}
        for p in runbook.parameters
        if not p.secret
    ]
    data = html.escape(json.dumps(fields, ensure_ascii=False))  # for docs/js/valores.js
    panel = f'<div class="valores" data-parametros="{data}"></div>\n'
    return f"\n| Parâmetro | O que é | Padrão |\n|---|---|---|\n{rows}\n\n{panel}"


def _parameter(parameter: Parameter, only: str) -> str:
    mark = f" {{: .{only} }}" if only else ""
    engine = f" ({ENGINE_NAMES[parameter.engine]})" if parameter.engine else ""
    default = f"<code>{plain(parameter.default)}</code>" if parameter.default else ""
    shown = "segredo, nunca gravado" if parameter.secret else default
    return f"| `{parameter.name}`{mark} | {inline(parameter.description)}{engine} | {shown} |"


def _steps(twins: Sequence[Step], runbook: Runbook, proofs: Mapping[str, Proof]) -> str:
    shown = [s for s in twins if s.hidden is None]
    if len(shown) > 1:
        return tabs({s.engine or "": _step(s, [s.engine or ""], proofs) for s in shown})
    parts = []
    for step in shown:
        only = _only(step.engine, runbook)
        marks = [f"só {ENGINE_NAMES[step.engine]}"] if step.engine and only else []  # no tab says it
        engines = [step.engine] if step.engine else runbook.engines
        parts.append("\n" + _step(step, engines, proofs, *marks, only=only))
    return "".join(parts)


def _step(step: Step, engines: Sequence[str], proofs: Mapping[str, Proof], *marks: str, only: str = "") -> str:
    marks += ("Verificação",) if step.check else ()
    marks += ("feito por uma pessoa",) if step.manual else ()
    marks += ("apaga dados",) if step.destructive else ()
    marks += (f"deve terminar com código {step.exit_code} (echo $?)",) if step.exit_code else ()
    title = " · ".join([step.name, *marks])
    classes = " ".join([".bash", ".passo", *([".verificacao"] if step.check else []), *([f".{only}"] if only else [])])
    block = code(step.text, f'{classes} #{anchor(step)} title="{title}"')
    outputs = {e: _output(step, proofs[e]) for e in engines}
    if len(set(outputs.values())) == 1:
        return block + next(iter(outputs.values()))
    return block + tabs({e: text or "Não verificado neste banco.\n" for e, text in outputs.items()})


def _output(step: Step, proof: Proof) -> str:
    """What the run gave, folded when long; nothing when the record is not of this text."""
    if proof.told is None:
        return ""
    recorded = proof.told.step(step.name)
    if recorded is None:
        return note("danger", "Não executado", "A execução gravada parou antes deste passo.")
    if recorded.outcome == result.SKIPPED:
        return note("warning", "Não verificado aqui", f"Este passo {plain(recorded.reason)}.")
    if recorded.outcome == result.FAILED:
        return note("danger", "Falhou", plain(recorded.reason)) + _block(recorded, "Saída")
    return _block(recorded, "Saída verificada")


def _block(recorded: RecordedStep, title: str) -> str:
    how = f"código {recorded.exit_code} · {seconds(recorded.duration)}"
    if not recorded.output:
        return f"\n<small>{title}: nenhuma · {how}</small>\n"
    fold = "???" if len(recorded.output) > LONG else "???+"
    block = output(recorded, [] if recorded.matched is None else [recorded.matched])
    return f'\n{fold} quote "{title} · {how}"\n\n' + indent(block)


def output(recorded: RecordedStep, marked: Iterable[int]) -> str:
    """What a step gave, as a block in which some lines, counted from 0, stand out."""
    # Markdown drops the blank lines with which a block begins, and would then highlight another line.
    blank = next((n for n, line in enumerate(recorded.output) if line), 0)
    text = "\n".join(recorded.output[blank:]).expandtabs()  # as a terminal does, where Markdown would use four columns
    lines = " ".join(str(n - blank + 1) for n in marked if n >= blank)
    highlight = f' hl_lines="{lines}"' if lines else ""
    return code(text, f".text .saida .no-copy{highlight}")


def _hidden(runbook: Runbook) -> str:
    hidden = [s for s in runbook.body if isinstance(s, Step) and s.hidden is not None]
    if not hidden:
        return ""
    blocks = []
    for step in hidden:
        engine = f" ({ENGINE_NAMES[step.engine]})" if step.engine else ""
        block = code(step.text, f".bash .passo #{anchor(step)}")
        blocks.append(f'??? note "{step.name}{engine}: {plain(step.hidden or "")}"\n\n' + indent(block))
    return "\n## Passos ocultos\n\nExecutados na verificação, mas fora do roteiro:\n\n" + "\n".join(blocks)


def _state_cell(proof: Proof | None) -> str:
    if proof is None:
        return "não se aplica"
    if proof.state is State.CURRENT and proof.record:
        return "; ".join([f"verificado em {date(proof.record.recorded)}", *filter(None, [words(proof.sabotage)])])
    return {State.STALE: "**desatualizado**", State.FAILED: "**falhou**"}.get(proof.state, "**nunca verificado**")
