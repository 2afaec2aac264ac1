"""Carries out sabotages of one runbook, in the toolbox: a job on standard input, what became of each on the output.

The run goes on step by step as always; where a sabotage begins, the scene is kept, and after each put back. What only
the server's owner can do is asked for with an event, and answered with a line. Apart from `worker`, whose runs are
disturbed by nobody.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from . import mutant, result, worker
from .bench import Bench
from .databases import TOOLBOX
from .environment import Place
from .errors import EnvironmentUnavailable, RunbookError
from .executor import execute
from .mutant import INVALID, KILLED, SURVIVED, TIMED_OUT, Mutant, Verdict
from .result import StepResult
from .scene import Look, Scene
from .shell import Shell
from .step import Step, from_json
from .witness import Witness

PATIENCE = 5.0  # how many times as long as undisturbed a step may take, and at least so many seconds
LEAST = 30.0
RETRY = 5.0  # seconds for a step with `retry`, which every sabotage would use up
LARGE = 64 * 1024  # bytes: from here on a file is taken for a dump, and a disk can be too full for it
NOT_FOUND = 127
# Ways to change a step that may come to the same: to leave out what only reads, to repeat what can be repeated.
SAME_AFTER_ALL = {"omitido", "repetido", "redirecao"}


class Refused(Exception):
    """A sabotage could not be done; the reason is the reader's."""


def main() -> None:
    """Reads one job, does it, writes its events as JSON lines."""
    job = json.loads(sys.stdin.buffer.readline())
    worker.take_charge()
    place = Place(**job["place"])
    steps = [from_json(step) for step in job["steps"]]
    mutants = [Mutant(**data) for data in job["mutants"]]
    bench = Bench(place, job["parameters"], job["secrets"])
    error, leftovers = "", []
    try:
        bench.prepare(sys.stdin.buffer)
        with Shell(bench.space.work, bench.variables, bench.space.folder) as shell:
            scene = Scene(bench, shell, place.engine, _ask)
            Saboteur(bench, shell, scene, place, steps, job["durations"]).run(mutants)
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
    worker.emit({"event": "ask", "words": words})
    answer = sys.stdin.buffer.readline().decode().strip()
    if not answer:
        raise KeyboardInterrupt  # the caller is gone
    if answer != "ok":
        raise EnvironmentUnavailable(answer)


