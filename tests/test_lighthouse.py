"""What Lighthouse says of three pages, on a phone and over a slow network, both as it simulates them.

Apart from `test_pages`, which looks at every page by what can be counted; a grade is only worth a look at a few. The
grade of speed hangs on what else the machine does: `benchmarks/lighthouse.py` measures it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runbook.chromium import QUIET, located
from runbook.chromium import obstacle as no_chromium

from .npm import Programs

PAGES = ("/", "/runbooks/restauracao/logica/", "/verificacao/")
PERFECT = ("accessibility", "best-practices", "seo")
STILL = "cumulative-layout-shift"  # of the audits of speed the one that no clock decides

_PLACE = re.compile('"selector": "([^"]*)"')


@pytest.fixture(scope="module")
def lighthouse() -> Programs:
    """Lighthouse, and a browser for it."""
    if reason := no_chromium():
        pytest.skip(reason)
    return Programs("lighthouse")


def look(lighthouse: Programs, address: str, report: Path, *settings: str) -> dict[str, Any]:
    """What it found on a page, as its report has it; `report` is where that is written."""
    command = ["pnpm", "exec", "lighthouse", address, "--quiet", "--no-enable-error-reporting", "--output=json"]
    command += [f"--output-path={report}", f"--chrome-path={located()}", *settings]
    command += [f"--chrome-flags={' '.join(('--headless=new', *QUIET))}"]
    done = lighthouse.run(command, lighthouse.folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def complaints(found: dict[str, Any]) -> list[str]:
    """The audits that did not pass in full, with the places in the page, for who has to mend it."""
    return [
        f"{audit['id']}: {audit.get('displayValue') or _PLACE.findall(json.dumps(audit))}"
        for audit in found["audits"].values()
        if audit["score"] is not None and audit["score"] < 1
    ]


@pytest.mark.parametrize("page", PAGES)
def test_grades(lighthouse: Programs, site_url: str, tmp_path: Path, page: str) -> None:
    """Nothing to complain of in accessibility, good practice and being found; nothing jumps while the page loads."""
    found = look(lighthouse, site_url + page, tmp_path / "report.json")
    scores = {name: found["categories"][name]["score"] for name in PERFECT} | {STILL: found["audits"][STILL]["score"]}
    assert scores == dict.fromkeys(scores, 1), complaints(found)
