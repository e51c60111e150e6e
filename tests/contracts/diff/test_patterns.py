"""Patterns decided by automata agree with a matcher on strings that are drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.diff.patterns import takes_all

PIECES = st.sampled_from(["a", "b", "[ab]", "[a-c]", "a*", "b+", "(?:ab|c)", "a?", "c{1,2}", r"\d", "."])
PATTERNS = st.builds(
    lambda start, pieces, end: f"{start}{''.join(pieces)}{end}",
    st.sampled_from(["^", ""]),
    st.lists(PIECES, min_size=1, max_size=3),
    st.sampled_from(["$", ""]),
)


def strings(pattern: str) -> dict[str, object]:
    return {"type": ["string"], "pattern": pattern}


@given(PATTERNS, PATTERNS, st.lists(st.text("abcd0", max_size=6), max_size=20))
@settings(max_examples=150, deadline=None)
def test_a_yes_is_never_contradicted(taken: str, sent: str, texts: list[str]) -> None:
    if takes_all(strings(taken), strings(sent)):
        for text in texts:
            assert not re.search(sent, text) or re.search(taken, text)


@pytest.mark.parametrize(
    ("taken", "sent", "answer"),
    [
        ("^[a-z0-9]+$", "^[a-z]+$", True),
        ("^[a-z]+$", "^[a-z0-9]+$", False),
        ("a", "^a$", True),
        ("^a$", "a", False),
        ("^https://", "^https://example", True),
        (r"^\$$", r"^\$$", True),
        (r"^a\$", "^a$", False),
        ("^a|b$", "^a$", None),
        (r"^(?=a)a$", "^a$", None),
        (r"^\p{L}$", "^a$", None),
        ("^[a-z]{1,100000}$", "^a$", None),
        ("^((a{1,99}){1,99}){1,99}$", "^a$", None),
    ],
)
def test_what_is_decided(taken: str, sent: str, answer: bool | None) -> None:
    assert takes_all(strings(taken), strings(sent)) is answer


def test_lengths_count_as_well() -> None:
    three = {**strings("^[a-z]{3}$"), "maxLength": 3}
    assert takes_all(three, strings("^[a-z]{3}$")) is True
    assert takes_all({**strings("^[a-z]*$"), "minLength": 4}, strings("^[a-z]{3}$")) is False


def test_another_keyword_leaves_it_open() -> None:
    assert takes_all({**strings("a"), "format": "uri"}, strings("a")) is None
