"""How Elastic Path says no: which problem a broken rule is, and the field at fault."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from mockserver.engine.problems import Problem
from openapi import pointer as json_pointer
from openapi.contract import Operation


def classify(refusal: Refusal, operation: Operation | None) -> str:
    """The problem that a request which breaks the contract is; the same rule is answered differently here and there."""
    name = refusal.problem
    if operation is None or name not in ("invalid", "malformed"):
        return name
    broken = {(reason.location, reason.pointer): reason.keyword for reason in refusal.reasons}
    match operation.id:
        case "createAccessToken":
            return "token_request_malformed"
        case "listPromotionJobs" if ("query", "/filter") in broken:
            return "filter_malformed"
        case "createPromotionJob" if ("body", "/data") in broken and refusal.about.get("data") is None:
            return "data_missing"
        case "createPromotionJob" if broken.get(("body", "/data/parameters/number_of_codes")) == "maximum":
            return "too_many_codes"
    return name


def refuse(problem: Problem) -> Any:
    """The errors of a request that breaks the contract, with the dotted name of each field at fault."""
    match problem.name:
        case "invalid":
            return {"errors": [_error(problem.status, reason) for reason in problem.refusal.reasons]}
        case "malformed" | "unknown_path" | "method_not_allowed":
            title = HTTPStatus(problem.status).phrase
            return {"errors": [{"status": problem.status, "title": title, "detail": problem.detail}]}
    return problem.body


def _error(status: int, reason: Reason) -> dict[str, Any]:
    source = ".".join(json_pointer.split(reason.pointer))
    if reason.keyword == "required":
        return {"status": status, "source": source, "title": "required", "detail": f"{source} is required"}
    place = {"source": source} if source else {}
    return {"status": status, **place, "title": "invalid", "detail": f"{source or 'body'}: {reason.message}"}
