"""A real database: a file of `NAME=value` lines in, a checked target out.

What the file does not say is not guessed, and a class that it does not name is production. Apart from `environment`,
which builds what steps see: here a person's file is read, and nothing in it is believed before it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from dotenv.parser import parse_stream

from .errors import RunbookError
from .redact import SHORTEST
from .step import CLASSES, PRODUCTION

CLASS = "RUNBOOK_CLASS"
# What the file may say of the connection: host, port, user and password of each engine.
NAMES = {
    "postgresql": ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"),
    "mysql": ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD"),
}
PORTS = {"postgresql": "5432", "mysql": "3306"}
SCHEMES = {"postgresql": ("postgresql", "postgres"), "mysql": ("mysql",)}
URLS = ("DATABASE_URL", "SHADOW_DATABASE_URL")
# How a connection to PostgreSQL is encrypted: libpq's name, and the one in an address.
TLS = {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert", "PGSSLCERT": "sslcert", "PGSSLKEY": "sslkey"}
OWNED = {name for names in NAMES.values() for name in names} | {CLASS, "DB", "CNF", *URLS, *TLS}
LONGEST_NAME = 38  # characters: the runbooks add as much as `_ensaio_20261124T000000Z` to it, and a name has 63
_DATABASE = re.compile(rf"[a-z_][a-z0-9_]{{0,{LONGEST_NAME - 1}}}")
_HOST = re.compile(r"[A-Za-z0-9/][A-Za-z0-9._:/-]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a procedure is carried out, as the file says.

    Attributes:
        kind: production, staging or development.
        urls: `DATABASE_URL` and the like, as given.
        tls: libpq's variables for an encrypted connection.
    """

    engine: str
    kind: str
    host: str
    port: str
    user: str
    database: str
    password: str
    urls: Mapping[str, str]
    tls: Mapping[str, str] = field(default_factory=dict)

    def facts(self) -> dict[str, str]:
        """What tells one target from another, without a secret."""
        return {name: getattr(self, name) for name in ("engine", "kind", "host", "port", "user", "database")}

    def secrets(self) -> list[str]:
        """The passwords, its own and those in the addresses, as they are and as the addresses write them."""
        inside = [(urlsplit(url).netloc.rpartition("@")[0]).partition(":")[2] for url in self.urls.values()]
        every = [self.password, *inside, *map(unquote, inside)]
        return list(dict.fromkeys(secret for secret in every if secret))


def read(path: Path) -> dict[str, str]:
    """The lines of the file; nothing in a value is carried out or replaced.

    Raises:
        RunbookError: others can read the file, or a line is not `NAME=value`, stands twice or has control characters.
    """
    if path.stat().st_mode & 0o077:
        raise RunbookError(
            f"outros usuários podem ler este arquivo, e ele tem senhas; execute `chmod 600 {path}`", path
        )
    found: dict[str, str] = {}
    with path.open(encoding="utf-8") as file:
        for part in parse_stream(file):
            line, key, value = part.original.line, part.key, part.value
            if part.error or (key and value is None):
                raise RunbookError("esperava uma linha `NOME=valor`", path, line)
            if key is None or value is None:
                continue  # a comment, or nothing
            if key in found:
                raise RunbookError(f"{key} está duas vezes; deixe só uma", path, line)
            if control(value):
                raise RunbookError(f"o valor de {key} tem quebra de linha ou outro caractere de controle", path, line)
            found[key] = value
    return found


def target(engine: str, values: Mapping[str, str], path: Path) -> Target:
    """What the values say of the database, each thing once or twice alike.

    Raises:
        RunbookError: something is missing, is not allowed, or two of them name different databases.
    """
    kind = values.get(CLASS, PRODUCTION)
    if kind not in CLASSES:
        raise RunbookError(f"{CLASS} é `{kind}`; esperava {', '.join(CLASSES[:2])} ou {CLASSES[2]}", path)
    keys = dict(zip(("host", "port", "user", "password"), NAMES[engine], strict=True)) | {"database": "DB"}
    told = {part: values[key] for part, key in keys.items() if values.get(key)}
    urls = {name: values[name] for name in URLS if values.get(name)}
    address = _address(engine, URLS[0], urls[URLS[0]], path) if URLS[0] in urls else {}
    for part in ("host", "port", "database"):
        if part in told and part in address and told[part] != address[part]:
            raise RunbookError(
                f"{keys[part]} diz `{told[part]}`, e DATABASE_URL diz `{address[part]}`; têm de ser o mesmo banco", path
            )
    if told.get("user", address.get("user")) != address.get("user"):
        address.pop("password", None)  # it is another account's
    found = {"port": PORTS[engine], "password": ""} | address | told
    for part in ("host", "user", "database"):
        if not found.get(part):
            other = next((e for e in NAMES if e != engine and values.get(NAMES[e][0])), "")
            hint = f"; {NAMES[other][0]} é de outro banco: diga `--engine {other}`" if other else ""
            raise RunbookError(f"falta {keys[part]} (ou DATABASE_URL, que o diz também){hint}", path)
    result = Target(engine, kind, urls=urls, tls=_tls(engine, values, path), **found)
    _check(result, path)
    return result


