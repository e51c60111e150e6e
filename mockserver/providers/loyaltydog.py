"""LoyaltyDog: gift cards issued at once or by a task, their CSV, the login, and errors as FastAPI words them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import lru_cache
from typing import Any

from mockserver.core import identity
from mockserver.core.clock import SECOND
from mockserver.engine import instants
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.handlers import Handlers
from mockserver.engine.jobs import Job
from mockserver.engine.problems import Problem
from mockserver.engine.simulation import Credential
from mockserver.providers.fastapi_errors import http_error, validation_error
from openapi.validators import Violation

_TASK = "bulk_issuance_task"
_DAY = 24 * 60 * 60 * SECOND
_NONE_ISSUED = "No card could be issued"
_COLUMNS = ("id", "cardNumber", "lastFourDigits", "initialValue", "expiresAt")


def login(call: Call) -> Answer:
    """A token for a user, or word that a second factor is needed; where it goes on is not played."""
    user = call.row("users", username=call.body["username"], password=call.body["password"])
    if user is None:
        raise call.refuse("wrong_credentials")
    access = pending = None
    if user.get("second_factor"):
        pending = identity.uuid(call.seed, "pending token", call.session.name, user["username"], call.now)
    else:
        access = call.mint(Credential(user["username"], tenant=user["merchant"]), call.setting("token_seconds"))
    body = {"accessToken": access, "tokenType": "bearer", "mfaPending": access is None, "pendingToken": pending}
    return Answer(200, body)


def issue(call: Call) -> Answer:
    """Issue cards at once (201), or as a task (202) above the threshold. Recipients count as `count` does."""
    _own_program(call)
    body, recipients = call.body, call.body.get("recipients")
    # A whole number may be written as 2.0, which JSON Schema takes for an integer.
    total = int(body["count"]) if recipients is None else len(recipients)
    at_once = total <= call.setting("sync_threshold")
    scenario = call.scenario
    if at_once:  # nobody polls, so nothing is waited for
        scenario = replace(scenario, name="", pace=0, hold="", per_poll=False)
    failures = call.item_failures([recipient.get("customerEmail") for recipient in recipients or ()])
    plan = call.plan(_TASK, total, failures, scenario)
    if len(plan.failures) == total:
        scenario = replace(scenario, name="", ends="failure", reached=0, fail_every=0, error=_NONE_ISSUED)
        plan = call.plan(_TASK, total, (), scenario)
    facts = {
        "by_count": recipients is None,
        "at_once": at_once,
        "initial_value": str(body["initialValue"]),
        "expires_at": body.get("expiresAt"),
    }
    job = call.submit(_TASK, call.path["programId"], facts, plan)
    if at_once:
        return Answer(201, _issued(call, job), job=job.id)
    return Answer(202, {"taskId": job.id, "status": job.at_submission().state}, job=job.id)


def poll(call: Call) -> Answer:
    """A task as it stands."""
    _own_program(call)
    found = _issuance(call)
    if found.facts["at_once"]:
        raise call.refuse("not_found")
    job = call.poll(found)
    body = call.provider.renders[_TASK](job)
    match job.state:
        case "completed":
            body |= {**_issued(call, job), "error": _partial_error(job)}
        case "failed":
            body |= {"failedCount": job.plan.total, "error": job.status.error or _NONE_ISSUED}
    return Answer(200, body, job=job.id)


def download_csv(call: Call) -> Answer:
    """The cards of a completed issuance by count. The signature of its URL stands for a token."""
    if call.credential.scheme != "csvSignature":
        _own_program(call)
    elif call.credential.name != _signature(call, call.path["programId"], call.path["taskId"]):
        raise call.refuse("unknown_credentials")
    job = _issuance(call)
    if not job.facts["by_count"]:
        raise call.refuse("csv_not_offered")
    if job.state != "completed":
        raise call.refuse("csv_not_ready")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    value, expires = job.facts["initial_value"], _expires_at(call, job)
    writer.writerows((*card.values(), value, expires) for card in _cards_of(call, job))
    return Answer(200, text.getvalue(), media_type="text/csv", job=job.id)


def _own_program(call: Call) -> None:
    """Raises Refusal unless the program exists and belongs to the token's merchant."""
    program = call.row("programs", id=call.path["programId"])
    if program is None:
        raise call.refuse("unknown_program")
    if program["merchant"] != call.credential.tenant:
        raise call.refuse("foreign_program")


