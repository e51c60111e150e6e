"""Elastic Path: jobs that generate and export the codes of a promotion, the codes, their files, and tokens.

A promotion has one job at a time that is pending or processing. So its newest job alone may still change, and every
job can keep, as a fact, what the promotion held before it (`_Stock`): no request looks at all jobs, unless it filters.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import quote

from mockserver.core import identity
from mockserver.core.clock import SECOND
from mockserver.core.journal import Reason
from mockserver.engine import instants
from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job
from mockserver.engine.problems import Problem
from mockserver.engine.provider import Playing
from mockserver.engine.simulation import Credential
from mockserver.specification import pointer as json_pointer
from mockserver.specification.contract import Operation

JOB = "promotion_job"
_ACTIVE = ("pending", "processing")
_CANCELLED = ("cancelling", "cancelled")
# Members in the order in which the provider prints them.
_PRINTED = ("type", "id", "promotion_id", "job_type", "name", "parameters", "status", "error", "meta", "result")
_PARAMETERS = ("number_of_codes", "consume_unit", "max_uses_per_code", "code_length", "code_prefix")
_COLUMNS = ("code", "uses", "max_uses", "consume_unit", "user", "created_by")
_CONDITION = re.compile(r"eq\( *(\w+), *(\w+)\)")
_SHORTEST_CODE = 8
_SPACE = len(identity.CODE_ALPHABET) ** _SHORTEST_CODE
# Coprime to _SPACE, so that `number * _STRIDE % _SPACE` never repeats; its golden section, so that it jumps about.
_STRIDE = 174_551_052_973


# Jobs


def create_job(call: Call) -> Answer:
    """Accept a job, unless the promotion has one that is pending or processing."""
    promotion, data = _promotion(call), call.body["data"]
    generates = data["job_type"] == "code_generate"
    if generates and promotion.get("automatic"):
        raise call.refuse("no_codes_allowed")
    newest = next(call.jobs(JOB, promotion["id"]), None)
    if newest is not None and newest.state in _ACTIVE:
        raise call.refuse("too_many_jobs")
    stock = _stock_after(newest)
    facts = {name: value for name, at in call.kind(JOB).facts.items() if (value := call.at(at)) is not None}
    parameters = facts.pop("parameters", {})
    total = 0
    if generates:
        total = parameters["number_of_codes"]
        facts["parameters"] = {name: parameters[name] for name in _PARAMETERS if name in parameters}
    facts |= {"stock": asdict(stock), "series": call.session.next_number() + 1}
    scenario = call.scenario
    if stock.codes + total > call.setting("codes_limit"):
        scenario = replace(scenario, name="", ends="failure", reached=0, error=call.setting("codes_limit_error"))
    job = call.submit(JOB, promotion["id"], facts, call.plan(JOB, total, scenario=scenario)).at_submission()
    body = _job_body(call, job)
    created = instants.text(call.now, 9)
    body["meta"] = {"timestamps": {"created_at": created, "updated_at": created}}
    return Answer(201, {"data": body}, job=job.id)


def list_jobs(call: Call) -> Answer:
    """A page of a promotion's jobs, newest first; for Elastic Path, this is what a poll is."""
    promotion = _promotion(call)["id"]
    offset, limit = _position(call)
    conditions = _CONDITION.findall(call.query.get("filter", ""))
    if conditions:
        found = [job for job in map(call.poll, call.jobs(JOB, promotion)) if _meets(job, conditions)]
        total, shown = len(found), found[offset : offset + limit]
    else:
        total = call.count_jobs(JOB, promotion)
        shown = [call.poll(job) for job in islice(call.jobs(JOB, promotion, offset), limit)]
    return Answer(200, _page(call, "jobs", [_job_body(call, job) for job in shown], total))


def cancel_job(call: Call) -> Answer:
    """Cancel a job that is pending or processing."""
    job = _job(call)
    after = call.command(job, call.operation.id)
    if after is job:
        raise call.refuse("not_cancellable")
    return Answer(200, {"data": _job_body(call, after)}, job=job.id)


