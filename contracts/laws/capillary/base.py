"""What the laws of Capillary share: issues, lists, details and refusals."""

from __future__ import annotations

from typing import Any

from contracts.laws.context import Context
from contracts.laws.law import Laws, Limit
from contracts.target.exchange import Exchange

LOGIN, ISSUE, LIST, GET, REVOKE = "generateToken", "issueReward", "listIssuals", "getIssual", "revokeReward"
ISSUING = ("customerId", "mobile", "brand", "rewardId")
NOBODY, NOTHING = "999999999", "999999998"
DAY = 86400

LAWS = Laws(limit=Limit("C199", 100, 60))


def issue(context: Context, reward: Any = None, **changes: Any) -> Exchange:
    """Issue a reward to the target's customer; None leaves a member of the body out."""
    body = {"mobile": context.data["mobile"], "brand": context.data["brand"], **changes}
    sent = {name: value for name, value in body.items() if value is not None}
    return context.call(ISSUE, path=None if reward is None else {"rewardId": reward}, body=sent)


def issued(context: Context, reward: Any = None, **changes: Any) -> Exchange:
    """An issue that succeeds; anything else breaks the law."""
    exchange = issue(context, reward, **changes)
    context.expect(exchange.status == 200, f"the issue is {exchange.status}", exchange, promise="C97")
    return exchange


def key(context: Context, name: str) -> str:
    """A requestId that no other run has used."""
    return f"{name}-{context.session or context.nonce}"


def detail(context: Context, transaction: Any, **query: Any) -> Exchange:
    """The detail of the customer's transaction."""
    return context.call(GET, path={"rewardTransactionId": str(transaction)}, query=query)


def shown(context: Context, transaction: Any) -> tuple[dict[str, Any], Exchange]:
    """What the detail of a transaction says; one that is not there breaks the law."""
    exchange = detail(context, transaction)
    context.expect(exchange.status == 200, f"the detail is {exchange.status}", exchange, promise="C60")
    return exchange.json["data"], exchange


def whole(context: Context, **query: Any) -> list[dict[str, Any]]:
    """Every entry of the customer's list, page by page."""
    found: list[dict[str, Any]] = []
    number = 0
    while True:
        exchange = context.call(LIST, query={**query, "page": number, "size": 100})
        context.expect(exchange.status == 200, f"a page is {exchange.status}", exchange, promise="C72")
        known = {entry["rewardTransactionId"] for entry in found}
        fresh = all(entry["rewardTransactionId"] not in known for entry in exchange.json["rewardIssueTransactions"])
        # Not only wrong: pages that never bring anything new are never read to their end.
        context.expect(fresh, f"page {number} repeats an entry of a page before", exchange, promise="C80")
        found += exchange.json["rewardIssueTransactions"]
        if exchange.json["pagingDto"]["last"] or not exchange.json["rewardIssueTransactions"]:
            return found
        number += 1


def newest(context: Context) -> str:
    """The newest transaction of the customer."""
    return str(context.call(LIST).json["rewardIssueTransactions"][0]["rewardTransactionId"])


def code_of(exchange: Exchange) -> Any:
    """The code of an answer's status, which is an object or an array of one."""
    status = exchange.json["status"]
    return (status[0] if isinstance(status, list) else status)["code"]


def refused(context: Context, exchange: Exchange, status: int, code: int, promise: str) -> None:
    """An answer is this refusal."""
    context.expect(exchange.status == status, f"{exchange.status}, not {status}", exchange, promise=promise)
    found = code_of(exchange)
    context.expect(found == code, f"the code is {found}, not {code}", exchange, promise=promise)
