"""Files: behind a signed address, with the codes that the promotion held."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.laws.context import Context
from contracts.laws.elastic_path.base import (
    CODES,
    FILE,
    LAWS,
    driver_of,
    exporting,
    finished,
    generation,
    parameters,
    promotion,
    refused,
    started,
    until,
    whole,
)
from contracts.laws.elastic_path.jobs import _cancelled
from contracts.laws.jobs import Driver
from contracts.target.exchange import Exchange, Request


def address_of(driver: Driver, job: str) -> tuple[Exchange, str]:
    """The signed address of a job's file; a refusal breaks the law."""
    own = driver.context
    exchange = own.call(FILE, path={**promotion(own), "jobID": job})
    own.expect(exchange.status == 200, f"the file of a completed export is {exchange.status}", exchange, promise="E117")
    return exchange, str(exchange.json["href"])


def download(context: Context, href: str) -> Exchange:
    """Follow a signed address as it is, without a token."""
    return context.send(Request("GET", href, {"Accept": "text/csv, application/json"}))


def rows_of(exchange: Exchange) -> list[dict[str, str]]:
    """The lines of a file by column."""
    return list(csv.DictReader(io.StringIO(exchange.response.body.decode())))


@LAWS.law("E163", needs=("promotionID",))
def a_file_has_the_codes_of_the_list(context: Context) -> None:
    """The file of an export has the codes that the list had when it ran, and keeps them when more are made."""

    def examine(wanted: dict[str, Any]) -> None:
        driver = driver_of(context)
        own = driver.context
        finished(driver, generation(wanted))
        codes = whole(own, CODES)
        _, seen = finished(driver, exporting())
        asked, href = address_of(driver, seen[-1].id)
        got = download(own, href)
        own.expect(got.status == 200, f"the signed address is {got.status}", asked, got, promise="E125")
        fields = ("code", "uses", "max_uses", "consume_unit", "user", "created_by")
        listed = [{name: str(code.get(name, "")) for name in fields} for code in codes]
        rows = rows_of(got)
        own.expect(rows == listed, f"{len(rows)} lines, {len(listed)} codes, or others", asked, got, promise="E124")
        finished(driver, generation())
        later = download(own, address_of(driver, seen[-1].id)[1])
        own.expect(rows_of(later) == rows, "the file has changed", got, later)

    context.search(parameters(), examine, examples=4 if context.control else 1)


@LAWS.law("E119", needs=("promotionID",))
def only_a_completed_export_has_a_file(context: Context) -> None:
    """An export that is not completed, and a generation at any time, has no file; the detail names the status."""
    for body, has in ((exporting(), True), (generation(), False)):
        driver = driver_of(context)
        own = driver.context
        submitted, job = started(driver, body)
        path = {**promotion(own), "jobID": job.id}
        if own.clock.controlled:
            for state in ("pending", "processing"):
                until(driver, submitted, job, state)
                _no_file(own, own.call(FILE, path=path), state)
        last = driver.until_rest(submitted, job)[-1]
        if not has:
            _no_file(own, own.call(FILE, path=path), last.state)
    own = context.fresh()
    job_id = _cancelled(own, promotion(own), exporting())
    if own.clock.controlled:
        _no_file(own, own.call(FILE, path={**promotion(own), "jobID": job_id}), "cancelled")


def _no_file(context: Context, exchange: Exchange, state: str) -> None:
    detail = f"Job has no file to download. Job status: {state}"
    refused(context, exchange, 422, "E119", status="422", detail=detail)


@LAWS.law("E126", needs=("promotionID",))
def a_signature_opens_one_file_for_a_while(context: Context) -> None:
    """A changed signature, a later expiry, another job's address and an expired one are 403."""
    driver = driver_of(context)
    own = driver.context
    _, seen = finished(driver, exporting())
    _, others = finished(driver, exporting())
    asked, href = address_of(driver, seen[-1].id)
    expires = int(parse_qs(urlsplit(href).query)["Expires"][0])
    for broken in (
        re.sub("Signature=[^&]+", "Signature=abc", href),
        href.replace(f"Expires={expires}", f"Expires={expires + 1}"),
        href.replace(seen[-1].id, others[-1].id),
    ):
        got = download(own, broken)
        own.expect(got.status == 403 or broken == href, f"a forged address is {got.status}", asked, got)
    if own.clock.controlled:
        created = seen[0].instant("created")
        assert created is not None
        own.clock.wait(max(1.0, expires - created.timestamp() + 1 - own.clock.now()))
        late = download(own, href)
        own.expect(late.status == 403, f"an expired address is {late.status}", asked, late)
