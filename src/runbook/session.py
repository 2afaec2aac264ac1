"""A person's bash in the sandbox: a place in the environment in, an exit code out.

The same bench as a run has, with the sample shop and all variables of the pages set, so that blocks can be pasted from
them. Apart from `worker`, which carries out steps: here a person does, and nothing is judged. Standard library alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from .bench import Bench
from .environment import PLACE, Place
from .errors import RunbookError

_WELCOME = """
Você está em um bash no sandbox, com {server}.
O banco de dados da loja de exemplo é $DB = {database}; as variáveis das páginas estão definidas.
A pasta atual tem impressao-digital/ e loja/ (o projeto Prisma). Cole os blocos das páginas, um de cada vez.
`exit` encerra, e apaga tudo o que foi criado aqui.
"""


def main() -> int:
    """Prepares a bench, hands it to the person, and clears it."""
    place = Place(**json.loads(os.environ.pop(PLACE)))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    bench, code = Bench(place, {}), 0
    try:
        print("preparando a loja de exemplo...", file=sys.stderr, flush=True)
        bench.prepare()
        server = bench.versions.get("servidor", "nenhum servidor").partition(" (")[0]
        print(_WELCOME.format(server=server, database=bench.space.database), file=sys.stderr, flush=True)
        # The terminal sends Ctrl-C to all of us, and it is meant for what runs in the shell.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        terminal = {"TERM": os.environ.get("TERM", "dumb"), "PS1": r"sandbox:\W\$ "}
        command = ["bash", "--noprofile", "--norc", *(["-i"] if sys.stdin.isatty() else [])]
        code = subprocess.call(command, cwd=bench.space.work, env=bench.variables | terminal, preexec_fn=_with_ctrl_c)
    except KeyboardInterrupt:
        code = 130
    except (RunbookError, OSError) as error:
        print(f"erro: {error}", file=sys.stderr)
        code = 2
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # the way out is not interrupted
        try:
            left = bench.clear()
        except RunbookError as error:
            left = [str(error)]
    if left:
        print("não foi possível apagar tudo: " + "; ".join(left), file=sys.stderr)
    return code or int(bool(left))


def _with_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
