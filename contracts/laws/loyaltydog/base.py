"""What the laws of LoyaltyDog share: requests, and issuances that are driven to an end."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.jobs import Driver, JobKind, drivers
from contracts.laws.law import Laws
from contracts.laws.snapshots import Snapshot
from contracts.target.exchange import Exchange

LOGIN, ISSUE, DOWNLOAD = "loginForAccessToken", "issueMultipleGiftCards", "downloadCardsCsv"
POLL = "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get"
KEY = "idempotency-key"
UNKNOWN = "000000000000000000000000"
NO_TASK = "00000000-0000-4000-8000-00000000abcd"
THRESHOLD = 50
DAY, HOUR = 86400, 3600


def bodies(context: Context) -> st.SearchStrategy[Any]:
    """Bodies that become a task: more cards than are issued at once, by count or for recipients."""
    many = st.integers(THRESHOLD + 1, THRESHOLD + 70)
    return st.builds(by_count, many) | st.builds(lambda count: for_recipients(known(context, count)), many)


def by_count(count: int, **changes: Any) -> dict[str, Any]:
    """A request for so many cards."""
    return {"initialValue": 25, "count": count, **changes}


def for_recipients(emails: list[str], **changes: Any) -> dict[str, Any]:
    """A request for a card for each of these recipients."""
    return {"initialValue": 25, "recipients": [{"customerEmail": email} for email in emails], **changes}


def known(context: Context, count: int) -> list[str]:
    """So many recipients that can be reached, over and over the same where the target names few."""
    emails = context.data.get("reachable") or ["jane.smith@example.com"]
    return [emails[number % len(emails)] for number in range(count)]


LAWS = Laws(jobs={"BulkIssuanceTaskStatus": JobKind(ISSUE, bodies)})


def driver_of(context: Context) -> Driver:
    """Drives issuance tasks in an untouched session."""
    return drivers(context, LAWS.jobs)[0].renewed()


def issue(context: Context, body: dict[str, Any], key: str | None = None, program: str = "") -> Exchange:
    """Issue cards; the key is sent when there is one."""
    path = {"programId": program} if program else None
    return context.call(ISSUE, path=path, body=body, headers={} if key is None else {KEY: key})


def issued(context: Context, body: dict[str, Any]) -> Exchange:
    """Cards that are issued at once; anything else breaks the law."""
    exchange = issue(context, body)
    context.expect(exchange.status == 201, f"{exchange.status} instead of cards", exchange, promise="L55")
    return exchange


def finished(driver: Driver, body: dict[str, Any]) -> tuple[Exchange, list[Snapshot]]:
    """A task that has come to rest, with every look at it."""
    submitted, job = driver.submit(body)
    driver.context.expect(job is not None, f"{submitted.status} instead of a task", submitted, promise="L56")
    assert job is not None
    return submitted, driver.until_rest(submitted, job)


def outcome(driver: Driver, body: dict[str, Any], count: int) -> tuple[dict[str, Any], Exchange]:
    """What became of an issuance of so many cards, at once or by a task, and the answer that says so."""
    if count <= THRESHOLD:
        exchange = issued(driver.context, body)
        return exchange.json, exchange
    _, seen = finished(driver, body)
    return dict(seen[-1].value), seen[-1].exchange


def refused(context: Context, exchange: Exchange, wanted: int, promise: str) -> None:
    """An answer is this refusal."""
    context.expect(exchange.status == wanted, f"{exchange.status}, not {wanted}", exchange, promise=promise)