def _issuance(call: Call) -> Job:
    """The issuance that the path names, as a task or at once. Raises Refusal; another program's is unknown."""
    job = call.job(_TASK, call.path["taskId"])
    if job is None or job.record.group != call.path["programId"]:
        raise call.refuse("not_found")
    return job


def _issued(call: Call, job: Job) -> dict[str, Any]:
    """What became of an issuance that is over: every requested card is either issued or failed."""
    if job.state == "failed":
        return {"issuedCount": 0, "cards": [], "csvDownloadUrl": None, "failedCount": job.plan.total}
    cards = _cards_of(call, job)
    url = _csv_url(call, job) if job.facts["by_count"] else None
    return {"issuedCount": len(cards), "cards": cards, "csvDownloadUrl": url, "failedCount": len(job.failures) or None}


def _partial_error(job: Job) -> str | None:
    if not job.failures:
        return None
    reasons = "; ".join(dict.fromkeys(failure.reason for failure in job.failures))
    return f"{len(job.failures)} of {job.plan.total} cards could not be issued: {reasons}"


def _cards_of(call: Call, job: Job) -> list[dict[str, str]]:
    return _cards(call.seed, job.id, job.plan.total, tuple(failure.index for failure in job.failures))


# A finished task is polled and downloaded again and again; the largest has 10,000 cards.
@lru_cache(maxsize=16)
def _cards(seed: int, issuance: str, total: int, failed: tuple[int, ...]) -> list[dict[str, str]]:
    """The cards of an issuance, but for those that failed. Callers do not change it."""
    left_out = frozenset(failed)
    return [_card(seed, issuance, index) for index in range(total) if index not in left_out]


def _card(seed: int, issuance: str, index: int) -> dict[str, str]:
    number = identity.card_number(seed, "card number", issuance, index)
    identifier = identity.hexadecimal(24, seed, "card", issuance, index)
    return {"id": identifier, "cardNumber": number, "lastFourDigits": number[-4:]}


def _expires_at(call: Call, job: Job) -> str:
    """The instant that the request gave, or a year after the cards were issued."""
    requested: str | None = job.facts["expires_at"]
    if requested is not None:
        return requested.upper()  # RFC 3339 allows t and z as well
    finished = job.instant("finished")
    assert finished is not None
    return instants.text(finished + call.setting("valid_days") * _DAY)


def _csv_url(call: Call, job: Job) -> str:
    operation = call.provider.contract.operation("downloadCardsCsv")
    assert operation is not None
    path = operation.path.format(programId=job.record.group, taskId=job.id)
    return f"{call.url}{path}?signature={_signature(call, job.record.group, job.id)}"


def _signature(call: Call, program: str, issuance: str) -> str:
    """What proves that the session itself made the URL of an issuance."""
    return identity.hexadecimal(32, call.seed, *("csv", call.session.name, program, issuance))


def refuse(problem: Problem) -> Any:
    """The body of a refusal, as FastAPI has it."""
    match problem.name:
        case "unknown_path" | "method_not_allowed":
            return http_error(problem.status)
        case "invalid" | "malformed":
            return validation_error(problem, _union)
        case _:
            return problem.body


def _union(violation: Violation) -> tuple[str, str]:
    if violation.pointer:  # an amount is the only field that may be one thing or another
        return "decimal_type", "Decimal input should be an integer, float, string or Decimal object"
    both = violation.value.get("count") is not None and violation.value.get("recipients") is not None
    return "value_error", f"Value error, give either count or recipients{', not both' if both else ''}"


HANDLERS = Handlers(
    {
        "loginForAccessToken": login,
        "issueMultipleGiftCards": issue,
        "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get": poll,
        "downloadCardsCsv": download_csv,
    },
    refuse,
)
