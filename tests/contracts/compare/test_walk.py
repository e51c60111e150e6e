"""Which ways through the states a life cycle allows, and what the amended one then does."""

from __future__ import annotations

import pytest

from contracts.compare.amendment import Amendment
from contracts.compare.walk import Walk
from contracts.target.subject import load_subject

CONTRACTS = {name: load_subject(name).contract for name in ("thanx", "elastic_path")}
REVOKE, CANCEL = "revokeIssuanceJob", "cancelPromotionJob"
ALLOWED = [
    ("thanx", Walk(("pending", "processing", "completed"), "shown")),
    ("thanx", Walk(("pending", "completed"), "shown")),
    ("thanx", Walk(("processing", "completed"), "found")),
    ("thanx", Walk(("completed", "revoking", "revoked"), "", REVOKE)),
    ("thanx", Walk(("completed", "revoked"), "", REVOKE)),
    ("elastic_path", Walk(("pending", "cancelled"), "shown", CANCEL)),
    # The command comes when time has led on.
    ("elastic_path", Walk(("pending", "cancelling", "cancelled"), "shown", CANCEL)),
    ("elastic_path", Walk(("pending", "processing", "cancelling", "cancelled"), "shown", CANCEL)),
]
WRONG = [
    ("thanx", Walk(("queued",), "shown"), "a new job is queued, not pending; queued is not in the contract"),
    ("thanx", Walk(("processing", "completed"), "shown"), "a new job is processing, not pending"),
    ("thanx", Walk(("revoked",), "found"), "a new job is revoked, not pending"),
    (
        "thanx",
        Walk(("pending", "processing", "done"), "shown"),
        "no arrow leads from processing to done; done is not in the contract",
    ),
    ("thanx", Walk(("pending", "processing", "pending"), "shown"), "no arrow leads from processing to pending"),
    ("thanx", Walk(("completed", "revoking"), ""), "no arrow leads from completed to revoking"),
    ("thanx", Walk(("completed", "failed"), "", REVOKE), f"no arrow leads from completed to failed by {REVOKE}"),
    ("thanx", Walk(("completed",), "", REVOKE), f"{REVOKE} is accepted, and the job stays completed"),
    ("thanx", Walk(("pending", "processing"), "shown", "", "never at rest"), "never at rest"),
    (
        "elastic_path",
        Walk(("pending", "processing", "completed"), "shown", CANCEL),
        f"{CANCEL} is accepted, and the job stays pending",
    ),
]


@pytest.mark.parametrize(("provider", "walk"), ALLOWED)
def test_what_a_life_cycle_allows(provider: str, walk: Walk) -> None:
    (job,) = CONTRACTS[provider].lifecycles.values()
    assert list(walk.faults(job)) == []


@pytest.mark.parametrize(("provider", "walk", "words"), WRONG)
def test_what_it_does_not(provider: str, walk: Walk, words: str) -> None:
    (job,) = CONTRACTS[provider].lifecycles.values()
    assert next(walk.faults(job)).message == words


@pytest.mark.parametrize(("provider", "walk", "words"), WRONG)
def test_what_it_does_not_it_does_once_amended(provider: str, walk: Walk, words: str) -> None:
    (job,) = CONTRACTS[provider].lifecycles.values()
    amendment = Amendment.of(CONTRACTS[provider])
    why = amendment.allow(job, walk)
    if walk.end:
        assert why == "a job that is never at rest has no life cycle"
        assert amendment.actions == []
    else:
        assert why == ""
        amended = amendment.compiled()
        assert amended is not None
        assert list(walk.faults(amended.lifecycles[job.address])) == []
        assert set(job.states) <= set(amended.lifecycles[job.address].states)


def test_the_words() -> None:
    assert str(Walk(("a", "b"), end="never at rest")) == "a > b, never at rest"
    assert str(Walk(("a", "b") * 20)) == "a > b > a > b > a > b > a > … > b"
