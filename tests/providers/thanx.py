"""A Thanx client's side, for the tests: requests, and what they come back with."""

from __future__ import annotations

from typing import Any

from tests.client import Client, Response

HEADERS = {
    "authorization": "Bearer test-token",
    "x-clientid": "test-client",
    "accept-version": "v4.0",
    "user-agent": "tests/1.0.0",
}
MERCHANT = "k2lye10h32l5wzo"
OTHER_MERCHANT = "0therm3rch4nt000"
BUSY_MERCHANT = "m4nyc4mp41gns0000"
ISSUE = "/partner/campaigns/issue"


def email(value: str) -> dict[str, str]:
    return {"type": "email", "value": value}


def phone(value: str) -> dict[str, str]:
    return {"type": "phone", "value": value}


def users(count: int) -> list[dict[str, str]]:
    """So many identifiers of registered users."""
    return [email(f"user{number}@example.com") for number in range(count)]


def body(identifiers: list[dict[str, str]] | None = None, **changes: Any) -> dict[str, Any]:
    """The body of a submission."""
    said = {
        "campaign_id": "camp_abc123",
        "merchant_id": MERCHANT,
        "variant_id": "var_treat1",
        "identifiers": users(2) if identifiers is None else identifiers,
    }
    return said | changes


def submit(client: Client, identifiers: list[dict[str, str]] | None = None, **options: Any) -> Response:
    """POST a submission of these identifiers."""
    return client.post(ISSUE, body(identifiers), **options)


def issue(client: Client, identifiers: list[dict[str, str]] | None = None, **options: Any) -> str:
    """Submit, and return the job's id."""
    response = submit(client, identifiers, **options)
    assert response.status == 202, response.text
    identifier: str = response.json["issuance_job"]["id"]
    return identifier


def get(client: Client, identifier: str, merchant: str = MERCHANT) -> Response:
    """GET a job."""
    return client.get(f"/partner/issuance_jobs/{identifier}", query={"merchant_id": merchant})


def job(client: Client, identifier: str) -> dict[str, Any]:
    """The job as it is now."""
    response = get(client, identifier)
    assert response.status == 200, response.text
    found: dict[str, Any] = response.json["issuance_job"]
    return found


def revoke(client: Client, identifier: str, merchant: str = MERCHANT, **options: Any) -> Response:
    """POST a revocation."""
    return client.post(f"/partner/issuance_jobs/{identifier}/revoke", {"merchant_id": merchant}, **options)


def campaigns(client: Client, merchant: str = MERCHANT, **query: Any) -> Response:
    """GET a page of campaigns."""
    return client.get("/partner/campaigns", query={"merchant_id": merchant, **query})
