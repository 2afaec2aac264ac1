"""Output is made stable: a test for each rule, and for what has to survive it."""

from __future__ import annotations

import pytest

from runbook.normalize import comparable, shown


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[31mvermelho\x1b[0m", "vermelho"),
        ("\x1b[1;38;5;208mx\x1b[m y", "x y"),
        ("\x1b[2K\x1b[1Gfeito", "feito"),
        ("\x1b]0;título\x07texto", "texto"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b(Btexto\x1b7\x1b8\x1b=\x1bc", "texto"),
        ("fim \x1b", "fim"),
    ],
)
def test_terminal_sequences_go(raw: str, text: str) -> None:
    """Colours, cursor movements, titles, links and character sets leave no trace, cut ones neither."""
    assert shown(raw, {}) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("10%\r50%\r100%\nfim\n", "100%\nfim"),
        ("a\r\nb\r\n", "a\nb"),
        ("10%\r100%\r\nfim", "100%\nfim"),
        ("x\r", "x"),
    ],
)
def test_overwritten_lines_show_their_end(raw: str, text: str) -> None:
    """Of a line that rewrites itself what stayed on the screen is kept; a line end of Windows is a line end."""
    assert shown(raw, {}) == text


def test_names_of_the_run_are_replaced() -> None:
    """Names that only this run has become the ones of the page, the longest first."""
    names = {"loja_1f2e3d4c": "loja", "/pasta/run-1": "~", "/pasta/run-1/passos": "~/trabalho"}
    raw = "banco loja_1f2e3d4c, papel loja_1f2e3d4c_app, em /pasta/run-1/passos/a e /pasta/run-1/home"
    assert shown(raw, names) == "banco loja, papel loja_app, em ~/trabalho/a e ~/home"


@pytest.mark.parametrize(
    ("raw", "text"), [("", ""), ("\n", ""), (" \n \n", ""), ("a  \nb \n\n", "a\nb"), ("\n\na", "\n\na")]
)
def test_blanks_at_the_end_go(raw: str, text: str) -> None:
    """Blanks at the end of lines and blank lines at the end of the text go; those at its beginning are content."""
    assert shown(raw, {}) == text


def test_shown_keeps_what_matters() -> None:
    """Text, accents, emoji, columns, blank lines, times, sizes and digests stay as they were printed."""
    text = (
        "ação 😀 'aspas' \"duplas\" <b> & \\n $x\n\n   id | nome\n----+------\n 1 | São Paulo\n"
        "2026-11-22 20:15:00+00 12 ms 34 bytes 0/16B3748 " + "a" * 64
    )
    assert shown(text, {"loja_1f2e3d4c": "loja"}) == text


def test_shown_twice_is_shown_once() -> None:
    """What is stable stays as it is."""
    once = shown("a\x1b[0m\r\nb \rc  \n\n", {"c": "d"})
    assert shown(once, {"c": "d"}) == once


@pytest.mark.parametrize(
    ("one", "other", "masked"),
    [
        ("em 2026-11-22 20:15:00", "em 2027-01-02T03:04:05.678Z", "em <instante>"),
        ("2026-11-22 20:15:00.123456+00", "2026-11-22 20:15:00 UTC", "<instante>"),
        ("2026-11-22T20:15:00-03:00", "2026-11-22T20:15:00 +0000", "<instante>"),
        ("em 2026-11-22.", "em 2025-01-01.", "em <data>."),
        ("às 20:15:00", "às 01:02:03.5", "às <hora>"),
        ("levou 12 ms", "levou 3,5 s", "levou <duração>"),
        ("levou 1 segundo", "levou 1.25 segundos", "levou <duração>"),
        ("a" * 64, "0f" * 32, "<sha256>"),
        ("pid 123", "pid 45", "pid <pid>"),
        ("PID=1", "PID=23456", "PID=<pid>"),
        ("em 0/16B3748", "em A1/FF00AA11", "em <lsn>"),
        ("binlog.000002", "binlog.000123", "<binlog>"),
        ("em 20261122201500_inicial/", "em 20270101000000_inicial/", "em <instante>_inicial/"),
        ("tem 27790 bytes", "tem 1 bytes", "tem <tamanho>"),
        ("123 kB e 1,5 MiB", "9 MB e 20 GiB", "<tamanho> e <tamanho>"),
        ("4.2G livres", "17G livres", "<tamanho> livres"),
    ],
)
def test_volatile_values_are_masked_for_comparison(one: str, other: str, masked: str) -> None:
    """Times, sums, sizes and process numbers of two runs compare as equal."""
    assert comparable(one) == comparable(other) == masked


@pytest.mark.parametrize(
    "text",
    [
        "TABLE: 7",
        "7 linhas",
        "código de saída 0",
        "COPY 20000",
        "ERROR:  division by zero",
        "versão 17.11",
        "a" * 63,
        "1/2",
        "12:34",
        "loja_app",
        "passos",
    ],
)
def test_comparable_keeps_what_matters(text: str) -> None:
    """Counts, codes, versions and messages are never masked: a change in them is a difference."""
    assert comparable(text) == text


def test_blank_lines_do_not_count_in_a_comparison() -> None:
    """Two streams of one program meet in one output, and between them a blank line is now here and now there."""
    assert comparable("\na\n\n\nb\n") == comparable("a\nb")
