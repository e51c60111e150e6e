"""An Elastic Path client's side, for the tests: requests, and what they come back with."""

from __future__ import annotations

from typing import Any

from tests.client import Client, Response

HEADERS = {"authorization": "Bearer test-token"}
PROMOTION = "ad386702-e780-42c6-b190-0527ad768917"
SECOND = "19c08913-cc8c-47d8-a211-450c9e945970"
AUTOMATIC = "aaaaaaaa-0000-4000-8000-000000000001"
FULL = "ffffffff-0000-4000-8000-000000001000"
FULL_EXPORT = "194be255-538e-4afe-b387-4f886e59e708"
UNKNOWN = "12345678-1234-4123-8123-123456789abc"
PENDING, RUN = 2, 7.656  # seconds until a job is processing, and until it is completed


def path(promotion: str = PROMOTION, *rest: str) -> str:
    """`path(PROMOTION, "jobs")` is the path of a promotion's jobs."""
    return "/".join(("/v2/promotions", promotion, *rest))


def wanted(number: int = 1, **parameters: Any) -> dict[str, Any]:
    """The body that asks for so many codes; `name` is the job's, the rest are parameters."""
    name = {"name": parameters.pop("name")} if "name" in parameters else {}
    asked = {"number_of_codes": number, **parameters}
    return {"data": {"type": "promotion_job", "job_type": "code_generate", **name, "parameters": asked}}


def create(client: Client, number: int = 1, promotion: str = PROMOTION, **parameters: Any) -> Response:
    """POST a generation."""
    headers = parameters.pop("headers", None)
    return client.post(path(promotion, "jobs"), wanted(number, **parameters), headers=headers)


def accepted(response: Response) -> dict[str, Any]:
    """The job that an answer to a creation shows."""
    assert response.status == 201, response.text
    found: dict[str, Any] = response.json["data"]
    return found


def generate(client: Client, number: int = 1, promotion: str = PROMOTION, **parameters: Any) -> str:
    """Start a generation, and return its id."""
    identifier: str = accepted(create(client, number, promotion, **parameters))["id"]
    return identifier


def generated(client: Client, number: int = 1, promotion: str = PROMOTION, **parameters: Any) -> str:
    """Generate codes, wait until it is done, and return the job's id."""
    identifier = generate(client, number, promotion, **parameters)
    client.advance(RUN)
    return identifier


def export(client: Client, promotion: str = PROMOTION, **said: Any) -> str:
    """Start an export, and return its id."""
    body = {"data": {"type": "promotion_job", "job_type": "code_export", **said}}
    identifier: str = accepted(client.post(path(promotion, "jobs"), body))["id"]
    return identifier


def exported(client: Client, promotion: str = PROMOTION) -> str:
    """Export, wait until it is done, and return the job's id."""
    identifier = export(client, promotion)
    client.advance(RUN)
    return identifier


def jobs(client: Client, promotion: str = PROMOTION, **query: Any) -> Response:
    """GET a page of jobs; `offset` and `limit` are those of the page."""
    return client.get(path(promotion, "jobs"), query=_paged(query))


def job(client: Client, identifier: str, promotion: str = PROMOTION) -> dict[str, Any]:
    """A job as it is now: there is no way to get it but from the list."""
    listed = jobs(client, promotion, limit=100).json["data"]
    found: dict[str, Any] = next(one for one in listed if one["id"] == identifier)
    return found


def cancel(client: Client, identifier: str, promotion: str = PROMOTION, json: Any = None, **options: Any) -> Response:
    """POST a cancellation."""
    return client.post(path(promotion, "jobs", identifier, "cancel"), {} if json is None else json, **options)


def file(client: Client, identifier: str, promotion: str = PROMOTION) -> Response:
    """GET the address of an export's file."""
    return client.get(path(promotion, "jobs", identifier, "file"))


def codes(client: Client, promotion: str = PROMOTION, **query: Any) -> Response:
    """GET a page of codes."""
    return client.get(path(promotion, "codes"), query=_paged(query))


def all_codes(client: Client, promotion: str = PROMOTION) -> list[dict[str, Any]]:
    """Every code of a promotion, page by page."""
    found: list[dict[str, Any]] = []
    while page := codes(client, promotion, limit=100, offset=len(found)).json["data"]:
        found += page
    return found


def _paged(query: dict[str, Any]) -> dict[str, Any]:
    return {f"page[{name}]" if name in ("offset", "limit") else name: value for name, value in query.items()}