def _promotion(call: Call) -> Mapping[str, Any]:
    row = call.row("promotions", id=call.path["promotionID"])
    if row is None:
        raise call.refuse("promotion_not_found")
    return row


def _job(call: Call) -> Job:
    promotion = _promotion(call)["id"]
    job = call.job(JOB, call.path["jobID"])
    if job is None or job.record.group != promotion:
        raise call.refuse("job_not_found")
    return job


def _meets(job: Job, conditions: Iterable[tuple[str, str]]) -> bool:
    return all((job.state if field == "status" else job.facts[field]) == wanted for field, wanted in conditions)


def _job_body(call: Call, job: Job) -> dict[str, Any]:
    body = call.provider.renders[JOB](job)
    body.pop("result", None)
    if job.facts["job_type"] == "code_generate":
        body |= _result(job)
    return {name: body[name] for name in _PRINTED if name in body}


def _result(job: Job) -> dict[str, Any]:
    """What a generation that is over says of its codes; nothing if it failed or never began."""
    began = job.status.at(("processing",)) is not None
    if job.state in (*_ACTIVE, "failed") or not began:
        return {}
    deleted = _deleted(job)
    return {"result": {"generated": job.status.succeeded, **({"deleted": deleted} if deleted else {})}}


def _deleted(job: Job) -> int:
    """Codes that are gone again. A seeded job may say so itself: the printed one is completed, and has none left."""
    deleted: int = job.status.succeeded if job.state in _CANCELLED else job.facts.get("deleted", 0)
    return deleted


# Pages


def _position(call: Call) -> tuple[int, int]:
    """Offset and limit of the page that is asked for."""
    return call.query.get("page[offset]", 0), call.query.get("page[limit]", 25)


