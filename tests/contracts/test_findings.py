"""Texts for people."""

from __future__ import annotations

import orjson
import pytest

from contracts.findings import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë said: “ok” 🙂", "Zoë said: “ok” 🙂"),
        ("\x1b[2J\x9b31m\x00\x7f", "\\u001b[2J\\u009b31m\\u0000\\u007f"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_does_not_print_is_shown_by_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_may_be_kept_and_json_stays_json() -> None:
    document = orjson.dumps({"a": "\x1b\x9b\u202e\U000e0041\n"}, option=orjson.OPT_INDENT_2).decode()
    shown = printable(document, keep="\n\t")
    assert shown.count("\n") == document.count("\n")
    assert all(line.isprintable() for line in shown.splitlines())
    assert orjson.loads(shown) == orjson.loads(document)
