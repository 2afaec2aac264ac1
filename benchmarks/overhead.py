"""What a step costs: the runner over the same steps in one plain bash script. Prints figures, judges nothing.

    .venv/bin/python benchmarks/overhead.py

Three ways: one `bash -e` script (the limit), the executor in this process, and `runbook verify` as a whole process.
Then a thousand steps, whose last hundred must not be slower than the first. Times are medians over rounds, in ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from runbook import result
from runbook.environment import SYSTEM_PATH
from runbook.executor import execute
from runbook.shell import Shell
from runbook.step import Step

STEPS, MANY, ROUNDS = 50, 1000, 7
HEADER = """---
title: Custo
description: Passos triviais.
engines: [postgresql]
risk: leitura
jupyter:
  kernelspec: {name: bash, display_name: Bash, language: bash}
---

# Custo

"""


def texts(count: int) -> list[str]:
    """Trivial steps that depend on one another."""
    return ["X=0; echo step 0", *(f"echo step {i}; X=$((X+1))" for i in range(1, count))]


def plain(count: int) -> float:
    """Seconds of one bash script with all the steps."""
    start = time.perf_counter()
    subprocess.run(["bash", "-ec", "\n".join(texts(count))], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def in_process(count: int) -> list[float]:
    """Seconds of each step, from the first byte of its text to its verdict."""
    steps = [Step(f"passo-{i}", text, i) for i, text in enumerate(texts(count))]
    times = []
    with tempfile.TemporaryDirectory() as folder, Shell(Path(folder), {"PATH": SYSTEM_PATH}) as shell:
        start = time.perf_counter()
        for outcome in execute(steps, shell):
            now = time.perf_counter()
            times.append(now - start)
            start = now
            if outcome.outcome != result.PASSED:
                raise SystemExit(f"{outcome.name}: {outcome.reason}")
    return times


def whole_process(count: int) -> float:
    """Seconds of `runbook verify` on a runbook of that many steps, without a database."""
    with tempfile.TemporaryDirectory() as folder:
        fences = (f'```bash name="passo-{i}"\n{text}\n```\n' for i, text in enumerate(texts(count)))
        Path(folder, "custo.md").write_text(HEADER + "\n".join(fences), encoding="utf-8")
        command = [sys.executable, "-m", "runbook", "verify", "--sandbox", "none", "--runbooks", folder]
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start


def main() -> None:
    """Measures in turn, so that a slow moment of the machine falls on all alike."""
    rounds = [(plain(STEPS), in_process(STEPS), whole_process(STEPS), whole_process(1)) for _ in range(ROUNDS)]
    limit = statistics.median(r[0] for r in rounds) / STEPS
    step = statistics.median(t for r in rounds for t in r[1])
    quickest = statistics.median(min(r[1]) for r in rounds)
    whole = statistics.median((r[2] - r[3]) / (STEPS - 1) for r in rounds)
    start = statistics.median(r[3] for r in rounds)
    print(f"bash script           {limit * 1e3:7.3f} ms a step")
    print(f"executor              {step * 1e3:7.3f} ms a step (quickest {quickest * 1e3:.3f})")
    print(f"overhead              {(step - limit) * 1e3:7.3f} ms a step (target: at most 5)")
    print(f"runbook verify        {whole * 1e3:7.3f} ms a step, {start:.2f} s to start and to end")
    many = in_process(MANY)
    first, last = (statistics.median(part) * 1e3 for part in (many[:100], many[-100:]))
    print(f"{MANY} steps            {sum(many):7.2f} s; first hundred {first:.3f}, last hundred {last:.3f} ms a step")


if __name__ == "__main__":
    main()
