"""What stands between a person and a step that loses data on a real database: a target in, yes or no out.

Before each such step the database itself is asked which one it is, through the very variables that the step will use;
only then the person is, for a code that names it and holds once. Apart from `guide`, which leads through all steps.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from . import result
from .conversation import Conversation
from .errors import EnvironmentUnavailable, RunbookError
from .redact import redactor
from .step import DEVELOPMENT, PRODUCTION, Step
from .target import Target

CLASS_NAMES = {"production": "produção", "staging": "homologação", "development": "desenvolvimento"}
# Asked in the shell of the run. `servidor` is who the server is, whatever name it is reached by.
_QUESTIONS = {
    "postgresql": """
printf '%s\\n' "variáveis: ${{PGHOST-}} ${{PGPORT-}} ${{DB-}}"
( url="${{DATABASE_URL-}}"; printf '%s\\n' "endereço: ${{url##*@}}" )
PGCONNECT_TIMEOUT=10 psql --no-psqlrc --no-password --set=ON_ERROR_STOP=1 --quiet --no-align --tuples-only \
  --dbname=postgres <<'FIM'
SELECT 'servidor: ' || system_identifier FROM pg_control_system();
SELECT 'versão: PostgreSQL ' || current_setting('server_version');
SELECT 'tamanho: ' || pg_size_pretty(pg_database_size(oid)) FROM pg_database WHERE datname = '{database}';
FIM
""",
    "mysql": """
printf '%s\\n' "variáveis: ${{DB_HOST-}} ${{DB_PORT-}} ${{DB-}}"
( url="${{DATABASE_URL-}}"; printf '%s\\n' "endereço: ${{url##*@}}" )
mysql --defaults-file="$CNF" --connect-timeout=10 --batch --raw --skip-column-names <<'FIM'
SELECT CONCAT('servidor: ', @@server_uuid);
SELECT CONCAT('versão: MySQL ', VERSION());
SELECT CONCAT('tamanho: ', ROUND(SUM(data_length + index_length) / 1048576), ' MiB em ', COUNT(*), ' tabelas')
  FROM information_schema.tables WHERE table_schema = '{database}' HAVING COUNT(*) > 0;
FIM
""",
}
_CODE = 4  # letters and digits that nobody types by habit


class Guard:
    """Of one run on one target.

    Args:
        target: what the file says.
        url: the `DATABASE_URL` that the steps were given.
        conversation: entered.
        console: where it is shown what would be lost.
        ask: shows a question, gives the answer.
        server: who the server was when the run began, for one that is resumed; empty for a new one.

    Attributes:
        server: who the server is, once `begin` has asked.
        version: of it.
    """

    def __init__(
        self,
        target: Target,
        url: str,
        conversation: Conversation,
        console: Console,
        ask: Callable[[str], str],
        server: str = "",
    ) -> None:
        self._target, self._conversation, self._console, self._ask = target, conversation, console, ask
        redact = redactor(target.secrets())  # as what the steps print is
        self._variables = redact(f"{target.host} {target.port} {target.database}")
        self._address = redact(url.rpartition("@")[2].partition("?")[0])
        self.server, self.version = server, ""

    def begin(self) -> None:
        """Asks for the first time, before any step.

        Raises:
            EnvironmentUnavailable: the server does not answer.
            RunbookError: it is not the one with which the run began.
        """
        found, problem = self._look(first=True)
        if problem:
            kind = RunbookError if self.server else EnvironmentUnavailable
            raise kind(f"{problem}; nenhum passo foi executado")
        self.server, self.version = found["servidor"], found["versão"]

    def allows(self, step: Step) -> bool:
        """Whether the step may be carried out now; what was found and asked has been shown."""
        if not step.destructive:
            return True
        found, problem = self._look()
        if problem:
            self._console.print(f"[red]recusado:[/] {escape(problem)}; nada foi executado")
            return False
        if self._target.kind == DEVELOPMENT:
            return True
        kind, target = CLASS_NAMES[self._target.kind], self._target
        size = found.get("tamanho", "o banco não existe agora")
        self._console.print(f"[bold red]{escape(step.name)} apaga dados[/], em um banco de [bold red]{kind}[/]:")
        for name, text in (
            ("servidor", f"{target.host}, porta {target.port} ({found['versão']})"),
            ("banco", f"{target.database} ({size})"),
            ("o que se perde", "o que os comandos acima apagam ou trocam; leia-os"),
        ):
            self._console.print(f"  {name}: {text}", markup=False)
        code = target.database
        if target.kind == PRODUCTION:
            code += "-" + "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(_CODE))
        try:
            answer = self._ask(f"Para executar, digite [bold]{code}[/]: ")
        except (EOFError, KeyboardInterrupt):
            answer = ""
        if answer != code:
            self._console.print("[yellow]não é o código[/]; nada foi executado")
            return False
        return True

    def _look(self, *, first: bool = False) -> tuple[dict[str, str], str]:
        """What the server says of itself, and what is wrong with it."""
        text = _QUESTIONS[self._target.engine].format(database=self._target.database).strip()
        done = self._conversation.ask(Step("guarda", text, 1, timeout=60))
        if done is None or done.outcome != result.PASSED:
            last = done.output.strip().splitlines()[-1:] if done else ["interrompido"]
            return {}, f"o servidor {self._target.host} não respondeu quem é ({' '.join(last) or 'sem resposta'})"
        found = dict(line.split(": ", 1) for line in done.output.splitlines() if ": " in line)
        if found["variáveis"] != self._variables:
            return {}, f"as variáveis agora apontam para `{found['variáveis']}`, e a execução é de `{self._variables}`"
        # A step may go on with a database that the procedure itself has made, such as `loja_novo`.
        if not re.fullmatch(rf"{re.escape(self._address)}(_\w+)?(\?.*)?", found["endereço"]):
            return {}, f"DATABASE_URL agora aponta para `{found['endereço']}`, e a execução é de `{self._address}`"
        if (not first or self.server) and found["servidor"] != self.server:
            return {}, f"{self._target.host} é agora outro servidor do que no começo desta execução"
        return found, ""
