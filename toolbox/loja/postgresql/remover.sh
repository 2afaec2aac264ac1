#!/usr/bin/env bash
# Removes from the PostgreSQL server every replication slot, database and role that is called "$DB" or starts with
# "${DB}_". starts_with() compares letter by letter; in LIKE the _ would match any character.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"

# Each SELECT writes the commands that \gexec then runs. Slots first: a logical one keeps its database from being
# dropped. FORCE ends the open sessions. DROP OWNED takes what a restore left in the wrong database.
sql --dbname=postgres --output=/dev/null <<'SQL'
SET client_min_messages = warning;
SELECT format('SELECT pg_drop_replication_slot(%L)', slot_name)
  FROM pg_replication_slots WHERE (slot_name = :'db' OR starts_with(slot_name, :'db' || '_')) AND NOT active \gexec
SELECT format('ALTER DATABASE %I WITH IS_TEMPLATE false', datname)
  FROM pg_database WHERE (datname = :'db' OR starts_with(datname, :'db' || '_')) AND datistemplate \gexec
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', datname)
  FROM pg_database WHERE datname = :'db' OR starts_with(datname, :'db' || '_') \gexec
SELECT format('DROP OWNED BY %I', rolname)
  FROM pg_roles WHERE rolname = :'db' OR starts_with(rolname, :'db' || '_') \gexec
SELECT format('DROP ROLE IF EXISTS %I', rolname)
  FROM pg_roles WHERE rolname = :'db' OR starts_with(rolname, :'db' || '_') \gexec
SQL
