"""Adds a page for each runbook to the site, from the committed records; runs nothing.

In: the folder of the runbooks. Out: generated pages, and a warning for each record that is missing, stale or failed,
and for each problem of a score, which `mkdocs build --strict` turns into a failed build. A missing score is none, as a
sabotage takes long. Apart because it alone knows MkDocs.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from mkdocs.config import base, config_options
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files

from . import declared, notebook, record, render, score
from .errors import RunbookError
from .record import State
from .render import Proof
from .sabotage_page import Sabotage
from .step import Runbook

log = logging.getLogger("mkdocs.plugins.runbook")

_STATES = {
    State.MISSING: "nunca foi executado",
    State.STALE: "mudou depois da última execução gravada",
    State.FAILED: "falhou na última execução gravada",
}


class RunbookConfig(base.Config):
    """Both folders lie beside mkdocs.yml unless told otherwise."""

    runbooks = config_options.Dir(exists=True, default="runbooks")
    toolbox = config_options.Dir(exists=True, default="toolbox")


class RunbookPlugin(BasePlugin[RunbookConfig]):
    """The MkDocs side of a runbook."""

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Adds the pages and their index."""
        folder = Path(self.config.runbooks)
        try:
            runbooks = [notebook.read(folder, name) for name in notebook.names(folder)]
            proofs = {r.name: {e: self._proof(folder, r, e) for e in r.engines} for r in runbooks}
        except RunbookError as error:
            raise PluginError(str(error)) from error
        for runbook in runbooks:
            page = File.generated(
                config, f"runbooks/{runbook.name}.md", content=render.page(runbook, proofs[runbook.name])
            )
            page.edit_uri = os.path.relpath(runbook.file, config.docs_dir)  # the runbook, not the generated page
            files.append(page)
        files.append(File.generated(config, "runbooks/index.md", content=render.index(runbooks, proofs)))
        return files

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
