"""Text in, the same text without the secrets out, in the encodings in which they tend to travel.

Apart because it must stand before everything that is shown, stored or sent on.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 4  # a shorter secret would blank ordinary words; the sandbox never makes one


# The password in an address: what stands between the name and the last `@` before the path.
_IN_ADDRESS = re.compile(r"(?<=://)([^\s:/@]*):[^\s/]+@")


def unaddressed(text: str) -> str:
    """The text without the password of any address in it, whoever's it is: a file that a step shows has others'."""
    return _IN_ADDRESS.sub(rf"\1:{MASK}@", text)


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces every form of every secret by asterisks."""
    hidden = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
    if not hidden:
        return lambda text: text
    # The longest first: one form may contain another.
    encoded = {form for secret in hidden for form in forms(secret) if len(form) >= SHORTEST}
    pattern = re.compile("|".join([*map(re.escape, sorted(encoded, key=len, reverse=True)), *map(_quoted, hidden)]))
    return lambda text: pattern.sub(MASK, text)


def _quoted(secret: str) -> str:
    """A pattern for the secret as it is, and with the backslashes and quotes that bash, SQL and JSON put into it."""
    quote_mark = r"""(?:'\\''|'"'"'|''|\\?')"""
    return "".join(
        char if char.isalnum() else quote_mark if char == "'" else rf"\\?{re.escape(char)}" for char in secret
    )


def forms(secret: str) -> tuple[str, ...]:
    """The secret as it is, and as URLs, JSON, bash and base64 write it; always in the same order."""
    # The third is how JavaScript writes a URL.
    found = [secret, quote(secret, safe=""), quote(secret, safe="!'()*"), quote_plus(secret)]
    found += [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    found += [re.sub(r'(["\\$`])', r"\\\1", secret), secret.replace("'", "'\\''")]
    found += [secret.replace("'", "'\"'\"'"), secret.replace("'", "''")]
    found += [re.sub(r"([^\w@%+=:,./-])", r"\\\1", secret)]
    raw = secret.encode()
    for shift in range(3):  # base64 of a longer text shows the secret in one of three alignments
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        start = (shift * 8 + 5) // 6
        end = (shift + len(raw)) * 8 // 6
        found += [encoded[start:end], encoded[start:end].replace("+", "-").replace("/", "_")]
    return tuple(found)
