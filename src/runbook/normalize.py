"""Raw output in, stable output out: two runs of the same runbook on the same versions give the same text.

`shown` is what a record keeps and a page shows; `comparable` goes further and is used only to compare two of those.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Colours and cursor movements, titles of windows, character sets (`tput sgr0` writes one), what is left of a cut one.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])?")

# What differs between two runs and means nothing: each rule has a test.
_VOLATILE = (
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d(?::?\d\d)?| UTC)?"), "<instante>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<data>"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:\.\d+)?\b"), "<hora>"),
    (re.compile(r"\b\d+(?:[.,]\d+)? ?(?:ms|s|segundos?)\b"), "<duração>"),
    (re.compile(r"\b20\d{12}(?=_)"), "<instante>"),  # with which the folder of a migration begins
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"\b(pid|PID)([ =:]+)\d+\b"), r"\1\2<pid>"),
    (re.compile(r"\b[0-9A-F]{1,8}/[0-9A-F]{7,8}\b"), "<lsn>"),
    (re.compile(r"\bbinlog\.\d{6}\b"), "<binlog>"),
    (re.compile(r"\b\d+(?:[.,]\d+)? ?(?:bytes|[kKMGT]i?B|[KMGT])\b"), "<tamanho>"),
)


def shown(text: str, names: Mapping[str, str]) -> str:
    """Without colours and overwritten lines, with the run's own names replaced.

    Args:
        text: what a step printed.
        names: real name -> name on the page, such as `loja_1f2e3d4c` -> `loja`.
    """
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    # A progress line rewrites itself with carriage returns: what stayed on the screen is what came last.
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    for real, name in sorted(names.items(), key=lambda item: -len(item[0])):
        text = text.replace(real, name)
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip("\n")


def comparable(text: str) -> str:
    """With times, sums, sizes and process numbers masked, and without blank lines, which move between two streams."""
    for pattern, mask in _VOLATILE:
        text = pattern.sub(mask, text)
    return re.sub(r"\n{2,}", "\n", text.strip("\n"))
