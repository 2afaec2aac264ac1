"""What a page says of sabotages: a line at the top, what it does not prove, what it notices; never a stale figure."""

from __future__ import annotations

import dataclasses
import re

import pytest

from runbook import markup, render, sabotage_page
from runbook.declared import Declaration
from runbook.mutant import COMMAND, INVALID, KILLED, SURVIVED, TIMED_OUT, Verdict
from runbook.record import State
from runbook.sabotage_page import NEVER, Sabotage
from runbook.score import Score, tally
from runbook.step import Step

from .golden import BOOK, PROOFS, html, only

QUICK = Declaration("gemeo/*", None, "Só importa com *muitas* linhas e `--quick`.", 1)


def verdict(id: str, outcome: str = KILLED, title: str = "sem `--quick`", by: str = "longo") -> Verdict:  # noqa: A002
    """What became of a mutant."""
    return Verdict(id, COMMAND, title, outcome, by, "terminou com o código 1")


def sabotage(*verdicts: Verdict, declarations: tuple[Declaration, ...] = (), complete: bool = True) -> Sabotage:
    """A score of the present text."""
    score = Score("k", "2026-11-23T02:00:00Z", "docker", 9.0, complete, {}, verdicts)
    return Sabotage(State.CURRENT, score, tally(verdicts, declarations))


def shown(**sabotages: Sabotage) -> str:
    """The page of the sample with these scores and no other."""
    return render.page(
        BOOK, {e: dataclasses.replace(proof, sabotage=sabotages.get(e, NEVER)) for e, proof in PROOFS.items()}
    )


KILLS = tuple(verdict(f"comum/{n}") for n in range(3))


def test_line() -> None:
    """Below the box of its engine stand figures, what is declared and the date, with a link to the section."""
    text = shown(mysql=sabotage(*KILLS, verdict("gemeo/x", SURVIVED), declarations=(QUICK,)))
    before, after = text.split("\n[**3 de 4 sabotagens detectadas**](#sabotagem), 1 declarada (23/11/2026)\n")
    assert before.rindex("MySQL: falhou") > before.rindex("PostgreSQL: verificado")
    assert before.count("Sabotagem: ainda não executada") == 1
    assert "\n## Sabotagem {" in after
    assert 'id="sabotagem">' in html(text)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (sabotage(), "0 de 0 sabotagens detectadas"),
        (sabotage(KILLS[0]), "1 de 1 sabotagem detectada"),
        (sabotage(*KILLS, verdict("x/i", INVALID)), "3 de 3 sabotagens detectadas"),
        (sabotage(*KILLS, complete=False), "3 de 3 sabotagens detectadas (só uma parte delas)"),
        (
            sabotage(*KILLS, verdict("gemeo/x", SURVIVED), verdict("gemeo/y", TIMED_OUT), declarations=(QUICK,)),
            "3 de 5 sabotagens detectadas, 2 declaradas",
        ),
        (
            sabotage(*KILLS, verdict("x/1", SURVIVED), verdict("x/2", TIMED_OUT)),
            "3 de 5 sabotagens detectadas, **2 não detectadas**{ .nao-detectada }",
        ),
        (Sabotage(), ""),
        (Sabotage(State.STALE, sabotage(*KILLS).score), ""),
    ],
)
def test_words(found: Sabotage, words: str) -> None:
    """One or many, declared or not, whole or in part: the figures are told in words, and only those of this text."""
    assert sabotage_page.words(found) == words


def test_without_a_score() -> None:
    """What was never sabotaged, or was before it changed, has one small line per engine and nothing else."""
    stale = Sabotage(State.STALE, sabotage(*KILLS).score)
    text = shown(postgresql=Sabotage(), mysql=stale)
    assert re.findall(r"\n<small>(Sabotagem: .*)</small>\n", text) == [
        "Sabotagem: ainda não executada",
        "Sabotagem: desatualizada, o roteiro mudou depois dela",
    ]
    assert "## Sabotagem" not in text
    assert "sabotagens detectadas" not in text


def test_section_of_one_engine() -> None:
    """Only one engine with a score needs no tab, but its name; a runbook of one engine not even that."""
    text = shown(postgresql=sabotage(*KILLS)).split("## Sabotagem")[1].split("## Passos ocultos")[0]
    assert "===" not in text
    assert "**PostgreSQL:** 3 de 3 sabotagens detectadas (23/11/2026, contêineres).\n" in text
    assert "O que este roteiro não prova" not in text
    book = only(Step("comum", "true", 9), engines=("mysql",))
    alone = render.page(book, {"mysql": dataclasses.replace(PROOFS["mysql"], sabotage=sabotage(*KILLS))})
    assert "\n\n3 de 3 sabotagens detectadas (23/11/2026" in alone


