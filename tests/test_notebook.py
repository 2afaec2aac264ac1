"""Reading a runbook: every refusal with its file, its line and the way out; what is read; the export for Jupyter."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jupytext
import nbformat
import pytest

from runbook import ipynb, notebook
from runbook.errors import RunbookFormatError
from runbook.notebook import LONGEST
from runbook.step import ENGINES, Prose, Runbook, Step

DATA = Path(__file__).parent / "data" / "leitura"
HEADER = """\
---
title: Prova
description: Uma descrição
engines: [postgresql, mysql]
risk: leitura
jupyter:
  kernelspec: {name: bash, display_name: Bash, language: bash}
---

# Prova

"""
FENCE = 12  # line of the first fence
GOOD = '```bash name="bom"\ntrue\n```\n'


def read(folder: Path, text: str) -> Runbook:
    """The runbook with this text."""
    (folder / "prova.md").write_text(text, encoding="utf-8")
    return notebook.read(folder, "prova")


def refusal(folder: Path, text: str) -> tuple[int, str]:
    """Line and message with which a text is refused; the file is always named."""
    with pytest.raises(RunbookFormatError) as caught:
        read(folder, text)
    error = caught.value
    assert str(error).startswith(f"{folder / 'prova.md'}:{error.line}: ")
    assert error.line is not None
    return error.line, error.message


def bash(text: str, attributes: str = 'name="passo"') -> str:
    """A fence."""
    return f"```bash {attributes}\n{text}\n```\n"


HEADERS = {
    "no header": ("# Prova\n", 1, "falta o cabeçalho YAML entre duas linhas `---`; copie o de outro runbook"),
    "header without end": ("---\ntitle: x\n", 1, "falta o cabeçalho YAML"),
    "not YAML": ("---\ntitle: [\n---\n", 1, "o cabeçalho não é YAML válido"),
    "a list": ("---\n- title\n---\n", 1, "o cabeçalho deve ter a forma `chave: valor`"),
    "unknown key": (HEADER.replace("risk:", "tags: [a]\nrisk:"), 5, "chave `tags` desconhecida; as chaves são: cla"),
    "no title": (HEADER.replace("title: Prova\n", ""), 1, "falta a chave `title` no cabeçalho"),
    "empty description": (HEADER.replace("Uma descrição", "''"), 1, "falta a chave `description`"),
    "unknown engine": (HEADER.replace("mysql]", "oracle]"), 4, "deve ser uma lista com postgresql e/ou mysql"),
    "engine twice": (HEADER.replace("mysql]", "postgresql]"), 4, "`engines` deve ser uma lista"),
    "engine as text": (HEADER.replace("[postgresql, mysql]", "mysql"), 4, "`engines` deve ser uma lista"),
    "unknown risk": (HEADER.replace("leitura", "médio"), 5, "`risk` deve ser um de: leitura, escrita, destrutivo"),
    "no kernel": (HEADER.replace("name: bash", "name: python3"), 1, "o cabeçalho deve declarar `jupyter: kernelspec:"),
    "parameter without description": (
        HEADER.replace("risk:", "parameters:\n  - name: DB\nrisk:"), 5, "cada parâmetro tem `name` e `description`",
    ),
    "parameter with more": (
        HEADER.replace("risk:", "parameters:\n  - {name: DB, description: x, t: y}\nrisk:"), 5, "e pode ter: default",
    ),
    "parameter that is no variable": (
        HEADER.replace("risk:", "parameters:\n  - {name: meu-banco, description: x}\nrisk:"), 5,
        "o parâmetro `meu-banco` não é um nome de variável do bash",
    ),
    "parameter of no engine": (
        HEADER.replace("risk:", "parameters:\n  - {name: DB, description: x, engine: oracle}\nrisk:"), 5,
        "`engine` do parâmetro `DB` deve ser postgresql ou mysql",
    ),
    "other title": (HEADER.replace("# Prova", "# Outra") + GOOD, 1, "falta o título `# Prova`, igual a `title`"),
    "no step": (HEADER, 1, "nenhum passo para postgresql, que está em `engines`"),
    "no step for one engine": (HEADER + bash("true", 'name="x" engine="mysql"'), 1, "nenhum passo para postgresql"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), HEADERS.values(), ids=HEADERS)
def test_refused_header(text: str, line: int, message: str, tmp_path: Path) -> None:
    """A header that the format does not know is refused with its line and the way out."""
    found, said = refusal(tmp_path, text)
    assert found == line
    assert message in said


OTHER = (
    "não é um passo (lista, citação, recuo, ~~~ ou outra linguagem); ponha ```bash no começo da linha, ou use ```text"
)
HIDDEN = 'a página esconde este passo em um comentário; use `hidden="razão"`'
FENCES = {
    "in a list": (f"- item\n\n  {GOOD}", 2, OTHER),
    "behind a bullet": (f"- {GOOD}", 0, OTHER),
    "behind a number": (f"1. {GOOD}", 0, OTHER),
    "indented": ('  ```bash name="x"\n  true\n  ```\n', 0, OTHER),
    "in a tab": ('=== "Aba"\n\n    ```bash name="x"\n    true\n    ```\n', 2, OTHER),
    "in a quote": ('> ```bash name="x"\n> true\n> ```\n', 0, OTHER),
    "tildes": ('~~~bash name="x"\ntrue\n~~~\n', 0, OTHER),
    "capital letter": ('```Bash name="x"\ntrue\n```\n', 0, OTHER),
    "capital letters": ('```BASH name="x"\ntrue\n```\n', 0, OTHER),
    "braces": ('```bash{name="x"}\ntrue\n```\n', 0, OTHER),
    "tab character": ('```bash\tname="x"\ntrue\n```\n', 0, OTHER),
    "sh": ("```sh\ntrue\n```\n", 0, OTHER),
    "shell": ("```shell\ntrue\n```\n", 0, OTHER),
    "console": ("```console\n$ true\n```\n", 0, OTHER),
    "sql": ("```sql\nSELECT 1;\n```\n", 0, OTHER),
    "sql in a list": ("- item\n\n  ```sql\n  SELECT 1;\n  ```\n", 2, OTHER),
    "python": ("```python\nprint()\n```\n", 0, "executaria esta cerca como `python`; mostre texto com ```text"),
    "js": ("```js\n1\n```\n", 0, "o Jupytext executaria esta cerca como `js`; mostre texto com ```text"),
    "magic": (bash("%%python\nprint()"), 0, "o Jupytext executaria esta cerca como `python`"),
    "not closed": ('```bash name="x"\ntrue\n', 0, "esta cerca não foi fechada; falta a linha ``` no fim"),
    "text not closed": ("```text\ntrue\n", 0, "esta cerca não foi fechada"),
    "closed by its own text": (bash("cat <<'FIM'\n```\nFIM"), 4, "esta cerca não foi fechada"),
    "other line ends": (bash("echo 'a\u2028b'"), 0, "o Jupytext lê outro texto nesta cerca"),
    "not run by Jupytext": (bash("true", 'name="x" active="false"'), 0, "o Jupytext vê 1; veja os atributos desta"),
    "raw": (f"<!-- #raw -->\n{bash('true')}<!-- #endraw -->\n", 1, "o Jupytext vê 1"),
    "in a comment": (f"<!--\n{bash('true')}-->\n", 1, HIDDEN),
    "after a comment in a comment": (f"<!-- a -->\n\n<!-- b\n{bash('true')}-->\n", 3, HIDDEN),
    "Pandoc": (":::\ntexto\n:::\n", 0, "o Jupytext toma por Pandoc um arquivo com uma linha que comece por `:::`"),
    "no attributes": ("```bash\ntrue\n```\n", 0, 'falta `name="..."`, em minúsculas sem acento, com hífens'),
    "no name": (bash("true", "timeout=5"), 0, 'falta `name="..."`'),
    "name with accents": (bash("true", 'name="verificação"'), 0, 'falta `name="..."`'),
    "name with blanks": (bash("true", 'name="um passo"'), 0, 'falta `name="..."`'),
    "name without quotes": (bash("true", "name=passo"), 0, 'falta `name="..."`'),
    "unknown attribute": (bash("true", 'name="x" retries=3'), 0, "atributo `retries` desconhecido; veja a página"),
    "attribute twice": (bash("true", 'name="x" timeout=3 timeout=4'), 0, "atributo `timeout` repetido"),
    "glued attributes": (bash("true", 'name="x"timeout=3'), 0, "`timeout=3` não é um atributo; a forma é `nome=valor`"),
    "comma": (bash("true", 'name="x", timeout=3'), 0, "`,` não é um atributo"),
    "loose words": (bash("true", 'name="x" "solto"'), 0, '`"solto"` não é um atributo'),
    "exit_code as word": (bash("true", 'name="x" exit_code=falha'), 0, "`exit_code` deve ser um número de 0 a 255"),
    "exit_code too big": (bash("true", 'name="x" exit_code=256'), 0, "`exit_code` deve ser um número de 0 a 255"),
    "negative exit_code": (bash("true", 'name="x" exit_code=-9'), 0, "`exit_code` deve ser um número de 0 a 255"),
    "exit_code without value": (bash("true", 'name="x" exit_code'), 0, "`exit_code` deve ser um número de 0 a 255"),
    "timeout with unit": (bash("true", 'name="x" timeout=5s'), 0, "`timeout` deve ser um número de segundos maior que"),
    "no time": (bash("true", 'name="x" timeout=0'), 0, "`timeout` deve ser um número de segundos maior que zero"),
    "retry as word": (bash("true", 'name="x" retry=true'), 0, "`retry` deve ser um número de segundos maior que zero"),
    "check=false": (bash("true", 'name="x" check=false'), 0, "`check` deve ser true, ou faltar, não false"),
    "check alone": (bash("true", 'name="x" check'), 0, "`check` deve ser true, ou faltar"),
    "destructive=yes": (bash("true", 'name="x" destructive=yes'), 0, "`destructive` deve ser true, ou faltar"),
    "manual=1": (bash("true", 'name="x" manual=1'), 0, "`manual` deve ser true, ou faltar"),
    "stderr=full": (bash("true", 'name="x" stderr="full"'), 0, '`stderr` só aceita o valor "empty"'),
    "broken expect": (bash("true", 'name="x" expect="("'), 0, "`expect` deve ser uma expressão regular entre aspas"),
    "unclosed expect": (bash("true", 'name="x" expect="a'), 0, "`expect` deve ser uma expressão regular entre aspas"),
    "expect that always matches": (bash("true", 'name="x" expect="a*"'), 0, "que não aceite uma saída vazia, não"),
    "empty expect": (bash("true", 'name="x" expect=""'), 0, "`expect` deve ser uma expressão regular entre aspas"),
    "hidden without reason": (bash("true", 'name="x" hidden=""'), 0, "`hidden` deve ser a razão, entre aspas duplas"),
    "hidden=true": (bash("true", 'name="x" hidden=true'), 0, "`hidden` deve ser a razão, entre aspas duplas"),
    "unknown engine": (bash("true", 'name="x" engine="oracle"'), 0, '`engine` deve ser "postgresql" ou "mysql", não'),
    "engine without quotes": (bash("true", 'name="x" engine=mysql'), 0, '`engine` deve ser "postgresql" ou "mysql"'),
    "unknown need": (bash("true", 'name="x" needs="java"'), 0, '`needs` deve ser "cifra" ou "cliente-antigo" ou'),
    "empty step": ('```bash name="x"\n```\n', 0, 'o passo "x" está vazio'),
    "blank step": (bash("\n\n"), 0, 'o passo "passo" está vazio'),
    "blank first line": (bash("\ntrue"), 0, 'o passo "passo" começa ou termina com uma linha em branco; tire-a'),
    "blank last line": (bash("true\n"), 0, 'o passo "passo" começa ou termina com uma linha em branco; tire-a'),
    "tab": (bash("true\n\ttrue"), 2, "tabulação ou espaço no fim da linha; a página mostraria outro texto"),
    "blank at the end": (bash("true \ntrue"), 1, "tabulação ou espaço no fim da linha"),
    "invisible character": (bash("true\necho 'a\u200bb'"), 2, "caractere invisível (U+200B); tire-o, ou escreva-o"),
    "too long": (bash("echo " + "x" * LONGEST), 0, f'o passo "passo" tem mais de {LONGEST} bytes; divida-o'),
    "name twice": (bash("true") + "\n" + bash("true"), 4, 'já existe um passo "passo"; os nomes são únicos'),
    "name of one engine and of all": (
        bash("true") + bash("true", 'name="passo" engine="mysql"'), 3, 'já existe um passo "passo"',
    ),
    "twins apart": (
        bash("true", 'name="a" engine="mysql"') + "\nTexto.\n\n" + bash("true", 'name="a" engine="postgresql"'), 6,
        'os passos "a" de bancos diferentes devem ser vizinhos, sem texto entre eles',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), FENCES.values(), ids=FENCES)
def test_refused_fence(text: str, line: int, message: str, tmp_path: Path) -> None:
    """A fence that the format does not know is refused with its line and the way out."""
    found, said = refusal(tmp_path, f"{HEADER}{GOOD}\n{text}")
    assert found == FENCE + GOOD.count("\n") + 1 + line
    assert message in said


def test_step_of_an_engine_that_the_runbook_has_not(tmp_path: Path) -> None:
    """A step for an engine that the header does not name is refused."""
    text = HEADER.replace(", mysql]", "]") + bash("true", 'name="x" engine="mysql"')
    assert refusal(tmp_path, text) == (FENCE, 'o passo "x" é de mysql, que não está em `engines`')


TRAP = "`trap` de ERR, EXIT, DEBUG ou RETURN não é aceito em um passo: esses sinais são do executor; faça a limpeza"
STRICT = "`set` que desliga o modo estrito não é aceito em um passo: use `if`, `||` ou `exit_code`"
ECHO = "`set -x` ou `set -v` não é aceito em um passo: o eco dos comandos se misturaria"
EXIT = "`exit` sem código de falha encerra o passo antes do fim e pareceria sucesso; tire-o, ou declare `exit_code`"
NEGATED = "`! comando` não reprova o passo quando o comando dá certo; escreva `if comando; then false; fi`"
WAIT = '`wait` sozinho esquece o código de saída dos comandos em segundo plano; espere por cada um: `wait "$!"`'
FORBIDDEN = {
    "true\ntrap - ERR": (2, TRAP),
    "trap 'rm -r \"$x\"' EXIT": (1, TRAP),
    "trap true INT EXIT": (1, TRAP),
    "trap true err": (1, TRAP),
    "trap true SIGERR": (1, TRAP),
    "trap true 0": (1, TRAP),
    "true; trap true DEBUG": (1, TRAP),
    "f() { trap true RETURN; }": (1, TRAP),
    "if true; then trap - ERR; fi": (1, TRAP),
    "true\n\n  set +e": (3, STRICT),
    "set +eu": (1, STRICT),
    "set +E": (1, STRICT),
    "set -u +e": (1, STRICT),
    "set +o pipefail": (1, STRICT),
    "set +o errexit": (1, STRICT),
    "true && set +u": (1, STRICT),
    "set -x": (1, ECHO),
    "set -ex": (1, ECHO),
    "set -o verbose": (1, ECHO),
    "exit": (1, EXIT),
    "true\nexit 0": (2, EXIT),
    "test -e x && exit 0": (1, EXIT),
    "if true; then exit; fi": (1, EXIT),
    "exit 0 # fim": (1, EXIT),
    "cat <<< palavra\nexit 0": (2, EXIT),
    "cat <<'FIM'\ntexto\nFIM\nexit 0": (4, EXIT),
    "echo 'aspas\nabertas'\nexit 0": (3, EXIT),
    "true\n! grep x y": (2, NEGATED),
    "{ ! true; }": (1, NEGATED),
    "if true; then ! false; fi": (1, NEGATED),
    "psql -c 'SELECT 1' &\nwait": (2, WAIT),
    "true & wait": (1, WAIT),
}


@pytest.mark.parametrize(("text", "expected"), FORBIDDEN.items(), ids=FORBIDDEN)
def test_forbidden_in_a_step(text: str, expected: tuple[int, str], tmp_path: Path) -> None:
    """What would take the executor's watch away is refused, at its own line."""
    line, message = refusal(tmp_path, HEADER + bash(text))
    assert line == FENCE + expected[0]
    assert expected[1] in message


