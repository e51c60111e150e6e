"""Capillary: an issue is answered at once, and whatever became of it remains as a transaction, an "issual".

An issual is a job of the engine that is over when it begins, except where the gateway loses patience.
"""

from __future__ import annotations

from typing import Any

from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.call import Call
from mockserver.engine.handlers import Handlers
from mockserver.engine.jobs import Job
from mockserver.engine.problems import Problem
from mockserver.engine.simulation import Credential
from mockserver.providers.capillary.issual import KIND, detail_of, in_case
from mockserver.providers.capillary.issue import issue_reward
from mockserver.providers.capillary.listing import list_issuals
from openapi.contract import Operation

_FETCHED = {"success": True, "code": 200, "message": "Reward issue transactions details fetched successfully"}
_REVOKED = {"success": True, "code": 200, "message": "Reward revoked successfully"}


def generate_token(call: Call) -> Answer:
    """A token for a client that belongs to an access group."""
    client = call.row("clients", key=call.body["key"], secret=call.body["secret"])
    if client is None or "group" not in client:
        raise call.refuse("client_refused")
    lifetime = client.get("ttlSeconds", call.setting("token_seconds"))
    token = call.mint(Credential(client["key"], frozenset({client["group"]})), lifetime)
    return Answer(200, {"data": {"accessToken": token, "ttlSeconds": lifetime}, "errors": None})


def get_issual(call: Call) -> Answer:
    """One issual with coupon codes in the case that is asked for; the later spelling of the parameter counts."""
    issual = call.job(KIND, call.path["rewardTransactionId"])
    if issual is None or issual.state == "REQUESTED" or issual.record.group != call.path["customerId"]:
        raise call.refuse("transaction_not_found")
    if call.row("rewards", rewardId=issual.facts["reward"]) is None:
        raise call.refuse("reward_not_found")
    detail = detail_of(call, issual)
    if "vouchers" in detail:
        case = call.query.get("couponCodeCase", call.query.get("coupon_code_case", "UPPER")).upper()
        detail["vouchers"] = [{**voucher, "code": in_case(voucher["code"], case)} for voucher in detail["vouchers"]]
    return Answer(200, {"status": [_FETCHED], "data": detail}, job=issual.id)


def revoke_reward(call: Call) -> Answer:
    """Cancel what an issual issued. Every outcome is HTTP 200 and names the transaction that was asked for."""
    if call.body.get("txnId") is None:
        raise call.refuse("txn_id_missing")
    transaction = int(call.body["txnId"])
    issual = call.job(KIND, transaction)
    problem = call.scenario.options.get("revoke") or _unrevokable(issual)
    if problem or issual is None:
        refused = call.refused(problem)
        return refused._replace(value={**refused.value, "txnId": transaction}, job=issual.id if issual else "")
    after = call.command(issual, call.operation.id)
    count = after.status.succeeded
    return Answer(
        200, {"status": _REVOKED, "txnId": transaction, "state": after.state, "userRewardCount": count}, job=issual.id
    )


def _unrevokable(issual: Job | None) -> str:
    """The problem that revoking an issual is, or ""."""
    if issual is None or issual.state == "REQUESTED":
        return "revoke_transaction_not_found"
    return "" if issual.state in issual.kind.lifecycle.commands["revokeReward"] else "not_issued"


def classify(refusal: Refusal, operation: Operation | None) -> str:
    """The token's own envelope for requests that do not fit it."""
    if operation is not None and operation.id == "generateToken" and refusal.problem in ("invalid", "malformed"):
        return "token_request_invalid"
    return refusal.problem


def refuse(problem: Problem) -> Any:
    """Statuses that the contract does not document have no example with their code."""
    if problem.name in ("unknown_path", "method_not_allowed"):
        problem.body["status"]["code"] = problem.status
    return problem.body


HANDLERS = Handlers(
    {
        "generateToken": generate_token,
        "issueReward": issue_reward,
        "getIssual": get_issual,
        "listIssuals": list_issuals,
        "revokeReward": revoke_reward,
    },
    refuse,
    classify,
)
