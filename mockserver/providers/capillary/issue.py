"""Issue a reward: whom it is for, whether it was asked for before, what becomes of it, and what is answered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from mockserver.core.plan import Failure, Plan
from mockserver.engine import instants
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job
from mockserver.providers.capillary.issual import ISSUED, KIND, answered, parts, reward_of
from mockserver.providers.capillary.listing import late_stream

# What of an issue's request shows up later.
_KEPT = (
    "transactionNumber",
    "eventDateTime",
    "customFields",
    "fulfillmentDetails",
    "eventLogId",
    "requestId",
    "rewardOwnershipRO",
)


def issue_reward(call: Call) -> Answer:
    """Issue a reward, refuse it, or issue half of it. Once brand, customer and reward are known, an issual remains."""
    brand = call.row("brands", name=call.body["brand"])
    if brand is None:
        raise call.refuse("brand_not_found")
    customer = _customer(call)
    if call.row("rewards", rewardId=int(call.path["rewardId"])) is None:
        raise call.refuse("reward_disabled")
    _check_event_time(call)
    begun = _begun(call)
    if begun is not None and begun.state != "PARTIAL":
        if begun.state == "FAILED":
            raise call.refuse("request_id_duplicate")
        return _issue_answer(call, begun)
    return _issue_answer(call, _issued(call, customer["id"], brand["orgId"], rest=begun is not None))


def _customer(call: Call) -> Mapping[str, Any]:
    """The customer of the one identifier that the contract asks for. Raises Refusal for an unknown one."""
    name = next(name for name in ("mobile", "emailId", "externalId") if name in call.body)
    value = call.body[name].removeprefix("+") if name == "mobile" else call.body[name]
    customer = call.row("customers", **{name: value})
    if customer is None:
        raise call.refuse("customer_not_valid", f"group id/externalId/primary userId {value} passed is not valid")
    return customer


def _check_event_time(call: Call) -> None:
    event_time = call.body.get("eventDateTime")
    if event_time is None:
        return
    try:
        instant = instants.parse(event_time)
    except ValueError as error:
        raise call.refuse("invalid", f"body /eventDateTime: {error}") from None
    if instant > call.now + instants.seconds(call.setting("event_seconds_ahead")):
        raise call.refuse("invalid", f"body /eventDateTime: '{event_time}' is more than 24 hours ahead")


def _begun(call: Call) -> Job | None:
    """The latest issual under the request's `requestId`. Raises Refusal if it was another request's."""
    for noted in reversed(call.notes(_request_stream(call))) if "requestId" in call.body else ():
        if noted["payload"] != _payload(call):
            raise call.refuse("request_id_mismatch")
        return call.job(KIND, noted["issual"])
    return None


def _request_stream(call: Call) -> str:
    return f"request/{hashlib.sha256(call.body['requestId'].encode()).hexdigest()}"


def _payload(call: Call) -> str:
    request = orjson.dumps([call.path["rewardId"], call.body], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(request).hexdigest()


def _issued(call: Call, customer: str, org: int, *, rest: bool) -> Job:
    """Record an issual. What is the `rest` of a partial issue is one reward, so it is issued wholly or not at all."""
    reward = reward_of(call, int(call.path["rewardId"]))
    payment, problem = _payment(call, reward)
    problem = problem or call.scenario.options.get("refuse", "")
    partly = problem == "issued_partially"
    if partly and rest:
        problem, partly = "", False
    request = {name: call.body[name] for name in _KEPT if name in call.body}
    facts = {"reward": reward["rewardId"], "org": org, "request": request, "points": reward["intouchPoints"]}
    if payment:
        points = int(round(_value(call) * payment["conversionRatio"], 6))
        facts |= {"payment": payment, "value": _value(call), "points": points}
    if problem:
        facts |= {"problem": problem, "status": call.refused(problem).value["status"]}
    plan = _plan(call, "PARTIAL" if partly else "FAILED" if problem else "ISSUED", problem)
    issual = call.submit(KIND, customer, facts, plan)
    if "requestId" in call.body:
        call.note(_request_stream(call), {"payload": _payload(call), "issual": issual.id})
    if issual.state == "REQUESTED":
        call.note(late_stream(customer), issual.id)
    return issual


def _payment(call: Call, reward: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """The payment configuration that the request chooses, and the problem if it does not."""
    offered = reward.get("payments", ())
    wanted = call.body.get("paymentConfig", {}).get("id")
    if wanted is None and len(offered) > 1:
        return None, "payment_id_missing"
    fitting = [payment for payment in offered if wanted in (None, payment["id"])]
    return (fitting[0], "") if fitting else (None, "payment_mode_invalid" if offered else "")


def _value(call: Call) -> int:
    """The redemption value of a reward that is paid by conversion ratio."""
    return int(call.body.get("paymentConfig", {}).get("redemptionValue", call.body.get("quantity", 1)))


def _plan(call: Call, ends: str, problem: str) -> Plan:
    """One reward a call, whatever the quantity; a partial issue is one of two."""
    total = 2 if ends == "PARTIAL" else 1
    plan = call.plan(KIND, total, [Failure(total - 1, problem)] if problem else ())
    *before, last = plan.steps
    return replace(plan, steps=(*before, replace(last, state=ends)))


def _issue_answer(call: Call, issual: Job) -> Answer:
    """The answer to the issue that an issual comes from, however often it is asked for."""
    problem = issual.facts.get("problem")
    if issual.state == "REQUESTED":
        return call.refused("gateway_timeout")._replace(job=issual.id)
    if problem is None:
        return Answer(200, {"status": ISSUED, **answered(call, issual)}, job=issual.id)
    answer = call.refused(problem)
    if problem == "issued_partially":
        body = {**answer.value, "rewards": parts(call, issual, *answer.value["rewards"])}
    else:
        # A refusal says of the request and of the transaction what its printed body has room for.
        repeated = {**issual.facts["request"], "transactionId": int(issual.id)}
        body = {name: repeated.get(name, value) for name, value in answer.value.items()}
    return answer._replace(value=body, job=issual.id)
