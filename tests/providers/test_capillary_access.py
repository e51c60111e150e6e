"""The stub plays Capillary: who may ask, for how long and how often (facts of specs/capillary/facts.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.web.app import MAX_BODY
from tests.client import Client, Response
from tests.providers.capillary import (
    BY_EITHER_RATIO,
    CORE,
    CUSTOMER,
    HEADERS,
    KEY,
    REVOKE,
    TOKEN,
    basic,
    body,
    detail,
    get,
    ids,
    is_refused,
    issue,
    md5,
    page,
)
from tests.providers.conftest import Connect
from tests.specs.documents import example

LIST = f"{CORE}/management/customer/{CUSTOMER}/issuals"
OAUTH = "x-cap-api-oauth-token"
Headers = dict[str, str | None]
# Every operation that needs credentials, as a good request.
OPERATIONS: dict[str, Callable[[Client, Headers], Response]] = {
    "issueReward": lambda client, headers: issue(client, headers=headers),
    "listIssuals": lambda client, headers: client.get(LIST, headers=headers),
    "getIssual": lambda client, headers: client.get(f"{LIST}/195613", headers=headers),
    "revokeReward": lambda client, headers: client.post(REVOKE, {"txnId": 1}, headers=headers),
}
operations = pytest.mark.parametrize("send", OPERATIONS.values(), ids=list(OPERATIONS))
Send = Callable[[Client, Headers], Response]


@pytest.fixture
def capillary(connect: Connect) -> Client:
    return connect("capillary")


@pytest.fixture
def known(connect: Connect) -> Client:
    return connect("capillary", HEADERS)


def token(client: Client, **changes: str) -> str:
    """A fresh token."""
    response = client.post(TOKEN, KEY | changes)
    assert response.status == 200, response.text
    found: str = response.json["data"]["accessToken"]
    return found


def is_token_refused(response: Response, status: int, message: str = "") -> bool:
    """Whether a token request was refused with this status, in its own envelope."""
    said = response.json
    assert set(said) == {"data", "errors"}
    assert said["data"] is None
    (error,) = said["errors"]
    assert error["code"] == status
    assert error["message"] == message or not message
    return response.status == status and response.headers["content-type"] == "application/json"


@operations
def test_both_credentials_open_every_operation(capillary: Client, send: Send) -> None:
    for headers in (HEADERS, {OAUTH: token(capillary)}, {OAUTH: "test-token"}):
        assert send(capillary, {**headers}).status == 200


@operations
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {OAUTH: ""},
        {OAUTH: "unknown"},
        {OAUTH: "a.b.c"},
        {"authorization": "Bearer test-token"},
        {"authorization": "Basic"},
        {"authorization": "Basic !"},
        {"authorization": "Basic gA=="},
        basic("sandbox", "wrong"),
        basic("sandbox", ""),
        basic("nobody", "sandbox"),
        {"x-cap-api-access-token": "test-token"},
    ],
    ids=str,
)
def test_missing_credentials_are_401(capillary: Client, send: Send, headers: dict[str, str]) -> None:
    response = send(capillary, {**headers})
    assert is_refused(response, 401)
    assert response.json == example("capillary", "unauthorized")


def test_basic_password_is_an_md5_digest(capillary: Client) -> None:
    assert md5("sandbox") == "93bc63e0b4f48fbbff568d9fc0dc3def"
    for password in (md5("sandbox"), "sandbox"):
        assert capillary.get(LIST, headers={**basic("sandbox", password)}).status == 200
    for password in (md5(md5("sandbox")), md5("Sandbox"), md5("sandbox")[:-1]):
        assert is_refused(capillary.get(LIST, headers={**basic("sandbox", password)}), 401)


def test_digest_alone_is_taken_where_the_password_may_not_travel(capillary: Client) -> None:
    assert is_refused(capillary.get(LIST, headers={**basic("sandbox-no-group", "sandbox")}), 401)
    assert is_refused(capillary.get(LIST, headers={**basic("sandbox-no-group", md5("sandbox"))}), 403)


@operations
@pytest.mark.parametrize("headers", [basic("sandbox-no-group", md5("sandbox")), {OAUTH: "test-token-no-group"}])
def test_forbidden_access_group_is_403(capillary: Client, send: Send, headers: dict[str, str]) -> None:
    response = send(capillary, {**headers})
    assert is_refused(response, 403)
    assert response.json == example("capillary", "forbidden")


def test_token_is_generated_anew_without_credentials(capillary: Client) -> None:
    response = capillary.post(TOKEN, KEY)
    assert response.status == 200
    assert response.json["errors"] is None
    assert set(response.json["data"]) == {"accessToken", "ttlSeconds"}
    assert response.json["data"]["ttlSeconds"] == 300
    assert len({token(capillary) for _ in range(3)} | {response.json["data"]["accessToken"]}) == 4
    assert capillary.post(TOKEN, KEY | {"key": "test-key-short"}).json["data"]["ttlSeconds"] == 60


def test_expired_token_is_401(capillary: Client) -> None:
    long, short = {OAUTH: token(capillary)}, {OAUTH: token(capillary, key="test-key-short")}
    for seconds, open_ in ((59, (200, 200)), (1, (200, 401)), (239, (200, 401)), (1, (401, 401))):
        capillary.advance(seconds)
        assert (capillary.get(LIST, headers=long).status, capillary.get(LIST, headers=short).status) == open_
    assert is_refused(capillary.get(LIST, headers=long), 401)
    assert is_refused(capillary.get(LIST, headers={OAUTH: "test-token-expired"}), 401)
    assert capillary.get(LIST, headers={OAUTH: token(capillary)}).status == 200


def test_token_opens_its_own_session_only(capillary: Client) -> None:
    other = Client(capillary.stub, "capillary", session="test-other-token")
    assert is_refused(other.get(LIST, headers={OAUTH: token(capillary)}), 401)


@pytest.mark.parametrize(
    "said",
    [{"secret": "wrong"}, {"key": "wrong"}, {"key": "test-secret", "secret": "test-key"}, {"key": "test-key-no-group"}],
)
def test_wrong_key_or_secret_gets_no_token(capillary: Client, said: dict[str, str]) -> None:
    response = capillary.post(TOKEN, KEY | said)
    assert is_token_refused(response, 401, "Failed to generate OAuth token")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"key": "test-key"}',
        b'{"key": 1, "secret": "s"}',
        b"\xff",
        b'{"key": "", "secret": ""}',
        b'{"key": null, "secret": null}',
    ],
)
def test_malformed_token_request_is_400(capillary: Client, content: bytes) -> None:
    response = capillary.request("POST", TOKEN, content=content, headers={"content-type": "application/json"})
    assert is_token_refused(response, 400)


def test_token_secret_stays_out_of_the_journal(capillary: Client) -> None:
    entry = capillary.reason(capillary.post(TOKEN, KEY))
    assert "test-secret" not in str(entry)
    used = capillary.reason(capillary.get(LIST, headers={OAUTH: "test-token"}))
    assert "test-token" not in str(used["headers"])


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*;q=0.1", ""])
def test_only_json_is_spoken(known: Client, accept: str) -> None:
    said = {"accept": accept, "content-type": "application/json; charset=utf-8"}
    assert issue(known, headers=said).status == 200
    assert known.post(TOKEN, KEY, headers=said).status == 200
    for wrong in ("text/html", "application/xml", "application/json;q=0"):
        for response in (known.get(LIST, headers={"accept": wrong}), known.post(TOKEN, KEY, headers={"accept": wrong})):
            assert is_refused(response, 406)
    for wrong in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""):
        for path, content in ((REVOKE, {"txnId": 1}), (TOKEN, KEY)):
            assert is_refused(known.post(path, content, headers={"content-type": wrong}), 415)


def test_large_body_is_413(known: Client) -> None:
    large = b" " * (MAX_BODY + 1)
    for path in (REVOKE, TOKEN, f"{CORE}/user/reward/1/issue?username=swati"):
        response = known.request("POST", path, content=large, headers={"content-type": "application/json"})
        assert is_refused(response, 413)


def test_too_many_requests_is_429(known: Client) -> None:
    for _ in range(101):
        assert page(known).status == 200
    known.scenario("capillary", "enforce_limits")
    for _ in range(100):
        assert page(known).status == 200
        known.advance(0.1)
    response = page(known)
    assert is_refused(response, 429)
    assert response.headers["retry-after"] == "50"
    assert is_refused(issue(known), 429)
    assert known.get(LIST, headers={"authorization": None, OAUTH: "test-token"}).status == 200
    known.advance(50)
    assert page(known).status == 200


# A gateway that loses patience


def test_slow_answer_is_504(known: Client) -> None:
    said = body(requestId="r-1")
    response = issue(known, said=said, headers={"x-mock-scenario": "slow"})
    assert is_refused(response, 504)
    assert response.json == example("capillary", "gateway_timeout")
    assert known.reason(response)["job"] == "400001"


@pytest.mark.parametrize("scenario", ["slow", "stuck"])
def test_timed_out_issue_is_not_there_until_it_gets_through(known: Client, scenario: str) -> None:
    said = body(requestId="r-1")
    assert issue(known, said=said, headers={"x-mock-scenario": scenario}).status == 504
    known.advance(24)
    assert get(known, "400001").status == 400
    assert ids(known) == ["195613"]
    assert page(known).json["pagingDto"]["totalElements"] == 1
    assert known.post(REVOKE, {"txnId": 400001}).json["status"]["code"] == 10007
    assert issue(known, said=said).status == 504
    if scenario == "stuck":
        known.advance(86_400)
        assert issue(known, said=said).status == 504
        known.control("POST", "/jobs/400001/release")
    known.advance(1)
    again = issue(known, said=said)
    assert (again.status, again.json["transactionId"]) == (200, 400001)
    assert ids(known) == ["400001", "195613"]
    assert detail(known, "400001")["issueDateTime"] == "2026-01-01T00:00:00Z"


def test_stuck_issue_can_be_failed(known: Client) -> None:
    said = body(requestId="r-1")
    assert issue(known, said=said, headers={"x-mock-scenario": "stuck"}).status == 504
    known.control("POST", "/jobs/400001/fail", {"error": "the vendor is gone"})
    found: dict[str, Any] = detail(known, "400001")
    assert found["status"] == {"success": False, "code": 400, "message": "the vendor is gone"}
    assert found["pointsRedemption"] == {}
    assert issue(known, said=said).json == example("capillary", "request_id_duplicate")


def test_slow_issue_can_end_in_a_refusal(known: Client) -> None:
    assert issue(known, BY_EITHER_RATIO, headers={"x-mock-scenario": "slow"}).status == 504
    known.advance(25)
    assert detail(known, "400001")["status"] == example("capillary", "payment_id_missing")["status"]
