"""Red means red: every way in which a step can fail and look well, as a runbook that has to end red for its own reason.

Each canary has a green step, the red one, and a last one that nobody may reach. They go through the library, through
`runbook verify` and through pytest; a control runbook, with all that is legitimate, goes with them and stays green.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from runbook import environment, notebook, result
from runbook.environment import Place
from runbook.executor import execute
from runbook.result import StepResult
from runbook.shell import Shell

from .processes import adopting, running

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "data" / "canarios"
CONTROL = "controle"
RED = "vermelho"
NEVER = "ninguém devia chegar aqui"
# Canary -> line of the file, a part of the reason. The fence of every red step is on line 18.
CANARIES = {
    "comando-falha-no-meio": (18 + 2, "terminou com o código 1; o esperado era 0"),
    "comando-inexistente": (18 + 2, "terminou com o código 127; o esperado era 0"),
    "falha-no-cano": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "substituicao-em-atribuicao": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "substituicao-em-local": (18 + 2, "terminou com o código 1; o esperado era 0"),
    "substituicao-em-argumento": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "substituicao-de-processo": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "substituicao-para-escrita": (18 + 2, "um comando falhou com o código 1, embora o passo terminasse com 0"),
    "variavel-nao-definida": (18 + 2, "terminou com o código"),
    "variavel-nao-definida-em-argumento": (18 + 2, "PASTA_QUE_NAO_HA: unbound variable"),
    "conta-impossivel": (18 + 2, "terminou com o código 1; o esperado era 0"),
    "exit-3": (18 + 2, "terminou com o código 3; o esperado era 0"),
    "exit-0-em-funcao": (18 + 1, "terminou com 0 antes da última linha"),
    "exit-0-por-eval": (18 + 2, "terminou com 0 antes da última linha"),
    "exit-em-substituicao": (18 + 3, "terminou com o código 4; o esperado era 0"),
    "return-0": (18 + 2, "terminou com o código"),
    "set-mais-e-por-eval": (18 + 2, "terminou com o código 1; o esperado era 0"),
    "set-mais-pipefail-por-eval": (18, "desligou a vigilância de falhas"),
    "set-n-por-eval": (18, "desligou a vigilância de falhas"),
    "trap-err-por-eval": (18, "desligou a vigilância de falhas"),
    "trap-exit-por-eval": (18, "desligou a vigilância de falhas"),
    "mata-o-proprio-bash": (18, "morto pelo sinal SIGKILL"),
    "mata-o-proprio-bash-137": (18, "morto pelo sinal SIGKILL"),
    "para-o-proprio-bash": (18, "passou do tempo limite de 0.2 s"),
    "exec-de-outro-programa": (18, "trocou o próprio bash"),
    "segundo-plano": (18, "1 processo(s) continuavam depois do fim do passo"),
    "segundo-plano-setsid": (18, "continuavam depois do fim do passo"),
    "segundo-plano-nohup": (18, "1 processo(s) continuavam depois do fim do passo"),
    "segundo-plano-com-filhos": (18, "continuavam depois do fim do passo"),
    "segundo-plano-que-falha": (18 + 1, "o esperado era 0"),
    "espera-read": (18 + 2, "terminou com o código 1; o esperado era 0"),
    "espera-cat": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "espera-terminal": (18 + 1, "terminou com o código 1; o esperado era 0"),
    "tempo-limite": (18, "passou do tempo limite de 0.2 s"),
    "tempo-limite-surdo": (18, "passou do tempo limite de 0.2 s"),
    "tempo-limite-setsid": (18, "passou do tempo limite de 0.2 s"),
    "tempo-limite-sem-fim": (18, "passou do tempo limite de 0.2 s"),
    "codigo-errado": (18 + 2, "terminou com o código 1; o esperado era 2"),
    "codigo-127": (18 + 1, "terminou com o código 127; o esperado era 1"),
    "codigo-sem-falha": (18, "terminou com o código 0; o esperado era 1"),
    "codigo-1-por-variavel": (18 + 2, "sem que um comando falhasse"),
    "codigo-1-por-variavel-em-substituicao": (18 + 1, "ARQUIVO_QUE_NAO_HA: unbound variable"),
    "codigo-2-por-sintaxe": (18 + 2, "erro de sintaxe, nenhum comando do passo foi executado"),
    "ultima-condicao-falsa": (18, "terminou com o código 1; o esperado era 0"),
    "expect-sem-linha": (18, "nenhuma linha da saída corresponde a `expect`"),
    "expect-so-o-eco": (18, "`expect` só encontra o eco do próprio comando"),
    "expect-so-o-rastro": (18, "o passo ligou o eco dos comandos"),
    "saida-enorme": (18, "saída grande demais"),
    "saida-binaria": (18, "caractere de controle"),
    "saida-que-nao-e-utf-8": (18, "não é texto UTF-8 (byte 3)"),
    "apaga-o-estado": (18, "apagou ou alterou o arquivo com o estado"),
    "apaga-a-pasta-do-estado": (18, "apagou ou alterou o arquivo com o estado"),
    "corrompe-o-estado": (18, "apagou ou alterou o arquivo com o estado"),
    "erro-com-exit-0": (18, "escreveu na saída de erros, que devia ficar vazia: mysqldump: Error: acesso negado"),
    "here-document-aberto": (18 + 1, "erro de sintaxe, nenhum comando do passo foi executado"),
    "aspas-abertas": (18 + 3, "erro de sintaxe, nenhum comando do passo foi executado"),
    "chave-a-mais": (18 + 2, "erro de sintaxe, nenhum comando do passo foi executado"),
    "linha-sem-fim": (18 + 1, "erro de sintaxe, nenhum comando do passo foi executado"),
    "retry-que-nunca-passa": (18 + 1, "terminou com o código 1; o esperado era 0"),
}
Done = subprocess.CompletedProcess[str]
SAMPLE = ("falha-no-cano", "segundo-plano-setsid", "expect-sem-linha")


def _run(name: str, folder: Path) -> list[StepResult]:
    """The results of a runbook that is carried out in this process, in a folder of its own."""
    for part in ("home", "tmp", "work"):
        (folder / part).mkdir()
    book = notebook.read(FOLDER, name)
    parameters = {p.name: p.default for p in book.parameters}
    variables = environment.variables(Place("postgresql", "none"), folder, "loja", parameters)
    with adopting(), Shell(folder / "work", variables, folder) as shell:
        return list(execute(book.steps("postgresql"), shell))


def _start(tmp_path: Path, *arguments: str | Path) -> Done:
    """A Python program of the project, with all temporary files below `tmp_path`."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path), "NO_COLOR": "1", "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _both(tmp_path: Path, folder: Path, *options: str) -> tuple[Done, Done]:
    """`runbook verify` and pytest over a folder, side by side."""
    where = ("--runbooks", folder, "--sandbox", "none")
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_runbooks.py")
    with ThreadPoolExecutor(2) as pool:
        verified = pool.submit(_start, tmp_path, "-m", "runbook", "verify", *where, *options)
        tested = pool.submit(_start, tmp_path, *tests, *where)
        return verified.result(), tested.result()


