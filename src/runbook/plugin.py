"""Adds a page for each runbook to the site, from the committed records; runs nothing.

In: the folder of the runbooks. Out: generated pages, and a warning for each record that is missing, stale or failed,
for each problem of a score, and for each statement of the original that nothing proves, which `mkdocs build --strict`
turns into a failed build. A missing score is none, as a sabotage takes long. Apart because it alone knows MkDocs.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment
from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from . import (
    coverage,
    coverage_page,
    declared,
    feedback,
    glossary,
    history,
    llms,
    notebook,
    record,
    render,
    score,
    search,
    symptom_page,
    symptoms,
    verification_page,
)
from .errors import RunbookError
from .markup import anchor
from .pointer import Proofs
from .record import State
from .render import Proof
from .sabotage_page import Sabotage
from .step import Runbook, Step

log = logging.getLogger("mkdocs.plugins.runbook")

_STATES = {
    State.MISSING: "nunca foi executado",
    State.STALE: "mudou depois da última execução gravada",
    State.FAILED: "falhou na última execução gravada",
}


class RunbookConfig(base.Config):
    """Both folders lie beside mkdocs.yml unless told otherwise; `issues` is where readers report what did not hold.

    Without `issues` it is the form of `repo_url`; without both a page offers the text, and no address is invented.
    """

    runbooks = config_options.Dir(exists=True, default="runbooks")
    toolbox = config_options.Dir(exists=True, default="toolbox")
    issues = config_options.Optional(config_options.URL())


class RunbookPlugin(BasePlugin[RunbookConfig]):
    """The MkDocs side of a runbook."""

    _hints: str  # for each page
    _anchors: dict[str, set[str]]  # of the steps of each page
    _nav: Navigation

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Adds the pages and their index."""
        folder = Path(self.config.runbooks)
        written = {file.src_uri for file in files}  # what a page made here may lead to
        try:
            runbooks = [notebook.read(folder, name) for name in notebook.names(folder)]
            proofs = {r.name: {e: self._proof(folder, r, e) for e in r.engines} for r in runbooks}
            lists = self._lists(Path(config.docs_dir), runbooks, proofs)
            lists["verificacao.md"] = verification_page.page(
                runbooks, proofs, history.read(folder), explained="como-escrever.md" in written
            )
        except RunbookError as error:
            raise PluginError(str(error)) from error
        self._anchors = {}
        address = self.config.issues or feedback.form(config.repo_url)
        for runbook in runbooks:
            told = {engine: proof.told for engine, proof in proofs[runbook.name].items()}
            report = feedback.section(runbook, told, address, emergency="rollback.md" in written)
            content = render.page(runbook, proofs[runbook.name], report)
            page = File.generated(config, f"runbooks/{runbook.name}.md", content=content)
            page.edit_uri = os.path.relpath(runbook.file, config.docs_dir)  # the runbook, not the generated page
            files.append(page)
            self._anchors[page.src_uri] = {anchor(step) for step in runbook.body if isinstance(step, Step)}
        files.append(File.generated(config, "runbooks/index.md", content=render.index(runbooks, proofs)))
        for name, content in lists.items():
            files.append(File.generated(config, name, content=content))
        return files

    def _lists(self, docs: Path, runbooks: Sequence[Runbook], proofs: Proofs) -> dict[str, str]:
        """The pages made from lists: what the original said, common errors, and the words of the manual."""
        statements = coverage.read(docs / "original.yml", runbooks)
        errors = symptoms.read(docs / "erros.yml", runbooks)
        terms = glossary.read(docs / "glossario.yml")
        for problem in (problem for statement in statements for problem in coverage.problems(statement, proofs)):
            log.warning("a afirmação %s", problem)
        for problem in (problem for error in errors for problem in symptoms.problems(error, proofs)):
            log.warning("o erro %s", problem)
        self._hints = glossary.hints(terms)
        pages = {
            "cobertura.md": coverage_page.page(statements, proofs) if statements else "",
            "erros.md": symptom_page.index(errors) if errors else "",
            **{symptom_page.name(error): symptom_page.page(error, proofs) for error in errors},
            "glossario.md": glossary.page(terms) if terms else "",
        }
        return {name: page for name, page in pages.items() if page}

    def on_page_markdown(self, markdown: str, /, *, page: Page, **_: object) -> str:
        """Adds the hints, but to the page that explains the same words at length."""
        return markdown if page.file.src_uri == "glossario.md" else markdown + self._hints

    def on_page_content(self, _html: str, /, *, page: Page, **_: object) -> None:
        """Tells MkDocs that a link to a step leads somewhere: it sees no anchors in blocks of code."""
        if page.present_anchor_ids is not None:
            page.present_anchor_ids |= self._anchors.get(page.file.src_uri, set())

    def on_nav(self, nav: Navigation, /, **_: object) -> None:
        """Keeps the order of the pages, which have no titles yet."""
        self._nav = nav

    def on_env(self, _env: Environment, /, *, config: MkDocsConfig, files: Files) -> None:
        """Lists all pages, now that each has its title, by the chapters of the navigation."""
        chapters: dict[str, list[llms.Entry]] = {}
        listed = self._nav.pages
        others = [file.page for file in files.documentation_pages() if file.page and file.page not in listed]
        for page in [*listed, *others]:
            above = [str(section.title) for section in page.ancestors]
            chapter = above[-1] if above else "Outras páginas" if page in others else "Início"
            entry = llms.Entry(
                str(page.title), page.canonical_url or page.url or "./", page.meta.get("description", "")
            )
            chapters.setdefault(chapter, []).append(entry)
        content = llms.text(config.site_name, config.site_description or "", chapters)
        files.append(File.generated(config, "llms.txt", content=content))

    @event_priority(-50)  # when the search has written its index, and before anything that takes the site as it is
    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Lets the search find what a reader types: without accents, in the other number, by another word."""
        index = Path(config.site_dir) / "search" / "search_index.json"
        if not index.is_file():
            return
        try:
            synonyms = search.read(Path(config.docs_dir) / "sinonimos.yml")
        except RunbookError as error:
            raise PluginError(str(error)) from error
        text = index.read_text(encoding="utf-8")
        for page in search.unknown(text, synonyms):
            log.warning("sinonimos.yml: não existe a página `%s`", page)
        index.write_text(search.folded(text, synonyms), encoding="utf-8")

    def _proof(self, folder: Path, runbook: Runbook, engine: str) -> Proof:
        key = record.key(runbook, engine, Path(self.config.toolbox))
        found = record.read(record.path(folder, runbook, engine))
        state = record.state(found, key)
        if state is not State.CURRENT:
            log.warning(
                "o runbook %s em %s %s; grave-o com `runbook record -k %s`",
                runbook.name, engine, _STATES[state], runbook.run_id(engine),
            )  # fmt: skip
        return Proof(state, found, self._sabotage(folder, runbook, engine, key))

    def _sabotage(self, folder: Path, runbook: Runbook, engine: str, key: str) -> Sabotage:
        declarations = declared.read(folder, runbook, engine)
        found = score.read(score.path(folder, runbook, engine))
        state = score.state(found, key)
        if found is None or state is not State.CURRENT:
            how = "mudou depois da sua sabotagem" if found else "nunca foi sabotado"
            log.info(
                "o runbook %s em %s %s; execute `runbook sabotage %s --engine %s`",
                runbook.name, engine, how, runbook.name, engine,
            )  # fmt: skip
            return Sabotage(state, found)
        tally = score.tally(found.verdicts, declarations)
        for problem in score.problems(tally, found.complete):
            log.warning("sabotagem do runbook %s em %s: %s", runbook.name, engine, problem)
        return Sabotage(state, found, tally)
