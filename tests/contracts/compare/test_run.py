"""Two servers that are alike, and one that differs in exactly one way: which drift is found, and whose fault it is."""

from __future__ import annotations

import pytest

from contracts.check.subject import load_subject
from contracts.compare.run import compare
from tests.contracts.compare.planted import PLANTED
from tests.contracts.compare.sides import compared, server, stub
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
    sound = {drift.key for drift in compared(ThanxServer).drifts}
    new = [drift for drift in compared(make).drifts if drift.key not in sound]
    assert (kind, way, breaks) in {(drift.kind, drift.key[2], drift.breaks) for drift in new}
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
