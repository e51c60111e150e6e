"""Nothing secret or personal is written down, and what is written can still be judged."""

from __future__ import annotations

import base64
import re

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from contracts.check.redaction import Redaction
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.target import Credential, Target, bare_target

SECRET = "s3cr3t-t0k3n"
TARGET = Target(
    "sandbox",
    "thanx",
    "https://api.test",
    {"default": Credential("default", {"Authorization": f"Bearer {SECRET}"})},
    {},
    secrets={SECRET: "$TOKEN"},
)
REDACTION = Redaction.of(TARGET)
ON_DISK = Redaction({}, personal=True)
EMAILS = st.from_regex(r"[a-z][a-z0-9.+-]{0,20}[a-z0-9]@[a-z]{2,10}\.(com|org|test)", fullmatch=True)
PHONES = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
EMAIL = jsonschema_rs.Draft202012Validator({"format": "email"}, validate_formats=True)


@given(EMAILS)
def test_an_email_becomes_another_email(email: str) -> None:
    shown = ON_DISK.text(f'{{"value":"{email}"}}')
    assert email not in shown
    assert EMAIL.is_valid(shown[10:-2])


@given(PHONES)
def test_a_phone_number_becomes_another_phone_number(phone: str) -> None:
    shown = ON_DISK.text(phone)
    assert re.fullmatch(r"\+[1-9][0-9]{1,14}", shown)
    assert (shown == phone) == phone.startswith("+1555000")


@given(st.text() | EMAILS | PHONES | st.builds("{} {}".format, EMAILS, PHONES))
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = ON_DISK.text(text)
    assert ON_DISK.text(once) == once


@given(EMAILS, EMAILS)
def test_different_values_stay_different(one: str, other: str) -> None:
    assert (ON_DISK.text(one) == ON_DISK.text(other)) == (one == other)


def test_a_known_secret_is_found_wherever_it_stands() -> None:
    for text in (SECRET, f"https://api.test/?t={SECRET}", f'{{"a": "{SECRET}"}}'):
        assert SECRET not in REDACTION.text(text)
    assert REDACTION.text(f"Bearer {SECRET}") == "Bearer $TOKEN"


def test_a_token_that_the_target_gives_is_no_known_secret_and_goes_too() -> None:
    body = b'{"access_token": "eyJhbGciOi.abc", "expires_in": 3600}'
    exchange = Exchange(1, Request("POST", "https://api.test/token", {}), Response(200, {}, body))
    shown = REDACTION.exchange(exchange).response.body
    assert b"eyJ" not in shown
    assert b"3600" in shown


def test_headers_that_open_something_are_not_shown() -> None:
    for name in ("Authorization", "X-ClientId", "Cookie", "X-CAP-API-OAUTH-TOKEN"):
        request = Request("GET", "https://api.test/", {name: "made-up-value"})
        shown = REDACTION.exchange(Exchange(1, request, Response(200, {}, b""))).request.headers
        assert "made-up-value" not in str(shown)


def test_basic_credentials_stay_basic_credentials() -> None:
    encoded = base64.b64encode(b"till:password").decode()
    request = Request("GET", "https://api.test/", {"Authorization": f"Basic {encoded}"})
    shown = REDACTION.exchange(Exchange(1, request, Response(200, {}, b""))).request.headers["Authorization"]
    user, _, password = base64.b64decode(shown.removeprefix("Basic ")).decode().partition(":")
    assert encoded not in shown
    assert user.startswith("redacted-")
    assert password.startswith("redacted-")


def test_bytes_that_are_no_text_come_back_as_they_went() -> None:
    request = Request("POST", "https://api.test/", {}, b"\xff\xfe\x00")
    assert REDACTION.exchange(Exchange(1, request, Response(200, {}, b""))).request.body == b"\xff\xfe\x00"


def test_published_credentials_are_shown_on_the_screen() -> None:
    target = bare_target("thanx", "http://127.0.0.1:1")
    assert Redaction.of(target).text("Bearer test-token") == "Bearer test-token"


def test_a_number_without_a_plus_is_told_by_its_name() -> None:
    for text in ('{"mobile": "919456430850"}', "/points?page=1&mobile=919456430850", '{"phone_number":919456430850}'):
        assert "919456430850" not in ON_DISK.text(text)
    for text in ('{"amount": 919456430850}', "/points?from=919456430850"):
        assert ON_DISK.text(text) == text


def test_the_values_of_cookies_go_and_their_attributes_stay() -> None:
    request = Request("GET", "https://api.test/", {"Cookie": "sid=s3cr3t; lang=en"})
    response = Response(200, {"set-cookie": "sid=s3cr3t==; Path=/; HttpOnly"}, b"")
    shown = ON_DISK.exchange(Exchange(1, request, response))
    assert "s3cr3t" not in f"{shown.request.headers} {shown.response.headers}"
    assert shown.response.headers["set-cookie"].endswith("; Path=/; HttpOnly")


def test_what_was_shown_instead_is_put_back() -> None:
    redaction = Redaction({}, personal=True, memory={})
    sent = Request("POST", "https://api.test/?to=a%2Bb%40c.de", {}, b'{"password": "a\\"b", "phone": "+12025551234"}')
    redaction.request(sent)
    answer = Response(422, {}, b'{"input": ["a+b@c.de", "+12025551234"], "password": "a\\"b", "by": "d@e.fg"}')
    shown = redaction.exchange(Exchange(1, Request("GET", "/", {}), answer)).response
    assert shown.body != answer.body
    assert redaction.restore(shown) == answer


def test_a_long_word_takes_no_longer_than_its_length() -> None:
    word = "x" * 1_000_000
    assert ON_DISK.text(word) == word