def test_links_lead_to_steps() -> None:
    """Each step that is named is a link to where it stands, shown or hidden; a name that is no step is only a name."""
    names = ("comum", "gemeo", "escondido", "longo", "vazio", "fantasma")
    text = shown(postgresql=sabotage(*(verdict(f"{n}/x", by=n) for n in names)))
    made = html(text)
    targets = re.findall(r'href="#((?:passo|oculto)-[^"]*)"', made)
    assert (
        targets
        == [
            t
            for name in ("passo-comum", "passo-gemeo-postgresql", "oculto-escondido-todos", "passo-longo")
            for t in [name] * 2
        ]
        + ["passo-vazio-postgresql"] * 2
    )
    assert all(f'id="{target}"' in made for target in targets)
    assert "| fantasma: sem" in text
    assert "| fantasma |" in text


def test_undeclared_stand_out() -> None:
    """What nobody noticed is in a red box, before all else."""
    late = verdict("longo/x", TIMED_OUT, title="outra sessão segura `pedidos`")
    text = shown(
        mysql=sabotage(
            *KILLS, verdict("gemeo/x", SURVIVED), verdict("comum/y", SURVIVED, "a"), late, declarations=(QUICK,)
        )
    )
    assert (
        '!!! danger "Não detectada: a"\n\n    No passo <a href="#passo-comum">comum</a>. Nenhum passo acusou.\n' in text
    )
    assert (
        '"Não detectada: outra sessão segura <code>pedidos</code>"\n\n    No passo <a href="#passo-longo">longo' in text
    )
    assert "O passo não terminou no tempo da sabotagem." in text
    assert text.index("Não detectada: outra") < text.index("O que este roteiro não prova") < text.index("3 detectadas")


def test_a_reason_is_given_once() -> None:
    """One reason for several sabotages is one line, with the steps, and in each what was done, named after it."""
    survivors = [verdict(f"{step}/{n}", SURVIVED) for step in ("gemeo", "longo") for n in "xy"]
    declared = dataclasses.replace(QUICK, pattern="*")
    text = shown(mysql=sabotage(*survivors, declarations=(declared,)))
    assert text.count("Só importa com") == 1
    assert 'gemeo</a>: sem <code>--quick</code>; <a href="#passo-longo">longo</a>: sem <code>--quick</code>)' in text


def test_both_engines_are_tabs() -> None:
    """With two scores each has its tab, and no tab of a step before or after is drawn into it."""
    both = sabotage(*KILLS, verdict("gemeo/x", SURVIVED), verdict("x/i", INVALID), declarations=(QUICK,))
    made = html(shown(postgresql=both, mysql=both))
    part = made.split('id="sabotagem">')[1].split('<h2 id="passos-ocultos">')[0]
    assert part.count("<label") == 2
    assert part.count("<details") == part.count("<table") == 2
    assert part.count("</a>: sem <code>--quick</code>)</small>") == 2
    assert part.count("Só importa com &#42;muitas&#42; linhas e <code>--quick</code>.") == 2
    assert part.count("Fora da conta, por não terem efeito ou não poderem ser executadas: 1.") == 2


def test_long_reasons_are_cut() -> None:
    """A table stays a table whatever a step wrote."""
    wordy = dataclasses.replace(verdict("comum/x"), reason="muito\n| `texto " * 99)
    (row,) = [line for line in shown(mysql=sabotage(wordy)).split("\n") if line.startswith("    | <a ")]
    assert row.count("|") == 4
    assert row.endswith("… |")
    assert len(row) < 1000


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("sem `--quick`", "sem <code>--quick</code>"),
        ("`a` e `b`", "<code>a</code> e <code>b</code>"),
        ("`a|b_*<i>` _x_", "<code>a&#124;b&#95;&#42;&#60;i&#62;</code> &#95;x&#95;"),
        ("uma ` só", "uma &#96; só"),
        ("`a` e ` só", "&#96;a&#96; e &#96; só"),
        ("&#96;x&#96;", "&#38;#96;x&#38;#96;"),
        ("``", "&#96;&#96;"),
    ],
)
def test_code_in_titles(text: str, made: str) -> None:
    """What stands between two backticks is code, and there too nothing is interpreted."""
    assert markup.inline(text) == made


def test_index() -> None:
    """The list of runbooks tells the figures beside the date, and nothing where there are none."""
    with_one, without = (dataclasses.replace(PROOFS["postgresql"], sabotage=s) for s in (sabotage(*KILLS), NEVER))
    text = render.index([BOOK], {BOOK.name: {"postgresql": with_one, "mysql": without}})
    assert "| verificado em 22/11/2026; 3 de 3 sabotagens detectadas | verificado em 22/11/2026 |" in text
