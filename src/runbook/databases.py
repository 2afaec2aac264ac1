"""The databases of a run: made before it, removed after it, and the proof that nothing of them is left.

In: a place and a workspace. Out: a sample database, the versions of the live server and clients, a list of leftovers.
The work is done by the scripts in `toolbox/loja/<engine>/`, so that a person can do the same by hand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO

from .errors import EnvironmentUnavailable
from .shell import Shell

TOOLBOX = Path(__file__).resolve().parents[2] / "toolbox"
SCRIPT_TIMEOUT = 120.0
_RUN_NAME = re.compile(r"loja_[0-9a-f]{8}")

# What a record says it was verified on, asked of the live server and of the clients themselves.
_VERSIONS = {
    "postgresql": """
echo "servidor: PostgreSQL $(psql -X --no-password -At --dbname=postgres -c 'SHOW server_version')"
echo "cliente: $(pg_dump --version)"
if command -v node > /dev/null; then echo "node: Node $(node --version)"; fi
echo "bash: $BASH_VERSION"
""",
    "mysql": """
echo "servidor: MySQL $(mysql --defaults-file="$CNF" -N -e 'SELECT VERSION()')"
echo "cliente: $(mysqldump --version)"
if command -v node > /dev/null; then echo "node: Node $(node --version)"; fi
echo "bash: $BASH_VERSION"
""",
}


class Databases:
    """What a run owns on a server, named after the run.

    Args:
        engine: `postgresql` or `mysql`.
        folder: the run's private folder.
        variables: the run's environment; `DB` says whose databases these are.
    """

    def __init__(self, engine: str, folder: Path, variables: Mapping[str, str]) -> None:
        self._engine, self._folder, self._variables = engine, folder, dict(variables)

    def create(self, owner_password: str, cancelled: IO[bytes] | None = None) -> None:
        """Makes the sample database and the account that owns it."""
        self._script("criar.sh", cancelled, {"SENHA_DONO": owner_password})

    def remove(self) -> None:
        """Drops every database, role and user of the run; nothing to drop is fine."""
        self._script("remover.sh")

    def inventory(self) -> frozenset[str]:
        """Lines that describe all that stands on the server, without what other runs own."""
        own = self._variables["DB"]
        lines = self._script("inventario.sh").splitlines()
        return frozenset(line for line in lines if not set(_RUN_NAME.findall(line)) - {own})

    def versions(self) -> dict[str, str]:
        """Versions read from the live server and clients."""
        lines = self._run(_VERSIONS[self._engine]).strip().splitlines()
        return {key: value for key, _, value in (line.partition(": ") for line in lines)}

    def query(self, database: str, text: str) -> str:
        """What the server's own client answers to `text`, sent to a database; columns are parted by tabs.

        Raises:
            EnvironmentUnavailable: the server refused it, or does not answer.
        """
        client = {
            "postgresql": "psql -XAtq --no-password --set=ON_ERROR_STOP=1 --field-separator=$'\\t' --dbname",
            "mysql": 'mysql --defaults-file="$CNF" --batch --raw --skip-column-names',
        }[self._engine]
        return self._run(f"{client} {shlex.quote(database)} <<'FIM'\n{text}\nFIM").strip()

    def _script(
        self, name: str, cancelled: IO[bytes] | None = None, more: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        return self._run(f"bash {TOOLBOX}/loja/{self._engine}/{name}", cancelled, more)

    def _run(
        self, text: str, cancelled: IO[bytes] | None = None, more: Mapping[str, str] = MappingProxyType({})
    ) -> str:
        with Shell(self._folder / "tmp", {**self._variables, **more}, self._folder) as shell:
            ended = shell.run(text, SCRIPT_TIMEOUT, split_stderr=True, cancelled=cancelled)
        output = ended.output.decode(errors="backslashreplace")
        if ended.exit_code or ended.timed_out:
            last = " | ".join(output.strip().splitlines()[-5:])
            raise EnvironmentUnavailable(
                f"`{text.strip().splitlines()[0]}` terminou com {ended.exit_code}: {last}; "
                "veja `runbook sandbox status`, ou refaça tudo com `runbook sandbox down` e `up`"
            )
        return output
