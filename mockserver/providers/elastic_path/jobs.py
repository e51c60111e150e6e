"""Jobs that generate or export the codes of a promotion: created, listed, cancelled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from itertools import islice
from typing import Any

from mockserver.engine import instants
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job
from mockserver.providers.elastic_path.codes import Stock, deleted_of, stock_after
from mockserver.providers.elastic_path.pages import page, position
from mockserver.providers.elastic_path.promotion import JOB, job_of, promotion_of

_ACTIVE = ("pending", "processing")
# Members in the order in which the provider prints them.
_PRINTED = ("type", "id", "promotion_id", "job_type", "name", "parameters", "status", "error", "meta", "result")
_PARAMETERS = ("number_of_codes", "consume_unit", "max_uses_per_code", "code_length", "code_prefix")
_CONDITION = re.compile(r"eq\( *(\w+), *(\w+)\)")


def create_job(call: Call) -> Answer:
    """Accept a job, unless the promotion has one that is pending or processing."""
    promotion, data = promotion_of(call), call.body["data"]
    generates = data["job_type"] == "code_generate"
    if generates and promotion.get("automatic"):
        raise call.refuse("no_codes_allowed")
    newest = next(call.jobs(JOB, promotion["id"]), None)
    if newest is not None and newest.state in _ACTIVE:
        raise call.refuse("too_many_jobs")
    stock, scenario = stock_after(newest), call.scenario
    total = data["parameters"]["number_of_codes"] if generates else 0
    if stock.codes + total > call.setting("codes_limit"):
        scenario = replace(scenario, name="", ends="failure", reached=0, error=call.setting("codes_limit_error"))
    facts = _facts(call, stock)
    job = call.submit(JOB, promotion["id"], facts, call.plan(JOB, total, scenario=scenario)).at_submission()
    body = _job_body(call, job)
    created = instants.text(call.now, 9)
    body["meta"] = {"timestamps": {"created_at": created, "updated_at": created}}
    return Answer(201, {"data": body}, job=job.id)


def list_jobs(call: Call) -> Answer:
    """A page of a promotion's jobs, newest first; for Elastic Path, this is what a poll is."""
    promotion = promotion_of(call)["id"]
    offset, limit = position(call)
    conditions = _CONDITION.findall(call.query.get("filter", ""))
    if conditions:
        found = [job for job in map(call.poll, call.jobs(JOB, promotion)) if _meets(job, conditions)]
        total, shown = len(found), found[offset : offset + limit]
    else:
        total = call.count_jobs(JOB, promotion)
        shown = [call.poll(job) for job in islice(call.jobs(JOB, promotion, offset), limit)]
    return Answer(200, page(call, "jobs", [_job_body(call, job) for job in shown], total))


def cancel_job(call: Call) -> Answer:
    """Cancel a job that is pending or processing."""
    job = job_of(call)
    after = call.command(job, call.operation.id)
    if after is job:
        raise call.refuse("not_cancellable")
    return Answer(200, {"data": _job_body(call, after)}, job=job.id)


def _facts(call: Call, stock: Stock) -> dict[str, Any]:
    """What the request stated, and what the promotion held. `series` numbers the job, so that its codes are its own."""
    facts = {name: value for name, at in call.kind(JOB).facts.items() if (value := call.at(at)) is not None}
    parameters = facts.pop("parameters", {})
    if facts["job_type"] == "code_generate":
        facts["parameters"] = {name: parameters[name] for name in _PARAMETERS if name in parameters}
    return {**facts, "stock": asdict(stock), "series": call.session.next_number() + 1}


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
    deleted = deleted_of(job)
    return {"result": {"generated": job.status.succeeded, **({"deleted": deleted} if deleted else {})}}
