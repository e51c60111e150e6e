"""Findings as they are shown: what is printed, sent to a server broken in the same way, gets the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from contracts.check.plan import Plan
from contracts.check.report import as_report
from contracts.check.reproduction import Showing
from contracts.check.run import check
from contracts.check.trace import Sequences
from contracts.check.verdict import Verdict
from contracts.defects.wrapper import Wrapper
from contracts.reports import render
from contracts.stub import Inside, inside
from contracts.target.breach import Breach
from contracts.target.budget import Budget
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject
from contracts.target.target import Target
from contracts.target.transport import Transport
from openapi.library import Address
from tests.contracts.defects.catalogues import CATALOGUES

POLL = "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get"
PLAN = Plan(seed=3, max_examples=6, deterministic=True)


def broken(provider: str, name: str) -> tuple[Target, Inside]:
    subject = load_subject(provider)
    defect = next(defect for defect in CATALOGUES[provider] if defect.name == name)
    return inside(provider, lambda app: Wrapper(app, subject, defect))


def judged(provider: str, defect: str, law: str, found: str = "") -> tuple[Verdict, Breach]:
    target, wire = broken(provider, defect)
    verdict = check(load_subject(provider), target, replace(PLAN, only=(law,)), wire)
    return verdict, next(finding for finding in verdict.findings if finding.check == (found or law))


@pytest.mark.parametrize(
    ("provider", "defect", "law", "found", "operations"),
    [
        # What the evidence asks for was made by a request, and is written to by another.
        ("thanx", "state-goes-back", "lifecycle.rest", "lifecycle.arrows", {"issueRewards"}),
        # A list is about everything that was written.
        ("capillary", "status-ignored", "filters-are-sound-and-complete", "", {"issueReward"}),
        # A read lags behind by what was read before.
        ("loyaltydog", "stale-polls", "lifecycle.still", "lifecycle.still.BulkIssuanceTaskStatus", {POLL}),
    ],
)
def test_what_is_shown_is_enough(provider: str, defect: str, law: str, found: str, operations: set[str]) -> None:
    verdict, finding = judged(provider, defect, law, found)
    assert finding.seen_again
    assert operations <= {one.operation for one in finding.exchanges}
    transport = Transport(broken(provider, defect)[1], Budget())
    answers = [transport.exchange(one.request) for one in finding.exchanges]
    assert answers[-1].response.body == finding.exchanges[-1].response.body
    assert "sent once more, the same came back" in render(as_report(verdict), "text")


def test_what_came_of_requests_at_the_same_time_is_said_not_to_come_again() -> None:
    verdict, finding = judged("thanx", "key-race", "one-key-at-the-same-time-starts-one-job")
    assert finding.seen_again is False
    assert "sent once more, something else came back" in render(as_report(verdict), "text")


def test_nothing_is_sent_again_to_a_target_without_sessions() -> None:
    target, wire = broken("thanx", "total-pages-one-short")
    plan = replace(PLAN, only=("pages-are-the-list",))
    verdict = check(load_subject("thanx"), replace(target, control=False), plan, wire)
    assert {finding.seen_again for finding in verdict.findings} == {None}
    assert "sent once more" not in render(as_report(verdict), "text")


def test_what_is_sent_again_is_not_judged_or_counted() -> None:
    verdict, finding = judged("thanx", "total-pages-one-short", "pages-are-the-list")
    assert finding.seen_again
    assert finding.times == 1
    again, _ = judged("thanx", "total-pages-one-short", "pages-are-the-list")
    assert (again.requests, again.statuses) == (verdict.requests, verdict.statuses)


def test_only_what_is_shown_is_looked_for() -> None:
    """A run of hours has hundreds of findings and many thousand requests."""
    exchange = Exchange(1, Request("GET", "http://target.test/", {}), Response(200, {}, b""), session="mine")

    class Least(Sequences):
        def leading_to(self, evidence: tuple[Exchange, ...]) -> Iterator[tuple[Exchange, ...]]:
            yield evidence
            raise AssertionError("nobody asks for more")

    finding = Breach("a", "b", Address("", ""), "c", (exchange,), 1)
    _, wire = inside("thanx")
    shown = Showing(Transport(wire, Budget()), None, Least({})).shown([finding])
    assert [one.exchanges for one in shown] == [(exchange,)]
