"""Idempotency keys: whose they are, and what they promise."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.loyaltydog.base import ISSUE, KEY, LAWS, by_count, driver_of, for_recipients, issue
from contracts.laws.snapshots import Snapshot
from contracts.target.exchange import Exchange


@LAWS.law("L74", needs=("programId",))
def same_key_and_body_get_the_first_answer(context: Context) -> None:
    """The same key and body get the first status and body, at once and for a task; another key issues anew."""

    def examine(asked: tuple[str, int]) -> None:
        own = context.fresh()
        key, count = f"{asked[0]}-{context.seed}", asked[1]
        first, again = issue(own, by_count(count), key), issue(own, by_count(count), key)
        own.expect(first.status == again.status, f"{first.status}, then {again.status}", first, again)
        own.expect(first.json == again.json, "the second answer differs from the first", first, again)
        other = issue(own, by_count(count), f"{key}-other")
        own.expect(other.json != first.json, "another key gets the same answer", first, other)

    keys = st.uuids().map(str) | st.text("abcXYZ019-_.:", min_size=1, max_size=40)
    context.search(st.tuples(keys, st.sampled_from([1, 50, 51])), examine)


@LAWS.law("L74", needs=("programId",))
def a_key_gets_the_first_answer_when_the_task_is_finished(context: Context) -> None:
    """The first answer stays the answer to its key when the task has come to rest."""
    driver = driver_of(context)
    own = driver.context
    key = f"late-{context.seed}"
    first = issue(own, by_count(51), key)
    own.expect(first.status == 202, f"{first.status} instead of a task", first, promise="L56")
    _, job = driver.read(first, Snapshot(driver.lifecycle, first.json, first))
    own.expect(job is not None, "the task cannot be read", first)
    assert job is not None
    driver.until_rest(first, job)
    again = issue(own, by_count(51), key)
    own.expect((again.status, again.json) == (first.status, first.json), "another answer", first, again)


@LAWS.law("L75", needs=("programId",))
def a_key_with_another_body_is_refused(context: Context) -> None:
    """The same key with another body is 409, and the first body keeps its answer."""
    changes: list[dict[str, Any]] = [
        by_count(3),
        by_count(52),
        by_count(2, initialValue=26),
        by_count(2, isPhysical=True),
        by_count(2, designTemplate="birthday"),
        for_recipients(["jane.smith@example.com"] * 2),
    ]
    for number, change in enumerate(changes):
        own = context.fresh()
        key = f"other-{context.seed}-{number}"
        first = issue(own, by_count(2), key)
        second = issue(own, change, key)
        own.expect(second.status == 409, f"another body gets {second.status}", first, second)
        again = issue(own, by_count(2), key)
        own.expect(again.json == first.json, "the first body no longer gets its answer", first, second, again)


@LAWS.law("L40", needs=("programId",))
def one_key_at_the_same_time_issues_once(context: Context) -> None:
    """Requests with the same key and body at the same time issue once."""
    for count in (2, 51):
        own = context.fresh()
        answers = own.together([partial(issue, own, by_count(count), f"together-{context.seed}-{count}")] * 4)
        own.expect(len({answer.response.body for answer in answers}) == 1, "several answers", *answers)


@LAWS.law("L73", needs=("programId", "other_program_id"))
def a_key_belongs_to_its_program(context: Context) -> None:
    """The same key in another program issues there, whatever the body."""
    own = context.fresh()
    for count in (2, 3):
        key = f"program-{context.seed}-{count}"
        first = issue(own, by_count(2), key)
        second = issue(own, by_count(count), key, str(context.data["other_program_id"]))
        own.expect(second.status == 201, f"{second.status} in another program", first, second)
        own.expect(second.json["cards"] != first.json["cards"], "the same cards in two programs", first, second)


@LAWS.law("L103", needs=("programId", "credential:login"))
def a_key_holds_when_the_token_is_renewed(context: Context) -> None:
    """A key belongs to the merchant: with a new token, the same key and body get the first answer."""
    own = context.fresh()
    key = f"renewed-{context.seed}"
    answers = []
    for _ in range(2):
        headers = {KEY: key, "Authorization": f"Bearer {_granted(own).json['accessToken']}"}
        answers.append(own.call(ISSUE, body=by_count(2), headers=headers, credential=None))
        own.clock.wait(1)
    own.expect(answers[0].status == 201, f"{answers[0].status}", *answers)
    own.expect(answers[0].json == answers[1].json, "a new token gets another answer", *answers)


def _granted(context: Context) -> Exchange:
    """A new token for the user whom the target names."""
    login = context.client.target.credentials["login"].login
    assert login is not None
    return context.call(login.operation, form=login.form, credential=None)
