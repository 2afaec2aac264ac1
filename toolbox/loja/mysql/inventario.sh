#!/usr/bin/env bash
# Prints what exists on the MySQL server outside of any one database, sorted, one line each, and the global variables
# without those that change by themselves. Two outputs are equal when nothing was left behind.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"

sql <<'SQL' | sort
SELECT CONCAT('banco ', schema_name, ' ', default_character_set_name, ' ', default_collation_name)
  FROM information_schema.schemata;
SELECT CONCAT('usuário ', QUOTE(user), '@', QUOTE(host), ' ', plugin, ' bloqueado=', account_locked) FROM mysql.user;
SELECT CONCAT('papel ', from_user, '@', from_host, ' para ', to_user, '@', to_host) FROM mysql.role_edges;
SELECT CONCAT('privilégio global ', grantee, ' ', privilege_type) FROM information_schema.user_privileges;
-- In a GRANT the _ of a name is written \\_; without the backslash the line names the database like all the others.
SELECT CONCAT('privilégio no banco ', user, '@', host, ' ', REPLACE(db, CHAR(92), '')) FROM mysql.db;
SELECT CONCAT('privilégio na tabela ', user, '@', host, ' ', db, '.', table_name) FROM mysql.tables_priv;
SELECT CONCAT('privilégio na rotina ', user, '@', host, ' ', db, '.', routine_name) FROM mysql.procs_priv;
SELECT CONCAT('objeto ', table_schema, '.', table_name)
  FROM information_schema.tables WHERE table_schema IN ('mysql', 'sys');
SELECT CONCAT('variável ', variable_name, ' = ', variable_value)
  FROM performance_schema.global_variables WHERE variable_name NOT IN ('gtid_executed', 'gtid_purged', 'gtid_owned');
SELECT CONCAT('variável gravada ', variable_name, ' = ', variable_value) FROM performance_schema.persisted_variables;
SQL
