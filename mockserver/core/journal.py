"""What the journal keeps of one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request was refused, or an answer is not what the contract promises.

    `location` is the part of the message (path, query, header, cookie, body, response), `pointer` a JSON Pointer into
    it, and `contract` the place in the contract that says otherwise, as `openapi.yaml:120`; `keyword` is the one there
    that does not hold (`required`, `maximum`).
    """

    location: str
    pointer: str
    message: str
    contract: str = ""
    keyword: str = ""


class Entry(NamedTuple):
    """One request and what became of it. `at` is the session's virtual instant; credentials are never in here.

    `verdict` is one of `accepted`, `refused` (the request broke the contract or a rule of the provider), `forced` (a
    scenario or `Prefer` chose the answer), `unmatched` (no operation), `fault` (the stub broke its own contract).
    """

    at: int
    provider: str
    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    body_size: int
    status: int
    verdict: str
    scenario: str = ""
    problem: str = ""
    reasons: tuple[Reason, ...] = ()
    job: str = ""
