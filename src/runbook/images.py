"""Which three images the sandbox uses: named by a variable, official, or built here from Debian's packages.

In: the environment, what the engine has, and toolbox/Dockerfile. Out: a name and a kind per service, each image
present. Apart because only this file decides it. The tag of an image of ours is a digest of its inputs, so nothing is
built twice; and one that is there is used before a registry is asked, so a machine without registry pays only once.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import debian, prisma, program
from .errors import EnvironmentUnavailable

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = {"postgres": "POSTGRES_IMAGE", "mysql": "MYSQL_IMAGE", "toolbox": "TOOLBOX_IMAGE"}
PREFIX = "manual-migrations"
DEFAULT_MAJOR = 17
DEBIAN_MAJOR = 17  # of the suite below; a newer PostgreSQL comes from sid
SUITE = "trixie"
OFFICIAL_BASE = f"debian:{SUITE}-slim"
OWN_BASE = f"{PREFIX}-base:{SUITE}"
# Addresses of a company's own registries of packages, handed to the build as secrets: they may hold a password.
REGISTRIES = {"npm_registry": "NPM_CONFIG_REGISTRY", "pip_index": "PIP_INDEX_URL"}
ANSWER_LIMIT = 15.0  # seconds for a registry to begin to answer
PULL_LIMIT = 900.0
BUILD_LIMIT = 1800.0
BOOTSTRAP_LIMIT = 900.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the engine has.

    Attributes:
        name: what compose is given.
        kind: "oficial", "debian" (built here from its packages) or "informada" (some other one that a variable named).
    """

    name: str
    kind: str


def resolve(progress: Progress) -> dict[str, Image]:
    """Find or make the images of the services "postgres", "mysql" and "toolbox".

    Args:
        progress: is called with one line for people before each thing that takes time.

    Raises:
        EnvironmentUnavailable: an image cannot be had; the message says which, why and the way out.
    """
    chosen: dict[str, Image] = {}
    for service, variable in VARIABLES.items():
        if name := os.environ.get(variable):
            _require(name, variable, progress)
            chosen[service] = Image(name, _kind(name))
    major = _major(chosen.get("postgres"))
    official = {"postgres": f"postgres:{major}", "mysql": "mysql:9.7"}
    own = {service: f"{PREFIX}-{service}:{key(service, major)}" for service in VARIABLES}
    present = in_engine()
    unreachable = False
    for service in ("postgres", "mysql", "toolbox"):
        if service in chosen:
            continue
        if official.get(service) in present:
            chosen[service] = Image(official[service], "oficial")
        elif own[service] in present:
            chosen[service] = Image(own[service], "debian")
        elif service in official and not unreachable:
            progress(f"imagens: procurando {official[service]} no registro")
            error = _pull(official[service])
            if error is None:
                chosen[service] = Image(official[service], "oficial")
            unreachable = error is not None and error.timed_out
    if to_build := [service for service in VARIABLES if service not in chosen]:
        base = _base(present, unreachable, progress)
        _build({service: own[service] for service in to_build}, major, base, progress)
        chosen |= {service: Image(own[service], "debian") for service in to_build}
    return chosen


def _kind(name: str) -> str:
    """What an image named by a variable is."""
    if name.startswith(f"{PREFIX}-"):
        return "debian"
    return "oficial" if name.startswith(("postgres:", "mysql:")) else "informada"


