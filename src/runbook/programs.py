"""The programs that runbooks call, as far as their words have to be told apart: data, no behaviour.

Apart from `commands`, which reads bash: whoever uses a program that is new here adds a row.
"""

from __future__ import annotations

# Options that are followed by a word of their own, for the programs that runbooks call so.
_CLIENTS = "-h -p -U -d -c -f -v -o -t -n -F -j"
_MYSQL = "-h -u -P -e -D"
VALUES = {
    **dict.fromkeys(("psql", "pg_dump", "pg_dumpall", "pg_restore", "createdb", "dropdb"), _CLIENTS),
    **dict.fromkeys(("mysql", "mysqldump", "mysqladmin"), _MYSQL),
    **dict.fromkeys(("head", "tail"), "-n -c"),
    **dict.fromkeys(("touch", "date"), "-d -r"),
    **dict.fromkeys(("node", "bash"), "-e -p -c"),
    "": "-e",  # in an array of options
    "awk": "-F -v -f",
    "cut": "-d -f -c",
    "find": "-name -perm -type -newer -path -maxdepth -mindepth",
    "grep": "-e -f -m -A -B -C",
    "paste": "-d",
    "pnpm": "-C --dir",
    "prisma": "--applied --config --datasource-provider --file --from-migrations --from-schema --name --output "
    "--rolled-back --schema --to-migrations --to-schema --url",
    "sed": "-e -f",
    "sort": "-k -t",
    "timeout": "-s -k",
    "truncate": "-s",
}
# Of a group of their options, the last one may take the word: `grep -vxFf file`.
GROUPED = {"grep"}
# Their words that begin with a dash are no options, or the shell's own affair.
NO_OPTIONS = {"test", "[", "set", "shopt", "export", "declare", "local", "readonly", "trap", "exit", "echo", "printf"}
# They call another program, named by one of their arguments.
CALLERS = {"timeout", "env", "setsid", "command", "exec", "xargs", "pnpm"}
# Their words that look like files are none, or are not read by them.
NO_FILES = {"rm", "mkdir", "test", "[", "touch", "chmod", "echo", "printf", "cd", "mktemp", "node", "pnpm"}
PROGRAM_FIRST = {"sed", "grep", "awk", "tr", "cut"}
