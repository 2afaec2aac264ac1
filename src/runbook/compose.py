"""The sandbox's containers: up, down, what runs, and how to run a command in the toolbox.

In: a project name; two projects with different names live side by side. Out: three healthy containers, or an error that
holds their logs and nothing left behind. Apart because only this file speaks docker compose and knows where the
passwords are: in a private folder outside the repository, made at random for each start and removed by `down`.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import dockerd, images, program
from .errors import EnvironmentUnavailable

ROOT = images.ROOT
SERVICES = ("postgres", "mysql", "toolbox")
PASSWORDS = ("postgres_password", "mysql_password")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")  # docker compose's own rule
HEALTHY_LIMIT = 180  # seconds for the servers to answer a query
QUICK = 60.0
CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")  # compose clears lines in its logs, --no-color or not

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Service:
    """A container of the project.

    Attributes:
        name: "postgres", "mysql" or "toolbox".
        state: docker's word: running, exited, ...
        health: docker's word: healthy, unhealthy, starting, or "" without a health check.
        image: what it runs.
        ports: addresses published on this machine.
    """

    name: str
    state: str
    health: str
    image: str
    ports: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Whether it can be used."""
        return self.state == "running" and self.health in ("", "healthy")


def up(project: str, progress: Progress, *, publish: bool = False) -> dict[str, images.Image]:
    """Bring the three containers up, whatever is missing for that: engine, images, passwords.

    Args:
        project: the name that everything of it carries.
        progress: is called with one line for people before each thing that takes time.
        publish: also publish the servers' ports, on this machine's loopback only.

    Returns:
        The images that run.

    Raises:
        EnvironmentUnavailable: it could not be done; nothing of the project is left.
    """
    _check(project)
    with _alone(progress):
        dockerd.ensure(progress)
        chosen = images.resolve(progress)
    folder = state_folder(project)
    fresh = _make_passwords(folder)
    files = [ROOT / "docker-compose.yml", *([ROOT / "docker-compose.ports.yml"] if publish else [])]
    command = [*_compose(project), "--progress", "quiet", *(part for file in files for part in ("--file", str(file)))]
    environment = {**_environment(), **variables(project, chosen)}
    # Containers that outlived their passwords' folder were started with others: they have to be made anew.
    recreate = ["--force-recreate"] if fresh else []
    wait = ["--wait", "--wait-timeout", str(HEALTHY_LIMIT)]
    progress("contêineres: iniciando postgres, mysql e toolbox")
    try:
        program.run(
            [
                *command,
                "up",
                "--detach",
                "--pull",
                "never",
                "--remove-orphans",
                "--no-deps",
                *recreate,
                *wait,
                *SERVICES,
            ],
            timeout=HEALTHY_LIMIT + QUICK,
            environment=environment,
        )
    except BaseException as error:
        told = logs(project)
        with suppress(program.ProgramError):  # what went wrong first is what has to be told
            down(project)
        if isinstance(error, program.ProgramError):
            raise EnvironmentUnavailable(
                f"os contêineres não ficaram prontos; foram removidos.\n{error}\n{told}"
            ) from error
        raise
    return chosen


def variables(project: str, chosen: dict[str, images.Image]) -> dict[str, str]:
    """What docker-compose.yml needs in its environment; for whoever calls docker compose by themselves."""
    names = {variable: chosen[service].name for service, variable in images.VARIABLES.items()}
    return {**names, "SECRETS": str(state_folder(project))}


def down(project: str) -> None:
    """Remove containers, anonymous volumes, network and passwords of the project; does nothing when there are none."""
    _check(project)
    # No time to finish: what the servers would save is thrown away.
    _ask(project, "down", "--volumes", "--remove-orphans", "--timeout", "0")
    shutil.rmtree(state_folder(project), ignore_errors=True)


def status(project: str) -> list[Service]:
    """The project's containers, stopped ones included."""
    _check(project)
    services = []
    for line in _ask(project, "ps", "--all", "--format", "json").splitlines():
        entry = json.loads(line)
        published = (port for port in entry["Publishers"] or [] if port["PublishedPort"])
        ports = tuple(f"{port['URL']}:{port['PublishedPort']}" for port in published)
        services.append(Service(entry["Service"], entry["State"], entry["Health"], entry["Image"], ports))
    return sorted(services, key=lambda service: service.name)


def is_up(project: str) -> bool:
    """Whether all three containers can be used; False also where there is no engine."""
    try:
        services = status(project)
    except program.ProgramError:
        return False
    return set(SERVICES) <= {service.name for service in services if service.ready}


def leftovers(project: str) -> list[str]:
    """Containers, volumes and networks that carry the project's name; empty after `down`."""
    _check(project)
    found = []
    label = f"label=com.docker.compose.project={project}"
    for kind, field in (("container", "{{.Names}}"), ("volume", "{{.Name}}"), ("network", "{{.Name}}")):
        scope = ["--all"] if kind == "container" else []
        names = program.run(["docker", kind, "ls", *scope, "--filter", label, "--format", field], timeout=QUICK)
        found += [f"{kind} {name}" for name in names.split()]
    return sorted(found)


def logs(project: str) -> str:
    """The last lines that the containers wrote, or why they cannot be had."""
    try:
        return CONTROL.sub("", _ask(project, "logs", "--no-color", "--tail", "40"))
    except program.ProgramError as error:
        return str(error)


def exec_prefix(project: str) -> list[str]:
    """What to put before a command to run it in the toolbox, with standard input connected."""
    _check(project)
    return ["docker", "exec", "--interactive", f"{project}-toolbox-1"]


def state_folder(project: str) -> Path:
    """The private folder of a project: its passwords, and nothing else that would be missed."""
    return _state() / project


def _state() -> Path:
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    return base / images.PREFIX


@contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """One caller at a time, so that two of them do not install or build the same thing side by side."""
    _state().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (_state() / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("aguardando outra execução que prepara o Docker ou as imagens")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compose(project: str) -> list[str]:
    return ["docker", "compose", "--ansi", "never", "--project-name", project]


def _ask(project: str, *arguments: str) -> str:
    """A compose command about what is there. It finds that by label: the folder / has no compose file to read."""
    return program.run([*_compose(project), *arguments], timeout=QUICK, environment=_environment(), folder=Path("/"))


def _environment() -> dict[str, str]:
    """The caller's environment without COMPOSE_FILE and its like, which would bring in other containers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}


def _check(project: str) -> None:
    if not NAME.fullmatch(project):
        raise EnvironmentUnavailable(
            "o nome do projeto deve ter só letras minúsculas, algarismos, `-` e `_`, "
            f"e começar por letra ou algarismo; veio {project!r}"
        )


def _make_passwords(folder: Path) -> bool:
    """Make the password files that are missing; whether any was."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    missing = [folder / name for name in PASSWORDS if not (folder / name).exists()]
    for file in missing:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_hex(16))
    return bool(missing)
