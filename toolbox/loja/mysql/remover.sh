#!/usr/bin/env bash
# Removes from the MySQL server every database and user that is called "$DB" or starts with "${DB}_".
source "$(dirname "${BASH_SOURCE[0]}")/comum.sh"

# A session with an open transaction would let DROP DATABASE wait: sessions in, of and with locks on what goes, end.
# --force, because a session may have ended by itself meanwhile.
sql <<SQL | sql --force 2>/dev/null || true
SELECT DISTINCT CONCAT('KILL ', t.processlist_id, ';')
  FROM performance_schema.threads t
  LEFT JOIN performance_schema.metadata_locks l ON l.owner_thread_id = t.thread_id
 WHERE t.type = 'FOREGROUND' AND t.processlist_id <> CONNECTION_ID()
   AND ($(desta_loja t.processlist_db) OR $(desta_loja t.processlist_user) OR $(desta_loja l.object_schema));
SQL

# Twice sql: the first writes the commands, the second runs them.
sql <<SQL | sql
SELECT 'SET lock_wait_timeout = 30;';
SELECT CONCAT('DROP DATABASE \`', schema_name, '\`;')
  FROM information_schema.schemata WHERE $(desta_loja schema_name);
SELECT CONCAT('DROP USER ', QUOTE(user), '@', QUOTE(host), ';') FROM mysql.user WHERE $(desta_loja user);
SQL
