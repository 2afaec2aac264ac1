"""Text in, the same text without the secrets out, in the encodings in which they tend to travel.

Apart because it must stand before everything that is shown, stored or sent on.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 4  # a shorter secret would blank ordinary words; the sandbox never makes one


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces every form of every secret by asterisks."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    if not forms:
        return lambda text: text
    # The longest first: the encoded form may contain the plain one.
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(MASK, text)


def _forms(secret: str) -> set[str]:
    forms = {secret, quote(secret, safe=""), quote_plus(secret), shlex.quote(secret), json.dumps(secret)[1:-1]}
    forms.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    forms.add(secret.replace("'", "''"))
    raw = secret.encode()
    for shift in range(3):  # base64 of a longer text shows the secret in one of three alignments
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        start = (shift * 8 + 5) // 6
        end = (shift + len(raw)) * 8 // 6
        forms |= {encoded[start:end], encoded[start:end].replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= SHORTEST}
