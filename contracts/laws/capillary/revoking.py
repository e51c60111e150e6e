"""Revoking: what can be revoked, and what the outcome says."""

from __future__ import annotations

from functools import partial
from typing import Any

from contracts.laws.capillary.base import ISSUING, LAWS, NOTHING, REVOKE, code_of, issue, issued, newest, refused, shown
from contracts.laws.context import Context
from contracts.target.exchange import Exchange


def revoke(context: Context, transaction: Any) -> Exchange:
    """Revoke a transaction; every outcome is HTTP 200 and echoes it."""
    exchange = context.call(REVOKE, body={"txnId": int(transaction)})
    context.expect(exchange.status == 200, f"the outcome is {exchange.status}", exchange, promise="C164")
    said = exchange.json.get("txnId")
    context.expect(said == int(transaction), f"the txnId is {said}", exchange, promise="C167")
    return exchange


@LAWS.law("C165", needs=ISSUING)
def a_reward_is_revoked_once(context: Context) -> None:
    """An issued reward is cancelled with all its pieces; a second time it is not in the required state."""
    own = context.fresh()
    for reward in (None, own.data.get("partial_reward_id")):
        answer = issue(own, reward)
        transaction = newest(own)
        quantity = shown(own, transaction)[0]["quantity"]
        exchange = revoke(own, transaction)
        cancelled = code_of(exchange) == 200 and exchange.json["state"] == "CANCELLED"
        own.expect(cancelled, f"the outcome is {code_of(exchange)}", answer, exchange, promise="C160")
        count = exchange.json["userRewardCount"]
        words = f"{count} rewards are cancelled, {quantity} were issued"
        own.expect(count == quantity, words, answer, exchange, promise="C207" if answer.status == 400 else "C165")
        refused(own, revoke(own, transaction), 200, 13003, "C170")


@LAWS.law("C160", needs=ISSUING)
def revoked_at_the_same_time_it_is_revoked_once(context: Context) -> None:
    """Of several revokes of one transaction at the same time, one succeeds."""
    own = context.fresh()
    transaction = issued(own).json["transactionId"]
    answers = own.together([partial(revoke, own, transaction)] * 4)
    codes = sorted(code_of(answer) for answer in answers)
    own.expect(codes == [200, 13003, 13003, 13003], f"the outcomes are {codes}", *answers)


@LAWS.law("C170", needs=(*ISSUING, "refusals"))
def only_what_was_issued_is_revoked(context: Context) -> None:
    """A refused issue and a redeemed reward are not in the required state; an unknown transaction is not found."""
    own = context.fresh()
    issue(own, next(iter(own.data["refusals"])))
    refused(own, revoke(own, newest(own)), 200, 13003, "C171")
    if "redeemed_transaction_id" in own.data:
        refused(own, revoke(own, own.data["redeemed_transaction_id"]), 200, 13003, "C175")
    refused(own, revoke(own, NOTHING), 200, 10007, "C172")


@LAWS.law("C168")
def a_revoke_names_its_transaction(context: Context) -> None:
    """Without a txnId the outcome is 400; what is no integer is HTTP 400."""
    bodies: tuple[Any, ...] = ({}, {"txnId": None})
    for body in bodies:
        exchange = context.call(REVOKE, body=body)
        refused(context, exchange, 200, 400, "C168")
        message = exchange.json["status"]["message"]
        context.expect(message == "must not be null", f"the message is {message!r}", exchange)
    for wrong in ("abc", 1.5, [1]):
        refused(context, context.call(REVOKE, body={"txnId": wrong}), 400, 400, "C179")


@LAWS.law("C164", needs=("revocations",))
def every_outcome_of_a_revoke_has_its_code(context: Context) -> None:
    """Transactions that cannot be revoked say why, again when they are asked for again, without a count."""
    own = context.fresh()
    for transaction, code in own.data["revocations"].items():
        for _ in range(2):
            exchange = revoke(own, transaction)
            refused(own, exchange, 200, code, "C174" if code == 1018 else "C164")
            bare = "state" not in exchange.json and "userRewardCount" not in exchange.json
            own.expect(bare, "a refused revoke has a state", exchange, promise="C166")
