"""Every drift has an overlay that makes it documented, in a valid document; or a reason why it has none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from contracts.check.subject import SPECS, Subject, load_subject
from contracts.compare.admission import Admission, admitting
from contracts.compare.drift import Drift
from contracts.validate.run import validate
from tests.contracts.compare.applier import overlaid
from tests.contracts.compare.planted import PLANTED, REFUSED, Queued, Resets
from tests.contracts.compare.sides import compared
from tests.contracts.independent.thanx_server import ThanxServer

THANX = load_subject("thanx")


def amended(admission: Admission, folder: Path, provider: str = "thanx") -> Subject:
    """The contract with the overlay applied, from its text, as a document of its own that has been validated."""
    shutil.copytree(SPECS / provider, folder / provider, ignore=shutil.ignore_patterns("facts.md"))
    path = folder / provider / "openapi.yaml"
    if admission.overlay is not None:
        overlay = yaml.safe_load(yaml.safe_dump(admission.overlay))
        document = overlaid(yaml.safe_load(path.read_text(encoding="utf-8")), overlay)
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    assert [str(finding) for finding in validate(path)] == []
    return load_subject(str(path))


def broken(drifts: list[Drift]) -> list[Drift]:
    return [drift for drift in drifts if "right" in drift.breaks]


BREAKING = [make for make, _, _, breaks in PLANTED if breaks]


@pytest.mark.parametrize("make", BREAKING, ids=lambda make: make.__name__)
def test_what_the_overlay_admits_is_no_breach_of_the_amended_contract(make: type[ThanxServer], tmp_path: Path) -> None:
    drifts = broken(compared(make).drifts)
    admission = admitting(THANX, drifts)
    assert set(admission.refused) <= {drift.key for drift in drifts}
    assert bool(admission.refused) is (make in REFUSED)
    assert REFUSED.get(make, "") in " ".join(admission.refused.values())
    left = broken(compared(make, subject=amended(admission, tmp_path)).drifts)
    refused = {drift.key for drift in drifts if drift.key in admission.refused}
    assert {drift.key for drift in left} == refused
    assert (admission.overlay is None) == (len(refused) == len(drifts))


def test_the_sound_server_needs_no_overlay() -> None:
    assert admitting(THANX, compared(ThanxServer, examples=10).drifts) == Admission()


def test_the_smallest_change_of_a_life_cycle() -> None:
    overlay = admitting(THANX, compared(Queued).drifts).overlay
    assert overlay is not None
    member, initial, arrow = overlay["actions"]
    assert member["target"] == "$.components.schemas.IssuanceJob.oneOf"
    assert member["update"]["allOf"] == [{"$ref": "#/components/schemas/IssuanceJobFields"}]
    assert member["update"]["properties"]["state"] == {"const": "queued"}
    assert member["update"]["properties"]["started_at"] == {"type": "null"}
    assert [example["state"] for example in member["update"]["examples"]] == ["queued"]
    assert initial["update"] == {"initial": "queued"}
    assert arrow["update"] == {"queued": ["pending"]}


def test_an_arrow_is_added_beside_those_that_are_there() -> None:
    overlay = admitting(THANX, compared(Resets).drifts).overlay
    assert overlay is not None
    at = "$.components.schemas.IssuanceJob['x-lifecycle'].transitions.processing"
    assert [(one["target"], one["update"]) for one in overlay["actions"]] == [(at, "pending")]
