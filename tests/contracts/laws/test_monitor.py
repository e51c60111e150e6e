"""Two looks at a job: what the life cycle of Thanx forbids is said, what it allows is not."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.laws.monitor import CHECKS, Monitor
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject

SUBJECT = load_subject("thanx")
EXAMPLES = SUBJECT.contract.library.root["components"]["examples"]
(LIFECYCLE,) = SUBJECT.contract.lifecycles.values()


EMPTY = {"success_count": 1, "failure_count": 1, "failures": []}


def job(state: str, **changes: Any) -> dict[str, Any]:
    """The contract's own example of a state, with changes."""
    return {**EXAMPLES[state]["value"]["issuance_job"], **changes}


def look(number: int, value: dict[str, Any], operation: str = "getIssuanceJob", session: str = "") -> Exchange:
    method, status = ("GET", 200) if operation == "getIssuanceJob" else ("POST", 202)
    body = orjson.dumps({"issuance_job": value})
    request = Request(method, "http://target.test/", {})
    return Exchange(number, request, Response(status, {}, body), operation, session=session)


def wrong(*exchanges: Exchange) -> list[str]:
    monitor = Monitor(SUBJECT, 0)
    for exchange in exchanges:
        monitor(exchange)
    return [breach.check for breach in monitor.breaches]


def test_the_printed_life_of_a_job_is_sound() -> None:
    states = ["pending", "processing", "completed", "revoking", "revoked"]
    looks = [look(number, job(state)) for number, state in enumerate(states, 1)]
    assert wrong(look(0, job("pending"), "issueRewards"), *looks) == []


@given(st.sampled_from(LIFECYCLE.states), st.sampled_from(LIFECYCLE.states))
def test_a_state_follows_another_exactly_where_arrows_lead(before: str, after: str) -> None:
    found = wrong(look(1, job(before)), look(2, job(after)))
    assert ("lifecycle.arrows" in found) == (after not in LIFECYCLE.reachable(before))


@pytest.mark.parametrize(
    ("check", "exchanges"),
    [
        ("lifecycle.initial", [look(1, job("processing"), "issueRewards")]),
        ("lifecycle.counts", [look(1, job("processing", success_count=0))]),
        ("lifecycle.counts", [look(1, job("processing", progress_percent=80))]),
        ("lifecycle.counts", [look(1, job("completed", success_count=2, failure_count=0))]),
        ("lifecycle.counts", [look(1, job("processing", processed_count=3, success_count=3, progress_percent=100))]),
        (
            "lifecycle.counts",
            [
                look(1, job("processing")),
                look(2, job("processing", processed_count=0, success_count=0, progress_percent=0)),
            ],
        ),
        ("lifecycle.identity", [look(1, job("pending")), look(2, job("pending", total_count=3))]),
        ("lifecycle.instants", [look(1, job("processing", started_at="2025-06-15T10:29:00Z"))]),
        ("lifecycle.instants", [look(1, job("pending")), look(2, job("pending", created_at="2025-06-15T10:30:01Z"))]),
        ("lifecycle.failures", [look(1, job("completed", summary=EMPTY))]),
        ("lifecycle.rest", [look(1, job("completed")), look(2, job("completed", variant_id="var_other"))]),
    ],
)
def test_what_is_forbidden_is_said(check: str, exchanges: list[Exchange]) -> None:
    assert check in CHECKS
    assert check in wrong(*exchanges)


def test_a_finding_names_the_arrow_and_the_line_of_what_is_promised() -> None:
    monitor = Monitor(SUBJECT, 0)
    for exchange in (
        look(1, job("completed")),
        look(2, job("processing")),
        look(3, job("pending", progress_percent=9)),
    ):
        monitor(exchange)
    arrow, *others = monitor.breaches
    assert arrow.message == "completed -> processing: no arrow of the life cycle leads there"
    pointers = {SUBJECT.location(breach.promise).pointer for breach in (arrow, *others)}
    assert {pointer.partition("x-lifecycle/")[2] for pointer in pointers} == {"transitions", "counts/percent"}


def test_an_answer_from_an_idempotency_key_is_no_step_back() -> None:
    again = look(3, job("pending"), "issueRewards")
    assert wrong(look(1, job("pending"), "issueRewards"), look(2, job("completed")), again) == []


def test_equal_ids_in_different_sessions_are_different_jobs() -> None:
    assert wrong(look(1, job("completed"), session="a"), look(2, job("pending"), session="b")) == []


def test_what_was_seen_is_counted() -> None:
    monitor = Monitor(SUBJECT, 0)
    for number, state in enumerate(["pending", "processing", "completed"]):
        monitor(look(number, job(state)))
    assert monitor.states == {LIFECYCLE.address: {"pending", "processing", "completed"}}
    assert monitor.arrows == {LIFECYCLE.address: {("pending", "processing"), ("processing", "completed")}}
