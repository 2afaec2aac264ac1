#!/usr/bin/env bash
# Creates the shop on PostgreSQL: roles "${DB}_dono" and "${DB}_app", the empty shadow database "${DB}_sombra", and database
# "$DB" with the project's migrations applied, noted as `prisma migrate deploy` notes them, and with all data.
# In: DB, PGHOST, PGPORT, PGUSER (a superuser), PGPASSFILE; SENHA_DONO and SENHA_APP if the caller wants to know the passwords.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"
preparar_senhas

# The builtin locale sorts alike on every system; with the system's own, the collation would differ from server to server.
sql --dbname=postgres <<'SQL'
\getenv senha_dono SENHA_DONO
\getenv senha_app SENHA_APP
CREATE ROLE :"dono" LOGIN PASSWORD :'senha_dono';
CREATE ROLE :"app" LOGIN PASSWORD :'senha_app';
CREATE DATABASE :"sombra" OWNER :"dono" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
REVOKE ALL ON DATABASE :"sombra" FROM PUBLIC;
CREATE DATABASE :"db" OWNER :"dono" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
ALTER DATABASE :"db" SET timezone = 'America/Sao_Paulo';
ALTER DATABASE :"db" SET search_path = public;
ALTER ROLE :"app" IN DATABASE :"db" SET lock_timeout = '5s';
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"db" TO :"app";
COMMENT ON DATABASE :"db" IS 'Loja de exemplo do manual';
SQL

# One transaction: when a migration or the generator fails half-way, COMMIT is never sent and the tables do not exist. So no
# migration here may hold what cannot be in one, such as CREATE INDEX CONCURRENTLY. What a file sets for its session ends with it.
# The superuser loads the data as a replica would: no trigger fires, and the foreign keys are not checked row by row.
arquivos="$(migrations postgresql)"
{
    echo 'BEGIN; SET SESSION AUTHORIZATION :"dono";'
    cat "$LOJA/postgresql/historico.sql"
    while read -r arquivo; do
        cat "$arquivo"
        echo 'RESET ALL;'
        registro "$arquivo"
    done <<<"$arquivos"
    echo 'RESET SESSION AUTHORIZATION; SET LOCAL synchronous_commit = off; SET LOCAL session_replication_role = replica;'
    python3 "$LOJA/gerar.py" postgresql
    cat "$LOJA/postgresql/contadores.sql"
    echo 'SET SESSION AUTHORIZATION :"dono";'
    cat "$LOJA/postgresql/permissoes.sql"
    echo 'COMMIT;'
} | sql --dbname="$DB" --output=/dev/null

linhas="$(sql --dbname="$DB" <<<"$CONTAR")"
conferir_linhas "$linhas"
