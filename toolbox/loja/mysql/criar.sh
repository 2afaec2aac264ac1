#!/usr/bin/env bash
# Creates the shop on MySQL: users "${DB}_dono" and "${DB}_app", database "$DB", schema and all data.
# In: DB, CNF (option file of a root-like user); SENHA_APP if the caller wants to know the app's password.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"
preparar_senha

# The owner never logs in: it is the DEFINER of the view, the routines, the triggers and the event. In a GRANT on a whole
# database _ and % are wildcards, so _ needs a backslash; the second GRANT covers copies such as "${DB}_nova".
# Passwords reach mysql through stdin: arguments can be read by every user of the machine.
{
    cat <<SQL
CREATE USER \`${DB}_dono\`@\`%\` IDENTIFIED BY '$(senha_ao_acaso)' ACCOUNT LOCK;
CREATE USER \`${DB}_app\`@\`%\` IDENTIFIED BY '$SENHA_APP';
CREATE DATABASE \`$DB\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW, TRIGGER, EVENT ON \`${DB//_/\\_}\`.* TO \`${DB}_dono\`@\`%\`;
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE, SHOW VIEW, TRIGGER, EVENT ON \`${DB//_/\\_}\\_%\`.* TO \`${DB}_dono\`@\`%\`;
USE \`$DB\`;
SQL
    cat "$LOJA/mysql/esquema.sql"
    python3 "$LOJA/gerar.py" mysql
    sed "s/\`loja_/\`${DB}_/g" "$LOJA/mysql/complemento.sql"
} | sql

linhas="$(sql --database="$DB" <<<"$CONTAR")"
conferir_linhas "$linhas"
