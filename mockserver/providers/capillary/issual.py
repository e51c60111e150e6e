"""What an issual shows: worked out from its record, the reward's row, what the request stated and how it ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.core import identity
from mockserver.core.clock import SECOND
from mockserver.engine import instants
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job

KIND = "issual"
ISSUED = {"success": True, "code": 200, "message": "Reward issued successfully"}
_POINTS_REDEEMED = {"success": True, "code": 200, "message": "Points redeemed successfully."}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

# Columns of a reward that the detail shows, if it has them, and that an entry of the list always shows.
_DETAILS = (
    "rewardId",
    "languageCode",
    "name",
    "description",
    "groups",
    "imageId",
    "imageUrl",
    "intouchPoints",
    "intouchSeriesId",
    "redemptionType",
    "vendorName",
    "vendorId",
    "vendorRedemptionId",
    "vendorRedemptionName",
    "images",
    "videos",
)
_SUMMARY = (
    "rewardId",
    "languageCode",
    "name",
    "description",
    "termNConditionsId",
    "termNConditionsUrl",
    "imageId",
    "imageUrl",
    "thumbnailId",
    "thumbnailUrl",
    "enabled",
    "groups",
    "rewardRank",
)


def answered(call: Call, issual: Job) -> dict[str, Any]:
    """What the answer to an issue says that went well, beside its status."""
    reward, facts = reward_of(call, issual.facts["reward"]), issual.facts
    request, points = facts["request"], str(facts["points"])
    intouch = total = None
    if "intouchSeriesId" in reward:
        intouch = {"pointsRedeemed": points, "couponCode": _code(call, issual), "codeExpiry": _expiry(call, issual)}
    if "value" in facts:
        total = {"redemptionType": reward["redemptionType"], "totalRedemptionValue": facts["value"]}
    return {
        "intouch": intouch,
        "transactionId": int(issual.id),
        "promotion": None,
        "vendor": {"pointsRedeemed": points} if "vendorId" in reward else {},
        "paymentConfig": facts.get("payment"),
        "redemptionDetails": total,
        "fulfillmentDetails": request.get("fulfillmentDetails"),
        "customFields": request.get("customFields"),
        "eventLogId": request.get("eventLogId"),
        "requestId": request.get("requestId"),
        "eventDateTime": _event_time(issual),
    }


def parts(call: Call, issual: Job, good: Mapping[str, Any], bad: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The part that was issued and the one that was not, in the shape of the printed ones."""
    facts = issual.facts
    reward = reward_of(call, facts["reward"])
    voucher = {"voucher": _voucher(call, issual, 0), "pointsRedeemed": str(facts["points"])}
    issued = {
        "transactionId": int(issual.id),
        "rewardId": facts["reward"],
        "pointsReferenceId": _reference(call, issual),
        "vendor": [voucher] if "vendorId" in reward else None,
        "paymentConfig": facts.get("payment"),
        "customFields": facts["request"].get("customFields"),
    }
    return [{**good, **issued}, {**bad, "rewardId": facts["reward"]}]


def in_case(code: str, case: str) -> str:
    """A coupon code in `UPPER` or `LOWER` case, or `AS_IT_IS`."""
    return {"UPPER": code.upper(), "LOWER": code.lower()}.get(case, code)


def detail_of(call: Call, issual: Job) -> dict[str, Any]:
    """`data` of the detail; a printed one stays as it is printed."""
    printed = issual.facts.get("printed")
    if printed:
        examples = call.provider.contract.library.root["components"]["examples"]
        return {**examples[printed]["value"]["data"]}
    status = _status(issual)
    return {**_record(call, issual, status), **(_nothing(issual) if issual.state == "FAILED" else _gain(call, issual))}


def _status(issual: Job) -> Mapping[str, Any]:
    """How the issue ended. One that somebody let fail before it got through ends with the error that was given."""
    if issual.state == "FAILED" and "status" not in issual.facts:
        return {"success": False, "code": 400, "message": issual.status.error}
    status: Mapping[str, Any] = issual.facts.get("status", ISSUED)
    return status


