"""What a step left for the next one, as it may lie on a disk: the shell's state in, the same without its secrets out.

Each form of a secret becomes a mark that says which secret and which form, so that whoever knows the secrets gets the
state back, and nobody else. Apart from `redact`, whose asterisks cannot be undone. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .redact import SHORTEST, forms, redactor

_END = "\x1d"  # bash writes a control character of a variable as `\\035`, so none stands in a state
_MARK = re.compile(rf"{_END}(\d+)\.(\d+){_END}")


def seal(state: bytes, secrets: Sequence[str], folder: str) -> str | None:
    """The state as text without secrets.

    Args:
        state: as `Shell.state` has it.
        secrets: the longest first or not, but in the same order when it is unsealed.
        folder: the private folder of the run, which has another name when the run is resumed.

    Returns:
        None where some form of a secret would stay, or what bash wrote is not text.
    """
    try:
        text = state.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _END in text:
        return None
    found = {
        form: f"{_END}{number}.{kind}{_END}"
        for number, secret in reversed(list(enumerate([folder, *secrets])))
        for kind, form in reversed(list(enumerate(forms(secret))))
        if len(form) >= SHORTEST
    }
    pattern = re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))))
    text = pattern.sub(lambda match: found[match[0]], text)
    return text if redactor(secrets)(text) == text else None


def unseal(text: str, secrets: Sequence[str], folder: str) -> bytes:
    """The state again."""
    every = [folder, *secrets]
    return _MARK.sub(lambda match: forms(every[int(match[1])])[int(match[2])], text).encode()
