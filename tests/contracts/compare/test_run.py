"""Two servers that are alike, and one that differs in exactly one way: which drift is found, and whose fault it is."""

from __future__ import annotations

import pytest

from contracts.compare.run import compare
from contracts.target.subject import load_subject
from tests.contracts.compare.planted import PLANTED, Archived, Done, FailsOddly, Lags, NoPercent, Several
from tests.contracts.compare.sides import compared, drifts, server, stub
from tests.contracts.independent.simulated import Dropping, Time
from tests.contracts.independent.thanx_server import ThanxServer

SUBJECT = load_subject("thanx")


@pytest.mark.parametrize("provider", ["thanx", "loyaltydog", "elastic_path", "capillary"])
def test_stubs_with_other_seeds_do_not_drift(provider: str) -> None:
    comparison = compare(stub("left", provider, seed=1), stub("right", provider, seed=2), examples=6)
    assert comparison.drifts == []
    assert comparison.answers >= comparison.cases > 10
    assert comparison.incomplete == ""


def test_an_independent_server_differs_only_where_the_contract_allows_it() -> None:
    comparison = compared(ThanxServer, examples=10)
    assert [drift for drift in comparison.drifts if drift.breaks] == []
    assert ("field", "getIssuanceJob", ("issuance_job", "summary", "failures")) in {
        (drift.kind, drift.operation, drift.way) for drift in comparison.drifts
    }


@pytest.mark.parametrize(("make", "kind", "way", "breaks"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_drift_is_found(
    make: type[ThanxServer], kind: str, way: tuple[str, ...], breaks: tuple[str, ...]
) -> None:
    sound = {drift.key for drift in drifts(ThanxServer)}
    new = [drift for drift in drifts(make) if drift.key not in sound]
    assert (kind, way, breaks) in {(drift.kind, drift.place, drift.breaks) for drift in new}
    assert all(drift.why for drift in new if drift.breaks and drift.kind != "value")
    if not breaks:
        assert [drift for drift in new if drift.breaks] == []


def test_a_side_that_gives_no_answer_drifts() -> None:
    clock = Time()
    silent = server("right", ThanxServer(clock=clock), clock, lambda wire: Dropping(wire, lambda number: number > 30))
    comparison = compare(stub("left"), silent, examples=0)
    assert {drift.kind for drift in comparison.drifts} >= {"answer"}
    silence = [drift for drift in comparison.drifts if drift.kind == "answer"]
    assert {(drift.right, drift.breaks, drift.why) for drift in silence} == {
        ("connection reset by peer", ("right",), ("connection reset by peer",))
    }


def test_one_broken_keyword_is_one_finding_with_every_operation_that_it_shows_itself_in() -> None:
    found = [drift for drift in drifts(NoPercent) if drift.breaks]
    assert [(drift.operation, drift.also) for drift in found] == [
        ("issueRewards", ("getIssuanceJob", "revokeIssuanceJob"))
    ]
    assert len(found[0].breaking) == found[0].times


def test_what_is_wrong_with_a_job_in_a_state_of_its_own_is_told_apart() -> None:
    why = {drift.place[-1]: drift.why for drift in drifts(Several) if drift.breaks and drift.place}
    assert why == {
        "state": ("queued is no state of the contract; pending, processing, revoking, completed, failed, revoked are",),
        "progress_percent": ('"progress_percent" is a required property',),
        "total_count": ('"2" is not of type "integer"',),
    }


def test_a_job_is_followed_through_states_that_are_not_in_the_contract() -> None:
    ways = {(drift.label, drift.right) for drift in drifts(Archived) if drift.kind == "states"}
    assert ways == {
        ("a job over time", "pending > processing > packed > archived"),
        ("a job after revokeIssuanceJob", "archived > revoking > revoked"),
    }


def test_what_only_one_side_shows_is_held_against_the_contract_too() -> None:
    (drift,) = (drift for drift in drifts(FailsOddly) if drift.left == "not seen")
    assert (drift.kind, drift.label, drift.breaks) == ("value", "getIssuanceJob while failed", ("right",))
    assert "completed_at" in drift.place


def test_a_command_may_take_its_time() -> None:
    assert [drift for drift in drifts(Lags) if drift.kind == "states"] == []


def test_a_state_that_is_not_in_the_contract_is_waited_for_once() -> None:
    clock = Time()
    began = clock()
    right = server("right", Done(clock=clock), clock)
    comparison = compare(stub("left"), right, examples=0)
    jobs = next(drift.times for drift in comparison.drifts if drift.kind == "states")
    assert jobs > 2
    assert len(right.still) == 1
    assert clock() - began < 200  # the jobs themselves take 130
