"""What any client may send, whatever the provider: bodies that are no JSON, values and header texts of every kind."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import strategies as st

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
header_text = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=20)


def embedded(body: dict[str, Any], text: bytes) -> bytes:
    """A good body with `text` as the value of a property that no contract has."""
    return orjson.dumps(body)[:-1] + b',"note":' + text + b"}"


def malformed(name: str, body: dict[str, Any]) -> dict[str, bytes]:
    """Bodies that are not well-formed JSON, or more than a server need read; `name` is a property of `body`."""
    start = b'{"' + name.encode() + b'": '
    return {
        "empty": b"",
        "cut short": start,
        "two documents": b"{}{}",
        "single quotes": b"{'a': 1}",
        "trailing comma": b'{"a": 1,}',
        "comment": b"{} // done",
        "byte order mark": b"\xef\xbb\xbf{}",
        "UTF-16": "{}".encode("utf-16"),
        "invalid UTF-8": start + b'"\xff\xfe"}',
        "overlong UTF-8": start + b'"\xc0\x80"}',
        "lone surrogate": start + b'"\\ud800"}',
        "control character": start + b'"\x01"}',
        "not a number": start + b"NaN}",
        "infinite number": start + b"1e999}",
        "huge integer": start + b"9" * 5000 + b"}",
        "deep array": b"[" * 100_000 + b"]" * 100_000,
        "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "unclosed": b"[" * 100_000,
        "deep, where anything goes": embedded(body, b"[" * 300 + b"]" * 300),
        "huge, where anything goes": embedded(body, b"9" * 5000),
    }
