# What the scripts of both engines share: strict mode, the check of the database's name, the place of the files.
# Sourced, never run.

# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit
umask 077
LOJA="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export LC_ALL=C.UTF-8

falhar() {
    printf 'loja: %s\n' "$1" >&2
    exit 1
}

# "$DB" decides what remover.sh drops, so it is judged before anything else. At most 27 characters, because
# "${DB}_dono" must fit into a MySQL user name (32). The names that the servers use themselves are refused, also as
# a prefix ("information" would match information_schema).
conferir_nome() {
    [[ -n "${DB:-}" ]] || falhar 'a variável DB está vazia: diga o nome do banco de dados, por exemplo DB=loja'
    [[ "$DB" =~ ^[a-z][a-z0-9_]{0,26}$ ]] ||
        falhar "DB='$DB' não serve: use letras minúsculas, algarismos e _, começando por uma letra, até 27 caracteres"
    case "$DB" in
        postgres | postgres_* | template | template[01]* | pg | pg_* | mysql | mysql_* | sys | sys_* | root | \
            information | information_* | performance | performance_*)
            falhar "DB='$DB' é um nome do próprio servidor" ;;
    esac
}

# The ending satisfies servers that demand upper case, lower case, a digit and a symbol.
senha_ao_acaso() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
    printf '%s' '-Aa1'
}

# The application's password: SENHA_APP, or a random one. It goes on in the environment, never as an argument.
preparar_senha() {
    SENHA_APP="${SENHA_APP:-$(senha_ao_acaso)}"
    [[ "$SENHA_APP" =~ ^[A-Za-z0-9_-]{16,}$ ]] ||
        falhar 'SENHA_APP não serve: use 16 caracteres ou mais, só letras, algarismos, _ e -'
    export SENHA_APP
}

# The last word of criar.sh: all that was generated is in the tables. The same text for both engines.
CONTAR='SELECT (SELECT count(*) FROM clientes) + (SELECT count(*) FROM produtos) + (SELECT count(*) FROM estoque)
    + (SELECT count(*) FROM pedidos) + (SELECT count(*) FROM itens) + (SELECT count(*) FROM pagamentos)
    + (SELECT count(*) FROM auditoria);'
conferir_linhas() {
    [[ "$1" == 100000 ]] || falhar "esperava 100000 linhas em $DB e encontrei ${1:-nenhuma}"
}

conferir_nome
