"""Who is asking: which scheme a credential came by, and what each kind of wrong credential is called."""

from __future__ import annotations

import base64
from pathlib import Path

import orjson
import pytest

from mockserver.core.clock import SECOND
from mockserver.engine.answer import Refusal
from mockserver.engine.credentials import Headers, Query, mint, token_key
from mockserver.engine.playing import load_document, load_provider
from mockserver.engine.provider import Provider
from mockserver.engine.simulation import Credential
from openapi.shipped import SPECS

KEY = token_key(0, "session")


@pytest.fixture(scope="module")
def dog() -> Provider:
    return load_provider(SPECS / "loyaltydog").provider


def check(provider: Provider, operation: str, headers: Headers, query: Query | None = None, now: int = 0) -> Credential:
    found = provider.contract.operation(operation)
    assert found is not None
    return provider.guard.check(found, headers, query or {}, KEY, now)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_credential_says_by_which_scheme_it_came(dog: Provider) -> None:
    minted = mint(KEY, Credential("me", tenant="sandbox"), 0, 60)
    assert check(dog, "downloadCardsCsv", bearer("test-token")).scheme == "bearerAuth"
    assert check(dog, "downloadCardsCsv", bearer(minted)).scheme == "bearerAuth"
    signed = check(dog, "downloadCardsCsv", bearer("wrong"), {"signature": ["abc"]})
    assert (signed.scheme, signed.name) == ("csvSignature", "abc")


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, "unauthenticated"),
        ({"authorization": "Bearer "}, "unauthenticated"),
        ({"authorization": f"Basic {base64.b64encode(b'a:b').decode()}"}, "unauthenticated"),
        (bearer("wrong"), "unknown_credentials"),
        (bearer(mint(token_key(0, "another"), Credential("me"), 0, 60)), "unknown_credentials"),
        (bearer(mint(KEY, Credential("me"), 0, 60)), "expired"),
        (bearer("test-token-expired"), "expired"),
    ],
)
def test_wrong_credential_is_named(dog: Provider, headers: dict[str, str], problem: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(dog, "downloadCardsCsv", headers, now=60 * SECOND)
    assert refused.value.problem == problem
    assert "wrong" not in str(refused.value.reasons), "a credential is never repeated"


SCHEMES: dict[str, dict[str, str]] = {
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "header": {"type": "apiKey", "in": "header", "name": "key"},
    "basic": {"type": "http", "scheme": "basic"},
}
NOTHING: dict[str, tuple[Headers, Query]] = {
    "query": ({}, {"key": [""]}),
    "cookie": ({"cookie": "key="}, {}),
    "header": ({"key": ""}, {}),
    "basic": ({"authorization": "Basic Og=="}, {}),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_an_empty_credential_opens_nothing_where_any_other_does(tmp_path: Path, name: str) -> None:
    operation = {"operationId": "ask", "security": [{name: []}], "responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "S", "version": "1"},
        "paths": {"/": {"get": operation}},
        "components": {"securitySchemes": SCHEMES},
    }
    path = tmp_path / "secured.json"
    path.write_bytes(orjson.dumps(document))
    with pytest.raises(Refusal):
        check(load_document(path).provider, "ask", *NOTHING[name])
