"""A saboteur at work, seen from outside: a laboratory and a job in, events out.

Apart from `runs`, whose workers never ask for anything.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .backlog import Backlog
from .errors import EnvironmentUnavailable
from .laboratory import Laboratory
from .step import Runbook, to_json

MODULE = "runbook.saboteur"
GOODBYE = 90.0  # seconds a saboteur gets to clean up after it was told to stop


def carry_out(
    runbook: Runbook,
    engine: str,
    laboratory: Laboratory,
    backlog: Backlog,
    durations: Mapping[str, float],
    watch: Callable[[dict[str, Any]], None],
) -> dict[str, str]:
    """Has mutants tried until none is left, or without the durations, the runbook looked at.

    Args:
        runbook: whose steps are run.
        engine: on which.
        laboratory: entered, and nobody else's.
        backlog: from which it takes what is done to it.
        durations: seconds of each step when nobody disturbed it; empty when that is what has to be found out.
        watch: told of each look and each verdict.

    Returns:
        The versions of what it was run with.

    Raises:
        EnvironmentUnavailable: it could not be done, or left something behind.
    """
    place = laboratory.place
    wanted = runbook.parameters_of(engine)
    job = {
        "steps": [to_json(step) for step in runbook.steps(engine)],
        "place": {name: getattr(place, name) for name in place.__slots__},
        "parameters": {p.name: p.default for p in wanted},
        "secrets": [p.default for p in wanted if p.secret and p.default],
        "durations": dict(durations),
    }
    process = subprocess.Popen(
        laboratory.command(MODULE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdin
    assert process.stdout
    end: dict[str, Any] = {}
    try:
        _say(process, json.dumps(job))
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "ask":
                _say(process, _answer(laboratory, event["words"]))
            elif event["event"] == "take":
                _say(process, json.dumps(asdict(backlog.take(event["step"], event["late"]))))
            elif event["event"] == "end":
                end = event
            else:
                watch(event)
    finally:
        process.stdin.close()  # it ends what it does, cleans up and goes
        try:
            process.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
    if not end or end["error"] or end["leftovers"]:
        said = end.get("error") or "; ".join(end.get("leftovers", [])) or "terminou sem dar o resultado"
        raise EnvironmentUnavailable(f"sabotagem de {runbook.name} em {engine}: {said}")
    versions: dict[str, str] = end["versions"]
    return versions


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _answer(laboratory: Laboratory, words: Sequence[str]) -> str:
    try:
        laboratory.ask(*words)
    except EnvironmentUnavailable as error:
        return " ".join(str(error).split())
    return "ok"
