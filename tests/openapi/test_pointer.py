"""JSON Pointer (RFC 6901)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi import pointer

# RFC 6901, section 5.
DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}
tokens = st.lists(st.text(max_size=4) | st.sampled_from(["/", "~", "~0", "~1", "~01", "%2F", "#"]), max_size=4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("#", DOCUMENT),
        ("#/foo/0", "bar"),
        ("#/", 0),
        ("#/a~1b", 1),
        ("#/c%25d", 2),
        ("#/e%5Ef", 3),
        ("#/%20", 7),
    ],
)
def test_the_examples_of_the_standard(text: str, value: Any) -> None:
    assert pointer.resolve(DOCUMENT, text) == value


@given(tokens)
def test_join_and_split_are_inverse(parts: list[str]) -> None:
    assert pointer.split(pointer.join(*parts)) == tuple(parts)


@given(tokens)
def test_a_joined_pointer_leads_there(parts: list[str]) -> None:
    value: Any = "here"
    for token in reversed(parts):
        value = {token: value}
    assert pointer.resolve(value, pointer.join(*parts)) == "here"
    assert pointer.find(value, tuple(parts)) == "here"


@pytest.mark.parametrize("token", ["2", "-1", "00", "01", "1 ", "-", "", "٣", "1_0", "9" * 30, "9" * 5_000, "foo"])
def test_what_is_no_index_of_a_list(token: str) -> None:
    with pytest.raises(LookupError):
        pointer.child(["a", "b"], token)
    assert pointer.find({"list": ["a", "b"]}, ("list", token), "nothing") == "nothing"


def test_a_pointer_into_nothing_says_how_far_it_came() -> None:
    with pytest.raises(pointer.PointerError, match=r"^/foo/7/x does not exist \(it ends at /foo\)$") as caught:
        pointer.resolve(DOCUMENT, "/foo/7/x")
    assert caught.value.at == "/foo"
    with pytest.raises(pointer.PointerError, match=r"it ends at \(root\)"):
        pointer.resolve("text", "/a")


def test_a_pointer_starts_with_a_slash() -> None:
    with pytest.raises(ValueError, match="starts with '/'"):
        pointer.split("foo/bar")
