"""Files: the cards as CSV, behind a signed address or a token."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import (
    DOWNLOAD,
    LAWS,
    NO_TASK,
    POLL,
    by_count,
    driver_of,
    finished,
    for_recipients,
    issue,
    issued,
    known,
    outcome,
    refused,
)
from contracts.target.exchange import Exchange, Request


def download(context: Context, address: str, token: str | None = None) -> Exchange:
    """Follow the address of a CSV as it is."""
    headers = {"Accept": "text/csv, application/json"}
    return context.send(Request("GET", address, {**headers, **(context.client.headers(token, context.base))}))


def rows_of(exchange: Exchange) -> list[dict[str, str]]:
    """The lines of a file by column."""
    return list(csv.DictReader(io.StringIO(exchange.response.body.decode(), newline="")))


@LAWS.law("L97", needs=("programId",))
def a_file_has_the_cards_of_the_answer(context: Context) -> None:
    """The CSV has the cards of the answer, with their value and expiry, by its address or with a token."""

    def examine(asked: tuple[int, Any, str | None]) -> None:
        count, value, expires = asked
        said = {} if expires is None else {"expiresAt": expires}
        driver = driver_of(context)
        own = driver.context
        answer, shown = outcome(driver, by_count(count, initialValue=value, **said), count)
        address = answer["csvDownloadUrl"]
        own.expect(address is not None, "there is no address of a CSV", shown, promise="L62")
        got = download(own, address)
        own.expect(got.status == 200, f"the address of the CSV is {got.status}", shown, got, promise="L94")
        rows = rows_of(got)
        columns = ("id", "cardNumber", "lastFourDigits")
        cards = [{name: row[name] for name in columns} for row in rows]
        own.expect(cards == answer["cards"], f"{len(rows)} lines are not the {count} cards", shown, got)
        for row in rows:
            same = Decimal(row["initialValue"]) == Decimal(str(value))
            own.expect(same, f"the value is {row['initialValue']}, not {value}", shown, got)
            _expires(own, row["expiresAt"], expires, answer.get("completedAt"), (shown, got))
        tokened = own.call(DOWNLOAD, path={"taskId": _id_of(address)})
        same = tokened.response.body == got.response.body
        own.expect(same, "with a token it is another file", got, tokened, promise="L95")

    values = st.sampled_from([25, 0.01, "10000", "12.345"])
    expiries = st.sampled_from([None, "2031-05-01T00:00:00Z"])
    context.search(st.tuples(st.sampled_from([1, 50, 51]), values, expiries), examine)


def _expires(
    context: Context, shown: str, said: str | None, issued_at: str | None, evidence: tuple[Exchange, ...]
) -> None:
    found = datetime.fromisoformat(shown)
    if said is not None:
        wanted = datetime.fromisoformat(said)
        context.expect(found == wanted, f"it expires {shown}, not {said}", *evidence, promise="L48")
    elif issued_at is not None:
        after = found - datetime.fromisoformat(issued_at)
        words = f"a card of {issued_at} expires {shown}"
        context.expect(abs(after - timedelta(days=365)) < timedelta(minutes=1), words, *evidence, promise="L48")


def _id_of(address: str) -> str:
    """The id of an issuance in the address of its CSV."""
    return urlsplit(address).path.split("/")[-2]


@LAWS.law("L99", needs=("programId",))
def only_a_completed_issuance_by_count_has_a_file(context: Context) -> None:
    """The CSV of a task that runs, or that went to recipients, is 409; that of an unknown task is 404."""
    driver = driver_of(context)
    own = driver.context
    running = issue(own, by_count(51))
    path = {"taskId": running.json["taskId"]}
    if own.clock.controlled:
        refused(own, own.call(DOWNLOAD, path=path), 409, "L99")
    submitted, seen = finished(driver, for_recipients(known(context, 51)))
    sent = own.call(DOWNLOAD, path={"taskId": submitted.json["taskId"]})
    refused(own, sent, 409, "L99")
    own.expect(seen[-1].value["csvDownloadUrl"] is None, "there is an address", seen[-1].exchange, promise="L63")
    refused(own, own.call(DOWNLOAD, path={"taskId": NO_TASK}), 404, "L99")


@LAWS.law("L101", needs=("programId",))
def what_was_issued_at_once_is_no_task(context: Context) -> None:
    """Cards issued at once have a CSV under an id of its own, which cannot be polled."""
    own = context.fresh()
    exchange = issued(own, by_count(3))
    address = exchange.json["csvDownloadUrl"]
    own.expect(address is not None, "there is no CSV", exchange, promise="L98")
    refused(own, own.call(POLL, path={"taskId": _id_of(address)}), 404, "L101")


@LAWS.law("L96", needs=("programId",))
def a_signature_opens_one_file(context: Context) -> None:
    """Without a token, a missing, changed or another issuance's signature is 401."""
    own = context.fresh()
    first, second = (issued(own, by_count(2)) for _ in range(2))
    address, other = (str(one.json["csvDownloadUrl"]) for one in (first, second))
    bare = address.partition("?")[0]
    for forged in (bare, f"{bare}?signature=abc", f"{bare}?{urlsplit(other).query}"):
        got = download(own, forged)
        own.expect(got.status == 401, f"a forged address is {got.status}", first, second, got)
    if "other" in own.client.target.credentials:
        got = download(own, bare, "other")
        own.expect(got.status == 403, f"another merchant gets {got.status}", first, got, promise="L78")
