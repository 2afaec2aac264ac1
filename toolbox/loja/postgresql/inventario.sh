#!/usr/bin/env bash
# Prints what exists on the PostgreSQL server outside of any one database, sorted, one line each. Two outputs are
# equal when nothing was left behind.
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"

# What a restore into the wrong place would leave in the databases that everybody has.
objetos() {
    sql --dbname="$1" <<'SQL'
SELECT format('objeto %s: %s.%s', current_database(), n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL SELECT format('extensão %s: %s', current_database(), extname) FROM pg_extension
UNION ALL SELECT format('esquema %s: %s', current_database(), nspname)
  FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_';
SQL
}

{
    sql --dbname=postgres <<'SQL'
SELECT format('banco %s dono=%s codificação=%s ordenação=%s conexões=%s modelo=%s privilégios=%s', datname,
              pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datallowconn, datistemplate, datacl)
  FROM pg_database
UNION ALL
SELECT format('papel %s super=%s login=%s cria_banco=%s cria_papel=%s replicação=%s limite=%s', rolname, rolsuper,
              rolcanlogin, rolcreatedb, rolcreaterole, rolreplication, rolconnlimit)
  FROM pg_roles WHERE rolname !~ '^pg_'
UNION ALL
SELECT format('membro %s de %s', member::regrole, roleid::regrole)
  FROM pg_auth_members WHERE member::regrole::text !~ '^pg_'
UNION ALL
SELECT format('tablespace %s dono=%s', spcname, pg_get_userbyid(spcowner)) FROM pg_tablespace
UNION ALL
SELECT format('slot %s tipo=%s', slot_name, slot_type) FROM pg_replication_slots
UNION ALL
SELECT format('ajuste banco=%s papel=%s: %s', d.datname, r.rolname, ajuste)
  FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS ajuste
  LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
UNION ALL
SELECT format('parâmetro %s = %s', name, setting)
  FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf';
SQL
    objetos postgres
    objetos template1
} | sort
