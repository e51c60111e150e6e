"""Positions in JSON: the same as the YAML reader gives, and also where YAML cannot read JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi import pointer
from openapi.source import Position, Source, SourceError, parse

NAMES = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f\x85\xa0\ufeff"), max_size=5
)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | NAMES
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


def pointers(value: Any, at: str = "") -> list[str]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(deep for name, member in members for deep in pointers(member, f"{at}/{pointer.escape(name)}"))]


@given(value=st.dictionaries(NAMES, VALUES, max_size=4), indent=st.sampled_from([None, 1, 4]))
def test_the_text_at_a_position_is_the_value(value: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    source = parse(text.encode(), Path("x.json"))
    lines = text.split("\n")
    for at in pointers(value):
        place = source.position(at)
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        assert json.JSONDecoder().raw_decode(rest)[0] == pointer.resolve(value, at)


def test_key_and_missing() -> None:
    source = parse(b'{\n  "a": {"b": [1,\n 2]}}', Path("x.json"))
    assert source.position("/a", key=True) == Position(2, 3)
    assert source.position("/a/b/1") == Position(3, 2)
    assert source.position("/a/none") == Position(2, 3)


def test_surrogates_that_yaml_refuses() -> None:
    source = parse(b'{"\\ud83d\\ude00": 1}', Path("x.json"))
    assert source.position("/\U0001f600") == Position(1, 18)


@pytest.mark.parametrize("depth", [201, 900, 10_000])
def test_deep_json_is_refused(depth: int) -> None:
    with pytest.raises(SourceError, match="nested more than 200"):
        parse(b'{"a":' * depth + b"1" + b"}" * depth, Path("x.json"))


def test_depth_200_is_read() -> None:
    source: Source = parse(b"[" * 200 + b"]" * 200, Path("x.json"))
    assert source.is_json
