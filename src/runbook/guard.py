"""What stands between a person and a step that loses data on a real database: a target in, yes or no out.

Before each such step the database itself is asked which one it is, through the very variables that the step will use;
only then the person is, for a code that names it and holds once. Apart from `guide`, which leads through all steps.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.markup import escape

from . import result
from .conversation import Conversation
from .errors import EnvironmentUnavailable, RunbookError
from .markup import CLASS_NAMES
from .redact import redactor
from .step import DEVELOPMENT, PRODUCTION, Step
from .target import Target

# Asked in the shell of the run. `servidor` is who the server is, whatever name it is reached by.
_QUESTIONS = {
    "postgresql": """
printf '%s\\n' "variáveis: ${{PGHOST-}} ${{PGPORT-}} ${{DB-}}"
( url="${{DATABASE_URL-}}"; printf '%s\\n' "endereço: ${{url##*@}}" )
{names}
PGCONNECT_TIMEOUT=10 psql --no-psqlrc --no-password --set=ON_ERROR_STOP=1 --quiet --no-align --tuples-only \
  --dbname=postgres <<'FIM'
SELECT 'servidor: ' || system_identifier FROM pg_control_system();
SELECT 'versão: PostgreSQL ' || current_setting('server_version');
SELECT 'banco ' || datname || ': ' || CASE WHEN has_database_privilege(oid, 'CONNECT')
    THEN pg_size_pretty(pg_database_size(oid)) ELSE 'sem permissão para ver o tamanho' END FROM pg_database
 WHERE datname = '{database}' OR starts_with(datname, '{database}_');
FIM
""",
    "mysql": """
printf '%s\\n' "variáveis: ${{DB_HOST-}} ${{DB_PORT-}} ${{DB-}}"
( url="${{DATABASE_URL-}}"; printf '%s\\n' "endereço: ${{url##*@}}" )
{names}
mysql --defaults-file="$CNF" --connect-timeout=10 --batch --raw --skip-column-names <<'FIM'
SELECT CONCAT('servidor: ', @@server_uuid);
SELECT CONCAT('versão: MySQL ', VERSION());
SELECT CONCAT('banco ', table_schema, ': ', ROUND(SUM(data_length + index_length) / 1048576), ' MiB em ',
    SUM(table_type = 'BASE TABLE'), ' tabelas')
  FROM information_schema.tables WHERE CONCAT(table_schema, '_') LIKE REPLACE('{database}_%', '_', '\\_')
 GROUP BY table_schema;
FIM
""",
}
_OURS = ("variáveis: ", "endereço: ", "valor ")  # what is printed before the server is asked
# A variable in the text of a step, and what is written right after it: `$NOVO`, `${DB}_antes`.
_NAMED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}\w*|([A-Za-z_]\w*))")
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

    def refuses(self, step: Step) -> str:
        """Why the step may not be carried out now; empty when it may. What was found and asked has been shown."""
        if not step.destructive:
            return ""
        found, problem = self._look(step.text)
        if problem:
            self._console.print(f"[red]recusado:[/] {escape(problem)}; nada foi executado")
            return problem
        if self._target.kind == DEVELOPMENT:
            return ""
        kind, target = CLASS_NAMES[self._target.kind], self._target
        size = _size(found, target.database) or " (o banco não existe agora)"
        values = {name.removeprefix("valor "): value for name, value in found.items() if name.startswith("valor ")}
        self._console.print(f"[bold red]{escape(step.name)} apaga dados[/], em um banco de [bold red]{kind}[/]:")
        for name, text in (
            ("servidor", f"{target.host}, porta {target.port} ({found['versão']})"),
            ("banco", f"{target.database}{size}"),
            ("o que se perde", "o que os comandos acima apagam ou trocam; leia-os"),
            *((f"neles, {name} é", value + _size(found, value)) for name, value in values.items()),
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
            return "não foi digitado o código"
        return ""

    def _look(self, about: str = "", *, first: bool = False) -> tuple[dict[str, str], str]:
        """What the server says of itself, and what is wrong with it; with the values that a step's text names."""
        named = {match[0]: match[1] or match[2] for match in _NAMED.finditer(about)}
        names = "\n".join(  # %q: on one line, whatever it holds
            f"[[ -z ${{{name}+x}} ]] || printf 'valor %s: %q\\n' '{word}' \"{word}\"" for word, name in named.items()
        )
        text = _QUESTIONS[self._target.engine].format(database=self._target.database, names=names).strip()
        done = self._conversation.ask(Step("guarda", text, 1, timeout=60))
        if done is None or done.outcome != result.PASSED:
            lines = done.output.strip().splitlines() if done else ["interrompido"]
            said = " ".join(line.strip() for line in lines if not line.startswith(_OURS)) or "sem resposta"
            return {}, f"o servidor {self._target.host} não respondeu quem é ({said})"
        found = dict(line.split(": ", 1) for line in done.output.splitlines() if ": " in line)
        if found["variáveis"] != self._variables:
            return {}, f"as variáveis agora apontam para `{found['variáveis']}`, e a execução é de `{self._variables}`"
        # A step may go on with a database that the procedure itself has made, such as `loja_novo`.
        if not re.fullmatch(rf"{re.escape(self._address)}(_\w+)?(\?.*)?", found["endereço"]):
            return {}, f"DATABASE_URL agora aponta para `{found['endereço']}`, e a execução é de `{self._address}`"
        if (not first or self.server) and found["servidor"] != self.server:
            return {}, f"{self._target.host} é agora outro servidor do que no começo desta execução"
        return found, ""


def _size(found: Mapping[str, str], name: str) -> str:
    """Of a database, when it is one that the server has."""
    return f" ({found[f'banco {name}']})" if f"banco {name}" in found else ""
