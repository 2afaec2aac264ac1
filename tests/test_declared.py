"""What a runbook may miss is read as it was written, and refused when it says less than the reader needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import declared
from runbook.declared import Declaration
from runbook.errors import RunbookFormatError
from runbook.step import ENGINES, Runbook

BOOK = Runbook("capitulo/prova", "prova.md", "Prova", "", ENGINES, "leitura", (), (), ())
REASON = "Só importa quando uma tabela não cabe na memória."
GOOD = f"""\
# por que cada uma fica
- mutant: "dump/opcao/--quick*"
  engine: mysql
  reason: {REASON}

- mutant: dump/passo/omitido
  reason: >
    Só importa quando uma tabela
    não cabe na memória.
"""


def written(folder: Path, text: str) -> Path:
    """Writes the declarations of the sample and returns their file."""
    file = folder / "capitulo/prova.sabotage.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_read(tmp_path: Path) -> None:
    """Each engine gets its own declarations and those of all, the reason on one line, and where they begin."""
    written(tmp_path, GOOD)
    quick = Declaration("dump/opcao/--quick*", "mysql", REASON, 2)
    every = Declaration("dump/passo/omitido", None, REASON, 6)
    assert declared.read(tmp_path, BOOK, "mysql") == (quick, every)
    assert declared.read(tmp_path, BOOK, "postgresql") == (every,)


def test_a_short_reason(tmp_path: Path) -> None:
    """Twenty characters are enough."""
    written(tmp_path, f"- mutant: x\n  reason: {'é' * declared.SHORTEST}\n")
    assert len(declared.read(tmp_path, BOOK, "mysql")) == 1


def test_no_file(tmp_path: Path) -> None:
    """Without a file nothing is declared."""
    assert declared.read(tmp_path, BOOK, "mysql") == ()


@pytest.mark.parametrize(
    ("pattern", "id", "matches"),
    [
        ("dump/opcao/--quick*", "dump/opcao/--quick/2", True),
        ("dump/opcao/--quick*", "dump/opcao/--QUICK", False),
        ("dump/*", "dump/opcao/--quick", True),
        ("*/--quick", "dump/opcao/--quick", True),
        ("dump", "dump/opcao/--quick", False),
        ("dump/operando/${OPCOES[@]}", "dump/operando/${OPCOES[@]}", True),
    ],
)
def test_matches(pattern: str, id: str, matches: bool) -> None:  # noqa: A002
    """A pattern is matched against the whole id, capitals count, and an id always matches itself."""
    assert Declaration(pattern, None, REASON, 1).matches(id) is matches


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (GOOD + f"- mutante: x\n  reason: {REASON}\n", 10, "chave `mutante` desconhecida; as chaves são: mutant, "),
        (f"- mutant: x\n  reason: {REASON}\n  '2': 3\n", 3, "chave `2` desconhecida"),
        (f"- mutant: x\n  reason: {REASON}\n  ? [a]\n  : 3\n", 3, "chave `?` desconhecida"),
        ("- mutant: x\n", 1, "falta `reason`"),
        (GOOD + f"- reason: {REASON}\n", 10, "falta `mutant`"),
        (f"- reason: {REASON}\n  mutant:\n", 2, "falta `mutant`"),
        ("- mutant: x\n  reason:\n", 2, "falta `reason`"),
        ("- mutant: x\n  reason: '  não     importa     '\n", 2, "`reason` tem 11 caracteres"),
        (f"- mutant: x\n  reason: {REASON[:19]}\n", 2, "`reason` tem 19 caracteres"),
        (
            f"- mutant: x\n  engine: oracle\n  reason: {REASON}\n",
            2,
            "`engine` é `oracle`, e este runbook é de postgres",
        ),
        (f"- mutant: [x]\n  reason: {REASON}\n", 1, "`mutant` deve ser um texto"),
        (f"- mutant: x\n  mutant: y\n  reason: {REASON}\n", 2, "`mutant` aparece duas vezes"),
        ("- mutant: x\n  reason: 'aberta\n", 3, "não é YAML válido: found unexpected end of stream"),
        ("mutant: x\n", 1, "deve ser uma lista"),
        ("- só um texto\n", 1, "cada item tem a forma `chave: valor`"),
        ("", 1, "deve ser uma lista"),
        ("# nada\n", 1, "apague-o"),
    ],
)
def test_refused(text: str, line: int, message: str, tmp_path: Path) -> None:
    """What is not understood, or does not say enough, is an error with file and line, whatever engine asks."""
    file = written(tmp_path, text)
    for engine in ENGINES:
        with pytest.raises(RunbookFormatError) as caught:
            declared.read(tmp_path, BOOK, engine)
        assert str(caught.value).startswith(f"{file}:{line}: ")
        assert message in str(caught.value)


def test_an_engine_that_the_runbook_does_not_have(tmp_path: Path) -> None:
    """An engine that we know, but that is not the runbook's, is as wrong as another word."""
    written(tmp_path, GOOD)
    book = Runbook(BOOK.name, "prova.md", "Prova", "", ("postgresql",), "leitura", (), (), ())
    with pytest.raises(RunbookFormatError, match=r"yml:3: `engine` é `mysql`, e este runbook é de postgresql$"):
        declared.read(tmp_path, book, "postgresql")


def test_not_text(tmp_path: Path) -> None:
    """A file that is not UTF-8 is named."""
    written(tmp_path, "").write_bytes(b"\xff")
    with pytest.raises(RunbookFormatError, match=r"prova\.sabotage\.yml: não foi possível ler"):
        declared.read(tmp_path, BOOK, "mysql")
