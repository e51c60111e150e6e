"""The JSON Schemas for editors: sound themselves, at one with what reads the files, and in the package."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator.schemas import schema_v31

from openapi import lifecycle
from openapi.source import read
from tests.contracts.validate.documents import SOUND, merge

ROOT = Path(__file__).parents[3]
SCHEMAS = sorted([*(ROOT / "contracts/schemas").glob("*.json"), *(ROOT / "specs").glob("*.schema.json")])
CYCLE = {"id": "id", "state": "state", "initial": "new", "transitions": {"new": ["done"]}}


def editor() -> jsonschema_rs.Validator:
    """openapi.schema.json as an editor resolves it: relative to its own place, OpenAPI's own from the web."""
    folder = files("contracts") / "schemas"
    base = "file:///schemas/"
    own = [(base + name, json.loads((folder / name).read_text())) for name in ("x-lifecycle.schema.json",)]
    registry = jsonschema_rs.Registry([*own, (str(schema_v31["$id"]), dict(schema_v31))])
    schema = json.loads((folder / "openapi.schema.json").read_text()) | {"$id": f"{base}openapi.schema.json"}
    return jsonschema_rs.Draft202012Validator(schema, registry=registry)


def with_cycle(cycle: Any) -> Any:
    return merge(SOUND, {"components": {"schemas": {"Job": {"x-lifecycle": cycle}}}})


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema_and_describes_itself(schema: Path) -> None:
    content = json.loads(schema.read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(content)
    assert content["title"]


def test_an_editor_sees_a_wrong_life_cycle() -> None:
    assert editor().is_valid(SOUND)
    assert editor().is_valid(with_cycle(CYCLE))
    wrongs: list[Any] = [CYCLE | {"transition": {}}, CYCLE | {"initial": 1}, {"id": "id"}, []]
    for wrong in wrongs:
        assert not editor().is_valid(with_cycle(wrong))


def test_the_editor_schema_still_checks_openapi() -> None:
    assert not editor().is_valid(merge(SOUND, {"info": {"version": None}}))
    ignore = {"components": {"schemas": {"Job": {"x-contracts-ignore": {"enum-invalid": ""}}}}}
    assert not editor().is_valid(merge(SOUND, ignore))


def test_it_names_the_keys_that_the_engine_reads() -> None:
    content = json.loads((ROOT / "contracts/schemas/x-lifecycle.schema.json").read_text(encoding="utf-8"))
    source = Path(lifecycle.__file__).read_text(encoding="utf-8")
    for constant, place in (
        ("_KEYS", content),
        ("COUNTS", content["properties"]["counts"]),
        ("INSTANTS", content["properties"]["instants"]),
    ):
        (named,) = re.findall(rf"^{constant} = \(([^)]*)\)", source, re.MULTILINE)
        assert set(place["properties"]) == set(re.findall(r'"(\w+)"', named))


def test_every_life_cycle_of_ours_keeps_it() -> None:
    validator = jsonschema_rs.validator_for(
        json.loads((ROOT / "contracts/schemas/x-lifecycle.schema.json").read_text())
    )
    cycles = [
        schema["x-lifecycle"]
        for document in (ROOT / "specs").glob("*/openapi.yaml")
        for schema in read(document).root["components"]["schemas"].values()
        if isinstance(schema, dict) and "x-lifecycle" in schema
    ]
    assert cycles
    for cycle in cycles:
        validator.validate(cycle)


def test_the_schemas_that_the_guide_names_are_there() -> None:
    guide = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    named = {ROOT / path for path in re.findall(r"(?:specs|contracts)/[\w./-]+\.schema\.json", guide)}
    assert len(named) == 4
    assert named <= set(SCHEMAS)
