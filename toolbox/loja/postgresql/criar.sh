#!/usr/bin/env bash
# Creates the shop on PostgreSQL: roles "${DB}_dono" and "${DB}_app", database "$DB", schema and all data.
# In: DB, PGHOST, PGPORT, PGUSER (a superuser), PGPASSFILE; SENHA_APP if the caller wants to know the app's password.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"
preparar_senha

# The builtin locale sorts alike on every system; with the system's own, the collation would differ from server to server.
sql --dbname=postgres <<'SQL'
\getenv senha SENHA_APP
CREATE ROLE :"dono" NOLOGIN;
CREATE ROLE :"app" LOGIN PASSWORD :'senha';
CREATE DATABASE :"db" OWNER :"dono" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
ALTER DATABASE :"db" SET timezone = 'America/Sao_Paulo';
ALTER DATABASE :"db" SET search_path = public;
ALTER ROLE :"app" IN DATABASE :"db" SET lock_timeout = '5s';
REVOKE ALL ON DATABASE :"db" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"db" TO :"app";
COMMENT ON DATABASE :"db" IS 'Loja de exemplo do manual';
SQL

# One transaction: when the generator fails half-way, COMMIT is never sent and the tables do not exist.
{
    echo 'BEGIN; SET LOCAL synchronous_commit = off;'
    cat "$LOJA/postgresql/esquema.sql"
    python3 "$LOJA/gerar.py" postgresql
    cat "$LOJA/postgresql/complemento.sql"
    echo 'COMMIT;'
} | sql --dbname="$DB" --output=/dev/null

linhas="$(sql --dbname="$DB" <<<"$CONTAR")"
conferir_linhas "$linhas"
