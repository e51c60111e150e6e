"""Issuing: what is issued or refused, and what of it can be read."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from contracts.laws.capillary.base import (
    ISSUING,
    LAWS,
    LIST,
    NOTHING,
    issue,
    issued,
    key,
    newest,
    refused,
    shown,
    whole,
)
from contracts.laws.context import Context


@LAWS.law("C60", needs=ISSUING)
def what_was_issued_can_be_read(context: Context) -> None:
    """An issue is in the detail and first in the list, with what was said; its ids are echoed."""
    members: dict[str, st.SearchStrategy[Any]] = {
        "transactionNumber": st.sampled_from(["23444", "2344s4"]),
        "requestId": st.uuids().map(str),
        "eventLogId": st.sampled_from(["e1", "event-2"]),
        "customFields": st.just({"colour": "blue"}),
        "rewardOwnershipRO": st.just({"ownerType": "CAMPAIGNS", "ownerId": "abc7"}),
    }

    def examine(sent: dict[str, Any]) -> None:
        own = context.fresh()
        answer = issued(own, **sent)
        for name in ("requestId", "eventLogId"):
            found = answer.json.get(name)
            own.expect(found == sent.get(name), f"{name} is {found!r}", answer, promise="C121")
        value, seen = shown(own, answer.json["transactionId"])
        transaction = str(answer.json["transactionId"])
        own.expect(value["rewardTransactionId"] == transaction, "another transaction is shown", answer, seen)
        created, number = str(value["rewardTransactionDate"] // 1000), "transactionNumber" in sent
        for name, wanted, promise in (
            ("rewardIssueRefId", sent.get("transactionNumber", created), "C61" if number else "C62"),
            ("customFields", sent.get("customFields"), "C63"),
            ("ownerId", sent.get("rewardOwnershipRO", {}).get("ownerId", ""), "C115"),
            ("status", answer.json["status"], "C13"),
        ):
            same = value.get(name) == wanted
            own.expect(same, f"{name} is {value.get(name)!r}, not {wanted!r}", answer, seen, promise=promise)
        page = own.call(LIST)
        first = page.json["rewardIssueTransactions"][0]
        words = f"the list begins with {first['rewardTransactionId']}, not {transaction}"
        own.expect(first["rewardTransactionId"] == transaction, words, answer, page, promise="C79")
        for name in ("rewardIssueRefId", "rewardTransactionDate", "status", "ownerId"):
            own.expect(first[name] == value[name], f"{name} differs in list and detail", seen, page, promise="C76")

    # Everything at once first: a few draws may leave the same member out every time.
    context.search(st.fixed_dictionaries(members), examine, examples=1)
    context.search(st.fixed_dictionaries({}, optional=members), examine)


@LAWS.law("C103", needs=(*ISSUING, "emailId", "externalId"))
def each_identifier_names_the_customer(context: Context) -> None:
    """Mobile number, email address and external id lead to one customer; two of them, or none, are refused."""
    own = context.fresh()
    mobile, email, external = (own.data[name] for name in ("mobile", "emailId", "externalId"))
    for said in (
        {},
        {"mobile": f"+{mobile}"},
        {"mobile": None, "emailId": email},
        {"mobile": None, "externalId": external},
    ):
        shown(own, issued(own, **said).json["transactionId"])
    for wrong in ({"emailId": email}, {"emailId": email, "externalId": external}, {"mobile": None}):
        refused(own, issue(own, **wrong), 400, 400, "C104")


@LAWS.law("C158", needs=ISSUING)
def every_call_issues(context: Context) -> None:
    """Without a requestId every call issues; the transactions differ, and all are listed, newest first."""
    own = context.fresh()
    count = 120 if own.control else 3
    before = [entry["rewardTransactionId"] for entry in whole(own)]
    answers = [issued(own) for _ in range(count)]
    ids = [str(answer.json["transactionId"]) for answer in answers]
    own.expect(len(set(ids)) == count, "two issues have one transaction", *answers[:2], promise="C8")
    page = own.call(LIST)
    listed = [entry["rewardTransactionId"] for entry in whole(own)]
    own.expect(listed == ids[::-1] + before, "the list is not all of them, newest first", page, promise="C79")
    shown_at_once = len(page.json["rewardIssueTransactions"])
    wanted = min(100, len(listed))
    own.expect(shown_at_once == wanted, f"{shown_at_once} on the first page", page, promise="C82")


@LAWS.law("C205", needs=(*ISSUING, "ratio_reward_id"))
def points_are_the_value_times_the_ratio(context: Context) -> None:
    """What a reward paid by conversion ratio costs is the value, whole, times the ratio, rounded down."""

    def examine(quantity: float) -> None:
        own = context.fresh()
        answer = issued(own, own.data["ratio_reward_id"], quantity=quantity)
        value = answer.json["redemptionDetails"]["totalRedemptionValue"]
        own.expect(value == int(quantity), f"{quantity} counts as {value}", answer, promise="C111")
        ratio = Decimal(str(answer.json["paymentConfig"]["conversionRatio"]))
        spent, _ = shown(own, answer.json["transactionId"])
        points = spent["pointsRedemption"]["redeemedPoints"]
        own.expect(points == math.floor(ratio * value), f"{points} points for {value} times {ratio}", answer)

    context.search(st.integers(1, 5000) | st.sampled_from([1.56, 2.99, 100.5]), examine)


@LAWS.law("C118", needs=ISSUING)
def an_event_is_a_day_ahead_at_most(context: Context) -> None:
    """An event may be past or up to 24 hours ahead; a later one is refused, and nothing is issued."""
    own = context.fresh()
    value, first = shown(own, issued(own).json["transactionId"])
    now = datetime.fromtimestamp(value["rewardTransactionDate"] / 1000, UTC)
    before = len(whole(own))
    for hours, taken in ((-1000.0, True), (0.0, True), (23.9, True), (24.2, False), (1000.0, False)):
        said = (now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        exchange = issue(own, eventDateTime=said)
        own.expect((exchange.status == 200) == taken, f"{hours} hours ahead: {exchange.status}", first, exchange)
        before += taken
        if not taken:
            refused(own, exchange, 400, 400, "C118")
    after = len(whole(own))
    own.expect(after == before, f"{after} issuals, not {before}", own.call(LIST), promise="C142")


@LAWS.law("C142", needs=ISSUING)
def what_is_unknown_leaves_no_issual(context: Context) -> None:
    """An unknown brand, customer or reward is refused with its code, and leaves no issual."""
    own = context.fresh()
    before = whole(own)
    for exchange, code, promise in (
        (issue(own, brand="nobrand"), 3004, "C129"),
        (issue(own, mobile="10000000001"), 8004, "C132"),
        (issue(own, NOTHING), 8003, "C145"),
    ):
        refused(own, exchange, 400, code, promise)
    own.expect(whole(own) == before, "an issual was left", own.call(LIST))


@LAWS.law("C141", needs=(*ISSUING, "refusals"))
def a_refused_issue_stays_visible(context: Context) -> None:
    """A refused issue has its code, and is in the detail and among the refused in the list; it costs nothing."""
    for reward, code in context.data["refusals"].items():
        own = context.fresh()
        exchange = issue(own, reward)
        refused(own, exchange, 400, code, "C128")
        page = own.call(LIST, query={"status": "false"})
        entry = page.json["rewardIssueTransactions"][0]
        said = entry["status"]
        own.expect(said == exchange.json["status"] or said["code"] == code, f"listed with {said}", exchange, page)
        mine = exchange.json.get("transactionId")
        named = mine is None or str(mine) == entry["rewardTransactionId"]
        own.expect(named, f"transaction {mine} is not the one in the list", exchange, page, promise="C140")
        value, seen = shown(own, entry["rewardTransactionId"])
        status = value["status"]
        failed = status["success"] is False and status["code"] == code
        own.expect(failed, f"the detail says {status}", exchange, seen, promise="C53")
        spent = value["pointsRedemption"].get("redeemedPoints")
        own.expect(not spent, f"it has cost {spent} points", exchange, seen, promise="C127")


@LAWS.law("C57", needs=(*ISSUING, "partial_reward_id"))
def a_part_is_completed_by_its_request(context: Context) -> None:
    """A partial issue has some of what was asked for; its requestId issues the rest, as a transaction of its own."""
    own = context.fresh()
    sent = {"requestId": key(own, "part")}
    reward = own.data["partial_reward_id"]
    part = issue(own, reward, **sent)
    refused(own, part, 400, 8010, "C143")
    outcomes = {one["status"]["success"] for one in part.json["rewards"]}
    own.expect(outcomes == {True, False}, f"the parts' outcomes are {outcomes}", part, promise="C144")
    first = newest(own)
    value, seen = shown(own, first)
    own.expect(value["status"]["code"] == 8010, f"the detail says {value['status']}", part, seen)
    some = 1 <= value["quantity"] < value["requestedQuantity"]
    words = f"{value['quantity']} of {value['requestedQuantity']} are a part"
    own.expect(some, words, part, seen, promise="C58")
    page = own.call(LIST, query={"status": "false"})
    listed = [entry["rewardTransactionId"] for entry in page.json["rewardIssueTransactions"]]
    own.expect(first in listed, "it is not among what was not issued", page, promise="C87")
    rest, again = issue(own, reward, **sent), issue(own, reward, **sent)
    own.expect(rest.status == 200, f"the rest is {rest.status}", part, rest, promise="C157")
    own.expect(again.json == rest.json, "the rest is issued twice", part, rest, again, promise="C151")
    other = str(rest.json["transactionId"])
    own.expect(other != first, "the rest has the transaction of the part", part, rest, promise="C206")
    own.expect(shown(own, first)[0] == value, "the part has changed", seen, rest, promise="C206")


@LAWS.law("C208", needs=(*ISSUING, "late_reward_id"))
def a_late_issue_is_unknown_until_it_is_through(context: Context) -> None:
    """An issue answered with 504 is not there, and its requestId gets 504 again, until it gets through."""
    own = context.fresh()
    before = whole(own)
    sent = {"requestId": key(own, "late")}
    reward = own.data["late_reward_id"]
    for exchange in (issue(own, reward, **sent), issue(own, reward, **sent)):
        refused(own, exchange, 504, 504, "C208")
    if not own.clock.controlled:
        return
    own.expect(whole(own) == before, "it is listed already", own.call(LIST))
    own.clock.wait(120)
    answer = issue(own, reward, **sent)
    own.expect(answer.status == 200, f"its requestId gets {answer.status} after two minutes", answer)
    shown(own, answer.json["transactionId"])
    after = len(whole(own))
    own.expect(after == len(before) + 1, f"{after - len(before)} issuals of one request", answer)
