"""Requests from the contract: the token that a login gives."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
import requests

from contracts.check.budget import Budget
from contracts.check.client import Client, RefusedError
from contracts.check.exchange import Response
from contracts.check.subject import load_subject
from contracts.check.target import bare_target
from contracts.check.transport import Transport, as_answer


class Answering:
    """A wire that answers everything with this."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        return as_answer(request, Response(200, {}, self.body))


def headers(body: bytes, name: str = "login") -> dict[str, str]:
    target = bare_target("elastic_path", "http://target.test")
    target = replace(target, credentials={name: replace(target.credentials["login"], name=name)})
    client = Client(load_subject("elastic_path"), target, Transport(Answering(body), Budget()))
    return client.headers(name, target.url)


def test_a_token_stands_in_the_headers() -> None:
    assert headers(b'{"access_token": "t0k3n"}') == {"Authorization": "Bearer t0k3n"}


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_a_refusal_of_what_all_requests_go_with(token: str | None) -> None:
    body = orjson.dumps({"access_token": token})
    with pytest.raises(RefusedError, match="its /access_token is nothing that a header can hold"):
        headers(body, "default")
    assert headers(body, "second_factor") == {"Authorization": "Bearer "}


@pytest.mark.parametrize("token", ["a\nb", "\x00", "a€"])
def test_a_token_that_no_header_can_hold_is_a_refusal_and_not_shown(token: object) -> None:
    with pytest.raises(RefusedError) as refused:
        headers(orjson.dumps({"access_token": token}))
    assert str(refused.value).startswith("createAccessToken answers 200 for the credential 'login'")
    assert str(refused.value).endswith("its /access_token is nothing that a header can hold")


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"5"])
def test_an_answer_without_a_token_is_a_refusal(body: bytes) -> None:
    with pytest.raises(RefusedError, match="answers 200 for the credential 'login' without /access_token"):
        headers(body)