def key(service: str, major: int) -> str:
    """The digest of everything that decides what an image of ours holds."""
    digest = hashlib.sha256(f"{service} {_arguments(service, major)}".encode())
    toolbox = ROOT / "toolbox"
    files = [toolbox / "Dockerfile", *sorted(path for path in (toolbox / "image").rglob("*") if path.is_file())]
    for file in [*files, *(prisma.inputs(toolbox) if service == "toolbox" else [])]:
        content = file.read_bytes()
        digest.update(f"\0{file.name} {os.access(file, os.X_OK)} {len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def _arguments(service: str, major: int) -> dict[str, str]:
    """The build arguments of a service's image."""
    if service == "mysql":
        return {}
    return {"PG_MAJOR": str(major), "PG_SUITE": "sid" if major > DEBIAN_MAJOR else ""}


def _major(postgres: Image | None) -> int:
    """The major version of the clients: the server's, since an older pg_dump refuses a newer server."""
    asked = os.environ.get("PG_MAJOR", str(DEFAULT_MAJOR))
    if postgres is not None:
        # Every official image says it in its environment, whatever its tag.
        template = "{{range .Config.Env}}{{println .}}{{end}}"
        variables = program.run(["docker", "image", "inspect", "--format", template, postgres.name], timeout=30)
        asked = dict(line.partition("=")[::2] for line in variables.splitlines()).get("PG_MAJOR", asked)
    if not asked.isdigit():
        raise EnvironmentUnavailable(f"PG_MAJOR deve ser um número de versão como {DEFAULT_MAJOR}; veio {asked!r}")
    # Debian has no older client that could be installed; a newer one works with an older server.
    return max(int(asked), DEBIAN_MAJOR)


def in_engine() -> set[str]:
    """The images that the engine has."""
    return set(program.run(["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"], timeout=30).split())


def _require(name: str, variable: str, progress: Progress) -> None:
    """Have the image that a person named, from here or from a registry."""
    try:
        program.run(["docker", "image", "inspect", "--format", "ok", name], timeout=30)
    except program.ProgramError:
        progress(f"imagens: baixando {name} ({variable})")
        if error := _pull(name):
            raise EnvironmentUnavailable(
                f"{variable}={name}: a imagem não está aqui e não pôde ser baixada: {error.tail or error.message}\n"
                f"Corrija o nome, ou remova a variável para usar a imagem padrão."
            ) from error


def _pull(name: str) -> program.ProgramError | None:
    """Pull an image; the error when it cannot be had."""
    try:
        program.run(["docker", "pull", name], timeout=PULL_LIMIT, answer_within=ANSWER_LIMIT)
    except program.ProgramError as error:
        return error
    return None


def _build(own: dict[str, str], major: int, base: str, progress: Progress) -> None:
    """Build the given services' images side by side: most of the time is waiting for packages."""
    progress(f"imagens: construindo {', '.join(own)} com pacotes do Debian (1 a 3 minutos, só na primeira vez)")
    authority = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
    common = {
        "context": str(ROOT / "toolbox"),
        "dockerfile": str(ROOT / "toolbox" / "Dockerfile"),
        "secret": [
            *([f"id=ca,src={authority}"] if Path(authority).is_file() else []),
            *(f"id={name},env={variable}" for name, variable in REGISTRIES.items() if variable in os.environ),
        ],
    }
    proxies = {name: os.environ[name] for name in ("http_proxy", "https_proxy", "no_proxy") if name in os.environ}
    targets = {
        service: {
            **common,
            "target": service,
            "tags": [tag],
            "args": {"BASE_IMAGE": base, **proxies, **_arguments(service, major)},
        }
        for service, tag in own.items()
    }
    # The builder "default" is the engine itself, the only one that sees a base image which no registry has.
    builder = ["--builder", "default"] if base == OWN_BASE else []
    with tempfile.TemporaryDirectory() as folder:
        # One process and a private file: a proxy's address may hold a password.
        plan = Path(folder, "bake.json")
        plan.write_text(json.dumps({"group": {"default": {"targets": [*own]}}, "target": targets}), encoding="utf-8")
        bake = ["docker", "buildx", "bake", *builder, "--load", "--progress", "plain", "--file", str(plan)]
        program.run(bake, timeout=BUILD_LIMIT)


def _base(present: set[str], unreachable: bool, progress: Progress) -> str:
    """The image that ours start from: Debian's official one, or one made with debootstrap."""
    for name in (OFFICIAL_BASE, OWN_BASE):
        if name in present:
            return name
    if not unreachable:
        progress(f"imagens: procurando {OFFICIAL_BASE} no registro")
        if _pull(OFFICIAL_BASE) is None:
            return OFFICIAL_BASE
    if reason := debian.obstacle():
        raise EnvironmentUnavailable(
            f"nenhum registro de imagens respondeu, e não dá para fazer a imagem base daqui: {reason}.\n"
            "Libere o acesso ao registro, ou informe imagens em POSTGRES_IMAGE, MYSQL_IMAGE e TOOLBOX_IMAGE."
        )
    progress("imagens: sem registro; fazendo a imagem base com debootstrap (meio minuto)")
    debian.update()
    debian.install("debootstrap")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # /tmp may be mounted without devices
        folder, tar = Path(name, "root"), Path(name, "base.tar")
        program.run(
            ["debootstrap", "--variant=minbase", f"--keyring={debian.KEYRING}", SUITE, str(folder), debian.archive()],
            timeout=BOOTSTRAP_LIMIT,
        )
        unneeded = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale")
        excluded = [f"--exclude=./{path}/*" for path in unneeded]
        program.run(["tar", "--numeric-owner", *excluded, "-C", str(folder), "-cf", str(tar), "."], timeout=300)
        program.run(["docker", "import", str(tar), OWN_BASE], timeout=300)
    return OWN_BASE
