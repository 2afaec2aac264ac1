"""What a Debian or Ubuntu machine can give: packages, also those of another release, and where its archive is.

In: names of packages. Out: they are installed or downloaded. Apart because `dockerd` and `images` both need it and
nothing else may call apt. The archive's address comes from the machine's own sources: the project names no host.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import program
from .errors import EnvironmentUnavailable

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
OS_RELEASE = Path("/etc/os-release")
INSTALL_LIMIT = 900.0  # seconds
APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "APT::Install-Recommends=false")


def obstacle() -> str | None:
    """Why packages cannot be installed here, in the reader's words; None when they can."""
    release = OS_RELEASE.read_text(encoding="utf-8") if OS_RELEASE.exists() else ""
    fields = dict(line.partition("=")[::2] for line in release.splitlines())
    family = {word for name in ("ID", "ID_LIKE") for word in fields.get(name, "").strip("\"'").split()}
    if not family & {"debian", "ubuntu"} or shutil.which("apt-get") is None:
        return "este sistema não é Debian nem Ubuntu"
    if os.geteuid() != 0:
        return "instalar pacotes exige root"
    return None


def update() -> None:
    """Fetch the package lists; a source that fails is left to the installation to miss or not."""
    try:
        program.run([*APT, "update"], timeout=INSTALL_LIMIT, environment=_environment())
    except program.ProgramError as error:
        if error.exit_code is None:
            raise


def install(*packages: str | Path) -> None:
    """Install packages by name, or from files."""
    names = [str(package) for package in packages]
    program.run([*APT, "-y", "install", *names], timeout=INSTALL_LIMIT, environment=_environment())


def candidate(package: str) -> str | None:
    """The version that would be installed, or None when the machine's sources do not have the package."""
    for line in program.run(["apt-cache", "policy", package], timeout=60, environment=_environment()).splitlines():
        label, _, version = line.strip().partition(": ")
        if label == "Candidate":
            return None if version == "(none)" else version
    return None


def archive() -> str:
    """The address of the Debian archive that this machine uses."""
    listing = program.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)", "Created-By: Packages"],
        timeout=60,
        environment=_environment(),
    )
    for line in listing.splitlines():
        origin, label, component, address = line.split("|", 3)
        # The security archive is labelled Debian-Security, a backport Debian Backports.
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return address
    raise EnvironmentUnavailable(
        "as fontes do apt desta máquina não têm o arquivo principal do Debian; "
        "instale o Docker Compose v2 e o buildx à mão, ou informe as imagens em POSTGRES_IMAGE e MYSQL_IMAGE"
    )


def fetch(suite: str, packages: list[str], folder: Path) -> list[Path]:
    """Download packages of another release into a folder, with a configuration of its own: the machine's stays."""
    source = folder / "source.list"
    source.write_text(f"deb [signed-by={KEYRING}] {archive()} {suite} main\n", encoding="utf-8")
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    options = {
        "Dir::Etc::SourceList": source,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
        "APT::Sandbox::User": "root",  # the folder is private
        "Acquire::Check-Valid-Until": "false",  # a frozen mirror is older than its own expiry date; signatures count
        "Acquire::Languages": "none",
    }
    apt = [*APT, *(part for key, value in options.items() for part in ("-o", f"{key}={value}"))]
    program.run([*apt, "update"], timeout=INSTALL_LIMIT, environment=_environment())
    program.run([*apt, "download", *packages], timeout=INSTALL_LIMIT, environment=_environment(), folder=folder)
    return sorted(folder.glob("*.deb"))


def _environment() -> dict[str, str]:
    """The caller's environment, with apt's output in English and no question asked."""
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive", "NEEDRESTART_MODE": "a"}
