"""How fast three pages are on a phone and a slow network, as Lighthouse simulates both. Prints grades, judges nothing.

    .venv/bin/python -m benchmarks.lighthouse

A grade is only as good as the machine is quiet: of each page the median and the best of a few looks are printed, and
with how many times slower a processor than this one's.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests import browser
from tests.npm import Programs
from tests.test_lighthouse import PAGES, look

from runbook import site

from . import plain

LOOKS = 5
SLOWDOWN = 4  # times: Lighthouse's own, which makes a phone of a "high-end desktop"; its manual asks for less on less
INDEX = 1750  # of Lighthouse's measure of a machine, the middle of that class


def main() -> None:
    """Looks at each page, the machine's own index deciding how much slower the phone is."""
    programs = Programs("lighthouse")
    with tempfile.TemporaryDirectory() as name:
        report = Path(name) / "report.json"
        with browser.served(site.build(plain.ROOT, Path(name) / "site")) as address:
            index = look(programs, address, report)["environment"]["benchmarkIndex"]
            slowdown = SLOWDOWN * min(1, index / INDEX)
            print(f"processor      {slowdown:6.1f} times slower than this one, whose index is {index:.0f}", flush=True)
            setting = f"--throttling.cpuSlowdownMultiplier={slowdown}"
            for page in PAGES:
                found = [look(programs, address + page, report, setting) for _ in range(LOOKS)]
                grades = [round(seen["categories"]["performance"]["score"] * 100) for seen in found]
                print(f"{page:30} median {statistics.median(grades):.0f}, best {max(grades)} (target: 95)", flush=True)


if __name__ == "__main__":
    main()
