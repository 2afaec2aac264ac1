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

# The passwords of the application and of the owner, who applies migrations: SENHA_APP and SENHA_DONO, or random ones. They go
# on in the environment, never as arguments.
preparar_senhas() {
    local nome
    for nome in SENHA_APP SENHA_DONO; do
        export "$nome=${!nome:-$(senha_ao_acaso)}"
        [[ "${!nome}" =~ ^[A-Za-z0-9_-]{16,}$ ]] ||
            falhar "$nome não serve: use 16 caracteres ou mais, só letras, algarismos, _ e -"
    done
}

# The project's migrations of an engine, in the order in which Prisma applies them.
migrations() {
    local arquivo
    for arquivo in "$LOJA/$1"/projeto/prisma/migrations/*/migration.sql; do
        [[ -r "$arquivo" ]] || falhar "esperava as migrations em $LOJA/$1/projeto/prisma/migrations e não encontrei nenhuma"
        printf '%s\n' "$arquivo"
    done
}

# What `prisma migrate deploy` notes of a migration. Its id is random there and its times are those of the run; here the id is
# made of the checksum and the times of the folder's name, so that the shop is always the same, byte for byte.
registro() {
    local nome soma quando
    nome="$(basename "$(dirname "$1")")"
    soma="$(sha256sum < "$1")"
    soma="${soma%% *}"
    quando="${nome:0:4}-${nome:4:2}-${nome:6:2} ${nome:8:2}:${nome:10:2}:${nome:12:2}+00:00"
    printf "INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
        VALUES ('%s', '%s', '%s', '%s', '%s', 1);\n" \
        "${soma:0:8}-${soma:8:4}-4${soma:13:3}-8${soma:17:3}-${soma:20:12}" "$soma" "$nome" "$quando" "$quando"
}

# The last word of criar.sh: all that was generated is in the tables. The same text for both engines.
CONTAR='SELECT (SELECT count(*) FROM clientes) + (SELECT count(*) FROM produtos) + (SELECT count(*) FROM estoque)
    + (SELECT count(*) FROM pedidos) + (SELECT count(*) FROM itens) + (SELECT count(*) FROM pagamentos)
    + (SELECT count(*) FROM auditoria);'
conferir_linhas() {
    [[ "$1" == 100000 ]] || falhar "esperava 100000 linhas em $DB e encontrei ${1:-nenhuma}"
}

conferir_nome
