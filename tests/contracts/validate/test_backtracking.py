"""Expressions known to blow up and their sound counterparts; no expression keeps the check busy."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.validate.backtracking import _Matcher, _parser, blow_up

EXPLOSIVE = [
    r"^(a+)+$",
    r"^(a|a)*$",
    r"^(\w+\s?)*$",
    r"^([a-zA-Z0-9]+)*@x$",
    r"(x+x+)+y",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^(.*?,){11}P",
    r"^(\p{L}+)*$",
    r"^([0-9]+|[0-9]+\.[0-9]+)*$",
    r"^(?<word>\w+)+!$",
    r"^([^,]*)*;$",
    r"^(a|ab|b)*c$",
]
SOUND = [
    r"^[a-z]+(-[a-z]+)*$",
    r"^\d{4}-\d{2}-\d{2}$",
    r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$",
    r"^(/[^/]*)+$",
    r"^\w+([-+.]\w+)*@\w+([-.]\w+)*$",
    r"^(foo|bar|fo)*$",
    r"^\s*\s*\s*$",
    r"^https?://(\w+\.)*x",
    r"^\+[1-9][0-9]{1,14}$",
    r"^.*$",
    "",
    r"^((a|b)c)*$",
    r"^(?!.*\.\.)[a-z.]+$",
]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_explosive(pattern: str) -> None:
    assert blow_up(pattern)


@pytest.mark.parametrize("pattern", SOUND)
def test_sound(pattern: str) -> None:
    assert blow_up(pattern) == ""


def test_the_text_it_gives_keeps_a_real_matcher_busy() -> None:
    """CPython's own: four characters more take it at least eight times as long, instead of a fifth more."""
    assert blow_up(r"^(a+)+$") == r"'a' * 20 + '\x00'"

    def seconds(count: int) -> float:
        started = time.thread_time()
        re.search(r"^(a+)+$", "a" * count + "\x00")
        return time.thread_time() - started

    assert seconds(22) > 8 * seconds(18)


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", r"\d", r"\b", "^", "$"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,3}", "*?"])).map(lambda t: f"(?:{t[0]}){t[1]}"),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda t: f"({t[0]}|{t[1]})"),
        inner.map(lambda body: f"(?={body})"),
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(pattern=PATTERNS, text=st.text("ab1 ", max_size=6))
def test_its_matcher_agrees_with_the_real_one(pattern: str, text: str) -> None:
    mine = _Matcher(text).sequence(list(_parser.parse(pattern)), 0, 0, lambda _: True)
    assert mine == (re.match(pattern, text) is not None)
