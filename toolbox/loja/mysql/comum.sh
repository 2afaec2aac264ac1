# How the MySQL scripts call mysql: the password comes from the option file, texts are UTF-8, the first error ends it.

# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../comum.sh"

[[ -r "${CNF:-}" ]] || falhar 'CNF precisa ser o caminho de um arquivo de opções do MySQL, com [client] host, user e password'

cliente() {
    mysql --defaults-file="$1" --default-character-set=utf8mb4 --batch --skip-column-names "${@:2}"
}

sql() {
    cliente "$CNF" "$@"
}

# The same server, as "${DB}_dono". The option file is a pipe, so that the password is in no file; printf is the shell's own.
sql_do_dono() {
    cliente <(printf '!include %s\n[client]\nuser=%s_dono\npassword=%s\n' "$(realpath "$CNF")" "$DB" "$SENHA_DONO") "$@"
}

# A condition for WHERE: the column is "$DB" or starts with "${DB}_". LIKE is of no use, its _ matches any character;
# as BINARY, because the system's own columns compare without regard to case.
desta_loja() {
    local nome="CAST($1 AS BINARY)"
    printf "(%s = '%s' OR LEFT(%s, %d) = '%s_')" "$nome" "$DB" "$nome" "$((${#DB} + 1))" "$DB"
}