ALLOWED = (
    "echo '<!-- só texto'",
    "trap 'echo interrompido' INT TERM",
    "echo 'trap - ERR'",
    "# set +e",
    'psql -c "exit 0"',
    "cat <<FIM\nset +e\nexit 0\nFIM",
    "cat <<-'FIM' | cat\nexit\nFIM\ntrue",
    "cat <<< palavra",
    "set -f; set +f",
    "set -- a b",
    "set -o noclobber",
    "settle +e || true",
    "exit 3",
    "exitar=0; echo $exitar",
    'bash -c "exit 0"',
    "if ! grep -q x y; then true; fi",
    "while ! true; do true; done",
    "test ! -e x",
    "[[ ! -e x ]]",
    "find . \\\n  ! -name x",
    "{ true; } &\nwait",
    "(true) &\nwait",
    'true &\nwait "$!"',
    "echo a 2>&1 >&2; true && true; echo $((1 & 3))",
)


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed_in_a_step(text: str, tmp_path: Path) -> None:
    """What only looks like it, in quotes, comments, here-documents or as another command, is read as it stands."""
    (step,) = read(tmp_path, HEADER + bash(text)).steps("mysql")
    assert step.text == text


def test_comment_in_a_step_is_none_of_the_page(tmp_path: Path) -> None:
    """The marks of a comment in the text of a step hide nothing that comes after it."""
    book = read(tmp_path, HEADER + bash("echo '<!--'", 'name="a"') + bash("true", 'name="b"') + "<!-- fim -->\n")
    assert [step.name for step in book.steps("mysql")] == ["a", "b"]


