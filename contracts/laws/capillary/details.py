"""Details: coupon codes, owners, outcomes."""

from __future__ import annotations

from contracts.laws.capillary.base import DAY, GET, ISSUING, LAWS, LIST, NOTHING, REVOKE, detail, issued, refused, shown
from contracts.laws.context import Context
from contracts.target.exchange import Exchange


@LAWS.law("C47", needs=(*ISSUING, "coupon_reward_id"))
def codes_have_the_case_that_is_asked_for(context: Context) -> None:
    """One code in three cases, by either spelling of the parameter; upper case when nothing is said."""
    own = context.fresh()
    transaction = issued(own, own.data["coupon_reward_id"]).json["transactionId"]
    created = _codes(own, detail(own, transaction, couponCodeCase="AS_IT_IS"))
    upper, lower = ([getattr(code, case)() for code in created] for case in ("upper", "lower"))
    for query, wanted, promise in (
        ({}, upper, "C46"),
        ({"coupon_code_case": "UPPER"}, upper, "C47"),
        ({"coupon_code_case": "LOWER"}, lower, "C47"),
        ({"coupon_code_case": "AS_IT_IS"}, created, "C47"),
        ({"couponCodeCase": "LOWER"}, lower, "C50"),
        ({"coupon_code_case": "lower"}, lower, "C49"),
        ({"couponCodeCase": "As_It_Is"}, created, "C49"),
        ({"coupon_code_case": "LOWER", "couponCodeCase": "UPPER"}, upper, "C51"),
        ({"coupon_code_case": "UPPER", "couponCodeCase": "LOWER"}, lower, "C51"),
    ):
        exchange = detail(own, transaction, **query)
        found = _codes(own, exchange)
        own.expect(found == wanted, f"{query} gives {found}, not {wanted}", exchange, promise=promise)
    refused(own, detail(own, transaction, coupon_code_case="TITLE"), 400, 400, "C52")


def _codes(context: Context, exchange: Exchange) -> list[str]:
    """The coupon codes of a detail; none breaks the law."""
    codes = [str(voucher["code"]) for voucher in exchange.json["data"].get("vouchers", ())]
    context.expect(codes, "the issual of a coupon has no code", exchange, promise="C33")
    return codes


@LAWS.law("C66", needs=(*ISSUING, "other_customer_id"))
def a_transaction_belongs_to_its_customer(context: Context) -> None:
    """A transaction of another customer is an unknown one, in detail and list; so is one that nobody knows."""
    own = context.fresh()
    transaction = str(issued(own).json["transactionId"])
    other = {"customerId": str(own.data["other_customer_id"])}
    for exchange, promise in (
        (own.call(GET, path={**other, "rewardTransactionId": transaction}), "C66"),
        (detail(own, NOTHING), "C65"),
    ):
        refused(own, exchange, 400, 10007, promise)
    page = own.call(LIST, path=other)
    listed = [entry["rewardTransactionId"] for entry in page.json["rewardIssueTransactions"]]
    own.expect(transaction not in listed, "another customer lists it", page)


@LAWS.law("C64", needs=ISSUING)
def an_outcome_never_changes(context: Context) -> None:
    """The detail is the same a week later and, but for what revoking takes, its status is after a revoke."""
    own = context.fresh()
    transaction = issued(own).json["transactionId"]
    value, first = shown(own, transaction)
    if own.clock.controlled:
        own.clock.wait(7 * DAY)
        later, seen = shown(own, transaction)
        own.expect(later == value, "the detail has changed in a week", first, seen)
    own.call(REVOKE, body={"txnId": transaction})
    after, seen = shown(own, transaction)
    own.expect(after["status"] == value["status"], f"the status is {after['status']}", first, seen, promise="C178")
