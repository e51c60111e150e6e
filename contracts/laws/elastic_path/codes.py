"""Codes: as many as were asked for, in the form that was asked for, and no more than a promotion holds."""

from __future__ import annotations

import re
from typing import Any

from contracts.laws.context import Context
from contracts.laws.elastic_path.base import (
    CODES,
    CREATE,
    LAWS,
    driver_of,
    finished,
    generation,
    parameters,
    promotion,
    refused,
    started,
    whole,
)
from contracts.target.exchange import Exchange

# How many codes a promotion holds (E74).
LIMIT = 1000


@LAWS.law("E105", needs=("promotionID",))
def a_generation_makes_its_codes(context: Context) -> None:
    """A completed generation has added as many codes as it was asked for, in the form it was asked for."""

    def examine(wanted: dict[str, Any]) -> None:
        driver = driver_of(context)
        own = driver.context
        before = whole(own, CODES)
        submitted, seen = finished(driver, generation(wanted))
        last = seen[-1]
        if last.state != "completed":
            return
        made, count = last.value["result"]["generated"], wanted["number_of_codes"]
        own.expect(made == count, f"{made} of {count} are generated", submitted, last.exchange, promise="E20")
        page = own.call(CODES)
        after = whole(own, CODES)
        texts = [code["code"] for code in after]
        added = len(after) - len(before)
        own.expect(added == count, f"{count} codes asked for, {added} added", submitted, last.exchange, page)
        own.expect(after[: len(before)] == before, "older codes are others", submitted, page, promise="E132")
        own.expect(len(set(texts)) == len(texts), "two codes are equal", submitted, page, promise="E164")
        for code in after[len(before) :]:
            _in_form(own, code, wanted, (submitted, page))

    # Everything that can be said, which a few draws may never say.
    examine(
        {
            "number_of_codes": 2,
            "consume_unit": "per_item",
            "max_uses_per_code": 1,
            "code_length": 10,
            "code_prefix": "summer",
        }
    )
    context.search(parameters(), examine)


def _in_form(context: Context, code: dict[str, Any], wanted: dict[str, Any], shown: tuple[Exchange, ...]) -> None:
    prefix, length = wanted.get("code_prefix", ""), wanted.get("code_length", 8)
    text, head = code["code"], prefix if not prefix or prefix.endswith("-") else f"{prefix}-"
    context.expect(text.startswith(head), f"{text} does not begin with {head}", *shown, promise="E80")
    groups = text[len(head) :].split("-")
    letters = "".join(groups)
    context.expect(len(letters) == length, f"{text} has {len(letters)} letters", *shown, promise="E83")
    even = all(len(group) == 4 for group in groups[:-1]) and 1 <= len(groups[-1]) <= 4
    context.expect(even, f"{text} is not grouped by four", *shown, promise="E84")
    context.expect(re.fullmatch("[a-z0-9]+", letters), f"{text} has other letters", *shown, promise="E86")
    limit = wanted.get("max_uses_per_code")
    uses = (code.get("uses"), code.get("max_uses"))
    context.expect(uses == (limit, limit), f"{uses} uses, {limit} asked for", *shown, promise="E129")
    unit = code.get("consume_unit", "per_cart")
    context.expect(unit == wanted.get("consume_unit", "per_cart"), f"the unit is {unit}", *shown, promise="E130")


@LAWS.law("E161", needs=("promotionID",))
def codes_show_as_they_are_generated(context: Context) -> None:
    """While a generation runs the list of codes only grows, never beyond what was asked for."""
    driver = driver_of(context)
    own = driver.context
    before, known = len(whole(own, CODES)), 0
    submitted, job = started(driver, generation({"number_of_codes": 40}))
    while not driver.lifecycle.at_rest(job.state):
        exchange, after = driver.read(submitted, job)
        own.expect(after is not None, "the job is no longer there", submitted, exchange)
        assert after is not None
        job = after
        page = own.call(CODES)
        count = page.json["meta"]["results"]["total"] - before
        words = f"{count} new codes after {known} while the job is {job.state}"
        own.expect(known <= count <= 40, words, submitted, job.exchange, page)
        own.expect(job.state != "pending" or count == 0, words, submitted, job.exchange, page)
        known = count
        own.clock.wait(0.5)


@LAWS.law("E74", needs=("empty_promotion_id",))
def a_thousand_codes_and_no_more(context: Context) -> None:
    """1,000 codes are accepted and made, 1,001 are refused as too many."""
    driver = driver_of(context)
    own = driver.context
    path = promotion(own, "empty_promotion_id")
    held = len(whole(own, CODES, path))
    many = own.call(CREATE, path=path, body=generation({"number_of_codes": 1001}))
    said = {"title": "Too many promotion codes", "source": "data.parameters.number_of_codes", "status": 400}
    refused(own, many, 400, "E75", **said)
    if held:
        return  # of a thousand more it would be too full
    submitted = own.call(CREATE, path=path, body=generation({"number_of_codes": 1000}))
    job = driver.seen(submitted)
    own.expect(job is not None, f"1,000 codes get {submitted.status}", submitted)
    assert job is not None
    last = driver.until_rest(submitted, job)[-1]
    own.expect(last.state == "completed", f"1,000 codes are {last.state}", submitted, last.exchange)
    codes = whole(own, CODES, path)
    own.expect(len({code["code"] for code in codes}) == 1000, f"{len(codes)} codes", submitted, last.exchange)


@LAWS.law("E103", needs=("empty_promotion_id",))
def what_goes_beyond_the_limit_fails(context: Context) -> None:
    """A generation that would pass the limit of the promotion is accepted, fails, and adds nothing."""
    driver = driver_of(context)
    own = driver.context
    path = promotion(own, "empty_promotion_id")
    held = len(whole(own, CODES, path))
    # Without a session of its own it holds what other laws have made.
    some = (LIMIT - held) * 3 // 5
    rest = LIMIT - held - some
    steps = ((some, "completed"), (rest + 1, "failed"), (rest, "completed"), (1, "failed"))
    for count, state in ((count, state) for count, state in steps if count):
        submitted = own.call(CREATE, path=path, body=generation({"number_of_codes": count}))
        job = driver.seen(submitted)
        own.expect(job is not None, f"{count} more get {submitted.status}", submitted, promise="E101")
        assert job is not None
        last = driver.until_rest(submitted, job)[-1]
        words = f"{count} codes beside {held} are {last.state}, not {state}"
        own.expect(last.state == state, words, submitted, last.exchange)
        held += count if state == "completed" else 0
        page = own.call(CODES, path=path)
        total = page.json["meta"]["results"]["total"]
        words = f"the promotion holds {total} codes, not {held}"
        own.expect(total == held, words, submitted, last.exchange, page, promise="E104")


@LAWS.law("E102", needs=("full_promotion_id",))
def a_full_promotion_says_so(context: Context) -> None:
    """A generation for a full promotion fails with the documented error."""
    driver = driver_of(context)
    own = driver.context
    submitted = own.call(CREATE, path=promotion(own, "full_promotion_id"), body=generation({"number_of_codes": 1}))
    job = driver.seen(submitted)
    own.expect(job is not None, f"{submitted.status} instead of a job", submitted, promise="E101")
    assert job is not None
    last = driver.until_rest(submitted, job)[-1]
    said = last.value.get("error")
    own.expect(last.state == "failed", f"the job is {last.state}", submitted, last.exchange, promise="E101")
    own.expect(said == "codes limit exceeded", f"the error is {said!r}", submitted, last.exchange)
