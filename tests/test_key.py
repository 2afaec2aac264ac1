"""The key of a record changes with everything that decides a run, and with nothing else."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from runbook import record
from runbook.step import ENGINES, Parameter, Prose, Runbook, Step

from .samples import ROOT

BOTH = Step("listar", 'psql --list --dbname="$DB"', 20)
PG = Step("contar", "psql --command='SELECT 1'", 30, engine="postgresql")
MY = Step("contar", "mysql --execute='SELECT 1'", 34, engine="mysql")
BOOK = Runbook(
    name="capitulo/prova",
    file="runbooks/capitulo/prova.md",
    title="Prova",
    description="Uma prova",
    engines=ENGINES,
    risk="leitura",
    parameters=(Parameter("PASTA", "Onde", "backups"), Parameter("CNF", "Opções", "x", engine="mysql")),
    seed=("S7",),
    body=(Prose("# Prova\n"), BOTH, Prose("texto"), PG, MY),
)
# One other value for every field of a step that decides how it runs or what its page says about it.
CHANGES: dict[str, Any] = {
    "name": "outro",
    "text": BOTH.text + " ",
    "engine": "postgresql",
    "exit_code": 0,
    "timeout": 121.0,
    "expect": "^x$",
    "stderr_empty": True,
    "check": True,
    "destructive": True,
    "retry": 1.0,
    "hidden": "porque sim",
    "manual": True,
    "needs": "cliente-antigo",
}


@pytest.fixture
def toolbox(tmp_path: Path) -> Path:
    """A copy of the project's own toolbox, to be changed."""
    ignored = shutil.ignore_patterns("__pycache__", "image", "node_modules")
    return Path(shutil.copytree(ROOT / "toolbox", tmp_path / "toolbox", ignore=ignored))


def with_step(old: Step, new: Step) -> Runbook:
    """The runbook with one step in another's place."""
    return dataclasses.replace(BOOK, body=tuple(new if part is old else part for part in BOOK.body))


def test_every_field_of_a_step_is_tried() -> None:
    """A new attribute must be given a value here, so that nobody forgets whether it belongs to the key."""
    assert {*CHANGES, "line"} == {field.name for field in dataclasses.fields(Step)}


@pytest.mark.parametrize("field", CHANGES)
def test_key_changes_with_each_attribute(field: str, toolbox: Path) -> None:
    """An attribute of a step, given another value, makes the record of its engine speak of something else."""
    changed = with_step(BOTH, dataclasses.replace(BOTH, **{field: CHANGES[field]}))
    assert record.key(changed, "postgresql", toolbox) != record.key(BOOK, "postgresql", toolbox)


@pytest.mark.parametrize("position", range(len(BOTH.text)))
def test_key_changes_with_one_character(position: int, toolbox: Path) -> None:
    """Any single character of a step counts."""
    text = BOTH.text[:position] + "~" + BOTH.text[position + 1 :]
    changed = with_step(BOTH, dataclasses.replace(BOTH, text=text))
    for engine in ENGINES:
        assert record.key(changed, engine, toolbox) != record.key(BOOK, engine, toolbox)


def test_key_changes_with_order_and_number_of_steps(toolbox: Path) -> None:
    """The same steps in another order, or one less, are another run."""
    before = record.key(BOOK, "postgresql", toolbox)
    for body in ((PG, BOTH, MY), (BOTH, MY), (BOTH, PG, MY, dataclasses.replace(BOTH, name="mais"))):
        assert record.key(dataclasses.replace(BOOK, body=body), "postgresql", toolbox) != before


@pytest.mark.parametrize("change", [{"name": "PASTA2"}, {"default": "outra"}, {"secret": True}, {"engine": "mysql"}])
def test_key_changes_with_a_parameter(change: dict[str, Any], toolbox: Path) -> None:
    """The name, the value, the secrecy and the engine of a parameter decide what a step sees."""
    parameters = (dataclasses.replace(BOOK.parameters[0], **change), BOOK.parameters[1])
    changed = dataclasses.replace(BOOK, parameters=parameters)
    assert record.key(changed, "postgresql", toolbox) != record.key(BOOK, "postgresql", toolbox)


@pytest.mark.parametrize("engine", ENGINES)
def test_key_changes_with_a_byte_of_the_toolbox(engine: str, toolbox: Path) -> None:
    """Every file of the sample data and of the fingerprint that this engine uses counts, to the last byte."""
    before = record.key(BOOK, engine, toolbox)
    folders = ("loja/*", "loja/projeto/**/*", f"loja/{engine}/**/*", "schema-engine/*", "pnpm/*", "prisma-8/*")
    files = [
        f for pattern in (*folders, f"impressao-digital/{engine}.sql") for f in toolbox.glob(pattern) if f.is_file()
    ]
    assert len(files) >= 20
    for file in files:
        original = file.read_bytes()
        file.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
        assert record.key(BOOK, engine, toolbox) != before, file
        file.write_bytes(original)
    file.rename(file.with_name(f"{engine}.novo"))
    assert record.key(BOOK, engine, toolbox) != before
    file.with_name(f"{engine}.novo").rename(file)
    assert record.key(BOOK, engine, toolbox) == before


def test_key_differs_between_engines(toolbox: Path) -> None:
    """A record of one engine is never taken for one of the other, even where their steps are the same."""
    shared = dataclasses.replace(BOOK, body=(BOTH,), parameters=())
    assert record.key(shared, "postgresql", toolbox) != record.key(shared, "mysql", toolbox)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Outro", "description": "Outra", "seed": (), "risk": "destrutivo", "file": "outro.md", "name": "x"},
        {"body": (Prose("# Outra\n\nprosa\n"), BOTH, PG, Prose("mais"), MY)},
        {"body": tuple(dataclasses.replace(p, line=p.line + 7) if isinstance(p, Step) else p for p in BOOK.body)},
        {"body": (Prose("# Prova\n"), BOTH, PG, dataclasses.replace(MY, text="mysql --version"))},
        {"parameters": (dataclasses.replace(BOOK.parameters[0], description="Em que pasta"), BOOK.parameters[1])},
        {"parameters": (BOOK.parameters[0], dataclasses.replace(BOOK.parameters[1], default="y"))},
    ],
    ids=["words", "prose", "lines", "steps-of-mysql", "description", "parameter-of-mysql"],
)
def test_key_stays(change: dict[str, Any], toolbox: Path) -> None:
    """Prose, line numbers and what belongs to the other engine alone do not decide a run."""
    changed = dataclasses.replace(BOOK, **change)
    assert record.key(changed, "postgresql", toolbox) == record.key(BOOK, "postgresql", toolbox)


def test_key_ignores_files_of_the_other_engine(toolbox: Path) -> None:
    """A change of the MySQL schema leaves the records of PostgreSQL alone."""
    before = record.key(BOOK, "postgresql", toolbox)
    (toolbox / "loja" / "mysql" / "esquema.sql").write_text("SELECT 2;\n", encoding="utf-8")
    assert record.key(BOOK, "postgresql", toolbox) == before