@pytest.mark.parametrize("code", [0, 3])
def test_exit_where_it_is_declared(code: int, tmp_path: Path) -> None:
    """A step that declares its code may say `exit`."""
    (step,) = read(tmp_path, HEADER + bash("exit 0", f'name="x" exit_code={code}')).steps("mysql")
    assert step.exit_code == code


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, or not UTF-8, is refused with its name."""
    with pytest.raises(RunbookFormatError, match=r"nada\.md: não foi possível ler o arquivo"):
        notebook.read(tmp_path, "nada")
    (tmp_path / "latim.md").write_bytes(
        HEADER.replace("descrição", "descri\udce7\udce3o").encode(errors="surrogateescape")
    )
    with pytest.raises(RunbookFormatError, match=r"latim\.md: não foi possível ler o arquivo"):
        notebook.read(tmp_path, "latim")


def test_names(tmp_path: Path) -> None:
    """The runbooks of a folder are called by their path without suffix, in order."""
    for name in ("b/um", "a/dois", "raiz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.md").touch()
    (tmp_path / "a" / "dois.mysql.json").touch()
    assert notebook.names(tmp_path) == ["a/dois", "b/um", "raiz"]


def test_all_there_is_in_the_format() -> None:
    """A small runbook with everything is read into exactly this data; change the file on purpose only."""
    found = dataclasses.asdict(notebook.read(DATA, "pequeno")) | {"file": "pequeno.md"}
    assert json.loads(json.dumps(found)) == json.loads((DATA / "pequeno.json").read_text(encoding="utf-8"))


def test_lines_and_text_are_those_of_the_file() -> None:
    """Line n of a step's text is, letter by letter, the line of the file that many lines below its fence."""
    lines = (DATA / "pequeno.md").read_text(encoding="utf-8").split("\n")
    steps = [part for part in notebook.read(DATA, "pequeno").body if isinstance(part, Step)]
    assert len(steps) == 5
    for step in steps:
        assert f'name="{step.name}"' in lines[step.line - 1]
        text = step.text.split("\n")
        assert lines[step.line : step.line + len(text)] == text


