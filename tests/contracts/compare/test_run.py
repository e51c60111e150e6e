"""Two servers that are alike, and one that differs in exactly one way: which drift is found, and whose fault it is."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse

from contracts.check.exchange import Exchange
from contracts.check.subject import load_subject
from contracts.compare.overlay import Action, apply
from contracts.compare.problems import problems
from contracts.compare.run import admitting, compare
from mockserver.specification.contract import Contract, compile_contract
from mockserver.specification.library import library_of
from mockserver.specification.source import parse
from tests.contracts.compare.sides import compared, server, stub
from tests.contracts.independent.simulated import Dropping, Time
from tests.contracts.independent.thanx_server import STARTED, Job, RefusedError, ThanxServer

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
    assert admitting(SUBJECT, comparison.drifts) is None


class Shown(ThanxServer):
    """Shows its jobs differently."""

    changes: tuple[str, Any]

    def show(self, job: Job) -> dict[str, Any]:
        name, value = self.changes
        return {**super().show(job), name: value}


class NoPercent(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        return {name: value for name, value in super().show(job).items() if name != "progress_percent"}


class More(Shown):
    changes = ("note", "thank you")


class TextCount(Shown):
    changes = ("total_count", "2")


class NullVariant(Shown):
    changes = ("variant_id", None)


class OtherCampaign(Shown):
    changes = ("campaign_id", "camp_other1")


class PlainInstant(Shown):
    changes = ("created_at", "15 June 2025")


class Early(ThanxServer):
    """Jobs finish before they start."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"completed_at": shown["created_at"]} if shown["completed_at"] else {})


class Miscounts(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"success_count": shown["success_count"] + 1} if shown["state"] == "completed" else {})


class Done(ThanxServer):
    """Calls completed jobs done."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "done"} if shown["state"] == "completed" else {})


class Resets(ThanxServer):
    """A job is pending again before it is completed."""

    def state(self, job: Job) -> str:
        state = super().state(job)
        return "pending" if state == "processing" and self.now() - job.created > STARTED + 2 else state


class Fails(ThanxServer):
    def state(self, job: Job) -> str:
        state = super().state(job)
        return "failed" if state == "completed" else state


class Conflict(ThanxServer):
    def revoke_job(self, *arguments: Any) -> tuple[int, Any]:
        try:
            return super().revoke_job(*arguments)
        except RefusedError as refused:
            raise RefusedError(409 if refused.status == 422 else refused.status) from None


class Missing(ThanxServer):
    """Answers 404 where it should say 403."""

    def admit(self, request: Request) -> None:
        try:
            super().admit(request)
        except RefusedError as refused:
            raise RefusedError(404 if refused.status == 403 else refused.status) from None


class OtherEnvelope(ThanxServer):
    def get_job(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().get_job(*arguments)
        return status, {"job": value["issuance_job"]}


class OtherMedia(ThanxServer):
    def response(self, status: int, value: Any) -> JSONResponse:
        return JSONResponse(value, status, media_type="application/hal+json")


class Waits(ThanxServer):
    def response(self, status: int, value: Any) -> JSONResponse:
        return JSONResponse(value, status, {"retry-after": "1"})


class NegativePages(ThanxServer):
    def list_campaigns(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().list_campaigns(*arguments)
        value["pagination"]["total_pages"] = -1
        return status, value


JOB = ("issuance_job",)
PLANTED = [
    (NoPercent, "field", (*JOB, "progress_percent"), ("right",)),
    (More, "field", (*JOB, "note"), ()),
    (TextCount, "type", (*JOB, "total_count"), ("right",)),
    (NullVariant, "null", (*JOB, "variant_id"), ("right",)),
    (OtherCampaign, "reference", (*JOB, "campaign_id"), ()),
    (PlainInstant, "shape", (*JOB, "created_at"), ("right",)),
    (Early, "order", (*JOB, "started_at"), ()),
    (Miscounts, "count", (*JOB, "success_count"), ()),
    (Done, "states", (), ("right",)),
    (Resets, "states", (), ("right",)),
    (Fails, "states", (), ()),
    (Conflict, "status", (), ("right",)),
    (Missing, "status", (), ()),
    (OtherEnvelope, "envelope", (), ("right",)),
    (OtherMedia, "header", ("content-type",), ("right",)),
    (Waits, "header", ("retry-after",), ()),
    (NegativePages, "value", ("pagination", "total_pages"), ("right",)),
]


@pytest.mark.parametrize(("make", "kind", "way", "breaks"), PLANTED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_drift_is_found(
    make: type[ThanxServer], kind: str, way: tuple[str, ...], breaks: tuple[str, ...]
) -> None:
    sound = {drift.key for drift in compared(ThanxServer).drifts}
    new = [drift for drift in compared(make).drifts if drift.key not in sound]
    assert (kind, way, breaks) in {(drift.kind, drift.way, drift.breaks) for drift in new}
    if not breaks:
        assert [drift for drift in new if drift.breaks] == []


@pytest.mark.parametrize("make", [make for make, _, _, breaks in PLANTED if breaks], ids=lambda make: make.__name__)
def test_the_overlay_admits_what_breaks_the_contract_and_still_what_does_not(make: type[ThanxServer]) -> None:
    drifts = compared(make).drifts
    overlay = admitting(SUBJECT, drifts)
    assert overlay is not None
    amended = overlaid(overlay)
    for drift in drifts:
        for exchange in drift.pair:
            if isinstance(exchange, Exchange):
                assert list(problems(amended, exchange)) == []
    job = next(iter(amended.lifecycles.values()))
    assert job.follows("processing", "pending") is (make is Resets)


def overlaid(overlay: dict[str, Any]) -> Contract:
    """The contract with an overlay applied, from the overlay's text."""
    read = yaml.safe_load(yaml.safe_dump(overlay))
    assert read["overlay"] == "1.0.0"
    assert read["info"]["title"]
    actions = [Action(a["target"], a["description"], a.get("update"), a.get("remove", False)) for a in read["actions"]]
    source = SUBJECT.contract.library.sources[SUBJECT.contract.library.main]
    changed = apply(source.root, actions)
    return compile_contract(library_of(parse(yaml.safe_dump(changed, sort_keys=False).encode(), source.path)))


def test_a_side_that_gives_no_answer_drifts() -> None:
    clock = Time()
    silent = server("right", ThanxServer(clock=clock), clock, lambda wire: Dropping(wire, lambda number: number > 30))
    comparison = compare(stub("left"), silent, examples=0)
    assert {drift.kind for drift in comparison.drifts} >= {"answer"}
    assert {drift.right for drift in comparison.drifts if drift.kind == "answer"} == {"connection reset by peer"}
