"""Capillary: one reward a request, answered at once; every attempt remains, and can be listed, read and revoked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from contracts.defects import behaviours as g
from contracts.defects.defect import Answer, Ask, Asked, Defect, Kind, Memory
from tests.contracts.defects import provider_behaviours as p

TOKEN, ISSUE, LIST, GET, REVOKE = "generateToken", "issueReward", "listIssuals", "getIssual", "revokeReward"
# The published test data: user sandbox, password sandbox.
CREDENTIALS = {"authorization": "Basic c2FuZGJveDpzYW5kYm94"}
OAUTH = "x-cap-api-oauth-token"
# The published customers.
CUSTOMERS = ("383428154", "423931087", "564488660", "177071561", "112295")
ITEMS = "/rewardIssueTransactions"
CANCELLED = {"success": True, "code": 200, "message": "Reward revoked successfully"}
DAY = 86400


def refused(code: int, message: str, status: int = 400) -> Answer:
    """A refusal of the broken server's own."""
    return p.json_answer(status, {"status": {"success": False, "code": code, "message": message}})


MISMATCH = refused(10003, "Request payload is not matching for the passed requestId/s")


def key_of(asked: Asked) -> str:
    """The requestId of an issue; "" when it has none."""
    return str(asked.fields.get("requestId") or "")


def with_key(asked: Asked, key: str | None) -> Asked:
    """The same issue under another requestId; None is none."""
    kept = {name: value for name, value in asked.fields.items() if name != "requestId"}
    return asked.with_json(kept if key is None else {**kept, "requestId": key})


def without_key(asked: Asked) -> Asked:
    return with_key(asked, None) if key_of(asked) else asked


def failed(value: Any) -> bool:
    """Whether the issue that a detail or an entry is about was refused."""
    return not value["status"]["success"]


def transaction_of(answer: Answer) -> str:
    value = answer.json
    return str(value.get("transactionId") or "") if isinstance(value, dict) else ""


def merged(first: Answer, second: Answer) -> Answer:
    """The entries of two lists in one."""
    value, more = first.json, second.json
    return first.with_json(
        {
            **value,
            "rewardIssueTransactions": [*value["rewardIssueTransactions"], *more["rewardIssueTransactions"]][:100],
        }
    )


