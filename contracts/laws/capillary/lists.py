"""Lists: pages and filters."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from contracts.laws.capillary.base import ISSUING, LAWS, LIST, NOBODY, NOTHING, issue, issued, refused, shown, whole
from contracts.laws.context import Context
from contracts.target.exchange import Request


def filled(context: Context) -> Context:
    """A session whose customer has issuals of several rewards, owners and outcomes."""
    own = context.fresh()
    rewards = [None, own.data["coupon_reward_id"]]
    owners: list[dict[str, Any]] = [
        {},
        {"ownerType": "CAMPAIGNS", "ownerId": "abc7"},
        {"ownerType": "GOODWILL", "ownerId": "abc7"},
        {"ownerType": "CAMPAIGNS", "ownerId": "x"},
    ]
    for number, owner in enumerate(owners):
        issued(own, rewards[number % 2], rewardOwnershipRO=owner)
    for reward in list(own.data.get("refusals", {}))[:3]:
        issue(own, reward, rewardOwnershipRO=owners[1])
    return own


@LAWS.law("C84", needs=(*ISSUING, "coupon_reward_id"))
def pages_are_the_list(context: Context) -> None:
    """Pages of any size are disjoint and together the list, in its order; the numbers are true."""
    own = filled(context)
    everything = whole(own)
    total = len(everything)

    def examine(size: int) -> None:
        pages = -(-total // size)
        for number in range(pages + 2):
            exchange = own.call(LIST, query={"page": number, "size": size})
            found = exchange.json["rewardIssueTransactions"]
            wanted = everything[number * size : (number + 1) * size]
            promise = "C85" if number >= pages else "C80"
            own.expect(found == wanted, f"page {number} of {size} is another part", exchange, promise=promise)
            said = exchange.json["pagingDto"]
            right = {
                "last": number >= pages - 1,
                "totalElements": total,
                "totalPages": pages,
                "first": number == 0,
                "numberOfElements": len(wanted),
                "size": size,
                "number": number,
            }
            own.expect(said == right, f"the page says {said}, it is {right}", exchange)

    context.search(st.integers(1, total + 2), examine)


@LAWS.law("C94", needs=(*ISSUING, "coupon_reward_id"))
def filters_are_sound_and_complete(context: Context) -> None:
    """Filters show exactly the issuals of the unfiltered list that meet all of them."""
    own = filled(context)
    everything = whole(own)
    types = sorted({entry["redemptionType"] for entry in everything if entry["redemptionType"]})
    rewards = sorted({entry["rewardDetails"]["rewardId"] for entry in everything})
    values: dict[str, list[Any]] = {
        "status": ["true", "false"],
        "rewardId": [*rewards, int(NOTHING)],
        "redemptionType": [types[:1], types, ["CASH_BACK", *types[-1:]]],
        "ownerId": ["abc7", "x", "nobody"],
        "ownerType": ["Campaigns", "Goodwill", "Loyalty program"],
    }

    def examine(asked: dict[str, Any]) -> None:
        query = {name: ",".join(value) if isinstance(value, list) else value for name, value in asked.items()}
        exchange = own.call(LIST, query=query)
        own.expect(exchange.status == 200, f"the filters {query} are {exchange.status}", exchange)
        wanted = [entry for entry in everything if all(_meets(entry, *one) for one in asked.items())]
        found = exchange.json["rewardIssueTransactions"]
        words = f"{len(found)} issuals pass {query}, {len(wanted)} meet it"
        own.expect(found == wanted, words, exchange, promise=_PROMISES[next(iter(asked))] if len(asked) == 1 else "C94")
        total = exchange.json["pagingDto"]["totalElements"]
        own.expect(total == len(wanted), f"{total} are said to pass {query}", exchange, promise="C84")
        plain = Request("GET", exchange.request.url.replace("%2C", ","), exchange.request.headers)
        own.expect(own.send(plain).json == exchange.json, "a plain comma is another filter", exchange, promise="C95")

    for name, some in values.items():
        for value in some:
            examine({name: value})
    for one, other in itertools.combinations(values, 2):
        examine({one: values[one][0], other: values[other][-1]})
    several = st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in values.items()})
    context.search(several, examine)


_PROMISES = {"status": "C86", "rewardId": "C93", "redemptionType": "C90", "ownerId": "C93", "ownerType": "C92"}


def _meets(entry: Mapping[str, Any], name: str, wanted: Any) -> bool:
    match name:
        case "status":
            return bool(entry["status"]["success"]) is (wanted == "true")
        case "rewardId":
            return bool(entry["rewardDetails"]["rewardId"] == wanted)
        case "redemptionType":
            return entry["redemptionType"] in wanted
        case "ownerType":
            return str(entry["ownerType"] or "").casefold().replace("_", " ") == str(wanted).casefold()
    return bool(entry[name] == wanted)


@LAWS.law("C88", needs=(*ISSUING, "coupon_reward_id"))
def points_lead_to_their_issual(context: Context) -> None:
    """The reference of redeemed points finds its issual, and only it; the list shows references only then."""
    own = filled(context)
    seen: dict[str, list[str]] = {}
    for entry in whole(own):
        null = entry["pointsRedemptionRefIds"] is None
        own.expect(null, "references without a filter", own.call(LIST), promise="C89")
        value, _ = shown(own, entry["rewardTransactionId"])
        for reference in value["pointsRedemption"].get("pointsRedemptionRefIds") or ():
            seen.setdefault(str(reference), []).append(entry["rewardTransactionId"])
    own.expect(seen, "no issual has cost points", own.call(LIST), promise="C30")
    references = list(seen)[:10]
    for asked in (references[:1], references):
        exchange = own.call(LIST, query={"pointsRefIds": ",".join(asked)})
        entries = exchange.json["rewardIssueTransactions"]
        found = {entry["rewardTransactionId"] for entry in entries}
        wanted = {transaction for reference in asked for transaction in seen[reference]}
        own.expect(found == wanted, f"{len(found)} issuals, not {len(wanted)}", exchange)
        for entry in entries:
            held = set(entry["pointsRedemptionRefIds"] or ()) & set(asked)
            own.expect(held, "an entry without its reference", exchange, promise="C89")
    eleven = ",".join(f"reference{number}" for number in range(11))
    refused(own, own.call(LIST, query={"pointsRefIds": eleven}), 400, 400, "C88")


@LAWS.law("C96", writes=False)
def an_unknown_customer_has_an_empty_list(context: Context) -> None:
    """The list of a customer whom nobody knows is empty."""
    exchange = context.call(LIST, path={"customerId": NOBODY})
    context.expect(exchange.status == 200, f"the list is {exchange.status}", exchange)
    entries = exchange.json["rewardIssueTransactions"]
    context.expect(entries == [], f"it has {len(entries)} entries", exchange)
