"""Tasks: what a failure says, and which task is which."""

from __future__ import annotations

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import (
    DOWNLOAD,
    HOUR,
    LAWS,
    POLL,
    THRESHOLD,
    UNKNOWN,
    by_count,
    driver_of,
    finished,
    for_recipients,
    issue,
    issued,
    refused,
)


@LAWS.law("L100", needs=("programId", "unreachable"))
def nothing_issued_is_a_failure(context: Context) -> None:
    """A task none of whose cards could be issued is failed; at once, the answer has no cards and no CSV."""
    driver = driver_of(context)
    own = driver.context
    nobody = [str(context.data["unreachable"][0])]
    _, seen = finished(driver, for_recipients(nobody * 51))
    last = seen[-1]
    own.expect(last.state == "failed", f"the task is {last.state}", last.exchange)
    failed = last.value["failedCount"]
    own.expect(failed == 51, f"{failed} of 51 have failed", last.exchange, promise="L20")
    exchange = issued(own, for_recipients(nobody * 3))
    wanted = {"issuedCount": 0, "cards": [], "csvDownloadUrl": None, "failedCount": 3}
    own.expect(exchange.json == wanted, "it is not the answer that nothing was issued", exchange)


@LAWS.law("L21", needs=("programId", "failing_template"))
def a_failed_task_says_why(context: Context) -> None:
    """A task that failed as a whole counts every card as failed, has an error, and no CSV."""
    driver = driver_of(context)
    own = driver.context
    _, seen = finished(driver, by_count(60, designTemplate=str(context.data["failing_template"])))
    last = seen[-1]
    own.expect(last.state == "failed", f"the task is {last.state}", last.exchange)
    failed = last.value["failedCount"]
    own.expect(failed == 60, f"{failed} of 60 have failed", last.exchange, promise="L20")
    refused(own, own.call(DOWNLOAD, path={"taskId": last.id}), 409, "L99")


@LAWS.law("L5", needs=("programId",))
def many_tasks_stay_apart(context: Context) -> None:
    """Tasks have ids of their own, and each is still there with its own cards."""
    own = context.fresh()
    counts = [THRESHOLD + 1 + number for number in range(20 if own.control else 3)]
    answers = [issue(own, by_count(count)) for count in counts]
    for answer in answers:
        own.expect(answer.status == 202, f"{answer.status} instead of a task", answer, promise="L56")
    ids = [answer.json["taskId"] for answer in answers]
    own.expect(len(set(ids)) == len(ids), "two tasks have one id", *answers)
    if own.clock.controlled:
        own.clock.wait(HOUR)
        for count, task in zip(counts, ids, strict=True):
            seen = own.call(POLL, path={"taskId": task})
            value = seen.json
            own.expect(value["taskId"] == task, "another task is shown", seen)
            own.expect(value["issuedCount"] == count, f"{value['issuedCount']} cards of {count}", seen, promise="L26")


@LAWS.law("L12", needs=("programId", "taskId"), writes=False)
def card_and_cash_register_change_nothing(context: Context) -> None:
    """cardId and the X-Eposn-* headers have no effect on polling, nor on whose program it is."""
    plain = context.call(POLL)
    eposn = {"X-Eposn-Customer-Token": "customer", "X-Eposn-Merchant-Token": "merchant"}
    for exchange, promise in (
        (context.call(POLL, headers=eposn), "L12"),
        (context.call(POLL, query={"cardId": UNKNOWN}), "L9"),
    ):
        context.expect(exchange.status == plain.status, f"{exchange.status}", plain, exchange, promise=promise)
        context.expect(exchange.json == plain.json, "the task is shown otherwise", plain, exchange, promise=promise)
    refused(context, context.call(POLL, query={"cardId": "card"}), 422, "L10")
    if "foreign_program_id" in context.data:
        foreign = {"programId": context.data["foreign_program_id"]}
        refused(context, context.call(POLL, path=foreign, headers=eposn), 403, "L12")
