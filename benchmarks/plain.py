"""The manual as a project of plain MkDocs: the Markdown that the plugin makes of the runbooks, and no plugin.

For what is compared with the site as it is: the time that the plugin costs, and another builder's pages.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mkdocs.config import load_config
from mkdocs.structure.files import get_files

ROOT = Path(__file__).parents[1]
PLUGIN = "  runbook: {}\n"
WATCHED = "watch:\n  - runbooks\n"


def project(folder: Path) -> None:
    """Writes it below a folder that is made."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    config = load_config(str(ROOT / "mkdocs.yml"))
    files = config.plugins.on_files(get_files(config), config=config)
    made = config.plugins["runbook"].on_page_markdown
    for file in files:
        target = folder / "docs" / file.src_uri
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.is_documentation_page():
            page: Any = SimpleNamespace(file=file)
            text = made(file.content_string, page=page, config=config, files=files)
            target.write_text(text or "", encoding="utf-8")
        else:
            target.write_bytes(file.content_bytes)
    shutil.copytree(ROOT / "docs/tema", folder / "docs/tema", dirs_exist_ok=True)
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert PLUGIN in settings
    assert WATCHED in settings
    (folder / "mkdocs.yml").write_text(settings.replace(PLUGIN, "").replace(WATCHED, ""), encoding="utf-8")
