"""Every drift has an overlay that makes it documented, in a valid document; or a reason why it has none."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.compare.admission import Admission, admitting
from contracts.compare.drift import Drift
from contracts.compare.overlay import text
from contracts.compare.run import compare
from contracts.stub import Wrap
from contracts.target.subject import Subject, load_subject
from contracts.validate.run import validate
from openapi.shipped import SPECS
from openapi.source import parse, read
from tests.contracts.check.wrap import changed
from tests.contracts.compare.applier import overlaid
from tests.contracts.compare.planted import (
    PLANTED,
    REFUSED,
    Circles,
    Conflict,
    Early,
    NoPercent,
    NullVariant,
    OtherWord,
    Queued,
    Resets,
)
from tests.contracts.compare.sides import compared, drifts, stub
from tests.contracts.independent.thanx_server import ThanxServer

THANX = load_subject("thanx")


def amended(admission: Admission, folder: Path, provider: str = "thanx") -> Subject:
    """The contract with the overlay applied, from its text, as a document of its own that has been validated."""
    shutil.copytree(SPECS / provider, folder / provider, ignore=shutil.ignore_patterns("facts.md"))
    path = folder / provider / "openapi.yaml"
    if admission.overlay is not None:
        overlay = parse(text(admission.overlay).encode(), path).root
        path.write_bytes(orjson.dumps(overlaid(read(path).root, overlay)))
    found = [finding.message for finding in validate(path)]
    assert found == [], found
    return load_subject(str(path))


def broken(found: Iterable[Drift]) -> list[Drift]:
    return [drift for drift in found if "right" in drift.breaks]


# One of each kind of change to a contract, and of each reason against one; the others are of the same kinds.
QUICK = {NoPercent, NullVariant, Early, Resets, Conflict, Queued, Circles, OtherWord}
BREAKING = [
    pytest.param(make, marks=() if make in QUICK else pytest.mark.slow, id=make.__name__)
    for make, _, _, breaks in PLANTED
    if breaks
]


@pytest.mark.parametrize("make", BREAKING)
def test_what_the_overlay_admits_is_no_breach_of_the_amended_contract(make: type[ThanxServer], tmp_path: Path) -> None:
    first = broken(drifts(make))
    admission = admitting(THANX, first)
    assert set(admission.refused) <= {drift.key for drift in first}
    assert bool(admission.refused) is (make in REFUSED)
    assert REFUSED.get(make, "") in " ".join(admission.refused.values())
    left = broken(compared(make, subject=amended(admission, tmp_path)).drifts)
    refused = {drift.key for drift in first if drift.key in admission.refused}
    assert {drift.key for drift in left} == refused
    assert (admission.overlay is None) == (len(refused) == len(first))


def test_the_sound_server_needs_no_overlay() -> None:
    assert admitting(THANX, compared(ThanxServer, examples=10).drifts) == Admission()


def renamed(state: str, other: str) -> Wrap:
    """A stub whose jobs are in another state where they should be in this one."""

    def walk(value: Any) -> None:
        for name in value if isinstance(value, dict) else ():
            if name in ("status", "state") and value[name] == state:
                value[name] = other
        for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(member)

    return changed(lambda path, status, value: walk(value))


@pytest.mark.parametrize(
    ("provider", "state"),
    [
        ("loyaltydog", "pending"),
        pytest.param("loyaltydog", "completed", marks=pytest.mark.slow),
        pytest.param("elastic_path", "pending", marks=pytest.mark.slow),
        pytest.param("elastic_path", "processing", marks=pytest.mark.slow),
        pytest.param("elastic_path", "cancelled", marks=pytest.mark.slow),
        pytest.param("thanx", "revoked", marks=pytest.mark.slow),
    ],
)
def test_a_state_of_another_name_is_admitted_for_every_provider(provider: str, state: str, tmp_path: Path) -> None:
    def again(subject: Subject) -> list[Drift]:
        right = stub("right", provider, subject=subject, wrap=renamed(state, "other"))
        return broken(compare(stub("left", provider, subject=subject), right, examples=0).drifts)

    subject = load_subject(provider)
    first = again(subject)
    assert "states" in {drift.kind for drift in first}
    admission = admitting(subject, first)
    assert admission.refused == {}
    assert again(amended(admission, tmp_path, provider)) == []


def test_the_smallest_change_of_a_life_cycle() -> None:
    overlay = admitting(THANX, drifts(Queued)).overlay
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
    overlay = admitting(THANX, drifts(Resets)).overlay
    assert overlay is not None
    at = "$.components.schemas.IssuanceJob['x-lifecycle'].transitions.processing"
    assert [(one["target"], one["update"]) for one in overlay["actions"]] == [(at, "pending")]


def test_a_schema_that_others_use_too_is_left_as_it_is() -> None:
    overlay = admitting(THANX, drifts(NullVariant)).overlay
    assert overlay is not None
    removed, added = overlay["actions"]
    at = "$.components.schemas.IssuanceJobFields.properties.variant_id"
    assert (removed["target"], removed["remove"]) == (f"{at}['$ref']", True)
    assert added["update"] == {"anyOf": [{"$ref": "#/components/schemas/Id"}, {"type": "null"}]}
    assert added["target"] == at


def test_an_undocumented_status_has_the_schema_of_its_like() -> None:
    overlay = admitting(THANX, drifts(Conflict)).overlay
    assert overlay is not None
    (action,) = overlay["actions"]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    assert action["update"] == {"409": {"description": "As answered.", "content": content}}


def test_texts_are_texts_in_every_version_of_yaml() -> None:
    assert "'0682'" in text({"number": "0682"})
    assert parse(text({"a": "0682", "b": "yes", "c": 1}).encode(), Path("a.yaml")).root == {
        "a": "0682",
        "b": "yes",
        "c": 1,
    }


def test_what_cannot_be_admitted_is_in_the_way_of_nothing_else() -> None:
    queued, circles = broken(drifts(Queued)), broken(drifts(Circles))
    assert queued[0].kind != "states"
    admission = admitting(THANX, [*queued, *circles])
    assert admission.overlay == admitting(THANX, queued).overlay
    assert set(admission.refused) == {drift.key for drift in circles}
