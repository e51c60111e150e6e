"""Refusals as the provider says them: a named example of the contract, with the particulars put in.

Where a simulation has no row for a problem, the contract's own first example of a fitting status serves. Where it shows
none, an RFC 9457 problem document, if the contract documents another shape one of that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.engine.answer import JSON, PROBLEM, Answer, Refusal
from mockserver.engine.samples import Samples
from mockserver.engine.simulation import ProblemRow, Simulation
from openapi.contract import Contract, Operation, Response
from openapi.source import nearest
from openapi.validators import Validator

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
    "expired": "unauthenticated",
    "unknown_credentials": "unauthenticated",
    "malformed": "invalid",
    "unknown_path": "not_found",
}
_AS_WELL = {400: (422,), 415: (400, 422), 413: (400, 422), 406: (400,)}
_DETAIL_LIMIT = 500
# Where the shape of an error has room for what is wrong.
_WORDS = ("detail", "message", "error_description", "error", "msg", "description", "title")
_NUMBERS = ("status", "code", "status_code", "statusCode")
# Headers that HTTP itself asks for, documented or not (RFC 9110, 15.5.6 and 15.5.16).
_ALWAYS = frozenset({"allow", "accept-encoding"})


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
        self,
        contract: Contract,
        simulation: Simulation,
        samples: Samples,
        shape: Shape | None,
        classify: Classify | None = None,
    ) -> None:
        self._contract = contract
        self._samples = samples
        self._shape = shape
        self._classify = classify
        self._rows = {name: self._row(simulation, name, row) for name, row in simulation.problems.items()}

    def _row(self, simulation: Simulation, name: str, row: ProblemRow) -> tuple[ProblemRow, Any]:
        examples = (self._contract.library.root.get("components") or {}).get("examples") or {}
        if row.example not in examples:
            raise simulation.fault(
                f"the contract has no example '{row.example}'",
                "problems",
                name,
                "example",
                hint=nearest(row.example, examples),
            )
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
        detail = (refusal.detail or _first_reason(refusal))[:_DETAIL_LIMIT]
        if row.detail and detail:
            _put(body, row.detail, detail)
        if self._shape:
            problem = Problem(
                name=name,
                status=row.status,
                body=body,
                detail=detail,
                refusal=refusal,
                contract=self._contract,
                operation=operation,
            )
            body = self._shape(problem)
        return Answer(row.status, body, self._headers(operation, row.status, refusal))

    def _general(self, refusal: Refusal, operation: Operation | None) -> Answer:
        status, title = GENERAL.get(refusal.problem) or GENERAL[_LIKE.get(refusal.problem, "invalid")]
        status = _documented(status, operation)
        headers = self._headers(operation, status, refusal)
        documented = operation.response(status) if operation else None
        for media_type, examples in documented.examples.items() if documented else ():
            for example in examples.values():
                return Answer(status, example, headers, media_type)
        detail = refusal.detail or _first_reason(refusal) or title
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return self._shaped(documented, body, headers) or Answer(status, body, headers, PROBLEM)

    def _shaped(
        self, documented: Response | None, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Answer | None:
        """The problem as a response without examples documents it; None where a problem document is as good."""
        if documented is None or not documented.media:
            return None
        for name, media_type in ((PROBLEM, PROBLEM), (JSON, JSON), ("application/*", PROBLEM), ("*/*", PROBLEM)):
            if name in documented.media and _fits(documented.media[name], body):
                return Answer(body["status"], body, headers, media_type)
        answer = self._samples.answer(documented, body["status"])
        return None if answer.problem else _with_particulars(documented, answer, body)._replace(headers=headers)

    def _headers(self, operation: Operation | None, status: int, refusal: Refusal) -> Mapping[str, str]:
        """The documented headers, with what the refusal says of them; a header nobody promised is not sent."""
        documented = operation.response(status) if operation else None
        promised = _ALWAYS | (documented.header_names if documented else frozenset())
        sent = {name: value for name, value in refusal.headers.items() if name.lower() in promised}
        return {**documented.headers, **sent} if documented else sent


def _documented(status: int, operation: Operation | None) -> int:
    """A status that says as much, where the operation does not document this one: many know 422 alone, or 400."""
    if operation is None:
        return status
    equivalent = (status, *_AS_WELL.get(status, ()))
    exact = (code for code in equivalent if str(code) in operation.responses)
    return next(exact, None) or next((code for code in equivalent if operation.response(code)), status)


def _with_particulars(documented: Response, answer: Answer, body: Mapping[str, Any]) -> Answer:
    """A made answer that also says what is wrong, where its shape has a place for words or a number."""
    value, validator = answer.value, documented.media.get(answer.media_type)
    if not isinstance(value, dict) or validator is None:
        return answer
    for names, particular in ((_WORDS, body["detail"]), (_NUMBERS, body["status"])):
        value = next(filter(validator.is_valid, _with(value, names, particular)), value)
    return answer._replace(value=value, content=None)


def _with(value: Mapping[str, Any], names: Sequence[str], particular: Any) -> Iterator[dict[str, Any]]:
    """The same object with the particular at one of these names, at the top or further below."""
    for name in names:
        if type(value.get(name)) is type(particular):
            yield {**value, name: particular}
    for name, member in value.items():
        if isinstance(member, dict):
            yield from ({**value, name: changed} for changed in _with(member, names, particular))


def _fits(validator: Validator | None, value: Any) -> bool:
    return validator is None or validator.is_valid(value)


def _first_reason(refusal: Refusal) -> str:
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