def _record(call: Call, issual: Job, status: Mapping[str, Any]) -> dict[str, Any]:
    reward, facts, created = reward_of(call, issual.facts["reward"]), issual.facts, issual.record.at
    request = facts.get("request", {})
    owner = request.get("rewardOwnershipRO", {})
    body = {
        "rewardTransactionId": issual.id,
        "customerId": int(issual.record.group),
        "orgId": facts["org"],
        "rewardIssueRefId": request.get("transactionNumber", str(created // SECOND)),
        "rewardTransactionDate": created // SECOND * 1000,
        "status": status,
        "groupRedemption": False,
        "rewardDetails": {name: reward[name] for name in _DETAILS if name in reward},
        "ownerId": owner.get("ownerId", ""),
        "eventDateTime": _event_time(issual),
        "issueDateTime": instants.text(created // SECOND * SECOND),
    }
    body |= {name: reward[name] for name in ("groupName", "groupRank") if name in reward}
    body |= {name: request[name] for name in ("customFields", "fulfillmentDetails", "eventLogId") if name in request}
    return body | ({"ownerType": owner["ownerType"]} if "ownerType" in owner else {})


def _nothing(issual: Job) -> dict[str, Any]:
    return {"quantity": 1, "requestedQuantity": 0, "pointsRedemption": {}, "vendorRewards": {"rewards": []}}


def _gain(call: Call, issual: Job) -> dict[str, Any]:
    """What an issue brought that went well, at least in part, and what it cost."""
    reward, facts, quantity = reward_of(call, issual.facts["reward"]), issual.facts, issual.status.succeeded
    reference, points = _reference(call, issual), facts["points"]
    spent = {"redeemedPoints": points, "pointsRedemptionRefIds": [reference], "status": _POINTS_REDEEMED}
    vouchers = []
    if "intouchSeriesId" in reward:
        expiry = _expiry(call, issual)
        vouchers.append(
            {"code": _code(call, issual), "codeExpiry": expiry, "codeExpiryDateTime": f"{expiry.replace(' ', 'T')}Z"}
        )
    pieces = [{"voucher": _voucher(call, issual, piece), "pointsRedeemed": str(points)} for piece in range(quantity)]
    return {
        "quantity": quantity,
        "requestedQuantity": issual.plan.total,
        "pointsRedemption": spent | ({"pointsRedemptionRefId": reference} if reference else {}),
        "redemptionDetails": {"redemptionType": reward["redemptionType"], "totalRedemptionValue": facts.get("value")},
        "vouchers": vouchers,
        "vendorRewards": {"rewards": [{"json": json.dumps(piece if "vendorId" in reward else {})} for piece in pieces]},
    }


def entry_of(call: Call, issual: Job, detail: Mapping[str, Any], *, with_references: bool) -> dict[str, Any]:
    """An issual as the list shows it, from its detail."""
    reward, created = reward_of(call, issual.facts["reward"]), instants.text(issual.record.at // SECOND * SECOND)
    entry = {
        "rewardTransactionId": issual.id,
        "rewardIssueRefId": detail["rewardIssueRefId"],
        "rewardTransactionDate": detail["rewardTransactionDate"],
        "status": detail["status"],
        "rewardDetails": {name: reward[name] for name in _SUMMARY},
        "ownerType": detail.get("ownerType"),
        "ownerId": detail["ownerId"],
        "pointsRedemptionRefIds": references(detail) if with_references else None,
        "fulfillmentStatus": detail.get("fulfillmentDetails", {}).get("status"),
        "redemptionType": detail["rewardDetails"]["redemptionType"],
        "eventDateTime": detail.get("eventDateTime", created),
        "issueDateTime": detail.get("issueDateTime", created),
    }
    return entry | ({"vendorId": reward["vendorId"]} if "vendorId" in reward else {})


def references(detail: Mapping[str, Any]) -> list[str]:
    """The references of redeemed points; old transactions have one, and no list."""
    points = detail["pointsRedemption"]
    found = points.get("pointsRedemptionRefIds", [points.get("pointsRedemptionRefId")])
    return [reference for reference in found if reference]


def reward_of(call: Call, reward: int) -> Mapping[str, Any]:
    """A reward with the columns that its row leaves out; one that is gone has no name and is disabled."""
    row = call.row("rewards", rewardId=reward) or {"rewardId": reward, "enabled": False}
    return {**call.setting("reward"), **row}


def _event_time(issual: Job) -> str:
    event_time: str | None = issual.facts.get("request", {}).get("eventDateTime")
    return event_time or instants.text(issual.record.at // SECOND * SECOND)


def _code(call: Call, issual: Job) -> str:
    """The coupon's code as it was created: in both cases."""
    seeded: str | None = issual.facts.get("code")
    return seeded or identity.spell(identity.digest(call.seed, "coupon", issual.id), _LETTERS, 12)


def _expiry(call: Call, issual: Job) -> str:
    day = datetime.fromtimestamp(issual.record.at // SECOND, UTC) + timedelta(days=call.setting("coupon_days"))
    return day.strftime("%Y-%m-%d 00:00:00")


def _voucher(call: Call, issual: Job, piece: int) -> str:
    """The number of a vendor's voucher: seven digits."""
    return str(1_000_000 + identity.digest(call.seed, "voucher", issual.id, piece) % 9_000_000)


def _reference(call: Call, issual: Job) -> str | None:
    """The reference of the points that were redeemed, if any were."""
    if not issual.facts["points"]:
        return None
    return identity.spell(identity.digest(call.seed, "points", issual.id), _LETTERS, 6)
