#!/usr/bin/env bash
# Creates the shop on MySQL: users "${DB}_dono" and "${DB}_app", the empty shadow database "${DB}_sombra", and database "$DB"
# with the project's migrations applied, noted as `prisma migrate deploy` notes them, and with all data.
# In: DB, CNF (option file of a root-like user); SENHA_DONO and SENHA_APP if the caller wants to know the passwords.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"
preparar_senhas

# The owner applies the migrations, so it is the DEFINER of the view, the routines, the triggers and the event. In a GRANT on a
# whole database _ and % are wildcards, so _ needs a backslash; the second GRANT covers copies such as "${DB}_nova".
# Passwords reach mysql through stdin: arguments can be read by every user of the machine.
sql <<SQL
CREATE USER \`${DB}_dono\`@\`%\` IDENTIFIED BY '$SENHA_DONO';
CREATE USER \`${DB}_app\`@\`%\` IDENTIFIED BY '$SENHA_APP';
CREATE DATABASE \`$DB\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci;
CREATE DATABASE \`${DB}_sombra\` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_ci;
GRANT ALL ON \`${DB//_/\\_}\`.* TO \`${DB}_dono\`@\`%\`;
GRANT ALL ON \`${DB//_/\\_}\\_%\`.* TO \`${DB}_dono\`@\`%\`;
SQL

# Each file is sent whole, as Prisma does: the client cuts at its delimiter (15 bytes at most), and this one occurs in no file. DELIMITER itself is
# unknown to the server, so that a body with BEGIN and END could not be sent otherwise.
arquivos="$(migrations mysql)"
{
    echo "SET time_zone = '+00:00';"
    cat "$LOJA/mysql/historico.sql"
    while read -r arquivo; do
        printf 'DELIMITER //migration//\n'
        cat "$arquivo"
        printf '\n//migration//\nDELIMITER ;\n'
        registro "$arquivo"
    done <<<"$arquivos"
} | sql_do_dono --comments "$DB"

{
    echo 'SET unique_checks = 0;'
    python3 "$LOJA/gerar.py" mysql
    cat "$LOJA/mysql/contadores.sql"
    sed "s/\`loja_/\`${DB}_/g" "$LOJA/mysql/permissoes.sql"
} | sql "$DB"

linhas="$(sql "$DB" <<<"$CONTAR")"
conferir_linhas "$linhas"
