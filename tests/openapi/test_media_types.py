"""Media types, ranges, and which one pleases a client."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.media_types import documented_as, essence, is_json, may_be_json, negotiate, parse


@pytest.mark.parametrize(
    ("header", "name", "parameters"),
    [
        ("application/json", "application/json", {}),
        (" Application/JSON ; Charset=UTF-8", "application/json", {"charset": "UTF-8"}),
        ('multipart/form-data; boundary="a; b\\"c"', "multipart/form-data", {"boundary": 'a; b"c'}),
        ("text/plain;", "text/plain", {}),
        ("text/plain; a=1; a=2", "text/plain", {"a": "1"}),
        ("application/vnd.api+json;version=1", "application/vnd.api+json", {"version": "1"}),
    ],
)
def test_a_header_is_read(header: str, name: str, parameters: dict[str, str]) -> None:
    media = parse(header)
    assert media is not None
    assert (media.name, media.parameters) == (name, parameters)


@pytest.mark.parametrize(
    "header", ["", "json", "application/", "a/b c", "a/b; c", "a/b; =c", 'a/b; c="d', "a/b/c", "a /b", "a/b; c=d e"]
)
def test_a_malformed_header_is_none(header: str) -> None:
    assert parse(header) is None


@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    media = parse(text)
    assert media is None or media.name == essence(text)
    negotiate(text, ["a/b", "c/*", "*/*"])


@pytest.mark.parametrize("part", [";", ",", "a/b;c=", 'a/b;c="', " ", "\\", '"', "a/b;q=0.5,", "a/b;;"])
def test_a_long_header_costs_no_more_than_its_length(part: str) -> None:
    text = "a/b" + part * 100_000
    media = parse(text)
    assert media is None or media.name == "a/b"
    assert negotiate(text, ["a/b"]) == "a/b"


@pytest.mark.parametrize(
    ("name", "documented", "entry"),
    [
        ("application/json", ["*/*", "application/*", "application/json"], "application/json"),
        ("application/json", ["*/*", "application/*"], "application/*"),
        ("text/plain", ["*/*", "application/*"], "*/*"),
        ("text/plain", ["application/*"], None),
        ("", ["application/*"], None),
    ],
)
def test_the_most_specific_documented_entry_is_meant(name: str, documented: list[str], entry: str | None) -> None:
    assert documented_as(name, documented) == entry


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        ("", ["application/json", "text/plain"], "application/json"),
        ("*/*", ["application/json", "text/plain"], "application/json"),
        ("text/plain", ["application/json", "text/plain"], "text/plain"),
        ("text/*;q=0.3, text/html;q=0.7", ["text/plain", "text/html"], "text/html"),
        ("text/plain;q=0.5, application/json;q=0.4", ["application/json", "text/plain"], "text/plain"),
        ("application/json;q=0, */*", ["application/json", "text/plain"], "text/plain"),
        ("application/vnd.api+json", ["application/json", "application/vnd.api+json"], "application/vnd.api+json"),
        ("application/*", ["text/plain", "application/json"], "application/json"),
        ("image/png", ["application/json"], None),
        ("application/json;q=0", ["application/json"], None),
        ("application/json", ["application/*"], "application/*"),
        ("image/png", ["*/*"], "*/*"),
        ("nonsense", ["application/json"], "application/json"),
        ("nonsense, text/html", ["application/json"], None),
        ("text/html;q=high, application/json", ["application/json"], "application/json"),
        ("image/png", [], None),
    ],
)
def test_what_pleases_most_is_chosen(accept: str, offered: list[str], chosen: str | None) -> None:
    assert negotiate(accept, offered) == chosen


def test_what_is_json() -> None:
    assert is_json("application/json")
    assert is_json("application/problem+json")
    assert not is_json("application/jsonlines")
    assert may_be_json("application/*")
    assert not may_be_json("text/*")
