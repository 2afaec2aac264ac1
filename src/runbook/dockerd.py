"""A Docker engine with Compose v2 and buildx on this machine, installed and started where that is possible.

In: nothing but the machine. Out: the engine answers and both plugins are there, or an error with the way out. Apart
because a machine that has an engine never needs any of it. The engine outlives the caller and holds none of its pipes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import debian, program
from .errors import EnvironmentUnavailable

LOG = Path("/var/log/runbook-dockerd.log")
SYSTEMD = Path("/run/systemd/system")
PROC = Path("/proc")
# dockerd refuses to start while the number in the first file is some living process, and waits in vain for the second.
PID_FILES = {
    "dockerd": Path("/var/run/docker.pid"),
    "containerd": Path("/var/run/docker/containerd/containerd.pid"),
}
READY_LIMIT = 60.0  # seconds for the engine to answer after its start
DEATH_WATCH = 3.0  # seconds after which a dockerd that is not running has failed rather than not begun
POLL = 0.2
PLUGINS = ("compose", "buildx")
PLUGIN_SUITE = "trixie"  # the first Debian with both plugins; they need nothing but libc
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
INSTEAD = "Sem contêineres, `make demo` roda tudo o que usa o PostgreSQL embutido."

Progress = Callable[[str], None]


def ensure(progress: Progress) -> None:
    """Make sure that an engine answers; quick when one does already.

    Args:
        progress: is called with one line for people before each thing that takes time.

    Raises:
        EnvironmentUnavailable: there is no engine and none can be had; the message says what to do.
    """
    if available():
        return
    problem, missing = _problem(), _missing()
    # An engine elsewhere, or one that refuses this user, is a person's choice: installing another would not help.
    if problem and os.environ.get("DOCKER_HOST"):
        raise EnvironmentUnavailable(
            f"DOCKER_HOST aponta para um Docker que não responde: {problem}\nCorrija a variável ou remova-a. {INSTEAD}"
        )
    if problem and "permission denied" in problem:
        raise EnvironmentUnavailable(
            "o Docker está no ar, mas este usuário não tem acesso a ele.\n"
            f"Acrescente-o ao grupo (`sudo usermod -aG docker $USER`) e entre de novo na sessão. {INSTEAD}"
        )
    if reason := debian.obstacle():
        lack = f"o Docker não responde ({problem})" if problem else f"falta ao Docker: {', '.join(missing)}"
        raise EnvironmentUnavailable(
            f"{lack}, e não dá para instalá-lo daqui: {reason}.\n"
            f"Instale e inicie o Docker Engine com Compose v2 e buildx, e repita o comando. {INSTEAD}"
        )
    _install(progress, missing)
    if problem:
        _start(progress)
    if not available():
        lack = _problem() or f"falta {', '.join(_missing())}"
        raise EnvironmentUnavailable(f"o Docker foi instalado, mas não está completo: {lack}. {INSTEAD}")


def available() -> bool:
    """Whether the engine answers and both plugins are there, in one call."""
    template = "{{.ServerVersion}}{{range .ClientInfo.Plugins}} {{.Name}}{{end}}"
    try:
        answer = program.run(["docker", "info", "--format", template], timeout=30)
    except program.ProgramError:
        return False
    # A client of 20.10 exits 0 without an engine; then the line begins with a space.
    return not answer.startswith(" ") and set(PLUGINS) <= set(answer.split())


def _problem() -> str | None:
    """Why no engine answers; None when one does."""
    try:
        program.run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=30)
    except program.ProgramError as error:
        return error.tail.splitlines()[-1] if error.tail else error.message
    return None


def _missing() -> list[str]:
    """The plugins that the client does not find."""
    missing = []
    for plugin in PLUGINS:
        try:
            program.run(["docker", plugin, "version"], timeout=30)
        except program.ProgramError:
            missing.append(plugin)
    return missing


def _install(progress: Progress, missing: list[str]) -> None:
    """Install what is not there; an engine that is only stopped is left as it is."""
    engine = shutil.which("dockerd", path=SYSTEM_PATH) is None
    if not engine and not missing:
        return
    progress("Docker: atualizando a lista de pacotes (apt-get update)")
    debian.update()
    if engine:
        packages = ["docker.io", "iptables"]
        if debian.candidate("docker-cli"):  # since Debian 13 the client is a package of its own
            packages.append("docker-cli")
        progress(f"Docker: instalando {', '.join(packages)}")
        debian.install(*packages)
        missing = _missing()
    if not missing:
        return
    progress("Docker: instalando os plugins Compose v2 e buildx")
    compose = debian.candidate("docker-compose")
    if debian.candidate("docker-compose-v2"):  # Ubuntu
        debian.install("docker-compose-v2", "docker-buildx")
    elif compose and not compose.startswith(("0", "1")) and debian.candidate("docker-buildx"):
        debian.install("docker-compose", "docker-buildx")
    else:
        with tempfile.TemporaryDirectory() as folder:
            debian.install(*debian.fetch(PLUGIN_SUITE, ["docker-compose", "docker-buildx"], Path(folder)))


def _start(progress: Progress) -> None:
    """Start the engine and wait until it answers."""
    progress("Docker: iniciando o serviço")
    if SYSTEMD.is_dir():
        program.run(["systemctl", "start", "docker"], timeout=READY_LIMIT)
    elif not _alive("dockerd"):
        for name, file in PID_FILES.items():
            if not _alive(name):
                file.unlink(missing_ok=True)
        # `setsid --fork` makes init its parent: it survives us, and Ctrl-C in our terminal does not reach it.
        program.run(["setsid", "--fork", "dockerd"], timeout=10, environment=_engine_environment(), log=LOG)
    started = time.monotonic()
    while problem := _problem():
        waited = time.monotonic() - started
        died = not SYSTEMD.is_dir() and waited > DEATH_WATCH and not _alive("dockerd")
        if died or waited > READY_LIMIT:
            where = "`journalctl -u docker`" if SYSTEMD.is_dir() else str(LOG)
            end = "terminou logo ao iniciar" if died else f"não respondeu em {READY_LIMIT:g} s"
            raise EnvironmentUnavailable(
                f"o dockerd {end} ({problem}); o motivo está em {where}.\n{_log_tail()}{INSTEAD}"
            )
        time.sleep(POLL)


def _alive(name: str) -> bool:
    """Whether the number in the pid file of `name` is such a process; it may have been given to another since."""
    try:
        pid = PID_FILES[name].read_text(encoding="ascii").strip()
        return (PROC / pid / "comm").read_text(encoding="utf-8").strip() == name
    except OSError:
        return False


def _engine_environment() -> dict[str, str]:
    """What the engine needs of the caller's environment; it lives on, so it gets no more (no secret, no token)."""
    proxy = {"http_proxy", "https_proxy", "no_proxy"}
    return {"PATH": SYSTEM_PATH, **{name: value for name, value in os.environ.items() if name.lower() in proxy}}


def _log_tail() -> str:
    """The last words of a dockerd that we started."""
    if SYSTEMD.is_dir() or not LOG.exists():
        return ""
    return "".join(f"{line}\n" for line in LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-5:])
