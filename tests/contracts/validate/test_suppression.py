from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.validate.run import validate
from tests.contracts.validate.documents import write

REASON = "Printed so by the provider."


def rules(folder: Path, job: dict[str, Any]) -> list[str]:
    return [finding.rule for finding in validate(write(folder, {"components": {"schemas": {"Job": job}}}))]


def test_it_holds_for_the_object_and_what_is_inside_it(tmp_path: Path) -> None:
    inside = {"properties": {"count": {"default": "none"}}}
    assert rules(tmp_path, inside) == ["default-invalid"]
    assert rules(tmp_path, inside | {"x-contracts-ignore": {"default-invalid": REASON}}) == []
    elsewhere = {"x-contracts-ignore": {"default-invalid": REASON}}
    assert rules(tmp_path, {"properties": {"id": elsewhere, "count": {"default": "none"}}}) == [
        "suppression-unused",
        "default-invalid",
    ]


def test_it_holds_for_its_rule_only(tmp_path: Path) -> None:
    job = {"minLength": 3, "maxLength": 2, "x-contracts-ignore": {"default-invalid": REASON}}
    assert rules(tmp_path, job) == ["bounds-contradict", "suppression-unused"]


def test_two_suppressions_of_one_finding_are_both_used(tmp_path: Path) -> None:
    ignore = {"x-contracts-ignore": {"default-invalid": REASON}}
    assert rules(tmp_path, ignore | {"properties": {"count": {"default": "none"} | ignore}}) == []


def test_suppressions_cannot_be_suppressed(tmp_path: Path) -> None:
    assert rules(tmp_path, {"x-contracts-ignore": {"suppression-unused": REASON}}) == ["suppression-unknown"]


def test_anything_but_an_object_is_refused(tmp_path: Path) -> None:
    assert rules(tmp_path, {"x-contracts-ignore": ["default-invalid"]}) == ["suppression-unexplained"]
