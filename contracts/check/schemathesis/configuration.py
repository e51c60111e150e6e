"""What the library is told: nothing is switched off, and every deviation from its defaults has its reason here."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.target.client import Client
from openapi.contract import Operation

SAFE = ("GET", "HEAD", "OPTIONS")
# The library's own default, to which the statuses of business rules are added per operation.
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 429, "5xx"]
# How often a generated value is one of the target's own ids rather than an arbitrary one.
OWN_IDS = 0.7


@dataclass(frozen=True, slots=True)
class Settings:
    """How hard to look. `seconds` repeats fuzzing and stateful testing until they are over; None is one round.

    `first` ends it with the first finding, and does not shrink that.
    """

    seed: int
    max_examples: int
    deterministic: bool = False
    seconds: int | None = None
    writes: bool = True
    first: bool = False


def configuration(client: Client, base: str, settings: Settings) -> dict[str, Any]:
    """The library's configuration: nothing is switched off; every deviation from its defaults has its reason here."""
    coverage: dict[str, Any] = {}
    if not settings.writes:
        # The probe of undeclared methods sends POST and DELETE, which a target that must not be written to is spared.
        coverage["unexpected-methods"] = ["get", "options"]
    generation: dict[str, Any] = {
        "max-examples": settings.max_examples,
        "database": "none",
        "deterministic": settings.deterministic,
        "no-shrink": settings.first,
    }
    said: dict[str, Any] = {
        "base-url": base,
        "seed": settings.seed,
        "generation": generation,
        "phases": {"coverage": coverage},
        "request-retries": 0,  # the transport repeats
        # What another run met, of whatever server, is no matter of this one: it passes over an operation for a 405.
        "cache": {"enabled": False},
        "continue-on-failure": True,
        "operations": [
            *filter(None, (_operation(client, one, settings) for one in client.subject.contract.operations))
        ],
        "dictionaries": dictionaries(client),
    }
    if opens := credentials(client, base):
        said["auth"] = {"openapi": opens}
    if settings.seconds is not None:
        said["max-time"] = settings.seconds
    return said


def credentials(client: Client, base: str) -> dict[str, dict[str, str]]:
    """The default credential as the contract's security schemes have it."""
    headers = client.headers("default", base)
    found: dict[str, dict[str, str]] = {}
    for name, scheme in client.subject.contract.schemes.items():
        kind, _, rest = headers.get("Authorization", "").partition(" ")
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            value = next((v for key, v in headers.items() if key.lower() == scheme["name"].lower()), "")
            if value:
                found[name] = {"api_key": value}
        elif scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "basic" and kind == "Basic":
            found[name] = basic(rest)
        elif scheme.get("type") in ("http", "oauth2", "openIdConnect") and kind == "Bearer":
            found[name] = {"bearer": rest}
    return found


def basic(encoded: str) -> dict[str, str]:
    """User name and password of a Basic credential."""
    username, _, password = base64.b64decode(encoded).decode().partition(":")
    return {"username": username, "password": password}


def dictionaries(client: Client) -> dict[str, Any]:
    """The target's ids, by name of data. Without them every generated id is unknown, and only 404 is tested."""
    found = {}
    for name, value in client.target.data.items():
        values = value if isinstance(value, list) else [value]
        plain = [one for one in values if isinstance(one, (str, int, float)) and not isinstance(one, bool)]
        if plain:
            found[name] = {"values": plain}
    return found


def _operation(client: Client, operation: Operation, settings: Settings) -> dict[str, Any]:
    """What one operation deviates in: its own ids, and the statuses of its business rules."""
    said: dict[str, Any] = {"include-operation-id": operation.id}
    if not settings.writes and operation.method not in SAFE:
        return {**said, "enabled": False}  # a target that must not be written to
    rules = business_rules(client, operation)
    if rules:
        # A business rule of the contract may refuse what the schema allows; it says so itself, with a reason.
        said["checks"] = {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, *map(int, rules)]}}
    parameters = {}
    for place, name in _inputs(client, operation):
        known = client.uses.get(f"{operation.id}.{name}") or client.uses.get(name) or name
        if known in dictionaries(client):
            parameters[f"{place}.{name}"] = {"dictionary": known, "probability": OWN_IDS}
    if parameters:
        said["parameters"] = parameters
    return said if len(said) > 1 else {}


def business_rules(client: Client, operation: Operation) -> Mapping[str, str]:
    """The statuses that the contract itself explains with `x-business-rule`, and the reasons."""
    library = client.subject.contract.library
    found = {}
    for status, response in operation.responses.items():
        why = library.value(response.address).get("x-business-rule")
        if why and status.isdecimal():
            found[status] = str(why)
    return found


def _inputs(client: Client, operation: Operation) -> Iterator[tuple[str, str]]:
    """Every parameter, and every property at the top of the body."""
    for parameter in operation.parameters:
        yield parameter.location, parameter.name
    if operation.body is not None:
        library = client.subject.contract.library
        for media in library.value(operation.body.address).get("content", {}):
            at = operation.body.address / "content" / media / "schema"
            try:
                _, schema = library.follow(at)
            except LookupError:
                continue
            for name in (schema.get("properties") or {}) if isinstance(schema, dict) else ():
                yield "body", name
