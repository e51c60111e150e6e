"""Idempotency: what a requestId promises."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from contracts.laws.capillary.base import DAY, ISSUE, ISSUING, LAWS, LIST, issue, issued, key, refused, whole
from contracts.laws.context import Context


@LAWS.law("C151", needs=ISSUING)
def the_same_request_gets_the_first_answer(context: Context) -> None:
    """After success the same requestId and body get the first answer, at once and much later, and issue nothing."""

    def examine(name: str) -> None:
        own = context.fresh()
        sent = {"requestId": key(own, name)}
        first = issued(own, **sent)
        count = len(whole(own))
        again = issue(own, **sent)
        own.expect((again.status, again.json) == (200, first.json), "another answer than the first", first, again)
        if own.clock.controlled:
            own.clock.wait(400 * DAY)
            later = issue(own, **sent)
            own.expect(later.json == first.json, "another answer after 400 days", first, later, promise="C149")
        after = len(whole(own))
        own.expect(after == count, f"{after - count} more are issued", first, again)

    context.search(st.text("abcXYZ019-_.:", min_size=1, max_size=40) | st.just("long" * 500), examine)


@LAWS.law("C152", needs=(*ISSUING, "coupon_reward_id"))
def a_request_id_with_another_payload_is_refused(context: Context) -> None:
    """A requestId with another body, reward or customer is 10003, and issues nothing."""
    own = context.fresh()
    sent = {"requestId": key(own, "other"), "notes": "one"}
    first = issued(own, **sent)
    count = len(whole(own))
    changes: list[tuple[Any, dict[str, Any], str]] = [
        (None, {"notes": "two"}, "C152"),
        (None, {"notes": None}, "C152"),
        (None, {"quantity": 2}, "C152"),
        (own.data["coupon_reward_id"], {}, "C153"),
    ]
    if "other_mobile" in own.data:
        changes.append((None, {"mobile": own.data["other_mobile"]}, "C148"))
    for reward, change, promise in changes:
        refused(own, issue(own, reward, **{**sent, **change}), 400, 10003, promise)
    own.expect(len(whole(own)) == count, "something was issued", first, own.call(LIST))
    again = issue(own, **sent)
    own.expect(again.json == first.json, "the first body no longer gets its answer", first, again, promise="C151")


@LAWS.law("C156", needs=(*ISSUING, "refusals"))
def a_refused_request_needs_a_new_id(context: Context) -> None:
    """The requestId of a refused issue is a duplicate from then on."""
    own = context.fresh()
    reward = next(iter(own.data["refusals"]))
    sent = {"requestId": key(own, "refused")}
    first = issue(own, reward, **sent)
    count = len(whole(own))
    again = issue(own, reward, **sent)
    refused(own, again, 400, 400, "C154")
    message = again.json["status"]["message"]
    own.expect(message == "Duplicate requestId", f"the message is {message!r}", first, again, promise="C154")
    own.expect(len(whole(own)) == count, "another issual is left", first, again)


@LAWS.law("C147", needs=ISSUING)
def one_request_id_at_the_same_time_issues_once(context: Context) -> None:
    """Requests with the same requestId and body at the same time issue once."""
    for number in range(3):
        own = context.fresh()
        before = len(whole(own))
        answers = own.together([partial(issue, own, requestId=key(own, f"together-{number}"))] * 4)
        ids = {answer.json.get("transactionId") for answer in answers}
        own.expect(len(ids) == 1, f"{len(ids)} transactions", *answers)
        count = len(whole(own)) - before
        own.expect(count == 1, f"{count} issuals", *answers)


@LAWS.law("C151", needs=ISSUING)
def equal_bodies_are_one_body(context: Context) -> None:
    """A body with its properties in another order is the same request."""
    own = context.fresh()
    sent = {"mobile": own.data["mobile"], "brand": own.data["brand"], "requestId": key(own, "order")}
    first, again = own.call(ISSUE, body=sent), own.call(ISSUE, body=dict(reversed(sent.items())))
    same = (again.status, again.json) == (first.status, first.json)
    own.expect(same, "it counts as another body", first, again)


@LAWS.law("C159", needs=ISSUING)
def a_request_id_has_any_length(context: Context) -> None:
    """Long requestIds that differ in their last character are two."""
    own = context.fresh()
    for length in (64, 255, 1000):
        first, second = (issued(own, requestId=f"{key(own, '0' * length)}{end}") for end in "ab")
        apart = first.json["transactionId"] != second.json["transactionId"]
        own.expect(apart, f"requestIds of more than {length} characters share a transaction", first, second)
