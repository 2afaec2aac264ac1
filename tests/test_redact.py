"""Secrets are masked in every form in which they tend to travel, and nothing else is changed."""

from __future__ import annotations

import base64
import json
import subprocess
from urllib.parse import quote, quote_plus

import pytest

from runbook.redact import MASK, SHORTEST, redactor

SECRETS = [
    "abcdef0123456789",
    "it's \"d'or\" $HOME `id` \\o/ +%=!",
    "ção/ünïcode😀&<>?",
    "a b+c/d?e=f&g#h",
]
IN_BASH = [
    "printf '%q\\n' \"$S\"",
    'echo "${S@Q}"',
    "declare -p S",
    'set | grep "^S="',
    '{ set -x; : "$S"; } 2>&1',
    "printf '%s' \"$S\" | base64 --wrap=0",
    "printf 'a%s' \"$S\" | base64 --wrap=0",
    "printf 'ab%s' \"$S\" | base64 --wrap=0",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", "senha={};", "mysql://u:{}@h/b", "'{}'", '"{}"'])
def test_plain(secret: str, around: str) -> None:
    """The secret itself becomes the mask, and what stands around it stays."""
    assert redactor([secret])(around.format(secret)) == around.format(MASK)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encode", [lambda s: quote(s, safe=""), lambda s: quote(s, safe="!'()*"), quote_plus])
def test_url_encoded(secret: str, encode: object) -> None:
    """Percent-encoding hides no secret, whether Python's, JavaScript's or a form's."""
    assert callable(encode)
    assert redactor([secret])(f"x://u:{encode(secret)}@h") == f"x://u:{MASK}@h"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", ["", "u", "u:", "usr:"])
def test_base64_in_every_alignment(secret: str, before: str) -> None:
    """Base64 of a longer text shows nothing of the secret but bits that it shares with its neighbours."""
    whole = before.encode() + secret.encode() + b":end"
    for encoded in (base64.b64encode(whole).decode(), base64.urlsafe_b64encode(whole).decode()):
        redacted = redactor([secret])(encoded)
        assert MASK in redacted
        assert len(redacted.replace(MASK, "")) <= len(encoded) - len(secret.encode()) * 8 // 6 + 1


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_escaped(secret: str, ascii_only: bool) -> None:
    """JSON's escapes hide no secret."""
    assert redactor([secret])(json.dumps({"p": secret}, ensure_ascii=ascii_only)) == json.dumps({"p": MASK})


@pytest.mark.parametrize("secret", SECRETS)
def test_sql_quoted(secret: str) -> None:
    """A quote doubled, as in SQL, or with a backslash, as MySQL also writes it, hides no secret."""
    doubled = secret.replace("'", "''")
    slashed = secret.replace("\\", "\\\\").replace("'", "\\'")
    redact = redactor([secret])
    assert redact(f"PASSWORD '{doubled}';") == f"PASSWORD '{MASK}';"
    assert redact(f"BY '{slashed}';") == f"BY '{MASK}';"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("command", IN_BASH)
def test_as_bash_itself_writes_it(secret: str, command: str) -> None:
    """However bash quotes or escapes the value of a variable, the secret is masked."""
    environment = {"S": secret, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
    redacted = redactor([secret])(done.stdout)
    assert MASK in redacted
    assert not any(secret[n : n + SHORTEST] in redacted.replace(command, "") for n in range(len(secret) - SHORTEST))


def test_a_secret_inside_another() -> None:
    """The longer of two secrets is masked whole, also when the shorter one is its beginning."""
    assert redactor(["abcd", "abcd'efgh"])("abcd'efgh abcd") == f"{MASK} {MASK}"


def test_several_secrets() -> None:
    """Every secret is masked, at each of its places."""
    assert redactor(["primeiro", "segundo"])("primeiro segundo primeiro") == f"{MASK} {MASK} {MASK}"


@pytest.mark.parametrize("secrets", [[], [""], ["a"], ["abc"]])
def test_short_secrets_are_left(secrets: list[str]) -> None:
    """A secret too short to be one masks nothing: it would blank ordinary words."""
    text = "abc a b c: uma senha curta demais abre buracos no texto"
    assert redactor(secrets)(text) == text


def test_nothing_else_is_changed() -> None:
    """Text without the secret comes back byte for byte, backslashes, quotes and broken characters included."""
    text = "\\n 'a' \"b\" '' \\\\ $x `y` segred segrdo SEGREDO s\\egredo \ufffd \x1b[0m\t\r\n"
    assert redactor(["segredo", "it's a secret"])(text) == text


def test_a_backslash_before_the_secret_stays() -> None:
    """A backslash that belongs to the text before the secret is not taken for an escape of it."""
    assert redactor(["segredo"])("C:\\segredo") == f"C:\\{MASK}"