def test_nothing_of_the_file_is_lost() -> None:
    """Prose and steps together hold every line of the file after its header but the marks of the steps."""
    kept = {line for part in notebook.read(DATA, "pequeno").body for line in part.text.split("\n")}
    lines = (DATA / "pequeno.md").read_text(encoding="utf-8").split("---\n", 2)[2].split("\n")
    assert all(line.startswith("```") for line in lines if line and line not in kept)


@pytest.mark.parametrize("engine", ENGINES)
def test_notebook_is_stable(engine: str) -> None:
    """The Jupyter notebook is the same, byte for byte, at every export; change the files on purpose only."""
    text = ipynb.write(notebook.read(DATA, "pequeno"), engine)
    assert text == ipynb.write(notebook.read(DATA, "pequeno"), engine)
    assert text == (DATA / f"pequeno.{engine}.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("engine", ENGINES)
def test_notebook_holds_the_steps(engine: str) -> None:
    """The notebook is valid, for our kernel, and its code cells are the steps of the engine, in order."""
    book = notebook.read(DATA, "pequeno")
    exported = nbformat.reads(ipynb.write(book, engine), as_version=4)
    nbformat.validate(exported)
    assert exported.metadata.kernelspec.name == f"runbook-{engine}"
    assert [c.source for c in exported.cells if c.cell_type == "code"] == [s.text for s in book.steps(engine)]
    prose = [c.source for c in exported.cells if c.cell_type == "markdown"]
    assert prose == [p.text.strip() for p in book.body if isinstance(p, Prose)]


def test_jupytext_sees_the_same_cells() -> None:
    """What JupyterLab opens through Jupytext has the steps of all engines as its code cells."""
    book = notebook.read(DATA, "pequeno")
    cells = jupytext.read(DATA / "pequeno.md").cells
    assert [c.source for c in cells if c.cell_type == "code"] == [s.text for s in book.body if isinstance(s, Step)]


def test_run_id() -> None:
    """A run is called by its chapter, its engine and its file."""
    book = notebook.read(DATA, "pequeno")
    assert book.run_id("mysql") == "mysql-pequeno"
    assert dataclasses.replace(book, name="backup/logico").run_id("mysql") == "backup-mysql-logico"
