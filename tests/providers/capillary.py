"""A Capillary client's side, for the tests: requests, and what they come back with."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from tests.client import Client, Response

CORE = "/api_gateway/rewards/core/v1"
REVOKE = f"{CORE}/user/reward/revoke"
TOKEN = "/v3/oauth/token/generate"
KEY = {"key": "test-key", "secret": "test-secret"}
# A customer whose issuals are the test's own but for one, and the rewards of the printed details.
CUSTOMER = "177071561"
MOBILE = "916677777777"
MILES, COUPON, PHYSICAL, BY_VALUE, BY_EITHER_RATIO = "38879", "6834", "313501", "38880", "14746"


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic authentication, RFC 7617."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


HEADERS = basic("sandbox", md5("sandbox"))


def body(**changes: Any) -> dict[str, Any]:
    """The body of an issue; a change to `...` leaves a property out."""
    said = {"mobile": MOBILE, "brand": "BUKL", **changes}
    return {name: value for name, value in said.items() if value is not ...}


def issue(client: Client, reward: str = PHYSICAL, said: dict[str, Any] | None = None, **options: Any) -> Response:
    """POST an issue."""
    path = f"{CORE}/user/reward/{reward}/issue"
    return client.post(path, body() if said is None else said, **({"query": {"username": "swati"}} | options))


def issued(client: Client, reward: str = PHYSICAL, **changes: Any) -> str:
    """Issue, and return the transaction's id."""
    response = issue(client, reward, body(**changes))
    assert response.status == 200, response.text
    return str(response.json["transactionId"])


def get(client: Client, transaction: str, customer: str = CUSTOMER, **query: str) -> Response:
    """GET a detail."""
    return client.get(f"{CORE}/management/customer/{customer}/issuals/{transaction}", query=query)


def detail(client: Client, transaction: str, customer: str = CUSTOMER, **query: str) -> dict[str, Any]:
    """`data` of a detail."""
    response = get(client, transaction, customer, **query)
    assert response.status == 200, response.text
    found: dict[str, Any] = response.json["data"]
    return found


def page(client: Client, customer: str = CUSTOMER, **query: Any) -> Response:
    """GET a page of issuals."""
    return client.get(f"{CORE}/management/customer/{customer}/issuals", query=query)


def entries(client: Client, customer: str = CUSTOMER, **query: Any) -> list[dict[str, Any]]:
    """The entries of a page."""
    response = page(client, customer, **query)
    assert response.status == 200, response.text
    found: list[dict[str, Any]] = response.json["rewardIssueTransactions"]
    return found


def ids(client: Client, customer: str = CUSTOMER, **query: Any) -> list[str]:
    """The transactions of a page."""
    return [entry["rewardTransactionId"] for entry in entries(client, customer, **query)]


def revoke(client: Client, transaction: str | int, **changes: Any) -> dict[str, Any]:
    """POST a revoke; its outcome, which is always HTTP 200."""
    response = client.post(REVOKE, {"txnId": int(transaction), **changes})
    assert response.status == 200, response.text
    found: dict[str, Any] = response.json
    return found


def is_refused(response: Response, status: int, code: int | None = None) -> bool:
    """Whether a response is a refusal with an object status; its code is that of the HTTP status unless given."""
    said = response.json["status"]
    assert response.headers["content-type"] == "application/json"
    assert said["success"] is False
    assert isinstance(said["message"], str)
    assert said["message"]
    return (response.status, said["code"]) == (status, code or status)
