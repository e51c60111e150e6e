"""Refusals as the provider says them: a named example of the contract, with the particulars put in.

Where a simulation has no row for a problem, the contract's own first example of a fitting status serves; where it has
none either, an RFC 9457 problem document.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.simulation import ProblemRow, Simulation
from mockserver.specification.contract import Contract, Operation
from mockserver.specification.source import nearest

# What the stub itself may refuse, with the status it has unless the simulation says otherwise, and in general words.
GENERAL: Mapping[str, tuple[int, str]] = {
    "malformed": (400, "The body is not well-formed."),
    "invalid": (400, "The request does not fit the contract."),
    "unauthenticated": (401, "Credentials are missing."),
    "unknown_credentials": (401, "The credentials are unknown."),
    "expired": (401, "The credentials are expired."),
    "forbidden": (403, "The credentials do not allow this."),
    "not_found": (404, "There is nothing here."),
    "unknown_path": (404, "There is nothing at this path."),
    "method_not_allowed": (405, "This path does not know the method."),
    "not_acceptable": (406, "None of the accepted media types is available."),
    "too_large": (413, "The body is too large."),
    "unsupported_media_type": (415, "The media type of the body is not supported."),
    "idempotency_mismatch": (422, "The idempotency key was used with another request."),
    "conflict": (409, "The state of the resource does not allow this."),
}
# A problem that a simulation leaves out is answered like its neighbour.
_LIKE = {
    "expired": "unauthenticated", "unknown_credentials": "unauthenticated", "malformed": "invalid",
    "unknown_path": "not_found",
}  # fmt: skip
_DETAIL_LIMIT = 500
# Headers that HTTP itself asks for, documented or not: a 405 without Allow is none (RFC 9110, 15.5.6).
_ALWAYS = frozenset({"allow"})


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal with the body that the table gives it: what a provider's own `refuse` function shapes further."""

    name: str
    status: int
    body: Any
    detail: str
    refusal: Refusal
    contract: Contract
    operation: Operation | None


# Problem -> body; for envelopes that repeat parts of the request.
Shape = Callable[[Problem], Any]
# Refusal, operation -> name of the problem; where one broken rule of the contract is not answered like another.
Classify = Callable[[Refusal, Operation | None], str]


class Problems:
    """The table of one provider."""

    def __init__(
        self, contract: Contract, simulation: Simulation, shape: Shape | None, classify: Classify | None = None
    ) -> None:
        self._contract = contract
        self._shape = shape
        self._classify = classify
        self._rows = {name: self._row(simulation, name, row) for name, row in simulation.problems.items()}

    def _row(self, simulation: Simulation, name: str, row: ProblemRow) -> tuple[ProblemRow, Any]:
        examples = (self._contract.library.root.get("components") or {}).get("examples") or {}
        if row.example not in examples:
            raise simulation.fault(
                f"the contract has no example '{row.example}'", "problems", name, "example",
                hint=nearest(row.example, examples),
            )  # fmt: skip
        return row, examples[row.example]["value"]

    def knows(self, name: str) -> bool:
        return name in self._rows or name in GENERAL

    def answer(self, refusal: Refusal, operation: Operation | None) -> Answer:
        """The provider's answer to a refusal."""
        name = self._classify(refusal, operation) if self._classify else refusal.problem
        found = self._rows.get(name) or self._rows.get(_LIKE.get(name, ""))
        if found is None:
            return self._general(refusal, operation)
        row, example = found
        body = copy.deepcopy(example)
        detail = (refusal.detail or _said(refusal))[:_DETAIL_LIMIT]
        if row.detail and detail:
            _put(body, row.detail, detail)
        if self._shape:
            body = self._shape(Problem(name, row.status, body, detail, refusal, self._contract, operation))
        return Answer(row.status, body, self._headers(operation, row.status, refusal))

    def _general(self, refusal: Refusal, operation: Operation | None) -> Answer:
        status, title = GENERAL.get(refusal.problem) or GENERAL[_LIKE.get(refusal.problem, "invalid")]
        headers = self._headers(operation, status, refusal)
        documented = operation.responses.get(str(status)) if operation else None
        for media_type, examples in documented.examples.items() if documented else ():
            for example in examples.values():
                return Answer(status, example, headers, media_type)
        detail = refusal.detail or _said(refusal)
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail or title}
        return Answer(status, body, headers, "application/problem+json")

    def _headers(self, operation: Operation | None, status: int, refusal: Refusal) -> Mapping[str, str]:
        """The documented headers, with what the refusal says of them; a header nobody promised is not sent."""
        documented = operation.response(status) if operation else None
        promised = _ALWAYS | (documented.header_names if documented else frozenset())
        said = {name: value for name, value in refusal.headers.items() if name.lower() in promised}
        return {**documented.headers, **said} if documented else said


def _said(refusal: Refusal) -> str:
    """The first reason in words, with where it is."""
    if not refusal.reasons:
        return ""
    reason = refusal.reasons[0]
    where = f"{reason.location} {reason.pointer}".strip() if reason.pointer else reason.location
    return f"{where}: {reason.message}"


def _put(body: Any, tokens: tuple[str, ...], detail: str) -> None:
    *parents, last = tokens
    for token in parents:
        body = body[int(token)] if isinstance(body, list) else body[token]
    if isinstance(body, list):
        body[int(last)] = detail
    else:
        body[last] = detail


def json_problem(status: int, title: str, detail: str) -> Answer:
    """The stub's own word, outside any provider's envelope (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answer(status, body, {}, "application/problem+json")