def _page(call: Call, name: str, data: list[dict[str, Any]], total: int) -> dict[str, Any]:
    offset, limit = _position(call)
    said = call.query.get("filter")
    kept = f"filter={quote(said, safe='(),:')}&" if said else ""
    base = f"{call.url}/v2/promotions/{call.path['promotionID']}/{name}?{kept}"
    last = max(0, total - 1) // limit * limit
    places = {
        "current": offset,
        "first": 0,
        "last": last,
        "prev": max(0, min(offset - limit, last)),
        "next": offset + limit if offset + limit < total else min(offset, last),
    }
    page = {"limit": limit, "offset": offset, "current": offset // limit + 1, "total": -(-total // limit)}
    return {
        "data": data,
        "links": {link: f"{base}page[offset]={place}&page[limit]={limit}" for link, place in places.items()},
        "meta": {"page": page, "results": {"total": total}},
    }


# Codes


@dataclass(frozen=True, slots=True)
class _Stock:
    """How many codes a promotion holds, and the newest job that made any of them (`""`: none did)."""

    codes: int = 0
    maker: str = ""


def _stock_before(job: Job) -> _Stock:
    return _Stock(**job.facts.get("stock", {}))


def _stock_after(newest: Job | None) -> _Stock:
    """What a promotion holds whose newest job this is."""
    if newest is None:
        return _Stock()
    before = _stock_before(newest)
    # A generation that failed has added none, and what a job that is being cancelled made is deleted.
    made = 0 if newest.state == "failed" else newest.status.succeeded - _deleted(newest)
    return _Stock(before.codes + made, newest.id) if made else before


def list_codes(call: Call) -> Answer:
    """A page of a promotion's codes, in the order in which they were made."""
    promotion = _promotion(call)["id"]
    stock = _stock_after(next(call.jobs(JOB, promotion), None))
    offset, limit = _position(call)
    return Answer(200, _page(call, "codes", _codes(call, stock, offset, offset + limit), stock.codes))


def _codes(call: Call, stock: _Stock, start: int, stop: int) -> list[dict[str, Any]]:
    """The codes of a promotion from the `start`-th up to the `stop`-th, found from the newest job back."""
    pieces = []
    while stock.maker and stock.codes > start:
        job = call.job(JOB, stock.maker)
        assert job is not None
        before = _stock_before(job)
        places = range(max(start, before.codes) - before.codes, min(stop, stock.codes) - before.codes)
        pieces.append([_code_body(call, job, place) for place in places])
        stock = before
    return [code for piece in reversed(pieces) for code in piece]


def _code_body(call: Call, job: Job, place: int) -> dict[str, Any]:
    parameters = job.facts["parameters"]
    uses = parameters.get("max_uses_per_code")
    began = job.status.at(("processing",))
    assert began is not None
    made = instants.text(began, 3)
    return {
        "code": _code(call.seed, job, place),
        **({} if uses is None else {"uses": uses, "max_uses": uses}),
        "consume_unit": parameters.get("consume_unit", "per_cart"),
        "created_by": call.setting("created_by"),
        "meta": {"timestamps": {"created_at": made, "updated_at": made}},
    }


def _code(seed: int, job: Job, place: int) -> str:
    """`summer-aa2b-3c4d`. The last eight letters are another number for every code of a promotion, so codes differ."""
    parameters, promotion = job.facts["parameters"], job.record.group
    prefix, length = parameters.get("code_prefix", ""), parameters.get("code_length", _SHORTEST_CODE)
    number = job.facts.get("series", 0) * 1000 + place
    scrambled = (number * _STRIDE + identity.digest(seed, "codes", promotion)) % _SPACE
    head = identity.spell(
        identity.digest(seed, "code", promotion, number), identity.CODE_ALPHABET, length - _SHORTEST_CODE
    )
    letters = head + identity.spell(scrambled, identity.CODE_ALPHABET, _SHORTEST_CODE)
    groups = "-".join(letters[at : at + 4] for at in range(0, length, 4))
    return groups if not prefix else f"{prefix}{groups}" if prefix.endswith("-") else f"{prefix}-{groups}"


# Files


def get_file(call: Call) -> Answer:
    """The signed address of a completed export's codes."""
    job = _job(call)
    if job.facts["job_type"] != "code_export" or job.state != "completed":
        raise call.refuse("no_file", f"Job has no file to download. Job status: {job.state}")
    expires = call.now // SECOND + call.setting("file_lifetime")
    signed = f"Expires={expires}&Signature={_signature(call, expires)}&Key-Pair-Id=STUB"
    base = f"{call.url}/v2/promotions/{job.record.group}/jobs/{job.id}/codes.csv"
    return Answer(200, {"href": f"{base}?{signed}"}, job=job.id)


def download_codes(call: Call) -> Answer:
    """The codes that the promotion held when the export ran, as CSV (RFC 4180)."""
    job, expires = _job(call), call.query["Expires"]
    if call.query["Signature"] != _signature(call, expires) or call.now >= expires * SECOND:
        raise call.refuse("signature_refused")
    stock = _stock_before(job)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(_codes(call, stock, 0, stock.codes))
    return Answer(200, text.getvalue(), media_type="text/csv", job=job.id)


def _signature(call: Call, expires: int) -> str:
    return identity.base36(24, call.seed, call.session.name, "file", call.path["jobID"], expires)


# Tokens and refusals


def create_token(call: Call) -> Answer:
    """A token of either grant; only that of client_credentials opens anything."""
    grant, client = call.body["grant_type"], call.row("clients", id=call.body["client_id"])
    if client is None or (grant == "client_credentials" and call.body["client_secret"] != client["secret"]):
        raise call.refuse("credentials_refused")
    lifetime = call.setting("token_lifetime")
    token = call.mint(Credential(client["id"], frozenset({grant})), lifetime)
    expires = call.now // SECOND + lifetime
    body = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime, "expires": expires}
    return Answer(200, {**body, "identifier": grant})


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


_PLAYS: Mapping[str, Callable[[Call], Answer]] = {
    "createAccessToken": create_token,
    "listPromotionJobs": list_jobs,
    "createPromotionJob": create_job,
    "cancelPromotionJob": cancel_job,
    "getPromotionJobFile": get_file,
    "downloadPromotionCodes": download_codes,
    "listPromotionCodes": list_codes,
}
PLAYING = Playing(_PLAYS, refuse, classify)
