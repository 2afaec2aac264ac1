"""The pages, pasted into one plain bash by a reader who looks at nothing, with one thing wrong.

A run stops at its first error; a terminal goes on to the next block. So the pages have to hold by themselves: the line
that says that all is well does not appear, and what must never happen does not.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from runbook import notebook
from runbook.containers import Docker
from runbook.embedded import Embedded
from runbook.environment import PLACE
from runbook.sandbox import Sandbox

RUNBOOKS = Path(__file__).parents[1] / "runbooks"
BACKUP, RESTORE = "backup/logico", "restauracao/logica"
CREATE, CHECK, RESET = "migrations/criar", "migrations/conferir", "migrations/recomecar"
DEPLOY, PROJECT = "migrations/aplicar", "migrations/projeto"
CLIENTS = """sql "$DB" <<< "SELECT 'apelidos: ' || count(apelido) FROM clientes" """
MARK = "@@ "
PRODUCTION = """sql --dbname=postgres --command="COMMENT ON DATABASE \\"$DB\\" IS 'produção'" """
DATABASES = """sql --dbname=postgres --command="SELECT replace(datname, '$DB', 'loja'), datallowconn FROM pg_database
  WHERE starts_with(datname, '$DB') AND datname <> '${DB}_sombra' ORDER BY 1" """
CUT = 'truncate -s -1000 "$COPIA/banco.dump"'
NEW_SUMS = '(cd "$COPIA" && rm -f somas.sha256 && sha256sum -- * > ../somas && mv ../somas somas.sha256)'


