"""Whatever a client sends, Capillary answers in its own envelope, and never with a 5xx of its own accord."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.web.app import Stub
from tests.client import Client
from tests.providers.capillary import CORE, CUSTOMER, HEADERS, KEY, MOBILE, REVOKE, TOKEN, body, is_refused
from tests.providers.conftest import Connect
from tests.providers.hostile import anything, embedded, header_text, malformed

JSON = {"content-type": "application/json"}
ISSUE = f"{CORE}/user/reward/313501/issue"
LIST = f"{CORE}/management/customer/{CUSTOMER}/issuals"


@pytest.fixture
def capillary(connect: Connect) -> Client:
    return connect("capillary", HEADERS)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//",
        CORE,
        f"{CORE}/",
        f"{LIST}/",
        f"{LIST}/1/",
        f"{LIST}/1/2",
        f"{CORE}/management/customer//issuals/",
        "/API_GATEWAY/rewards/core/v1/user/reward/revoke",
        f"{CORE}/user/reward/issue",
        f"{CORE}/user/reward/1",
        "/v3/oauth/token",
        f"{REVOKE}%00",
        f"{LIST}/%ff",
        "/capillary/v3/oauth/token/generate",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_is_404(capillary: Client, path: str, method: str) -> None:
    assert is_refused(capillary.request(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", TOKEN, "POST"),
        ("GET", ISSUE, "POST"),
        ("DELETE", REVOKE, "POST"),
        ("POST", LIST, "GET"),
        ("PUT", f"{LIST}/195613", "GET"),
        ("OPTIONS", LIST, "GET"),
        ("TRACE", LIST, "GET"),
        ("QUERY", LIST, "GET"),
        ("BREW", TOKEN, "POST"),
    ],
)
def test_unknown_method_is_405_with_allow(capillary: Client, method: str, path: str, allow: str) -> None:
    response = capillary.request(method, path)
    assert is_refused(response, 405)
    assert response.headers["allow"] == allow


def test_head_is_a_get_without_its_body(capillary: Client) -> None:
    response = capillary.request("HEAD", LIST)
    assert response.status == 200


GOOD = body(requestId="r-1")
MALFORMED = malformed("txnId", GOOD) | {
    "beyond 64 bits": b'{"txnId": 9223372036854775808}',
    "beyond 64 bits, as a float": b'{"txnId": 9223372036854775808.0}',
}


@pytest.mark.parametrize("path", [REVOKE, f"{ISSUE}?username=swati"])
@pytest.mark.parametrize("content", MALFORMED.values(), ids=list(MALFORMED))
def test_malformed_json_is_400(capillary: Client, path: str, content: bytes) -> None:
    response = capillary.request("POST", path, content=content, headers=JSON)
    assert is_refused(response, 400)
    assert capillary.reason(response)["reasons"]


@pytest.mark.parametrize("text", [b"[" * 200 + b"]" * 200, b"9" * 300, b"-1e-400", b'"\\u0000"', b'{"a":1,"a":2}'])
def test_unusual_json_that_fits_is_accepted_and_repeated(capillary: Client, text: bytes) -> None:
    path = f"{ISSUE}?username=swati"
    first, again = (capillary.request("POST", path, content=embedded(GOOD, text), headers=JSON) for _ in range(2))
    assert first.status == 200
    assert first.content == again.content


@pytest.mark.parametrize("number", ["400001.0", "4.00001e5", "9223372036854775807"])
def test_integers_may_be_written_as_numbers(capillary: Client, number: str) -> None:
    response = capillary.request("POST", REVOKE, content=f'{{"txnId": {number}}}'.encode(), headers=JSON)
    assert (response.status, response.json["status"]["code"]) == (200, 10007)
    assert response.json["txnId"] == int(float(number) if "." in number else number)


@pytest.mark.parametrize(
    "query",
    [
        "page",
        "page=",
        "page=1_0",
        "page=%D9%A1",
        "page=+1",
        "page= 1",
        "page=1e1",
        "page=2147483648",
        "page=0&page=1",
        "size=%ff",
        "size=0",
        "size=101",
        "status=TRUE",
        "status=1",
        "status=",
        "pointsRefIds=",
        "pointsRefIds=a,,b",
        "pointsRefIds=a-b",
        "redemptionType=",
        "redemptionType=MILES,miles",
        "ownerType=",
        "ownerId=",
        "rewardId=1.5",
        "rewardId=9223372036854775808",
        f"groupName={'x' * 256}",
        "&".join(f"a{n}=1" for n in range(2000)),
    ],
)
def test_malformed_query_is_400(capillary: Client, query: str) -> None:
    assert is_refused(capillary.get(f"{LIST}?{query}"), 400)


def test_unknown_query_is_ignored(capillary: Client) -> None:
    assert capillary.get(f"{LIST}?other=1&Page=7&=&%00=1").status == 200


def test_refusal_says_where_and_why(capillary: Client) -> None:
    response = capillary.post(f"{ISSUE}?username=swati", body(quantity="two"))
    assert "/quantity" in response.json["status"]["message"]
    entry = capillary.reason(response)
    assert (entry["operation"], entry["verdict"], entry["status"]) == ("issueReward", "refused", 400)
    (reason,) = entry["reasons"]
    assert (reason["location"], reason["pointer"]) == ("body", "/quantity")
    assert reason["contract"].startswith("openapi.yaml:")


# Anything at all: valid requests, and requests that are wrong in one place or in many.

rewards = ["38879", "6834", "313501", "13", "38880", "14746", "8010", "8003", "12050", "30504", "20504", "99", "429"]
rewards += ["9999999999999999999", "0", "x", ""]
customers = st.sampled_from([CUSTOMER, "112295", "423931087", "401", "7", "x", ""]) | st.text(max_size=5)
transactions = st.sampled_from(["195613", "112297", "112298", "94044", "400001", "400002", "6004", "x"])
numbers = st.integers() | st.floats() | st.sampled_from([1, 1.0, 2.5, 1000, 2**31 - 1, 2**31, 2**63 - 1, 2.0**63])
texts = st.sampled_from(["a", "r-1", "2026-01-01T12:00:00Z", "9999-12-31T23:59:60Z", "CAMPAIGNS"]) | st.text(
    max_size=20
)
fields: dict[str, st.SearchStrategy[Any]] = {
    "mobile": st.sampled_from([MOBILE, "+11223569865", "1", "4155550100"]),
    "emailId": st.sampled_from(["asdf@gmail.com", "a@b.c", "a"]),
    "brand": st.sampled_from(["BUKL", "brand", "3004", ""]),
    "requestId": st.sampled_from(["a", "b", "10003", ""]) | texts,
    "transactionNumber": texts,
    "eventDateTime": texts,
    "eventLogId": texts,
    "quantity": numbers,
    "programId": numbers | texts,
    "paymentConfig": st.fixed_dictionaries({}, optional={"id": numbers, "redemptionValue": numbers}) | anything,
    "rewardOwnershipRO": st.fixed_dictionaries({}, optional={"ownerType": texts, "ownerId": texts}) | anything,
    "customFields": st.dictionaries(texts, texts, max_size=3) | anything,
    "fulfillmentDetails": st.fixed_dictionaries({}, optional={"status": texts, "other": anything}) | anything,
    "tender": anything,
}
good_issues = st.builds(
    body, brand=st.just("BUKL"), requestId=st.sampled_from(["a", "b", ...]), quantity=st.sampled_from([1, 1.5, 7, ...])
)
# One field of a good issue is replaced by another value, or many are.
issues = st.one_of(
    good_issues,
    st.sampled_from(sorted(fields)).flatmap(lambda name: fields[name].map(lambda value: body(**{name: value}))),
    st.fixed_dictionaries({}, optional=fields),
    anything,
)
revokes = st.fixed_dictionaries(
    {}, optional={"txnId": transactions.filter(str.isdecimal).map(int) | numbers | st.none(), "revokedBy": texts}
)
tokens = st.just(KEY) | st.fixed_dictionaries({}, optional={"key": texts, "secret": texts})
usernames = st.just({"username": "swati"}) | st.fixed_dictionaries(
    {}, optional={"username": texts, "skip_validation": texts, "store": texts}
)
pages = st.fixed_dictionaries(
    {},
    optional={
        "page": numbers | texts,
        "size": st.integers(-1, 102) | texts,
        "status": st.sampled_from(["true", "false", "x"]),
        "pointsRefIds": st.sampled_from(["0rjghc", "a,b", ","]) | texts,
        "redemptionType": st.sampled_from(["MILES", "MILES,VOUCHER", "miles"]),
        "ownerType": st.sampled_from(["Campaigns", "Loyalty program", "x"]),
        "ownerId": texts,
        "groupName": texts,
        "rewardId": numbers | st.sampled_from(["13", "38879"]),
    },
)
cases = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("coupon_code_case", "couponCodeCase"), st.sampled_from(["lower", "AS_IT_IS", "x", ""]))
)
nothing = st.just(None)


def _path(*parts: str) -> str:
    return CORE + "".join(f"/{quote(part, safe='')}" for part in parts)


requests = st.one_of(
    st.tuples(st.sampled_from(rewards).map(lambda r: _path("user", "reward", r, "issue")), usernames, issues),
    st.tuples(st.just(REVOKE), usernames, revokes | anything),
    st.tuples(st.just(TOKEN), st.just({}), tokens | anything),
    st.tuples(customers.map(lambda c: _path("management", "customer", c, "issuals")), pages, nothing),
    st.tuples(
        st.builds(lambda c, t: _path("management", "customer", c, "issuals", t), customers, transactions | texts),
        cases,
        nothing,
    ),
)
scenarios = st.sampled_from(["success", "partial_failure", "slow", "stuck", "card_missing", "points_not_reversed"])
headers: st.SearchStrategy[dict[str, str]] = st.just({}) | st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.sampled_from([HEADERS["authorization"], "Basic Og==", "Bearer x"]) | header_text,
        "x-cap-api-oauth-token": st.sampled_from(["test-token", "test-token-expired"]) | header_text,
        "x-cap-api-attribution-entity-type": st.sampled_from(["TILL", "STORE_CODE"]) | header_text,
        "accept": st.sampled_from(["*/*", "application/json", "text/html"]) | header_text,
        "content-type": st.just("application/json") | header_text,
        "x-mock-scenario": scenarios,
    },
)


@settings(max_examples=400)
@given(
    request=requests, changes=headers, raw=st.none() | st.binary(max_size=30), seconds=st.sampled_from([0, 0, 1, 30])
)
def test_no_request_is_answered_with_a_5xx(
    stub: Stub, request: tuple[str, dict[str, Any], Any], changes: dict[str, str], raw: bytes | None, seconds: int
) -> None:
    """Each response was held against the contract on its way out: a breach would be a 500 that says so."""
    client = Client(stub, "capillary", session="anything-capillary", headers=HEADERS)
    path, query, said = request
    content = None if said is None else json.dumps(said).encode() if raw is None else raw
    response = client.request(
        "GET" if said is None else "POST", path, query=query, content=content, headers={**JSON, **changes}
    )
    assert response.status < 500 or (response.status == 504 and response.json["status"]["code"] == 504), response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json) & {"status", "errors"}
    client.advance(seconds)
