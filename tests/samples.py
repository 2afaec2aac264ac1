"""Small projects for the tests: runbooks that need no database, records as if they had run, the site made from both."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from runbook import notebook, record
from runbook.result import PASSED, ExecutionResult, StepResult
from runbook.step import ENGINES

ROOT = Path(__file__).parents[1]

HEADER = """\
---
title: {title}
description: Uma descrição
engines: [{engines}]
risk: leitura
jupyter:
  kernelspec: {{name: bash, display_name: Bash, language: bash}}
---

# {title}

Uma introdução.

## Passos

"""


def fence(name: str, text: str, attributes: str = "") -> str:
    """A step, in a fence that is longer than any in its text."""
    marks = "```"
    while marks in text:
        marks += "`"
    return f'{marks}bash name="{name}"{attributes and " " + attributes}\n{text}\n{marks}\n\n'


def write(folder: Path, name: str, *fences: str, title: str = "Prova", engines: Iterable[str] = ENGINES) -> Path:
    """Writes a runbook and returns its file."""
    file = folder / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEADER.format(title=title, engines=", ".join(engines)) + "".join(fences), encoding="utf-8")
    return file


def project(root: Path) -> Path:
    """A project with the settings of the real one, a first page, a toolbox and no runbook yet."""
    (root / "docs").mkdir(parents=True)
    (root / "runbooks").mkdir()
    (root / "docs" / "index.md").write_text("# Início\n", encoding="utf-8")
    for part in ("loja/comum.sh", "loja/postgresql/a.sql", "loja/mysql/a.sql"):
        (root / "toolbox" / part).parent.mkdir(parents=True, exist_ok=True)
        (root / "toolbox" / part).write_text("SELECT 1;\n", encoding="utf-8")
    (root / "toolbox" / "impressao-digital").mkdir()
    (root / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\n"
        "repo_url: https://example.org/manual\nedit_uri: edit/main/docs/\n"
        f"theme: {{custom_dir: {ROOT / 'docs/tema'}, features: [content.action.edit, content.code.copy]}}\n"
        "nav: null\nextra_css: []\nextra_javascript: []\nwatch: []\n",
        encoding="utf-8",
    )
    return root


def prove(root: Path, outcome: str = PASSED, output: str = "a saída gravada") -> None:
    """Writes a record for each runbook and engine, as a run that has just ended would; runs nothing."""
    folder = root / "runbooks"
    for book in (notebook.read(folder, name) for name in notebook.names(folder)):
        for engine in book.engines:
            code = 0 if outcome == PASSED else 1
            steps = tuple(StepResult(s.name, outcome, code, 0.1, output) for s in book.steps(engine))
            execution = ExecutionResult(book.name, engine, "docker", steps, {"servidor": "Servidor 1.0"})
            made = record.make(record.key(book, engine, root / "toolbox"), execution)
            record.write(record.path(folder, book, engine), made)


def build(root: Path, site: Path, *, strict: bool = False) -> Path:
    """Builds the site of a project in this process; in strict mode a warning ends in `mkdocs.exceptions.Abort`.

    The site is there after such an end too, as MkDocs counts the warnings when all is written.
    """
    shutil.rmtree(site, ignore_errors=True)
    config = load_config(str(root / "mkdocs.yml"), site_dir=str(site), strict=strict)
    config.plugins.events["env"].append(_remember_templates)
    config.plugins.on_startup(command="build", dirty=False)
    mkdocs_build(config)
    return site


class _Templates(BytecodeCache):
    """The theme's templates, compiled once for all builds of these tests: half of the time of a small build."""

    compiled: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives what is there."""
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what was compiled."""
        self.compiled[bucket.key] = bucket.bytecode_to_string()


def _remember_templates(env: Environment, **_: object) -> Environment:
    env.bytecode_cache = _Templates()
    return env


class Blocks(HTMLParser):
    """The blocks of code in a page.

    Attributes:
        steps: text of each step's block, by the id of the block.
        outputs: texts of the blocks with outputs, in order.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.steps: dict[str, str] = {}
        self.outputs: list[str] = []
        self._block, self._code = "", False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes which block begins, and where its code does."""
        values = dict(attrs)
        classes = (values.get("class") or "").split()
        if tag == "div" and "passo" in classes:
            self._block = values.get("id") or ""
            assert self._block not in self.steps, "the ids of a page are unique"
            self.steps[self._block] = ""
        elif tag == "div" and "saida" in classes:
            self._block = "saida"
            self.outputs.append("")
        elif tag == "code":
            self._code = True

    def handle_endtag(self, tag: str) -> None:
        """A block ends with its code."""
        if tag == "code":
            self._code, self._block = False, ""

    def handle_data(self, data: str) -> None:
        """Collects the text of the block."""
        if self._code and self._block == "saida":
            self.outputs[-1] += data
        elif self._code and self._block:
            self.steps[self._block] += data
