"""The command line speaks Portuguese, its own library too."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from runbook import cli, words

COMMANDS = ["", *cli.cli.commands]
WRONG = {
    "--nada": "Não há a opção '--nada'.",
    "nada": "Não há o comando 'nada'.",
    "ruin": "Você quis dizer um destes: 'run', 'runs'?",
    "run": "Falta o argumento 'RUNBOOK'.",
    "run x y": "Há um argumento a mais (y)",
    "run x y z": "Há argumentos a mais (y z)",
    "run --engin": "Você quis dizer '--engine'?",
    "run x --engine": "A opção '--engine' quer um valor.",
    "run x --engine oracle": "'oracle' não é um destes: 'postgresql', 'mysql'.",
    "run x --env-file /nada": "Valor inválido de '--env-file': '/nada' não existe.",
    "run x --env-file /": "'/' é uma pasta.",
    f"list --runbooks {__file__}": "é um arquivo, e não uma pasta.",
    "list --json=3": "A opção '--json' não tem valor.",
    "verify --jobs 99": "99 não está em 1<=x<=16.",
    "verify --jobs x": "'x' não é um número.",
}


def said(line: str) -> str:
    """What the program prints."""
    return CliRunner().invoke(words.portuguese(cli.cli), line.split(), prog_name="runbook").output


@pytest.mark.parametrize("sentence", words.SENTENCES)
def test_sentence(sentence: str) -> None:
    """Each sentence that is translated is one that this version of Click says."""
    folder = Path(click.__file__).parent
    assert any(f'"{sentence}"' in file.read_text(encoding="utf-8") for file in folder.glob("*.py"))


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str) -> None:
    """The help of each command has no word of English around its own text."""
    text = said(f"{command} --help")
    assert text.startswith("Uso: runbook")
    assert not [word for word in ("Usage", "Options", "OPTIONS", "default", "INTEGER", "FILE", "exit.") if word in text]


@pytest.mark.parametrize(("line", "reason"), WRONG.items(), ids=WRONG)
def test_mistake(line: str, reason: str) -> None:
    """What was typed wrongly is said in Portuguese, with where the help is."""
    text = said(line)
    assert reason in text
    assert "Erro: " in text