def _tls(engine: str, values: Mapping[str, str], path: Path) -> dict[str, str]:
    """How the connection is encrypted, as the variables or the address say; nothing of it is passed over in silence."""
    query = _query(values.get(URLS[0], ""))
    found = {name: values.get(name) or query.get(word, "") for name, word in TLS.items()}
    found = {name: value for name, value in found.items() if value}
    unknown = {name for name in query if name.startswith("ssl")} - set(TLS.values() if engine == "postgresql" else ())
    if unknown or (found and engine == "mysql"):
        names = ", ".join(sorted(unknown | (found.keys() & values.keys())))
        raise RunbookError(
            f"{names}: os comandos do manual não levariam isto à conexão, que ficaria menos segura", path
        )
    for name, word in TLS.items():
        if word in query and found[name] != query[word]:
            raise RunbookError(f"{name} diz `{found[name]}`, e DATABASE_URL diz `{query[word]}`", path)
    return found


def _query(url: str) -> dict[str, str]:
    """What stands after the `?` of an address."""
    return {name: told[0] for name, told in parse_qs(urlsplit(url).query).items()}


def _address(engine: str, name: str, url: str, path: Path) -> dict[str, str]:
    """What a URL says of the attributes of a target."""
    try:
        parts = urlsplit(url)
        query = _query(url)
        port = parts.port or query.get("port")
    except ValueError:
        raise RunbookError(f"{name} não é uma URL; na senha, caracteres especiais se escrevem como %40", path) from None
    if parts.scheme not in SCHEMES[engine]:
        raise RunbookError(f"{name} é de `{parts.scheme}`, e o runbook é de {engine}; diga `--engine`", path)
    found = {
        "host": query.get("host") or parts.hostname or "",
        "port": str(port or PORTS[engine]),
        "user": unquote(parts.username or ""),
        "database": unquote(parts.path.removeprefix("/")),
        "password": unquote(parts.password or ""),
    }
    return {part: value for part, value in found.items() if value}


def _check(found: Target, path: Path) -> None:
    if URLS[1] in found.urls:
        shadow = _address(found.engine, URLS[1], found.urls[URLS[1]], path)
        if all(shadow.get(part) == getattr(found, part) for part in ("host", "port", "database")):
            raise RunbookError(f"{URLS[1]} é o próprio banco, e o Prisma apaga o banco de sombra", path)
    if not _DATABASE.fullmatch(found.database):
        raise RunbookError(
            f"o banco se chama `{found.database}`, e os comandos do manual só sabem escrever nomes de até "
            f"{LONGEST_NAME} letras minúsculas sem acento, algarismos e `_`",
            path,
        )
    if not _HOST.fullmatch(found.host):
        raise RunbookError(f"`{found.host}` não é um servidor", path)
    if not re.fullmatch(r"\d{1,5}", found.port):
        raise RunbookError(f"a porta é `{found.port}`; esperava um número", path)
    if found.user.startswith("-") or control(found.user):
        raise RunbookError(f"o usuário `{found.user!r}` começa por `-` ou tem caracteres de controle", path)
    for secret in found.secrets():
        if control(secret):
            raise RunbookError("a senha tem quebra de linha ou outro caractere de controle", path)
        if len(secret) < SHORTEST:
            raise RunbookError(f"uma senha tem menos de {SHORTEST} caracteres, e não há como escondê-la", path)


def control(text: str) -> bool:
    """Whether it has a character that is not written but does something: a new line, a NUL, an escape."""
    return any(ord(char) < 32 or ord(char) == 127 for char in text)
