"""Texts written for a pattern fit it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.pattern import text_of

PIECES = st.sampled_from(
    ["a", "b?", "[ab]", "[^a]", r"[^\w]", "[^0-9a]", "a*", "b{2,3}", "(ab|c)", r"(a)\1", r"\d", r"\W", "[A-Z]", "."]
)


@given(st.lists(PIECES, max_size=4).map("".join), st.integers(0, 6))
def test_a_text_fits_its_pattern(body: str, least: int) -> None:
    text = text_of(f"^{body}$", least)
    assert text is not None
    assert re.search(f"^{body}$", text, re.ASCII)


@pytest.mark.parametrize(
    ("pattern", "least", "text"),
    [
        (r"^[A-Z]{3}-\d{4}$", 0, "AAA-0000"),
        ("^[a-f0-9]+$", 5, "aaaaa"),
        ("^(x|yy){1,3}$", 2, "xx"),
        ("^a{2}$", 5, "aa"),
        ("^(?!b)[a-c]$", 0, "a"),
        ("^(?>a)b$", 0, "ab"),
        (r"^[^\d]$", 0, "a"),
        (r"^[^\D]$", 0, "0"),
        (r"^[^\s\S]$", 0, ""),
        (r"\p{L}", 0, None),
    ],
)
def test_a_pattern(pattern: str, least: int, text: str | None) -> None:
    assert text_of(pattern, least) == text