async def of_any_customer(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Look a transaction up by its id alone, whoever's it is."""
    answer = await ask(asked)
    if asked.operation != GET or answer.status != 400 or b"10007" not in answer.body:
        return answer
    for customer in CUSTOMERS:
        found = await ask(replace(asked, path=asked.path.replace(asked.arguments["customerId"], customer)))
        if found.status == 200:
            return found
    return answer


async def references_cut_off(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Take any number of points references, and read ten of them."""
    answer = await ask(asked)
    references = asked.parameter("pointsRefIds").split(",")
    if asked.operation != LIST or answer.status != 400 or len(references) <= 10:
        return answer
    return await ask(asked.with_parameter("pointsRefIds", ",".join(references[:10])))


async def list_of_everybody(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """List another customer's issuals as well."""
    answer = await ask(asked)
    if asked.operation != LIST or answer.status != 200 or asked.arguments["customerId"] == "423931087":
        return answer
    other = await ask(replace(asked, path=asked.path.replace(asked.arguments["customerId"], "423931087")))
    return merged(answer, other)


async def twice_revoked(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Revoke what was revoked before, and give the points back again."""
    answer = await ask(asked)
    if asked.operation != REVOKE or answer.status != 200:
        return answer
    value = answer.json
    transaction = value.get("txnId")
    if value["status"]["success"]:
        memory[transaction] = answer
    return memory.get(transaction, answer) if value["status"]["code"] == 13003 else answer


async def refusals_forgotten(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Refused issues leave nothing behind."""
    answer = await ask(asked)
    if asked.operation == LIST and answer.status == 200:
        value = answer.json
        seen = [entry for entry in value["rewardIssueTransactions"] if not failed(entry)]
        gone = len(value["rewardIssueTransactions"]) - len(seen)
        paging = value["pagingDto"]
        return (
            answer.with_json(
                {
                    **value,
                    "rewardIssueTransactions": seen,
                    "pagingDto": {
                        **paging,
                        "totalElements": paging["totalElements"] - gone,
                        "numberOfElements": len(seen),
                    },
                }
            )
            if gone
            else answer
        )
    return answer


async def refused_key_is_free(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Carry the request of a refused issue out again under its requestId."""
    answer = await ask(asked)
    value = answer.json
    duplicate = asked.operation == ISSUE and answer.status == 400 and value["status"]["code"] == 400
    return await ask(without_key(asked)) if duplicate and key_of(asked) else answer


async def keys_of_each_customer(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Keep requestIds for each customer apart."""
    if asked.operation != ISSUE or not key_of(asked):
        return await ask(asked)
    who = next((str(asked.fields[name]) for name in ("mobile", "emailId", "externalId") if name in asked.fields), "")
    own = await ask(with_key(asked, f"{who}/{key_of(asked)}"))
    value = own.json
    if isinstance(value, dict) and "requestId" in value:
        return own.with_json({**value, "requestId": key_of(asked)})
    return own


async def keys_kept_for_a_day(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Forget a requestId after 24 hours."""
    if asked.operation == ISSUE and key_of(asked):
        first = memory.setdefault(("first", key_of(asked)), asked.at)
        if asked.at - first > DAY:
            return await ask(with_key(asked, f"{key_of(asked)}/later"))
    return await ask(asked)


async def tokens_for_ever(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Never expire a token."""
    answer = await ask(asked)
    if asked.operation == TOKEN and answer.status == 200:
        memory[answer.json["data"]["accessToken"]] = True
    known = memory.get(asked.header(OAUTH)) or "expired" in asked.header(OAUTH)
    if answer.status == 401 and known:
        return await ask(asked.with_header(OAUTH, "test-token"))
    return answer


async def one_token_for_all(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Give the same token again."""
    answer = await ask(asked)
    if asked.operation == TOKEN and answer.status == 200:
        first: Answer = memory.setdefault("token", answer)
        return first
    return answer


async def border_twice(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Begin a page with the last entry of the one before."""
    answer = await ask(asked)
    number = asked.parameter("page")
    if asked.operation != LIST or answer.status != 200 or not number.isdecimal() or int(number) == 0:
        return answer
    before = await ask(asked.with_parameter("page", str(int(number) - 1)))
    value = answer.json
    if value["rewardIssueTransactions"] and before.json["rewardIssueTransactions"]:
        last = before.json["rewardIssueTransactions"][-1]
        value["rewardIssueTransactions"] = [last, *value["rewardIssueTransactions"][:-1]]
    return answer.with_json(value)


async def forgotten_by_the_list(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """An index that is behind: what was issued is listed only after another request."""
    answer = await ask(asked)
    if asked.operation == ISSUE:
        memory["fresh"] = transaction_of(answer)
    fresh = memory.get("fresh") if asked.operation == LIST else None
    if asked.operation == LIST and answer.status == 200 and fresh:
        memory["fresh"] = None
        value = answer.json
        value["rewardIssueTransactions"] = [
            entry for entry in value["rewardIssueTransactions"] if entry["rewardTransactionId"] != fresh
        ]
        return answer.with_json(value)
    return answer


def joined_filters(asked: Asked) -> Asked:
    """Read only the first of several filters."""
    names = [name for name, _ in parse_qsl(asked.query) if name not in ("page", "size")]
    for name in names[1:]:
        asked = asked.with_parameter(name, None)
    return asked


DEFECTS = (
    # Schema
    Defect(
        "envelope-as-object",
        Kind.SCHEMA,
        "The detail's envelope is an object, as everywhere else",
        p.values("/status", lambda status: status[0] if isinstance(status, list) else status, GET),
    ),
    Defect(
        "outcome-as-list",
        Kind.SCHEMA,
        "The issual's own status is a list, as its envelope",
        p.values("/data/status", lambda status: [status], GET),
    ),
    Defect(
        "id-as-number",
        Kind.SCHEMA,
        "A transaction id comes as a number",
        p.values("/data/rewardTransactionId", int, GET),
    ),
    Defect("id-as-text", Kind.SCHEMA, "The issue's transaction id comes as text", p.as_text("/transactionId", ISSUE)),
    Defect(
        "date-as-text",
        Kind.SCHEMA,
        "The date comes as text instead of milliseconds",
        p.values(f"{ITEMS}/*/rewardTransactionDate", lambda _: "2025-03-18T09:12:44Z", LIST),
    ),
    Defect("owner-left-out", Kind.SCHEMA, "An empty owner is left out", p.left_out("/data/ownerId", GET)),
    Defect(
        "vouchers-null",
        Kind.SCHEMA,
        "A reward without a coupon has null vouchers",
        p.values("/data/vouchers", lambda vouchers: vouchers or None, GET),
    ),
    Defect(
        "failed-with-voucher",
        Kind.SCHEMA,
        "A refused issue shows vouchers",
        p.members("/data", failed, lambda data: {**data, "vouchers": []}, GET),
    ),
    Defect(
        "new-redemption-type",
        Kind.SCHEMA,
        "A redemption type that is not documented",
        p.translated("/data/rewardDetails/redemptionType", {"INTOUCH_REWARD": "COUPON"}, GET),
    ),
    Defect(
        "paging-flat",
        Kind.SCHEMA,
        "Paging stands beside the list",
        g.bodies(
            lambda value: {
                **{name: member for name, member in value.items() if name != "pagingDto"},
                **value["pagingDto"],
            },
            LIST,
        ),
    ),
    Defect("token-flat", Kind.SCHEMA, "The token stands at the top", p.unwrapped("data", TOKEN)),
    Defect(
        "error-envelope-lost",
        Kind.SCHEMA,
        "Errors of the gateway have another envelope",
        g.bodies(lambda value: {"error": value["status"]["message"]}, LIST, GET, status="401"),
    ),
    Defect(
        "success-of-a-refusal",
        Kind.SCHEMA,
        "A refusal says success",
        p.values("/status/success", lambda _: True, ISSUE, status="400"),
    ),
    # Status
    Defect("issue-created", Kind.STATUS, "An issue is answered with 201", g.with_status(201, ISSUE)),
    Defect(
        "refusal-as-ok", Kind.STATUS, "A refused issue is answered with 200", g.with_status(200, ISSUE, status="400")
    ),
    Defect("unknown-is-404", Kind.STATUS, "An unknown transaction is 404", g.with_status(404, GET, status="400")),
    Defect(
        "revoke-refusal-is-400",
        Kind.STATUS,
        "A refused revocation is 400",
        g.answers(
            lambda asked, answer, memory: answer if answer.json["status"]["success"] else replace(answer, status=400),
            REVOKE,
        ),
    ),
    Defect(
        "unknown-customer-is-400",
        Kind.STATUS,
        "An unknown customer has no list but an error",
        g.answers(
            lambda asked, answer, memory: (
                answer if answer.json["pagingDto"]["totalElements"] else refused(8004, "customer is not valid")
            ),
            LIST,
        ),
    ),
    Defect("wrong-secret-is-400", Kind.STATUS, "A wrong secret is 400", g.with_status(400, TOKEN, status="401")),
    # Headers
    Defect(
        "refusal-as-html",
        Kind.HEADERS,
        "The gateway's 401 is a page",
        g.with_body(b"<html>401</html>", "text/html", GET, status="401"),
    ),
    Defect(
        "detail-as-text",
        Kind.HEADERS,
        "A detail comes as text/plain",
        g.with_header("content-type", "text/plain", GET, status="200"),
    ),
    Defect(
        "media-type-missing",
        Kind.HEADERS,
        "A list comes without Content-Type",
        g.with_header("content-type", None, LIST, status="200"),
    ),
    Defect(
        "allow-missing", Kind.HEADERS, "405 does not say what is allowed", g.with_header("allow", None, status="405")
    ),
    # Life cycle
    Defect(
        "revoked-twice",
        Kind.LIFECYCLE,
        "What was revoked is revoked again, and the points given back twice",
        twice_revoked,
    ),
    Defect(
        "revoke-of-a-refusal",
        Kind.LIFECYCLE,
        "A refused issue can be revoked",
        g.answers(
            lambda asked, answer, memory: (
                p.json_answer(
                    200,
                    {"status": CANCELLED, "txnId": answer.json["txnId"], "state": "CANCELLED", "userRewardCount": 1},
                )
                if answer.json["status"]["code"] == 13003
                else answer
            ),
            REVOKE,
        ),
    ),
    Defect(
        "outcome-changes",
        Kind.LIFECYCLE,
        "A revoked issual loses its outcome",
        p.flapping("/data/status/message", lambda message: f"{message} (revoked)", GET),
    ),
    Defect(
        "revoke-of-the-unknown",
        Kind.LIFECYCLE,
        "Revoking an unknown transaction succeeds",
        g.answers(
            lambda asked, answer, memory: (
                p.json_answer(
                    200,
                    {"status": CANCELLED, "txnId": answer.json["txnId"], "state": "CANCELLED", "userRewardCount": 1},
                )
                if answer.json["status"]["code"] == 10007
                else answer
            ),
            REVOKE,
        ),
    ),
    Defect(
        "revoke-refused",
        Kind.LIFECYCLE,
        "An issued reward cannot be revoked",
        g.answers(
            lambda asked, answer, memory: (
                p.json_answer(
                    200,
                    {
                        "status": {"success": False, "code": 13003, "message": "Reward is not issued"},
                        "txnId": answer.json["txnId"],
                    },
                )
                if answer.json["status"]["success"]
                else answer
            ),
            REVOKE,
        ),
    ),
    Defect("refusals-forgotten", Kind.LIFECYCLE, "Refused issues are not listed", refusals_forgotten),
    # Counts
    Defect("quantity-asked-for", Kind.COUNTS, "Two rewards are said to be issued", p.added("/data/quantity", 1, GET)),
    Defect(
        "cancelled-of-nothing",
        Kind.COUNTS,
        "Revoking counts one reward too many",
        p.added("/userRewardCount", 1, REVOKE),
    ),
    Defect(
        "other-transaction",
        Kind.COUNTS,
        "A detail is that of the transaction before",
        p.values("/data/rewardTransactionId", lambda number: str(int(number) - 1), GET),
    ),
    Defect("other-revocation", Kind.COUNTS, "Revoking answers another transaction's id", p.added("/txnId", 1, REVOKE)),
    Defect(
        "reference-lost",
        Kind.COUNTS,
        "The transactionNumber is not kept",
        p.values("/data/rewardIssueRefId", lambda _: "1742289164", GET),
    ),
    Defect(
        "request-id-not-echoed",
        Kind.COUNTS,
        "The requestId of the answer is another one",
        p.values("/requestId", lambda key: f"req-{key}" if key else key, ISSUE),
    ),
    Defect(
        "custom-fields-lost",
        Kind.COUNTS,
        "Custom fields are not kept",
        p.values("/data/customFields", lambda _: g.GONE, GET),
    ),
    Defect(
        "codes-as-created",
        Kind.COUNTS,
        "Coupon codes are in the case in which they were created",
        p.assuming_parameter("coupon_code_case", "AS_IT_IS", GET),
    ),
    Defect(
        "case-in-capitals-only",
        Kind.COUNTS,
        "The letter case must be said in capitals",
        g.reading_parameter("coupon_code_case", lambda said: said if said.isupper() else "UPPER", GET),
    ),
    Defect(
        "later-spelling-ignored", Kind.COUNTS, "couponCodeCase is not known", g.deaf_to_parameter("couponCodeCase", GET)
    ),
    # Time
    Defect(
        "date-in-seconds",
        Kind.TIME,
        "The detail's date is in seconds",
        p.values("/data/rewardTransactionDate", lambda date: date // 1000, GET),
    ),
    Defect(
        "date-moves",
        Kind.TIME,
        "The date is that of the look",
        g.answers(
            lambda asked, answer, memory: answer.with_json(
                g.edited(
                    answer.json, "/data/rewardTransactionDate", lambda date: date + 1000 * g.counted(memory, asked.path)
                )
            ),
            GET,
        ),
    ),
    Defect(
        "instant-with-zone",
        Kind.TIME,
        "Instants are in the store's time zone",
        p.values("/data/issueDateTime", lambda at: at and at.replace("Z", "+05:30"), GET),
    ),
    Defect(
        "event-of-any-day",
        Kind.TIME,
        "An event may lie ten days ahead",
        g.requests(
            lambda asked: (
                asked.with_json({**asked.json, "eventDateTime": "2026-01-01T00:00:00Z"})
                if str(asked.fields.get("eventDateTime", "")) > "2026-01-02"
                else asked
            ),
            ISSUE,
        ),
    ),
    # Idempotency
    Defect("key-ignored", Kind.IDEMPOTENCY, "The requestId is not looked at", g.requests(without_key, ISSUE)),
    Defect(
        "key-of-any-body",
        Kind.IDEMPOTENCY,
        "A known requestId gets its answer, whatever the body",
        p.blind_to_bodies(key_of, 400, ISSUE),
    ),
    Defect(
        "key-by-bytes",
        Kind.IDEMPOTENCY,
        "The same body in another order is another payload",
        p.byte_wise(key_of, MISMATCH, ISSUE),
    ),
    Defect(
        "key-race",
        Kind.IDEMPOTENCY,
        "Two requests with one requestId at the same time both issue",
        p.racing(key_of, without_key, ISSUE),
    ),
    Defect(
        "key-of-each-customer", Kind.IDEMPOTENCY, "Two customers can have the same requestId", keys_of_each_customer
    ),
    Defect("key-kept-for-a-day", Kind.IDEMPOTENCY, "A requestId is forgotten after 24 hours", keys_kept_for_a_day),
    Defect(
        "refused-key-is-free",
        Kind.IDEMPOTENCY,
        "The requestId of a refused issue can be used again",
        refused_key_is_free,
    ),
    Defect(
        "key-cut",
        Kind.IDEMPOTENCY,
        "requestIds are stored with 64 characters",
        g.requests(lambda asked: with_key(asked, key_of(asked)[:64]) if len(key_of(asked)) > 64 else asked, ISSUE),
    ),
    # Paging
    Defect(
        "total-one-more",
        Kind.PAGING,
        "totalElements counts a deleted entry",
        p.added("/pagingDto/totalElements", 1, LIST),
    ),
    Defect("page-ignored", Kind.PAGING, "Every page is the first", g.deaf_to_parameter("page", LIST)),
    Defect(
        "page-from-one",
        Kind.PAGING,
        "Pages are counted from 1",
        g.reading_parameter("page", lambda page: str(max(0, int(page) - 1)) if page.isdecimal() else page, LIST),
    ),
    Defect("size-ignored", Kind.PAGING, "Every page has up to 100 entries", g.deaf_to_parameter("size", LIST)),
    Defect(
        "entry-twice-at-the-border", Kind.PAGING, "The last entry of a page is also the first of the next", border_twice
    ),
    Defect("never-last", Kind.PAGING, "No page is the last one", p.values("/pagingDto/last", lambda _: False, LIST)),
    Defect("oldest-first", Kind.PAGING, "Entries are oldest first", p.values(ITEMS, lambda some: some[::-1], LIST)),
    Defect(
        "largest-page-fails",
        Kind.PAGING,
        "A page of 100 makes the server fail",
        g.failing(lambda asked, memory: asked.parameter("size") == "100", LIST),
    ),
    # Filters
    Defect("status-ignored", Kind.FILTERS, "The status filter is not looked at", g.deaf_to_parameter("status", LIST)),
    Defect(
        "status-inverted",
        Kind.FILTERS,
        "status=true lists what was not issued",
        g.reading_parameter("status", lambda said: {"true": "false", "false": "true"}.get(said, said), LIST),
    ),
    Defect("reward-ignored", Kind.FILTERS, "The reward filter is not looked at", g.deaf_to_parameter("rewardId", LIST)),
    Defect(
        "first-type-only",
        Kind.FILTERS,
        "Only the first of several redemption types counts",
        g.reading_parameter("redemptionType", lambda said: said.split(",")[0], LIST),
    ),
    Defect(
        "one-filter-only", Kind.FILTERS, "Only the first of several filters holds", g.requests(joined_filters, LIST)
    ),
    Defect(
        "references-always",
        Kind.FILTERS,
        "Points references are not filtered by",
        g.deaf_to_parameter("pointsRefIds", LIST),
    ),
    # Tenancy
    Defect("of-any-customer", Kind.TENANCY, "A transaction is found under another customer", of_any_customer),
    Defect("list-of-everybody", Kind.TENANCY, "A list shows another customer's issuals", list_of_everybody),
    # Auth
    Defect("token-for-ever", Kind.AUTH, "A token is good for ever", tokens_for_ever),
    Defect(
        "read-without-credentials",
        Kind.AUTH,
        "A list can be read without credentials",
        p.opened(CREDENTIALS, LIST, when=lambda asked: not asked.header("authorization") and not asked.header(OAUTH)),
    ),
    Defect(
        "any-password",
        Kind.AUTH,
        "The password is not checked",
        p.opened(CREDENTIALS, GET, when=lambda asked: asked.header("authorization").startswith("Basic ")),
    ),
    Defect("group-ignored", Kind.AUTH, "The access group is not checked", p.opened(CREDENTIALS, status="403")),
    Defect(
        "any-secret",
        Kind.AUTH,
        "The secret is not checked",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                200, {"data": {"accessToken": "test-token", "ttlSeconds": 300}, "errors": None}
            ),
            TOKEN,
            status="401",
        ),
    ),
    Defect("one-token-for-all", Kind.AUTH, "Each call gives the same token", one_token_for_all),
    Defect(
        "token-opens-nothing",
        Kind.AUTH,
        "A new token is not known yet",
        p.values("/data/accessToken", lambda token: token[::-1], TOKEN),
    ),
    # Limits
    Defect(
        "long-key-refused",
        Kind.LIMITS,
        "A requestId of more than 255 characters is refused",
        g.answers(
            lambda asked, answer, memory: refused(400, "requestId is too long"),
            ISSUE,
            when=lambda asked: len(key_of(asked)) > 255,
        ),
    ),
    Defect(
        "quantity-fails",
        Kind.LIMITS,
        "A quantity with a fraction makes the server fail",
        g.failing(lambda asked, memory: isinstance(asked.fields.get("quantity"), float), ISSUE),
    ),
    Defect("eleventh-reference-taken", Kind.LIMITS, "More than ten points references are cut off", references_cut_off),
    # Leaks
    Defect(
        "id-repeats", Kind.LEAKS, "The fifth transaction has the id of the first", p.same_id("/transactionId", 4, ISSUE)
    ),
    Defect("list-is-behind", Kind.LEAKS, "A list does not show what was issued just before", forgotten_by_the_list),
    Defect("one-in-forty-fails", Kind.LEAKS, "One request in forty meets an instance that is down", g.hiccup(40)),
    Defect("worn-out", Kind.LEAKS, "After 30 requests every one fails until the restart", g.worn_out(30)),
)
