"""The commands of a step, changed one at a time; nothing is run but the parser, and bash to confirm it."""

from __future__ import annotations

import subprocess

import pytest

from runbook import commands, notebook
from runbook.commands import Change

from .samples import ROOT

RUNBOOKS = ROOT / "runbooks"


def texts(found: list[Change], operator: str) -> list[str]:
    """The new texts of one operator."""
    return [change.text for change in found if change.operator == operator]


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("grep -q x f", ["grep x f"]),
        ('pg_dump -h "$H" --file=f', ["pg_dump --file=f", 'pg_dump -h "$H"']),
        ("a \\\n  --b \\\n  --c", ["a \\\n   \\\n  --c", "a \\\n  --b \\\n  "]),
        ("OPCOES=(\n  --quick # linha por linha\n  --events\n)", None),
        ('f() { psql --quiet "$@"; }', ['f() { psql "$@"; }']),
        ("x=$(date -u) && echo ok", ["x=$(date) && echo ok"]),
        ("pnpm exec prisma migrate dev --name x --create-only", None),
        ("grep -vxFf f g", ["grep g"]),
        ("OPCOES=(-e 'a b' --x)", ["OPCOES=( --x)", "OPCOES=(-e 'a b')"]),
        ("sed -E 's/-x/ --y/' f", ["sed 's/-x/ --y/' f"]),
        ("coração=á; ls -l ção", ["coração=á; ls ção"]),
    ],
)
def test_each_option_is_left_out(text: str, without: list[str] | None) -> None:
    """Wherever a command stands, each of its options is left out, with the value that belongs to it."""
    found = texts(commands.changes(text), "opcao")
    if without is not None:
        assert found == without
    else:
        assert len(found) == 2


@pytest.mark.parametrize(
    "text",
    ["test -s f", "[ -e f ]", "[[ -e f ]]", "set -o pipefail", "echo -- -x", "rm -- -x", "cat -", "declare -a x"],
)
def test_what_only_looks_like_an_option_stays(text: str) -> None:
    """Operators of tests, words after `--`, a lone dash and the shell's own settings are no options."""
    assert texts(commands.changes(text), "opcao") == []


def test_a_program_that_is_called_by_another_keeps_its_own_options() -> None:
    """`timeout 20 pg_dump -h x` has the option `-h x` of `pg_dump`."""
    assert texts(commands.changes("timeout 20 pg_dump -h x"), "opcao") == ["timeout 20 pg_dump"]


def test_databases_are_swapped_where_they_are_used() -> None:
    """A variable that holds a database is replaced by one that holds another, wherever a command is given it."""
    known = {"DB": "loja", "EM_USO": "loja", "NOVO": "loja_nova"}
    text = 'A="$DB"\necho "$DB"\npsql --dbname="$DB" <<SQL\nSELECT \'${DB}\'\nSQL'
    found = [c.text for c in commands.changes(text, known) if "NOVO" in c.text]
    assert found == [text.replace('dbname="$DB"', 'dbname="$NOVO"'), text.replace("${DB}", "${NOVO}")]
    assert [c for c in commands.changes(text, {"DB": "loja", "EM_USO": "loja"}) if c.operator == "operando"] == []


def test_files_are_swapped_for_others_of_the_step() -> None:
    """A file that is read is replaced by another one that the step names, of the same kind if there is one."""
    found = texts(commands.changes('psql < a/b.sql && diff "$P/x.txt" y.txt'), "operando")
    assert "psql < a/b.sql && diff y.txt y.txt" in found
    assert 'psql < a/b.sql && diff "$P/x.txt" "$P/x.txt"' in found


def test_redirections_append() -> None:
    """Each `>` to a file becomes `>>`; descriptors and /dev/null stay."""
    found = texts(commands.changes("a > f 2> g; b &> h; c > /dev/null 2>&1"), "redirecao")
    assert found == [
        "a >> f 2> g; b &> h; c > /dev/null 2>&1",
        "a > f 2>> g; b &> h; c > /dev/null 2>&1",
        "a > f 2> g; b &>> h; c > /dev/null 2>&1",
    ]


def test_pipes_are_cut() -> None:
    """What comes after each `|` of a pipeline is dropped, and nothing else."""
    assert texts(commands.changes("a | b | c && d"), "cano") == ["a && d", "a | b && d"]


def test_pipe_after_a_here_document() -> None:
    """The here-document of a cut pipeline stays whole."""
    assert texts(commands.changes("cat <<FIM | b\nx\nFIM\nd"), "cano") == ["cat <<FIM\nx\nFIM\nd"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a && b && c", ["a"]),
        ("x=1\na\nb", ["x=1\na"]),
        ("a <<FIM && b\nx\nFIM\nc", ["a <<FIM\nx\nFIM"]),
        ("a", []),
        ("f() { a; }\nf", ["f() { a; }"]),
    ],
)
def test_the_step_ends_after_its_first_command(text: str, first: list[str]) -> None:
    """Assignments before it stay; a step of one command is not changed so."""
    assert [t.replace(" \n", "\n") for t in texts(commands.changes(text), "primeiro")] == first


def test_what_is_not_bash_is_refused() -> None:
    """An error says what was found."""
    with pytest.raises(ValueError, match="shfmt"):
        commands.changes("if true; then")


@pytest.mark.parametrize("name", notebook.names(RUNBOOKS))
def test_every_change_of_every_step_is_bash(name: str) -> None:
    """Each change of each step of a runbook is another text, has an id of its own, and bash can read it."""
    book = notebook.read(RUNBOOKS, name)
    every = []
    for engine in book.engines:
        for step in book.steps(engine):
            found = commands.changes(step.text, {name: name for name in ("DB", "ENSAIO", "NOVO", "ERRADO")})
            ids = [(change.operator, change.detail) for change in found]
            assert len(ids) == len(set(ids)), step.name
            assert step.text not in [change.text for change in found]
            every += [change.text for change in found]
    assert every
    # All of them in one program, each as a function's body in which nothing is run.
    program = "\n".join(f"f{n}() {{ if :; then :\n{text}\nfi\n}}" for n, text in enumerate(every))
    done = subprocess.run(["bash", "-n", "-O", "extglob"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