def _assert_nothing_left(tmp_path: Path) -> None:
    assert running(tmp_path) == []
    assert [path for base in tmp_path.glob("runbook-*") for path in base.iterdir()] == []


def _alone(tmp_path: Path, name: str) -> Path:
    """A folder with one canary in it."""
    folder = tmp_path / "um"
    folder.mkdir()
    shutil.copy(FOLDER / f"{name}.md", folder)
    return folder


def test_every_canary_is_in_the_table() -> None:
    """No canary lies in the folder without being looked at."""
    assert set(notebook.names(FOLDER)) == {*CANARIES, CONTROL}


@pytest.mark.parametrize("name", CANARIES)
def test_canary_is_red(name: str, tmp_path: Path) -> None:
    """The second step is red at its line and for its reason, the third is never run, no process is left."""
    line, reason = CANARIES[name]
    green, red = _run(name, tmp_path)
    assert green.outcome == result.PASSED
    assert (red.name, red.outcome, red.line) == (RED, result.FAILED, line)
    assert reason in red.reason
    assert not list((tmp_path / "work").rglob("alcancado.txt"))
    assert running(tmp_path) == []


def test_control_is_green(tmp_path: Path) -> None:
    """All that is legitimate passes, and only the step that needs what is not there is skipped."""
    results = _run(CONTROL, tmp_path)
    assert [(r.name, r.reason) for r in results if r.outcome == result.FAILED] == []
    assert [r.name for r in results if r.outcome == result.SKIPPED] == ["pulado"]
    assert len(results) == len(notebook.read(FOLDER, CONTROL).steps("postgresql"))


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Done]:
    """What `runbook verify` and pytest say of the whole folder; nothing of all the runs is left."""
    tmp_path = tmp_path_factory.mktemp("todos")
    done = _both(tmp_path, FOLDER, "--json", "--jobs", "4")
    _assert_nothing_left(tmp_path)
    return done


def test_all_through_verify(all_of_them: tuple[Done, Done]) -> None:
    """`runbook verify` exits 1, with every canary red at its step and line and the control green."""
    done, _ = all_of_them
    assert (done.returncode, done.stderr) == (1, "")
    runs: dict[str, dict[str, Any]] = {run["runbook"]: run for run in json.loads(done.stdout)["runs"]}
    assert {name for name, run in runs.items() if run["passed"]} == {CONTROL}
    for name, (line, reason) in CANARIES.items():
        assert [step["outcome"] for step in runs[name]["steps"]] == [result.PASSED, result.FAILED], name
        assert f'{name}.md:{line}: passo "{RED}" em PostgreSQL: ' in runs[name]["failure"], name
        assert reason in runs[name]["failure"], name
        assert runs[name]["error"] == "", name
    assert NEVER not in done.stdout


def test_all_through_pytest(all_of_them: tuple[Done, Done]) -> None:
    """Through pytest every canary of the folder fails with its step and line in the output, and the control passes."""
    _, done = all_of_them
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert f"{len(CANARIES)} failed, 1 passed" in done.stdout
    for name, (line, reason) in CANARIES.items():
        failure = next(said for said in done.stdout.splitlines() if f"{name}.md:{line}: passo" in said)
        assert f'passo "{RED}"' in failure
        assert reason in failure
    assert NEVER not in done.stdout


@pytest.mark.parametrize("name", SAMPLE)
def test_folder_with_one_canary(name: str, tmp_path: Path) -> None:
    """One canary in a folder of its own makes `verify` exit 1 and pytest fail, both naming the step and the line."""
    line, reason = CANARIES[name]
    for done in _both(tmp_path, _alone(tmp_path, name)):
        assert done.returncode == 1
        assert f'{name}.md:{line}: passo "{RED}"' in done.stdout
        assert reason in done.stdout
    _assert_nothing_left(tmp_path)


def test_control_alone(tmp_path: Path) -> None:
    """The control in a folder of its own makes both exit 0."""
    assert [done.returncode for done in _both(tmp_path, _alone(tmp_path, CONTROL))] == [0, 0]
    _assert_nothing_left(tmp_path)
