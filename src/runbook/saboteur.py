"""Carries out sabotages of one runbook, in the toolbox: a job on standard input, what became of each on the output.

The run goes on step by step as always; where a sabotage begins, the scene is kept, and after each put back. Which ones
to try, and what only the server's owner can do, is asked for with an event and answered with a line. Apart from
`worker`, whose runs are disturbed by nobody.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from . import mutant, result, worker
from .backlog import Piece
from .bench import Bench
from .environment import Place
from .errors import EnvironmentUnavailable, RunbookError
from .executor import execute
from .mischief import OLDER, TWICE, Mischief, Refused
from .mutant import INVALID, KILLED, SURVIVED, TIMED_OUT, Mutant, Verdict
from .result import StepResult
from .scene import Left, Look, Scene
from .shell import Shell
from .step import Step, from_json

PATIENCE = 5.0  # how many times as long as undisturbed a step may take, and at least so many seconds
LEAST = 30.0
RETRY = 5.0  # seconds for a step with `retry`, which every sabotage would use up
NOT_FOUND = 127
SAID = 10  # lines of what a step printed that should have been green
# Ways to change a step that may come to the same: to leave out what only reads, to repeat what can be repeated.
REDIRECTED = "redirecao"
SAME_AFTER_ALL = {"omitido", "repetido", REDIRECTED}


def main() -> None:
    """Reads one job, does it, writes its events as JSON lines."""
    job = json.loads(sys.stdin.buffer.readline())
    worker.take_charge()
    place = Place(**job["place"])
    steps = [from_json(step) for step in job["steps"]]
    bench = Bench(place, job["parameters"], job["secrets"])
    error, leftovers = "", []
    try:
        bench.prepare(sys.stdin.buffer)
        with Shell(bench.space.work, bench.variables, bench.space.folder) as shell:
            scene = Scene(bench, shell, place.engine, _ask)
            mischief = Mischief(scene, place, bench.space.folder, job["durations"], _ask)
            Saboteur(bench, shell, scene, mischief, steps, job["durations"]).run()
    except KeyboardInterrupt:
        error = "interrompido"
    except (RunbookError, OSError) as problem:
        error = str(problem)
    finally:
        worker.leave_in_peace()
        try:
            leftovers = bench.clear()
        except RunbookError as problem:
            error = error or str(problem)
    worker.emit({"event": "end", "error": error, "leftovers": leftovers, "versions": bench.versions})


def _ask(*words: str) -> None:
    answer = _answer({"event": "ask", "words": words})
    if answer != "ok":
        raise EnvironmentUnavailable(answer)


def _take(step: Step, *, late: bool) -> Piece:
    piece = json.loads(_answer({"event": "take", "step": step.name, "late": late}))
    return Piece(tuple(Mutant(**data) for data in piece["mutants"]), tuple(piece["older"]), piece["more"])


def _answer(event: dict[str, Any]) -> str:
    worker.emit(event)
    answer = sys.stdin.buffer.readline().decode().strip()
    if not answer:
        raise KeyboardInterrupt  # the caller is gone
    return answer


class Saboteur:
    """One run and what is done to it.

    Args:
        bench: prepared.
        shell: in which the steps run.
        scene: of both.
        mischief: that can be done in it.
        steps: of the runbook.
        durations: of each step when nobody disturbed it; empty when that is what has to be found out.
    """

    def __init__(
        self,
        bench: Bench,
        shell: Shell,
        scene: Scene,
        mischief: Mischief,
        steps: Sequence[Step],
        durations: dict[str, float],
    ) -> None:
        self._bench, self._shell, self._scene, self._mischief = bench, shell, scene, mischief
        self._durations = durations
        self._left: Left | None = None  # what the step at hand leaves when nobody disturbs it
        self._steps = [self._hasty(step) for step in steps] if durations else list(steps)

    def run(self) -> None:
        """Runs the steps as long as any mutant is left; to find out durations to the end, with a look after each."""
        before = None if self._durations else self._scene.look()
        for number, step in enumerate(self._steps):
            if not before and not self._before(number):
                return
            done = list(self._execute([step]))
            if done[-1].outcome == result.FAILED:
                last = "\n".join(done[-1].output.splitlines()[-SAID:])
                raise RunbookError(f'o passo "{step.name}" é vermelho sem nenhuma sabotagem: {done[-1].reason}\n{last}')
            if before:
                after = self._scene.look()
                worker.emit({"event": "look", "step": step.name, **_seen(before, after, done[-1])})
                before = after
            elif not self._after(number):
                return

    def _before(self, number: int) -> bool:
        """Sabotages of the step itself and of what it finds; files made of other data. Gives whether more is left."""
        piece = _take(self._steps[number], late=False)
        if not (piece.mutants or piece.older):
            return piece.more
        self._scene.save()
        if piece.older:
            self._age(number, piece.older)
            self._scene.load()
        if piece.mutants:
            list(self._execute(self._steps[number : number + 1]))
            self._left = self._scene.left()
            self._scene.load()
        return self._try_all(piece, number, late=False)

    def _after(self, number: int) -> bool:
        """Sabotages of what the step has left; gives the same."""
        piece = _take(self._steps[number], late=True)
        if piece.mutants:
            self._scene.save()
        return self._try_all(piece, number, late=True)

    def _try_all(self, piece: Piece, number: int, *, late: bool) -> bool:
        """Goes on until nothing is left here; gives whether there is later."""
        while piece.mutants:
            for m in piece.mutants:
                self._try(m, number + late)
                self._scene.load()
            piece = _take(self._steps[number], late=late)
        return piece.more

    def _age(self, number: int, older: Sequence[dict[str, str]]) -> None:
        """Keeps the files as the step would have made them of other data; where no data can change, there are none."""
        self._mischief.older = {}
        with suppress(Refused):
            self._mischief.do({"do": "data", "script": OLDER, "database": older[0]["database"]}, [])
            for _ in self._execute(self._steps[number : number + 1]):
                for file in {action["file"] for action in older}:
                    with suppress(StopIteration):  # of older data the step may not come to make it
                        self._mischief.older[file] = self._scene.file(file).read_bytes()

    def _try(self, m: Mutant, number: int) -> None:
        steps = self._steps[number:]
        failed: StepResult | None = None
        try:
            if m.text is not None or m.action == TWICE:
                changed = [replace(steps[0], text=m.text)] if m.text else steps[:1] * 2 if m.action else []
                failed = self._failure(changed)
                if not failed and not self._same(m):
                    failed = self._failure(steps[1:])
            elif m.action:
                steps = list(self._mischief.do(m.action, steps))
                failed = self._failure(steps[:1])
                if not failed:
                    self._mischief.undo(m.action)
                    failed = self._failure(steps[1:])
            if not failed:
                self._mischief.ask_witness()
            verdict = _verdict(m, failed)
        except Refused as reason:
            verdict = Verdict(m.id, m.kind, m.title, INVALID, reason=str(reason))
        finally:
            self._mischief.forget()
        worker.emit({"event": "verdict", "verdict": mutant.to_json(verdict)})

    def _failure(self, steps: Sequence[Step]) -> StepResult | None:
        """The step that is red, if one is."""
        return next((done for done in self._execute(steps) if done.outcome == result.FAILED), None)

    def _same(self, m: Mutant) -> bool:
        """Whether whoever comes later finds what is always there, so that nobody can notice.

        Raises:
            Refused: it does, and the change was one that may come to the same.
        """
        kind = m.id.split("/")[1]
        may = kind in SAME_AFTER_ALL
        assert self._left
        # A file that is written to otherwise shows it itself, and a row may hold the moment at which it was written.
        same = self._scene.leaves(self._left, hashes=not may, contents=kind != REDIRECTED)
        if may and same:
            raise Refused("o resultado do passo é o mesmo")
        return same

    def _execute(self, steps: Sequence[Step]) -> Any:
        return execute(steps, self._shell, has=self._bench.has, clean=self._bench.clean, cancelled=sys.stdin.buffer)

    def _hasty(self, step: Step) -> Step:
        limit = max(LEAST, PATIENCE * self._durations.get(step.name, 0.0))
        return replace(step, timeout=min(step.timeout, limit), retry=min(step.retry, RETRY))


def _verdict(m: Mutant, failed: StepResult | None) -> Verdict:
    if failed is None:
        return Verdict(m.id, m.kind, m.title, SURVIVED)
    if "erro de sintaxe" in failed.reason:
        return Verdict(m.id, m.kind, m.title, INVALID, reason=failed.reason)
    if failed.exit_code == NOT_FOUND:
        return Verdict(m.id, m.kind, m.title, INVALID, reason="o comando não existe")
    how = TIMED_OUT if failed.reason.startswith("passou do tempo limite") else KILLED
    return Verdict(m.id, m.kind, m.title, how, failed.name, failed.reason)


def _seen(before: Look, after: Look, outcome: StepResult) -> dict[str, Any]:
    known = set(before.files.values())  # a file that was only moved is the same one
    made = {name: facts[0] for name, facts in after.files.items() if facts not in known}
    return {
        "duration": outcome.duration,
        "skipped": outcome.outcome == result.SKIPPED,
        "named": before.named,
        "made": made,
        "filled": sorted(after.databases - before.databases),
        "databases": sorted(before.databases),
        "changed": before != after,
    }


if __name__ == "__main__":
    main()