class Saboteur:
    """One run and what is done to it.

    Args:
        bench: prepared.
        shell: in which the steps run.
        scene: of both.
        place: where it is.
        steps: of the runbook.
        durations: of each step when nobody disturbed it; empty when that is what has to be found out.
    """

    def __init__(
        self,
        bench: Bench,
        shell: Shell,
        scene: Scene,
        place: Place,
        steps: Sequence[Step],
        durations: dict[str, float],
    ) -> None:
        self._bench, self._shell, self._scene, self._place, self._durations = bench, shell, scene, place, durations
        self._older: dict[str, bytes] = {}
        self._trace: object = None  # what the step at hand leaves, if it writes nothing to the server
        self._witness: Witness | None = None  # of the file that was damaged
        self._steps = [self._hasty(step) for step in steps] if durations else list(steps)

    def run(self, mutants: Sequence[Mutant]) -> None:
        """Runs the steps up to the last mutant; without mutants to the end, with a look around after each step."""
        left = list(mutants)
        before = self._scene.look() if not mutants else None
        for number, step in enumerate(self._steps):
            here = [m for m in left if m.step == step.name]
            left = [m for m in left if m.step != step.name]
            self._before(number, [m for m in here if not _after(m)], _older(here))
            done = list(self._execute([step]))
            if done[-1].outcome == result.FAILED:
                raise RunbookError(f'o passo "{step.name}" é vermelho sem nenhuma sabotagem: {done[-1].reason}')
            self._after(number, [m for m in here if _after(m)])
            if before:
                after = self._scene.look()
                worker.emit({"event": "look", "step": step.name, **_seen(before, after, done[-1])})
                before = after
            elif not left:
                return

    def _before(self, number: int, mutants: list[Mutant], older: list[dict[str, str]]) -> None:
        """Sabotages of the step itself, and of what it finds; and what it would have made of other data."""
        if not mutants and not older:
            return
        self._scene.save()
        if older:
            self._data({"script": "linha-a-menos", "database": older[0]["database"]}, [])
            for _ in self._execute(self._steps[number : number + 1]):
                self._older = {a["file"]: self._scene.file(a["file"]).read_bytes() for a in older}
            self._scene.load()
        list(self._execute(self._steps[number : number + 1]))
        self._trace = None if self._scene.written() else self._scene.trace()
        self._scene.load()
        for m in mutants:
            self._try(m, number)
            self._scene.load()

    def _after(self, number: int, mutants: list[Mutant]) -> None:
        """Sabotages of what the step has left."""
        if not mutants:
            return
        self._scene.save()
        for m in mutants:
            self._try(m, number + 1)
            self._scene.load()

    def _try(self, m: Mutant, number: int) -> None:
        rest = self._steps[number:]
        self._witness = None
        try:
            if m.text is not None:
                first = [replace(rest[0], text=m.text)] if m.text else []
                rest = [*first, *rest[1:]]
            elif m.action:
                rest = getattr(self, "_" + m.action["do"].replace("-", "_"))(m.action, rest)
            verdict = self._judge(m, rest)
        except Refused as reason:
            verdict = Verdict(m.id, m.kind, m.title, INVALID, reason=str(reason))
        finally:
            if self._witness:
                self._witness.close()
        worker.emit({"event": "verdict", "verdict": mutant.to_json(verdict)})

    def _judge(self, m: Mutant, steps: Sequence[Step]) -> Verdict:
        for number, outcome in enumerate(self._execute(steps)):
            if outcome.outcome != result.FAILED:
                if number == 0 and m.text and self._as_before():
                    break  # whoever comes later finds what is always there
                continue
            how, reason = KILLED, outcome.reason
            if "erro de sintaxe" in reason:
                how = INVALID
            elif outcome.exit_code == NOT_FOUND:
                how, reason = INVALID, "o comando não existe"
            elif reason.startswith("passou do tempo limite"):
                how = TIMED_OUT
            return Verdict(m.id, m.kind, m.title, how, "" if how == INVALID else outcome.name, reason)
        if m.action and m.action["do"] == "cut":
            try:
                _ask("was-cut")
            except EnvironmentUnavailable:
                raise Refused("nenhuma sessão estava aberta nesse momento") from None
        if self._witness and self._witness.ignored():
            raise Refused("ninguém leu o arquivo, e o próprio roteiro o apagou ou refez")
        if m.id.split("/")[1] in SAME_AFTER_ALL and self._same(m):
            raise Refused("o resultado do passo é o mesmo")
        return Verdict(m.id, m.kind, m.title, SURVIVED)

    def _as_before(self) -> bool:
        """Whether a changed step has left exactly what the step leaves, and neither wrote to the server."""
        return self._trace is not None and not self._scene.written() and self._scene.trace() == self._trace

    def _same(self, m: Mutant) -> bool:
        """Whether what the changed step leaves is what the step leaves; asked only of what nobody has noticed."""
        (step,) = (s for s in self._steps if s.name == m.step)
        found = []
        for text in ([step.text, step.text] if m.action else [m.text], [step.text]):
            self._scene.load()
            for part in text:
                list(self._execute([replace(step, text=part)] if part else []))
            found.append(self._scene.essence())
        return found[0] == found[1]

    def _execute(self, steps: Sequence[Step]) -> Any:
        return execute(steps, self._shell, has=self._bench.has, clean=self._bench.clean, cancelled=sys.stdin.buffer)

    def _hasty(self, step: Step) -> Step:
        limit = max(LEAST, PATIENCE * self._durations.get(step.name, 0.0))
        return replace(step, timeout=min(step.timeout, limit), retry=min(step.retry, RETRY))

    # What `Mutant.action` may ask to be done: each gives the steps that are carried out after it.

    def _twice(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        return [rest[0], *rest]

    def _file(self, action: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        file = self._scene.file(action["file"])
        old = file.read_bytes()
        new = self._older[action["file"]] if action["how"] == "older" else DAMAGE[action["how"]](old)
        if new == old:
            raise Refused("o arquivo fica igual")
        file.write_bytes(new)
        self._witness = Witness(file)
        return rest

    def _data(self, action: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        script = TOOLBOX / "sabotagem" / self._place.engine / f"{action['script']}.sql"
        text = script.read_text(encoding="utf-8").replace("loja_", f"{self._bench.space.database}_")
        before = self._scene.journal()
        try:
            self._scene.query(self._scene.database(action["database"]), text)
        except EnvironmentUnavailable as error:
            raise Refused(f"o banco recusou: {error}") from error
        if self._scene.journal() == before:
            raise Refused("o banco ficou igual")
        return rest

    def _password(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        for name in ("pgpass", "my.cnf"):
            file = self._bench.space.folder / name
            if file.exists():
                file.write_text(file.read_text().replace(self._place.password, "senha-errada"))
        return rest

    def _stop(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        _ask("stop")
        return rest

    def _lock(self, action: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        _ask("lock", self._scene.database(action["database"]))
        return [replace(step, timeout=min(step.timeout, LEAST / 3)) for step in rest]  # who waits, waits for ever

    def _cut(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        _ask("cut", f"{self._durations.get(rest[0].name, 1.0) * 0.3:.2f}")
        return rest

    def _full(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        limit = f"trap '' XFSZ; ulimit -f {LARGE // 1024}; "
        return [replace(rest[0], text=limit + rest[0].text), *rest[1:]]

    def _client(self, _: dict[str, str], rest: Sequence[Step]) -> Sequence[Step]:
        return [replace(rest[0], text="PATH=$PG_ANTIGO:$PATH; " + rest[0].text), *rest[1:]]


def _after(m: Mutant) -> bool:
    """Whether it acts on what the step has left, and not on the step."""
    return m.action is not None and m.action["do"] in ("file", "data")


def _older(mutants: Sequence[Mutant]) -> list[dict[str, str]]:
    """The actions that need a file made of the data as they were one row before."""
    return [m.action for m in mutants if m.action and m.action.get("how") == "older"]


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


def _cut_last_line(data: bytes) -> bytes:
    return data[: data.rstrip(b"\n").rfind(b"\n") + 1]


def _flip(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "last-line": _cut_last_line,
    "third": lambda data: data[: len(data) * 2 // 3],
    "middle": lambda data: data[: len(data) // 2],
    "byte": _flip,
}


if __name__ == "__main__":
    main()
