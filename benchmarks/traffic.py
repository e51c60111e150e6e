"""The requests that every server is asked, and one plain way to ask them."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import orjson

CREDENTIALS = {"Authorization": "Bearer test-token", "X-ClientId": "test-client", "Accept-Version": "v4.0"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and the status that a server which plays the contract answers it with."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def below(self, prefix: str) -> Request:
        """The same request to a server that serves the contract below a prefix."""
        return replace(self, path=prefix + self.path)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def issue(identifiers: list[dict[str, str]]) -> Request:
    """Thanx: submit a job for these identifiers."""
    fields = {"campaign_id": "camp_abc123", "merchant_id": "k2lye10h32l5wzo", "variant_id": "var_treat1"}
    body = orjson.dumps({**fields, "identifiers": identifiers})
    return Request("POST", "/partner/campaigns/issue", 202, {**CREDENTIALS, **JSON}, body)


def poll(job_id: str) -> Request:
    """Thanx: how far a job is."""
    return Request("GET", f"/partner/issuance_jobs/{job_id}?merchant_id=k2lye10h32l5wzo", 200, CREDENTIALS)


def emails(count: int) -> list[dict[str, str]]:
    """So many identifiers, every one different and valid."""
    return [{"type": "email", "value": f"user.{number}@example.com"} for number in range(count)]


GET_JOB = poll("job_xyz789")
POST_JOB = issue([{"type": "email", "value": "jane.smith@example.com"}, {"type": "phone", "value": "+14155551234"}])
TRAFFIC = {"GET job": GET_JOB, "POST job": POST_JOB}

PROMOTION = "/v2/promotions/ad386702-e780-42c6-b190-0527ad768917"
_CODES = {"number_of_codes": 1, "max_uses_per_code": 1, "consume_unit": "per_cart", "code_length": 10}
SHOP = {"Authorization": "Bearer test-token"}
# A promotion has one job at a time; those that generate past its 1,000 codes fail.
GENERATE_CODES = Request(
    "POST",
    f"{PROMOTION}/jobs",
    201,
    {**SHOP, **JSON},
    orjson.dumps({"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": _CODES}}),
)


def list_jobs(condition: str) -> Request:
    """Elastic Path: the first page of a promotion's jobs that meet a condition."""
    return Request("GET", f"{PROMOTION}/jobs?filter={quote(condition)}", 200, SHOP)


def ask(port: int, request: Request, timeout: float = 30) -> Answer:
    """Send one request on its own connection. Raises OSError or HTTPException when no answer comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        return ask_on(connection, request)
    finally:
        connection.close()


def ask_on(connection: http.client.HTTPConnection, request: Request) -> Answer:
    """Send one request on an open connection."""
    connection.request(request.method, request.path, request.body or None, dict(request.headers))
    response = connection.getresponse()
    return Answer(response.status, response.read())
