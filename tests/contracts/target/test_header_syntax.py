"""What can be a base URL, and what can be the value of a header."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from contracts.target.header_syntax import header_fault, url_fault


@pytest.mark.parametrize(
    "url",
    ["http://h", "https://api.example.com/v1/", "http://127.0.0.1:8080/~mine/thanx", "http://[::1]:80", "http://é.fr/"],
)
def test_base_urls(url: str) -> None:
    assert url_fault(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "http://",
        "http://x:port",
        "http://x:99999",
        "http://x:0",
        "http://a:80http://b",
        "http://[::1",
        "http://a b/",
        "http://h/a b",
        "http://h/\n",
        "http://h/\x1b",
        "http://.x/",
        f"http://{'a' * 80}.com/",
        "x",
    ],
)
def test_what_is_no_url(url: str) -> None:
    assert url_fault(url).startswith("is no http or https URL: ")


@pytest.mark.parametrize("url", ["http://h/?a=1", "http://h/#x"])
def test_what_is_no_base_url(url: str) -> None:
    assert "has a query or a fragment" in url_fault(url)


@pytest.mark.parametrize("url", ["http://till:word@h/", "ftp://till:word@h/", "http://till:word@[::1/"])
def test_a_password_in_a_url_is_refused_and_not_shown(url: str) -> None:
    assert url_fault(url).startswith("has a user name in it")
    assert "word" not in url_fault(url)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\nb", "a line end"),
        ("t0k3n\r", "a line end"),
        ("a\x00", "a control character"),
        ("a\x7f", "a control character"),
        ("\x85", "a control character"),
        ("a\xa0", "a space at its beginning or end"),
        (" a", "a space at its beginning or end"),
        ("a ", "a space at its beginning or end"),
        ("a€", "a character that no header can have"),
        ("a\udcff", "a character that no header can have"),
        ("a b\tc é", ""),
    ],
)
def test_values_of_headers(value: str, said: str) -> None:
    assert header_fault(value) == said


@given(st.text())
def test_what_is_said_to_be_well_formed_can_be_prepared_and_encoded(value: str) -> None:
    if not header_fault(value):
        requests.Request("GET", "http://h/", headers={"X-Odd": value}).prepare()
        value.encode("latin-1")


def test_what_is_encoded_may_have_letters_of_every_alphabet() -> None:
    assert header_fault("Basic käse:сыр", encoded=True) == ""
    assert header_fault("Basic käse:ы\n", encoded=True) == "a line end"
