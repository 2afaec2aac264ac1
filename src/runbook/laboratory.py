"""A database server that a sabotage may do anything to: a twin of the sandbox's own, put back at will.

In: the sandbox and an engine. Out: a `Place`, and `ask` to save, load or stop the server. Apart from `containers`,
whose servers are shared: what is put back here is the whole data folder, with accounts, identifiers and settings.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from dataclasses import replace
from typing import Any

from . import compose, program
from .containers import Docker
from .environment import Place
from .errors import EnvironmentUnavailable
from .images import ROOT

OWNER = "/sabotagem/servidor"
_HOST = {"postgresql": "PGHOST", "mysql": "DB_HOST"}
_SERVICE = {"postgresql": "postgres", "mysql": "mysql"}
# What is committed survives the server's death: it is killed each time that its data are put back.
_MORE = {
    "postgresql": ["-c", "synchronous_commit=on"],
    "mysql": ["--innodb-flush-log-at-trx-commit=2", "--innodb-redo-log-capacity=16M"],
}
LIMIT = 120.0  # seconds for whatever is asked of Docker


class Laboratory:
    """Up while it is entered; what is in it goes with it.

    Args:
        sandbox: of containers, entered; its toolbox, its network and its passwords are used.
        engine: `postgresql` or `mysql`.
    """

    def __init__(self, sandbox: Docker, engine: str) -> None:
        self._sandbox, self._engine = sandbox, engine
        self._owner: subprocess.Popen[str] | None = None
        self._name = f"{sandbox.project}-laboratorio-{secrets.token_hex(3)}"

    def __enter__(self) -> Laboratory:
        try:
            self._start()
            # One program for all that is asked: to start another in a container takes longer than most answers.
            self._owner = subprocess.Popen(
                ["docker", "exec", "--interactive", self._name, OWNER, self._engine, "listen"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            self.ask("ready")
            self.ask("save")  # its first start has settings of its own (MySQL: init_file); all others are alike
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._owner:
            self._owner.communicate()  # its input ends, and so does it
        program.run(["docker", "rm", "--force", "--volumes", self._name], timeout=LIMIT)

    @property
    def place(self) -> Place:
        """The sandbox's own place, but for the server; a name of its own, for nobody else can clean up there."""
        place = self._sandbox.place(self._engine)
        variables = {**place.variables, _HOST[self._engine]: self._name}
        return replace(place, sandbox=self._name, variables=variables, alone=False)

    def command(self, module: str) -> list[str]:
        """The program that runs one of our modules in the toolbox."""
        return self._sandbox.command(module)

    def ask(self, *words: str) -> None:
        """Has `toolbox/sabotagem/servidor` do something, and waits for it; it gives up by itself.

        Raises:
            EnvironmentUnavailable: it could not be done.
        """
        assert self._owner
        assert self._owner.stdin
        assert self._owner.stdout
        self._owner.stdin.write(" ".join(words) + "\n")
        self._owner.stdin.flush()
        answer = self._owner.stdout.readline().strip()
        if answer != "ok":
            raise EnvironmentUnavailable(f"servidor {self._name}: {answer or 'terminou'}")

    def _start(self) -> None:
        service, project = _SERVICE[self._engine], self._sandbox.project
        twin = self._inspect(f"{project}-{service}-1")
        config = twin["Config"]
        folders = [*twin["HostConfig"]["Tmpfs"], "/saved"]  # in memory: the data, and their copy
        secret = f"{service}_password"
        volumes = {
            str(compose.state_folder(project) / secret): f"/run/secrets/{secret}",
            str(ROOT / "toolbox" / "sabotagem"): "/sabotagem",
        }
        program.run(
            [
                *("docker", "run", "--detach", "--pull", "never", "--name", self._name),
                # The sandbox's label: whoever turns it off also removes a laboratory whose owner was killed.
                *("--label", f"com.docker.compose.project={project}"),
                *("--network", f"{project}_default", "--shm-size", "256m"),
                *(part for variable in config["Env"] for part in ("--env", variable)),
                *(part for folder in folders for part in ("--tmpfs", folder)),
                *(part for source, target in volumes.items() for part in ("--volume", f"{source}:{target}:ro")),
                *("--entrypoint", OWNER, config["Image"], self._engine, "run"),
                *(*config["Entrypoint"], *config["Cmd"], *_MORE[self._engine]),
            ],
            timeout=LIMIT,
        )

    def _inspect(self, name: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(program.run(["docker", "inspect", name], timeout=LIMIT))
        return found[0]
