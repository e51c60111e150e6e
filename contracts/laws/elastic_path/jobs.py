"""Jobs: one at a time for a promotion, each shown as it was sent, cancelled only while it is not finished."""

from __future__ import annotations

import itertools
import re
from functools import partial
from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.elastic_path.base import (
    CANCEL,
    CODES,
    CREATE,
    FILE,
    JOBS,
    LAWS,
    bodies,
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
from contracts.target.exchange import Exchange


@LAWS.law("E17", needs=("promotionID",))
def a_job_shows_what_was_sent(context: Context) -> None:
    """Name, type and parameters are shown as sent, in every status; an export has neither parameters nor result."""

    def examine(body: dict[str, Any]) -> None:
        driver = driver_of(context)
        own = driver.context
        submitted, seen = finished(driver, body)
        for look in seen:
            for name, promise in (("name", "E13"), ("job_type", "E12"), ("parameters", "E17")):
                said, sent = look.value.get(name), body["data"].get(name)
                own.expect(said == sent, f"{name} is {said!r}, not {sent!r}", submitted, look.exchange, promise=promise)
            group, wanted = look.value["promotion_id"], str(own.data["promotionID"])
            own.expect(group == wanted, f"promotion_id is {group}", submitted, look.exchange, promise="E3")
            if body["data"]["job_type"] == "code_export":
                own.expect("result" not in look.value, "an export has a result", look.exchange, promise="E19")

    named = st.builds(lambda name, wanted: generation(wanted, name=name), st.text("abc XYZ", max_size=50), parameters())
    context.search(bodies(context) | named, examine)


@LAWS.law("E33", needs=("promotionID",))
def updated_at_moves_with_the_status(context: Context) -> None:
    """`updated_at` is another instant exactly when the status is another; `created_at` stays."""
    driver = driver_of(context)
    submitted, seen = finished(driver, generation({"number_of_codes": 5}))
    first = seen[0].value["meta"]["timestamps"]
    equal = first["created_at"] == first["updated_at"]
    driver.context.expect(equal, "a new job was updated already", submitted, promise="E90")
    for before, after in itertools.pairwise(seen):
        evidence = (submitted, before.exchange, after.exchange)
        created = before.instant("created"), after.instant("created")
        same = created[0] and created[1] and abs((created[0] - created[1]).total_seconds()) < 0.001
        driver.context.expect(same, "created_at has moved", *evidence)
        moved = before.instant("updated") != after.instant("updated")
        if before is not seen[0]:  # the answer to the creation is more precise than the list
            words = f"{before.state}, then {after.state}: updated_at has {'' if moved else 'not '}moved"
            driver.context.expect(moved == (before.state != after.state), words, *evidence)


@LAWS.law("E29", needs=("promotionID",))
def lists_have_milliseconds(context: Context) -> None:
    """A list and a cancellation tell instants to the millisecond, a creation to the nanosecond."""
    driver = driver_of(context)
    own = driver.context
    submitted, job = started(driver, exporting())
    cancelled = own.call(CANCEL, path={**promotion(own), "jobID": job.id})
    listed, _ = driver.read(submitted, job)
    for exchange, digits, promise in ((submitted, 9, "E30"), (cancelled, 3, "E32"), (listed, 3, "E29")):
        for instant in re.findall(rb'_at": ?"([^"]*)"', exchange.response.body):
            found = instant.decode()
            wanted = re.fullmatch(rf"[^.]+\.\d{{{digits}}}Z", found)
            own.expect(wanted, f"{found} has not {digits} digits", exchange, promise=promise)


@LAWS.law("E97", needs=("promotionID",))
def a_promotion_has_one_job_at_a_time(context: Context) -> None:
    """A second job is refused while one is pending or processing, accepted once it is at rest."""
    driver = driver_of(context)
    own = driver.context
    submitted, job = started(driver, generation())
    for state in ("pending", "processing"):
        look = until(driver, submitted, job, state)
        if look is not None and own.clock.controlled:
            second = own.call(CREATE, body=exporting())
            refused(own, second, 400, "E99", title="Too many jobs", status="400")
    driver.until_rest(submitted, job)
    later, _ = started(driver, exporting())
    own.expect(later.status == 201, f"the next job is {later.status}", submitted, later)


@LAWS.law("E97", needs=("promotionID",))
def one_of_many_at_the_same_time(context: Context) -> None:
    """Of several jobs created at the same time, one is accepted."""
    for _ in range(2):
        driver = driver_of(context)
        own = driver.context
        answers = own.together([partial(own.call, CREATE, body=exporting())] * 4)
        accepted = [one for one in answers if one.status == 201]
        own.expect(len(accepted) == 1, f"{len(accepted)} of four are accepted", *answers)
        job = driver.seen(accepted[0])
        assert job is not None
        driver.until_rest(accepted[0], job)


@LAWS.law("E97", needs=("promotionID", "other_promotion_id"))
def promotions_are_independent(context: Context) -> None:
    """A job of one promotion neither blocks another promotion nor shows there, by list, cancellation or file."""
    driver = driver_of(context)
    own = driver.context
    submitted, job = started(driver, generation())
    other = promotion(own, "other_promotion_id")
    second = own.call(CREATE, path=other, body=exporting())
    own.expect(second.status == 201, f"another promotion gets {second.status}", submitted, second)
    listed = own.call(JOBS, path=other)
    ids = [one["id"] for one in listed.json["data"]]
    own.expect(job.id not in ids, "another promotion lists the job", submitted, listed, promise="E1")
    for operation in (CANCEL, FILE):
        exchange = own.call(operation, path={**other, "jobID": job.id})
        refused(own, exchange, 404, "E154", detail="job not found")


@LAWS.law("E34", needs=("promotionID",))
def many_jobs_stay_apart(context: Context) -> None:
    """Jobs, even of equal requests, have ids of their own, are all listed, and the newest comes first."""
    own = driver_of(context).context
    path = promotion(own)
    ids = [_cancelled(own, path, exporting()) for _ in range(30 if own.control else 4)]
    own.expect(len(set(ids)) == len(ids), "two jobs have one id", own.call(JOBS), promise="E93")
    page = own.call(JOBS)
    listed = [job["id"] for job in whole(own, JOBS)]
    own.expect(listed[: len(ids)] == ids[::-1], "the list is not newest first", page)
    own.expect(len(set(listed)) == len(listed), "a job is listed twice", page)


def _cancelled(context: Context, path: dict[str, Any], body: dict[str, Any]) -> str:
    """The id of a new job that was cancelled at once, so that another can follow it."""
    created = context.call(CREATE, path=path, body=body)
    context.expect(created.status == 201, f"{created.status} instead of a job", created)
    job = str(created.json["data"]["id"])
    cancelled = context.call(CANCEL, path={**path, "jobID": job})
    context.expect(cancelled.status == 200, f"cancelling it is {cancelled.status}", created, cancelled, promise="E106")
    return job


@LAWS.law("E110", needs=("promotionID",))
def a_pending_job_is_cancelled_at_once(context: Context) -> None:
    """Cancelling a pending job leaves it cancelled without a code, with each form of the body; not a second time."""
    forms: tuple[Any, ...] = ({}, {"data": {}}, None)
    for body in forms:
        driver = driver_of(context)
        own = driver.context
        before = len(whole(own, CODES))
        submitted, job = started(driver, generation())
        path = {**promotion(own), "jobID": job.id}
        cancelled = own.call(CANCEL, path=path, body=body)
        own.expect(cancelled.status == 200, f"{cancelled.status}", submitted, cancelled, promise="E107")
        now = driver.seen(cancelled)
        if own.clock.controlled:
            own.expect(now and now.state == "cancelled", "it is not cancelled", submitted, cancelled)
        again = own.call(CANCEL, path=path)
        _not_cancellable(own, again)
        page = own.call(CODES)
        total = page.json["meta"]["results"]["total"]
        own.expect(total == before, f"{total - before} codes are left", submitted, cancelled, page, promise="E112")


@LAWS.law("E112", needs=("promotionID",))
def cancelling_deletes_the_codes(context: Context) -> None:
    """A processing job is cancelling, then cancelled; its codes are deleted, and it says how many those were."""

    def examine(wait: float) -> None:
        driver = driver_of(context)
        own = driver.context
        finished(driver, generation({"number_of_codes": 2}))
        before = whole(own, CODES)
        submitted, job = started(driver, generation({"number_of_codes": 30}))
        if until(driver, submitted, job, "processing") is None:
            return
        own.clock.wait(wait)
        cancelled = own.call(CANCEL, path={**promotion(own), "jobID": job.id})
        now = driver.seen(cancelled)
        if now is None:  # it was finished meanwhile
            _not_cancellable(own, cancelled)
            return
        seen = driver.until_rest(submitted, now)
        last = seen[-1]
        states = [look.state for look in seen]
        own.expect(last.state == "cancelled", f"it is {states}", cancelled, last.exchange, promise="E111")
        own.expect(now.state == "cancelling" or not own.clock.controlled, f"{states}", cancelled, promise="E111")
        result = last.value.get("result")
        gone = result is None or result.get("deleted", 0) == result["generated"]
        own.expect(gone, f"the result is {result}", cancelled, last.exchange, promise="E162")
        page = own.call(CODES)
        own.expect(whole(own, CODES) == before, "the codes are others than before", submitted, cancelled, page)

    context.search(st.sampled_from([0.0, 1.0, 2.5, 4.0]), examine, examples=4 if context.control else 1)


@LAWS.law("E98", needs=("promotionID",))
def a_job_that_is_being_cancelled_blocks_nobody(context: Context) -> None:
    """During `cancelling` a new job is accepted."""
    driver = driver_of(context)
    own = driver.context
    submitted, job = started(driver, generation())
    if until(driver, submitted, job, "processing") is None:
        own.spare("the job was over before it was seen processing")
        return
    cancelled = own.call(CANCEL, path={**promotion(own), "jobID": job.id})
    now = driver.seen(cancelled)
    if now is not None and now.state == "cancelling":
        second = own.call(CREATE, body=exporting())
        own.expect(second.status == 201, f"the next job is {second.status}", submitted, cancelled, second)


@LAWS.law("E115", needs=("promotionID",))
def a_finished_job_is_not_cancelled(context: Context) -> None:
    """A job at rest stays as it is: cancelling it is 422 with the documented title."""
    for body in (generation(), exporting()):
        driver = driver_of(context)
        submitted, seen = finished(driver, body)
        again = driver.context.call(CANCEL, path={**promotion(driver.context), "jobID": seen[-1].id})
        _not_cancellable(driver.context, again)
        exchange, after = driver.read(submitted, seen[-1])
        same = after is not None and after.value == seen[-1].value
        driver.context.expect(same, "the job has changed", seen[-1].exchange, again, exchange)


def _not_cancellable(context: Context, exchange: Exchange) -> None:
    detail = "Only pending or processing jobs can be cancelled"
    refused(context, exchange, 422, "E115", status="422", detail=detail)
