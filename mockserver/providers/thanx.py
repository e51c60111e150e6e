"""Thanx: its jobs need no Python; here are its campaigns, which are no jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.handlers import Handlers

# Columns of the seed data that a campaign's body does not show.
_HIDDEN = ("merchant_id", "active")


def list_campaigns(call: Call) -> Answer:
    """The active campaigns of a merchant, by pages of `per_page` counted from 1."""
    merchant = call.query["merchant_id"]
    if call.row("merchants", id=merchant) is None:
        raise call.refuse("not_found")
    page, per_page = call.query.get("page", 1), call.query.get("per_page", 10)
    active = [row for row in call.rows("campaigns", merchant_id=merchant) if row.get("active", True)]
    shown = active[(page - 1) * per_page : page * per_page]
    pagination = {"current_page": page, "per_page": per_page, "total_pages": max(1, -(-len(active) // per_page))}
    return Answer(200, {"campaigns": [_campaign(call, row) for row in shown], "pagination": pagination})


def get_campaign(call: Call) -> Answer:
    """One campaign, active or not."""
    row = call.row("campaigns", id=call.path["id"])
    if row is None:
        raise call.refuse("not_found")
    return Answer(200, {"campaign": _campaign(call, row)})


def _campaign(call: Call, row: Mapping[str, Any]) -> dict[str, Any]:
    variants = [
        {name: value for name, value in variant.items() if name != "campaign_id"}
        for variant in call.rows("variants", campaign_id=row["id"])
    ]
    default = {"id": f"{row['id']}_control", "name": "Control", "reward_template_id": None}
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    return {**shown, **call.setting("campaign"), "variants": variants or [default]}


HANDLERS = Handlers({"listCampaigns": list_campaigns, "getCampaign": get_campaign})
