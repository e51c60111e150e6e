"""A LoyaltyDog client's side, for the tests: requests, and what they come back with."""

from __future__ import annotations

from typing import Any

from tests.client import Client, Response

HEADERS = {"authorization": "Bearer test-token"}
OTHER = {"authorization": "Bearer test-token-other"}
NOBODY = {"authorization": None}
PROGRAM = "5eb7cf5a86d9755df3a6c593"
SECOND_PROGRAM = "5eb7cf5a86d9755df3a6c594"
FOREIGN_PROGRAM = "5eb7cf5a86d9755df3a6c5ff"
SEEDED = "3f2b9c1e-7a54-4d0b-9e68-5c1f0a2d4b87"


def bulk(program: str = PROGRAM) -> str:
    """The path at which a program's cards are issued."""
    return f"/v2/giftcards/programs/{program}/cards/bulk"


def body(count: int | None = 2, **changes: Any) -> dict[str, Any]:
    """The body of an issuance by count; a change to `...` leaves a property out."""
    said = {"initialValue": 25, "count": count} | changes
    return {name: value for name, value in said.items() if value is not ...}


def emails(*addresses: str) -> dict[str, Any]:
    """The body of an issuance to recipients."""
    return body(None, recipients=[{"customerEmail": address} for address in addresses])


def users(count: int) -> list[str]:
    """So many addresses of recipients who get their card."""
    return [f"user{number}@example.com" for number in range(count)]


def submit(client: Client, said: dict[str, Any] | None = None, program: str = PROGRAM, **options: Any) -> Response:
    """POST an issuance, of two cards if nothing else is said."""
    return client.post(bulk(program), body() if said is None else said, **options)


def issue(client: Client, said: dict[str, Any] | None = None, program: str = PROGRAM, **options: Any) -> Any:
    """Issue cards at once, and return the answer."""
    response = submit(client, said, program, **options)
    assert response.status == 201, response.text
    return response.json


def start(client: Client, said: dict[str, Any] | None = None, program: str = PROGRAM, **options: Any) -> str:
    """Issue cards as a task, 60 if nothing else is said, and return its id."""
    response = submit(client, body(60) if said is None else said, program, **options)
    assert response.status == 202, response.text
    identifier: str = response.json["taskId"]
    return identifier


def poll(client: Client, identifier: str, program: str = PROGRAM, **options: Any) -> Response:
    """GET a task."""
    return client.get(f"{bulk(program)}/{identifier}", **options)


def task(client: Client, identifier: str, program: str = PROGRAM) -> Any:
    """The task as it is now."""
    response = poll(client, identifier, program)
    assert response.status == 200, response.text
    return response.json


def finished(client: Client, identifier: str) -> Any:
    """The task after it had its time."""
    client.advance(15)
    return task(client, identifier)


def csv_of(client: Client, identifier: str, program: str = PROGRAM, **options: Any) -> Response:
    """GET the CSV of an issuance with whatever credentials there are."""
    return client.get(f"{bulk(program)}/{identifier}/csv", **options)


def login(client: Client, **form: str) -> Response:
    """POST a login, as the sandbox user if nothing else is said."""
    said = {"username": "sandbox@example.com", "password": "sandbox"} | form
    return client.request("POST", "/v2/token", form=said)


def token(client: Client, **form: str) -> dict[str, str]:
    """The headers of a fresh login."""
    response = login(client, **form)
    assert response.status == 200, response.text
    return {"authorization": f"Bearer {response.json['accessToken']}"}