class Terminal:
    """A bash of the sandbox: collects what is typed and pasted, then runs it all and tells what each piece printed."""

    def __init__(self, sandbox: Sandbox, engine: str, folder: Path) -> None:
        self._sandbox, self._engine, self._folder = sandbox, engine, folder
        self._lines = ["exec 2>&1"]
        self.prefix = ""  # of the labels, for who pastes a page more than once

    def type(self, label: str, text: str) -> None:
        """A command of the test's own."""
        self._lines += [f"printf '\\n{MARK}{self.prefix}{label}\\n'", text]

    def paste(self, page: str, first: str = "parametros", last: str = "", skip: str = "", **before: str) -> None:
        """The blocks of a page from `first` to `last`; a text of `before` is typed before the block of that name."""
        steps = notebook.read(RUNBOOKS, page).steps(self._engine)
        names = [step.name for step in steps]
        for step in steps[names.index(first) : names.index(last) + 1 if last else None]:
            if sabotage := before.pop(step.name.replace("-", "_"), ""):
                self.type(f"antes de {step.name}", sabotage)
            if step.name != skip:
                self.type(step.name, step.text)
        assert not before, "a sabotage of no step"

    def read(self) -> dict[str, str]:
        """Runs it; gives the last output under each label."""
        place = json.dumps(asdict(self._sandbox.place(self._engine)))
        done = subprocess.run(
            self._sandbox.command("runbook.session"),
            env={**os.environ, PLACE: place, "TMPDIR": str(self._folder)},
            input="\n".join([*self._lines, "exit 0", ""]),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr  # 1 when something was left on the server
        pieces = [piece.partition("\n") for piece in done.stdout.split(f"\n{MARK}")]
        return {label: output.strip() for label, _, output in pieces}


@pytest.fixture
def postgresql(embedded_sandbox: Embedded, tmp_path: Path) -> Terminal:
    """A terminal with PostgreSQL."""
    return Terminal(embedded_sandbox, "postgresql", tmp_path)


@pytest.fixture
def mysql(docker_sandbox: Docker, tmp_path: Path) -> Terminal:
    """A terminal with MySQL."""
    return Terminal(docker_sandbox, "mysql", tmp_path)


def test_whole_page_after_a_backup(postgresql: Terminal) -> None:
    """The example makes a backup of its own; the one that the other page left in COPIA stays as it is."""
    postgresql.paste(BACKUP, last="somas")
    postgresql.type("guardar", 'real=$COPIA && cp -r "$real" guardado')
    postgresql.paste(RESTORE, last="aplicacao")
    postgresql.type("comparar", 'diff -r "$real" guardado && echo intacto')
    said = postgresql.read()
    assert said["somas"].endswith("backup inteiro e fechado")
    assert said["perda"] == "o banco foi apagado"
    assert said["igual"] == "o banco no ar é igual ao original"
    assert said["comparar"] == "intacto"


def test_whole_page_in_an_emergency(postgresql: Terminal) -> None:
    """Pasted whole, on a database that is no shop: it is restored, and the backup and the old database are kept."""
    postgresql.paste(BACKUP, last="somas", impressao_antes=PRODUCTION)
    postgresql.type("guardar", 'real=$COPIA && cp -r "$real" guardado')
    postgresql.type("estragar", """sql --dbname="$DB" --command="UPDATE clientes SET nome = 'estragado'" """)
    postgresql.paste(RESTORE)
    postgresql.type("comparar", 'diff -r "$real" guardado && ls backups | wc -l')
    postgresql.type("bancos", DATABASES)
    said = postgresql.read()
    example = ("copia", "troca-em-uso", "aplicacao", "para-no-erro", "psql-para-no-erro", "desfazer-troca", "limpar")
    wrong = ("errado-por-cima", "errado-por-cima-dano", "errado-cortado", "errado-continua")
    for name in (*example, *wrong):
        assert [line[:8] for line in said[name].splitlines()] == ["pulado: "], (name, said[name])
    assert said["perda"] == ""
    assert said["trocar"] == "sessões encerradas: 0\ntrocado"
    assert said["igual"] == "o banco no ar é igual ao original"
    assert said["comparar"] == "1"
    assert said["bancos"] == "loja|t\nloja_antes|f"


def test_swap_closes_nothing_that_it_cannot_swap(postgresql: Terminal) -> None:
    """With an old `_antes` in the way, or pasted twice, the swap leaves the live database open and in its place."""
    postgresql.paste(RESTORE, last="novo-igual", skip="perda")
    postgresql.type("no caminho", 'createdb "${DB}_antes"')
    for prefix in ("recusada: ", "aceita: ", "repetida: "):
        postgresql.prefix = prefix
        postgresql.paste(RESTORE, "trocar", "trocar")
        postgresql.type("bancos", DATABASES)
        postgresql.type("livre", 'dropdb "${DB}_antes"' if prefix == "recusada: " else "true")
    said = postgresql.read()
    assert "trocado" not in said["recusada: trocar"].splitlines()
    assert said["recusada: bancos"] == "loja|t\nloja_antes|t\nloja_novo|t"
    assert said["aceita: trocar"] == "sessões encerradas: 0\ntrocado"
    assert said["aceita: bancos"] == "loja|t\nloja_antes|f"
    assert "trocado" not in said["repetida: trocar"].splitlines()
    assert said["repetida: bancos"] == "loja|t\nloja_antes|f"


NOT_VALID = {
    "a dump cut short": 'truncate -s -1000 "$PARCIAL/banco.dump"',
    "no definition": ': > "$PARCIAL/definicao.sql"',
    "no roles": ': > "$PARCIAL/globais.sql"',
    "another table since the dump": 'sql --dbname="$DB" --command="CREATE TABLE depois ()"',
}
NOT_THE_SAME = {
    "fingerprint cut short": "sed -i '$d' \"$PARCIAL/impressao.txt\"",
    "another dump since": 'pg_dump --format=custom --file="$PARCIAL/banco.dump" --dbname=postgres',
}


def test_only_what_is_valid_is_promoted(postgresql: Terminal) -> None:
    """A backup that is not valid, or has changed since, is not said to be, and keeps the name of an unfinished one."""
    for what, sabotage in (NOT_THE_SAME | NOT_VALID).items():
        postgresql.prefix = what
        postgresql.type("", f"PASTA='{what}'")
        step = "validar" if what in NOT_VALID else "promover"
        postgresql.paste(BACKUP, last="ensaio-igual", **{step: sabotage})
        postgresql.type("nomes", "ls \"$PASTA\" | sed 's/.*\\.//'")
    said = postgresql.read()
    for what in NOT_THE_SAME | NOT_VALID:
        assert ("arquivos validados" in said[f"{what}validar"]) == (what in NOT_THE_SAME), what
        assert said[f"{what}nomes"] == "parcial", what
        assert "backup inteiro" not in said[f"{what}somas"], what
        assert "são iguais" not in said[f"{what}ensaio-igual"], what


NOT_WHOLE = {
    "a dump cut short": CUT,
    "a dump cut short, with new sums": f"{CUT}; {NEW_SUMS}",
    "fingerprint cut short, with new sums": f"sed -i '$d' \"$COPIA/impressao.txt\"; {NEW_SUMS}",
}


def test_a_backup_that_is_not_whole(postgresql: Terminal) -> None:
    """It is never called whole, and nothing is swapped in from it."""
    for what, sabotage in NOT_WHOLE.items():
        postgresql.prefix = what
        postgresql.paste(RESTORE, last="igual", skip="perda", conferir=sabotage)
        postgresql.type("bancos", DATABASES)
        postgresql.type("de novo", 'dropdb "$NOVO"; rm -r "$EXEMPLO" incompleto.txt')
    said = postgresql.read()
    for what in NOT_WHOLE:
        assert "backup íntegro" not in said[f"{what}conferir"], what
        assert "trocado" not in said[f"{what}trocar"].splitlines(), what
        assert said[f"{what}igual"] == "a troca não aconteceu", what
        assert said[f"{what}bancos"] == "loja|t\nloja_novo|t", what


def test_a_proof_of_another_day(postgresql: Terminal) -> None:
    """A fingerprint that lies around does not let a database in that nobody has proven."""
    stale = 'cp "$COPIA/impressao.txt" novo.txt && echo 1 > novo.oid'
    postgresql.paste(RESTORE, last="trocar", skip="novo-igual", restaurar=CUT, trocar=stale)
    postgresql.type("bancos", DATABASES)
    said = postgresql.read()
    assert "trocado" not in said["trocar"].splitlines()
    assert said["bancos"] == "loja_novo|t"


def test_restore_that_failed_and_then_did_not(postgresql: Terminal) -> None:
    """Nothing is said of a swap that was refused, and whoever starts again at step 2 gets through."""
    save = f'cp "$COPIA/banco.dump" . && {CUT}'
    postgresql.paste(RESTORE, last="aplicacao", skip="perda", restaurar=save)
    postgresql.type("não trocado", DATABASES)
    postgresql.type("reparar", 'mv banco.dump "$COPIA"')
    postgresql.prefix = "de novo: "
    postgresql.paste(RESTORE, "recomecar", "aplicacao")
    said = postgresql.read()
    assert said["restaurar"].startswith("a restauração não terminou\npg_restore: error: ")
    assert (said["igual"], said["aplicacao"]) == ("a troca não aconteceu", "a troca não aconteceu")
    assert said["não trocado"] == "loja|t\nloja_novo|t"
    assert said["de novo: trocar"].splitlines()[-1] == "trocado"
    assert said["de novo: igual"] == "o banco no ar é igual ao original"
    assert "_prova\nclientes: 8000\n" in said["de novo: aplicacao"]


def test_a_database_of_someone_else(postgresql: Terminal) -> None:
    """A database that has the name of the new one already is neither filled nor dropped."""
    foreign = 'createdb "$NOVO" && sql --dbname="$NOVO" --command="CREATE TABLE minha ()"'
    postgresql.paste(RESTORE, last="igual", skip="perda", recomecar=foreign)
    postgresql.type("tabelas", """sql --dbname="$NOVO" --command="SELECT relname FROM pg_stat_user_tables" """)
    postgresql.type("bancos", DATABASES)
    said = postgresql.read()
    assert said["criar"] == ""
    assert said["restaurar"] == "a restauração não terminou"
    assert said["tabelas"] == "minha"
    assert said["bancos"] == "loja|t\nloja_novo|t"


OTHER_PROJECT = {
    CHECK: ("funcoes", "portao-verde", r"VERDE em loja_\w+: status, pastas e tabela, referência"),
    CREATE: ("limpo", "somas", "pastas e tabela dizem o mesmo"),
}


@pytest.mark.parametrize("page", OTHER_PROJECT)
def test_migration_page_in_another_project(postgresql: Terminal, page: str) -> None:
    """Pasted whole where the database is no shop: the general steps work; project and databases stay as they are."""
    after, general, green = OTHER_PROJECT[page]
    postgresql.paste(page, **{after: f"{PRODUCTION}; cp -R . ../guardado"})
    postgresql.type("projeto", "diff -r --exclude=node_modules ../guardado . && echo intacto")
    postgresql.type("dados", CLIENTS)
    postgresql.type("bancos", DATABASES)
    said = postgresql.read()
    assert re.fullmatch(green, said[general]), said[general]
    assert said["projeto"] == "intacto"
    assert said["dados"] == "apelidos: 7138"
    assert said["bancos"] == "loja|t"


def test_a_proposal_that_nobody_corrected(postgresql: Terminal) -> None:
    """It would empty a column, and is not applied."""
    postgresql.paste(CREATE, last="valores-depois", skip="corrigir")
    postgresql.type("dados", CLIENTS)
    said = postgresql.read()
    assert said["aplicar"] == ""
    assert said["dados"] == "apelidos: 7138"
    assert "são os mesmos" not in said["valores-depois"]


def test_no_reset_without_a_copy(postgresql: Terminal) -> None:
    """When the dump fails, the guard that lets the database through is not enough."""
    postgresql.paste(RESET, last="reset", guardar="pg_dump() { false; }")
    postgresql.type("dados", CLIENTS)
    said = postgresql.read()
    assert said["guarda"].startswith("LIBERADO: ")
    assert "refeito" not in said["reset"]
    assert said["dados"] == "apelidos: 7138"


MIGRATIONS = """sql "$DB" <<< "SELECT 'migrations: ' || count(*) FROM _prisma_migrations" """


def test_undo_of_a_deploy_that_was_refused(postgresql: Terminal) -> None:
    """With one mark missing, or the comparison of schemas not done, neither way applies anything, and both say why."""
    postgresql.paste(DEPLOY, last="impressao-antes", skip="portao-backup")
    postgresql.paste(DEPLOY, "deploy", "deploy")
    postgresql.paste(DEPLOY, "desfazer-contar", "errado-clone")
    postgresql.type("feito", MIGRATIONS)
    postgresql.prefix = "divergente: "
    postgresql.type("não compara", 'touch "$PROVA/backup.ok" && : > "$PROVA/schema-no-ar.prisma"')
    postgresql.paste(DEPLOY, "portao-divergencia", "portao-divergencia")
    postgresql.paste(DEPLOY, "deploy", "deploy")
    postgresql.type("feito", MIGRATIONS)
    said = postgresql.read()
    assert said["deploy"] == "RECUSADO: falta a marca backup"
    for name in ("desfazer-escrever", "desfazer-ensaio", "desfazer-aplicar", "desfazer-provar", "errado-clone"):
        assert {line[:9] for line in said[name].splitlines()} == {"RECUSADO:"}, (name, said[name])
    assert said["divergente: deploy"] == "RECUSADO: o banco diverge, ou a comparação não terminou"
    assert said["feito"] == said["divergente: feito"] == "migrations: 5"


@pytest.mark.docker
def test_engine_that_cannot_compare(mysql: Terminal) -> None:
    """It says so, and what it cannot do closes no gate; a gate that is closed says so too."""
    mysql.paste(DEPLOY, last="funcoes")
    mysql.type("no ar", 'cp prisma/schema.prisma "$PROVA/schema-no-ar.prisma"')
    mysql.paste(DEPLOY, "portao-divergencia", "portao-divergencia")
    mysql.paste(DEPLOY, "deploy", "deploy")
    said = mysql.read()
    if "precisa comparar schemas" not in said["portao-divergencia"]:
        pytest.skip("the engine here compares schemas")
    marks = ("destino", "historico", "sessoes", "backup", "ensaio", "fumaca", "antes")
    assert said["deploy"].splitlines() == [f"RECUSADO: falta a marca {mark}" for mark in marks]


def test_new_project_where_one_is(postgresql: Terminal) -> None:
    """A folder of that name that was there before: nothing in it changes, and nothing is made beside it."""
    postgresql.type("existe", "mkdir catalogo && cp -R loja/src loja/prisma loja/prisma.config.ts catalogo")
    postgresql.type("enganam", "touch catalogo/{.env,prisma7.config.ts,package.json} && cp -R catalogo antes")
    postgresql.paste(PROJECT, last="desfazer")
    postgresql.type("comparar", 'diff -r antes catalogo && ls -1A && test "$PWD" = "${PROJETO%/*}" && echo intacto')
    postgresql.type("bancos", DATABASES)
    postgresql.type("feito", MIGRATIONS)
    said = postgresql.read()
    steps = [s.name for s in notebook.read(RUNBOOKS, PROJECT).steps("postgresql")]
    for name in steps[steps.index("banco") : steps.index("desfazer") + 1]:
        assert [line[:9] for line in said[name].splitlines()] == ["RECUSADO:"], (name, said[name])
    assert said["comparar"].splitlines()[-1] == "intacto"
    assert {"prisma", ".env", "package.json"}.isdisjoint(said["comparar"].splitlines())
    assert said["bancos"] == "loja|t"
    assert said["feito"] == "migrations: 5"


def test_database_of_the_new_project_pasted_twice(postgresql: Terminal) -> None:
    """The second time it neither says that all is well nor loses the address of the shop."""
    postgresql.type("antes", "loja=$DATABASE_URL")
    postgresql.paste(PROJECT, last="banco")
    postgresql.prefix = "de novo: "
    postgresql.paste(PROJECT, last="banco")
    postgresql.type("endereço", 'test "$URL_DA_LOJA" = "$loja" && test "$DATABASE_URL" = "$URL_NOVA" && echo guardado')
    said = postgresql.read()
    assert re.fullmatch(r"tabelas em loja_\w+_catalogo: 0", said["banco"]), said["banco"]
    assert "tabelas" not in said["de novo: banco"]
    assert said["de novo: endereço"] == "guardado"


HOSTILE = r"""printf '[client]\nhost=127.0.0.9\nuser=ninguem\npassword=errada\n' > ~/.my.cnf
mysql_config_editor set --login-path=client --host=127.0.0.9 --user=ninguem"""


@pytest.mark.docker
def test_mysql_options_of_the_home_folder(mysql: Terminal) -> None:
    """A ~/.my.cnf and a login path that name another server and user change neither who is asked nor who asks."""
    mysql.type("hostil", HOSTILE)
    mysql.type("alheio", "mysql --execute='SELECT 1'")
    mysql.paste(RESTORE, last="aplicacao")
    mysql.type("fim", "rm ~/.my.cnf ~/.mylogin.cnf")  # the sandbox's own scripts would obey them
    said = mysql.read()
    assert "ninguem" in said["alheio"] or "127.0.0.9" in said["alheio"]
    assert said["igual"] == "o banco no ar é igual ao original"
    assert "_prova@%\nclientes: 8000\n" in said["aplicacao"]


@pytest.mark.docker
def test_mysql_page_pasted_again(mysql: Terminal) -> None:
    """After a swap the new database is the live one: the page, pasted again, neither fills nor drops nor undoes it."""
    mysql.paste(RESTORE, last="igual")
    mysql.type(
        "pedido",
        """sql "$NOVO" --execute="ALTER TABLE clientes COMMENT 'produção';
      INSERT INTO pedidos (numero, cliente_id) VALUES ('DEPOIS', 1)" """,
    )
    mysql.paste(RESTORE)
    mysql.type("no ar", """sql "$NOVO" --execute="SELECT numero FROM pedidos WHERE numero = 'DEPOIS'" """)
    mysql.type("usado", 'sed "s/.*_/_/" app.env')
    said = mysql.read()
    assert (said["no ar"], said["usado"]) == ("DEPOIS", "_novo")
    assert said["restaurar"].endswith("a restauração não terminou")
    assert "igual ao original" not in said["novo-igual"] + said["igual"]
