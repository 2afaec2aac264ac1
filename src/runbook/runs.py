"""Several runs at once: (runbook, engine) pairs and a sandbox in, one `ExecutionResult` for each out.

Each run is a worker process in the sandbox, followed by a thread here. Apart from the command line because the tests
run runbooks the same way.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

from .environment import Place
from .result import ExecutionResult, StepResult
from .sandbox import Sandbox
from .step import Runbook, to_json

Run = tuple[Runbook, str]
Watcher = Callable[[Run, dict[str, Any]], None]
GOODBYE = 90.0  # seconds a worker gets to clean up after it was told to stop


def run_all(
    runs: Sequence[Run],
    sandbox: Sandbox,
    jobs: int = 1,
    watch: Watcher = lambda _run, _event: None,
    *,
    parameters: Mapping[str, str] | None = None,
    stream: bool = False,
) -> list[ExecutionResult]:
    """Runs all pairs, `jobs` at a time, and gives their results in the order of the pairs.

    Args:
        runs: what to run.
        sandbox: entered.
        jobs: how many at a time.
        watch: told of each event of each run, from several threads.
        parameters: values that replace the defaults of the runbooks' parameters.
        stream: whether the output of the steps is among the events.
    """
    stop, turn = threading.Event(), threading.Lock()
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        futures = [
            pool.submit(_in_turn, turn, run, sandbox, watch, dict(parameters or {}), stream, stop) for run in runs
        ]
        try:
            return [future.result() for future in futures]
        except BaseException:
            stop.set()  # the workers see their input close, clean up and end; then the pool can
            for future in futures:
                future.cancel()
            raise


def _in_turn(turn: threading.Lock, run: Run, sandbox: Sandbox, *rest: Any) -> ExecutionResult:
    """Where runs must be alone they wait here; those of the other engine go on beside them."""
    place = sandbox.place(run[1])
    with turn if place.alone else nullcontext():
        return _run_one(run, place, sandbox.command(), *rest)


def _run_one(
    run: Run,
    place: Place,
    command: list[str],
    watch: Watcher,
    given: dict[str, str],
    stream: bool,
    stop: threading.Event,
) -> ExecutionResult:
    runbook, engine = run
    order = {**job(run, place, given), "steps": [to_json(step) for step in runbook.steps(engine)], "stream": stream}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    watchdog = threading.Thread(target=_stop_worker, args=(process, stop), daemon=True)
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda stderr: errors.append(stderr.read()), args=(process.stderr,), daemon=True)
    done: list[StepResult] = []
    result = None
    reader.start()
    try:
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        watchdog.start()
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step":
                done.append(StepResult(**event["result"]))
            elif event["event"] == "end":
                result = ended(event["result"])
            watch(run, event)
    except (BrokenPipeError, json.JSONDecodeError):
        pass  # the worker is gone, or never was one: judged below
    finally:
        process.stdout.close()
        if not process.stdin.closed:
            process.stdin.close()
        process.wait()
        reader.join(5)
        process.stderr.close()
    if result is None or process.returncode:
        said = b"".join(errors).decode(errors="replace").strip().splitlines()
        reason = f"a execução terminou sem dar o resultado (código {process.returncode}): {' | '.join(said[-3:])}"
        result = ExecutionResult(runbook.name, engine, place.sandbox, tuple(done), error=reason)
        watch(run, {"event": "end"})
    return result


def _stop_worker(process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    """Closes the worker's input when everything must stop; kills it if it does not go."""
    while process.poll() is None:
        if stop.wait(0.1):
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(GOODBYE)
            except subprocess.TimeoutExpired:
                process.kill()
            return


def job(run: Run, place: Place, given: Mapping[str, str]) -> dict[str, Any]:
    """What a worker is told of one run, but for its steps; `given` replaces the defaults of the parameters."""
    runbook, engine = run
    wanted = runbook.parameters_of(engine)
    parameters = {p.name: given.get(p.name, p.default) for p in wanted}
    return {
        "runbook": runbook.name,
        "place": {name: getattr(place, name) for name in place.__slots__},
        "parameters": parameters,
        "secrets": [parameters[p.name] for p in wanted if p.secret and parameters[p.name]],
        "state": None,
    }


def ended(data: dict[str, Any]) -> ExecutionResult:
    """The result as a worker tells it at its end."""
    steps = tuple(StepResult(**step) for step in data.pop("steps"))
    leftovers = tuple(data.pop("leftovers"))
    return ExecutionResult(steps=steps, leftovers=leftovers, **data)
