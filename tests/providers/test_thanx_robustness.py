"""Whatever a client sends, Thanx answers in its own envelope, and never with a 5xx."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.web.app import MAX_BODY, Stub
from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.hostile import anything, embedded, header_text, malformed
from tests.providers.thanx import HEADERS, ISSUE, MERCHANT, body, email, phone, users

JSON = {"content-type": "application/json"}
JOB = "/partner/issuance_jobs/job_xyz789"


@pytest.fixture
def thanx(connect: Connect) -> Client:
    return connect("thanx", HEADERS)


def is_error(response: Response, status: int) -> bool:
    """Whether this is an error of Thanx with that status."""
    assert response.headers["content-type"] == "application/json"
    assert set(response.json) == {"error"}
    assert set(response.json["error"]) == {"code", "message"}
    return response.status == status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/partner",
        "/partner/",
        "/partner/campaigns/",
        "/partner/campaigns/a/b",
        "/PARTNER/campaigns",
        "//",
        "/partner/issuance_jobs",
        "/partner/issuance_jobs/job_xyz789/",
        "/partner/%2e%2e/campaigns",
        "/partner/campaigns%00",
        "/partner/campaigns/%ff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_is_404(thanx: Client, path: str, method: str) -> None:
    response = thanx.request(method, path, query={"merchant_id": MERCHANT})
    assert is_error(response, 404)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", ISSUE, "POST"),
        ("HEAD", ISSUE, "POST"),
        ("DELETE", ISSUE, "POST"),
        ("POST", "/partner/campaigns", "GET"),
        ("PUT", "/partner/campaigns/camp_abc123", "GET"),
        ("OPTIONS", JOB, "GET"),
        ("PATCH", JOB, "GET"),
        ("TRACE", JOB, "GET"),
        ("QUERY", JOB, "GET"),
        ("GET", f"{JOB}/revoke", "POST"),
        ("BREW", f"{JOB}/revoke", "POST"),
    ],
)
def test_unknown_method_is_405_with_allow(thanx: Client, method: str, path: str, allow: str) -> None:
    response = thanx.request(method, path, query={"merchant_id": MERCHANT})
    assert response.status == 405
    assert response.headers["allow"] == allow
    if method != "HEAD":
        assert is_error(response, 405)
        assert response.json["error"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0", "image/png"])
def test_accept_without_json_is_406(thanx: Client, accept: str) -> None:
    for response in (
        thanx.get("/partner/campaigns/camp_abc123", headers={"accept": accept}),
        thanx.post(ISSUE, body(), headers={"accept": accept}),
    ):
        assert is_error(response, 406)


@pytest.mark.parametrize(
    "accept", ["*/*", "", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON", "json"]
)
def test_accept_with_json_is_served(thanx: Client, accept: str) -> None:
    assert thanx.get("/partner/campaigns/camp_abc123", headers={"accept": accept}).status == 200


def test_body_over_the_limit_is_413(thanx: Client) -> None:
    assert is_error(thanx.request("POST", ISSUE, content=b" " * (MAX_BODY + 1), headers=JSON), 413)
    assert is_error(thanx.request("POST", ISSUE, content=b" " * MAX_BODY, headers=JSON), 400)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json; charset=bogus",
        "application/json;charset=utf-16",
        "json",
        "",
        ";",
        "application/",
        "application/jsonx",
        "\x00",
        "application/json, application/json",
    ],
)
def test_other_media_type_is_415(thanx: Client, media_type: str) -> None:
    assert is_error(thanx.post(ISSUE, body(), headers={"content-type": media_type}), 415)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", 'APPLICATION/JSON;charset="UTF-8"'])
def test_json_by_any_spelling_is_served(thanx: Client, media_type: str) -> None:
    assert thanx.post(ISSUE, body(), headers={"content-type": media_type}).status == 202


GOOD = body()
MALFORMED = malformed("campaign_id", GOOD)


@pytest.mark.parametrize("key", [None, "a key"])
@pytest.mark.parametrize("content", MALFORMED.values(), ids=list(MALFORMED))
def test_malformed_json_is_400(thanx: Client, content: bytes, key: str | None) -> None:
    headers = JSON | ({"x-idempotency-key": key} if key else {})
    response = thanx.request("POST", ISSUE, content=content, headers=headers)
    assert is_error(response, 400)
    assert response.json["error"]["code"] == "BAD_REQUEST"
    assert thanx.reason(response)["reasons"]


@pytest.mark.parametrize("text", [b"[" * 200 + b"]" * 200, b"9" * 300, b"-1e-400", b'"\\u0000"', b'{"a":1,"a":2}'])
@pytest.mark.parametrize("key", [None, "a key"])
def test_unusual_json_that_fits_is_accepted(thanx: Client, text: bytes, key: str | None) -> None:
    headers = JSON | ({"x-idempotency-key": key} if key else {})
    first, again = (thanx.request("POST", ISSUE, content=embedded(GOOD, text), headers=headers) for _ in range(2))
    assert first.status == again.status == 202
    assert (first.content == again.content) is bool(key)


@pytest.mark.parametrize(
    "query",
    [
        "merchant_id",
        "merchant_id=%ff",
        "page=99999999999999999999999999",
        "page=1_0",
        "page=%D9%A1",
        "per_page=1e1",
        "page=+1",
        "page= 1",
        "&".join(f"a{n}=1" for n in range(2000)),
    ],
)
def test_malformed_query_is_400(thanx: Client, query: str) -> None:
    prefix = "" if query.startswith("merchant_id") else f"merchant_id={MERCHANT}&"
    response = thanx.get(f"/partner/campaigns?{prefix}{query}")
    assert is_error(response, 400)


def test_refusal_says_where_and_why(thanx: Client) -> None:
    response = thanx.post(ISSUE, body([*users(3), {"type": "phone", "value": "4155551234"}]))
    assert "/identifiers/3/value" in response.json["error"]["message"]
    entry = thanx.reason(response)
    assert (entry["operation"], entry["verdict"], entry["status"]) == ("issueRewards", "refused", 400)
    (reason,) = entry["reasons"]
    assert (reason["location"], reason["pointer"]) == ("body", "/identifiers/3/value")
    assert reason["contract"].startswith("openapi.yaml:")


def test_journal_hides_the_token(thanx: Client) -> None:
    headers = dict(thanx.reason(thanx.post(ISSUE, body()))["headers"])
    assert headers["authorization"] == headers["x-clientid"] == "***"


# Anything at all: valid requests, and requests that are wrong in one place or in many.

ids = st.sampled_from(
    ["camp_abc123", "camp_many01", "job_xyz789", "job_other1", "var_treat1", MERCHANT, "unknown", ""]
) | st.text(max_size=20)
good = st.sampled_from([*users(2), email("stuck@example.com"), email("instant@example.com"), phone("+14155551234")])
good_bodies = st.builds(body, st.lists(good, min_size=1, max_size=4))
bodies = st.one_of(
    good_bodies,
    good_bodies,
    st.builds(body, st.lists(good | anything, max_size=4)),
    st.fixed_dictionaries(
        {},
        optional={"campaign_id": ids, "merchant_id": ids, "variant_id": ids, "identifiers": anything, "note": anything},
    ),
    anything,
)
scenarios = st.sampled_from(["success", "instant", "per_poll", "total_failure", "stuck"])
headers: st.SearchStrategy[dict[str, str]] = (
    st.just({})
    | st.builds(lambda name: {"x-mock-scenario": name}, scenarios)
    | st.fixed_dictionaries(
        {},
        optional={
            "authorization": st.sampled_from(["Bearer test-token", "Bearer test-token-expired", "Basic Og=="])
            | header_text,
            "x-clientid": st.just("test-client") | header_text,
            "accept-version": st.just("v4.0") | header_text,
            "accept": st.sampled_from(["*/*", "application/json", "text/html"]) | header_text,
            "content-type": st.just("application/json") | header_text,
            "x-idempotency-key": st.sampled_from(["a", "b"]) | header_text,
            "x-mock-scenario": scenarios,
            "prefer": st.sampled_from(["code=429", "respond-async"]) | header_text,
        },
    )
)
numbers = st.integers() | st.sampled_from(["", "x", "1"])
queries = st.fixed_dictionaries(
    {},
    optional={
        "merchant_id": st.just(MERCHANT) | ids,
        "page": numbers,
        "per_page": numbers,
        "other": st.text(max_size=9),
    },
)
targets = st.one_of(
    st.tuples(st.just("GET"), st.just("/partner/campaigns")),
    st.tuples(st.just("POST"), st.just(ISSUE)),
    st.tuples(st.just("GET"), ids.map(lambda text: f"/partner/campaigns/{quote(text, safe='')}")),
    st.tuples(st.just("GET"), ids.map(lambda text: f"/partner/issuance_jobs/{quote(text, safe='')}")),
    st.tuples(st.just("POST"), ids.map(lambda text: f"/partner/issuance_jobs/{quote(text, safe='')}/revoke")),
)


@settings(max_examples=300)
@given(target=targets, said=bodies, query=queries, changes=headers, raw=st.none() | st.binary(max_size=30))
def test_no_request_is_answered_with_a_5xx(
    stub: Stub, target: tuple[str, str], said: Any, query: dict[str, Any], changes: dict[str, str], raw: bytes | None
) -> None:
    """Each response was held against the contract on its way out: a breach would be a 500 that says so."""
    client = Client(stub, "thanx", session="anything", headers=HEADERS)
    method, path = target
    content = json.dumps(said).encode() if raw is None else raw
    response = client.request(
        method, path, query=query, content=content if method == "POST" else None, headers={**JSON, **changes}
    )
    assert response.status < 500, response.text
    assert response.headers["content-type"] in ("application/json", "application/problem+json")
    if response.headers["content-type"] == "application/problem+json":
        assert changes.get("prefer"), "only a wish for an example that there is not is answered by the stub itself"
    assert response.json
    if response.status in (200, 202, 404, 422):
        client.advance(3)
