"""OpenAPI 3.0 schemas in JSON Schema 2020-12 terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openapi.contract import load_contract
from openapi.dialect import modern
from tests.openapi.documents import write


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"], "nullable": True}),
        ({"type": "string", "nullable": False}, {"type": "string", "nullable": False}),
        ({"nullable": True, "allOf": [{"type": "string"}]}, {"nullable": True, "allOf": [{"type": "string"}]}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "nullable": True, "enum": ["a", None]},
        ),
        ({"minimum": 5, "exclusiveMinimum": True}, {"exclusiveMinimum": 5}),
        ({"type": ["string"], "nullable": True}, {"type": ["string"], "nullable": True}),
        ({"minimum": 5, "exclusiveMinimum": False}, {"minimum": 5}),
        ({"exclusiveMinimum": True}, {}),
        ({"maximum": 5, "exclusiveMaximum": True}, {"exclusiveMaximum": 5}),
        ({"$ref": "#/a", "nullable": True, "description": "ignored"}, {"$ref": "#/a"}),
        ({"default": {"nullable": True, "type": "x"}}, {"default": {"nullable": True, "type": "x"}}),
        ({"properties": {"nullable": {"type": "boolean"}}}, {"properties": {"nullable": {"type": "boolean"}}}),
        (
            {"properties": {"default": {"minimum": 1, "exclusiveMinimum": True}}},
            {"properties": {"default": {"exclusiveMinimum": 1}}},
        ),
    ],
)
def test_a_schema(old: Any, new: Any) -> None:
    assert modern(old) == new
    for wrap in ("items", "not", "additionalProperties"):
        assert modern({wrap: old}) == {wrap: new}
    assert modern({"oneOf": [old]}) == {"oneOf": [new]}
    assert modern({"responses": {"default": {"content": {"a/b": {"schema": old}}}}}) == {
        "responses": {"default": {"content": {"a/b": {"schema": new}}}}
    }


def test_the_copy_leaves_the_document_alone() -> None:
    old = {"type": "string", "nullable": True, "enum": ["a"]}
    modern(old)
    assert old == {"type": "string", "nullable": True, "enum": ["a"]}


OLD = """\
openapi: {version}
paths:
  /a:
    get:
      responses:
        default:
          content:
            application/json:
              schema: {{type: string, nullable: true}}
        '200':
          content:
            application/json:
              schema: {{$ref: 'parts.yaml#/Name'}}
"""


@pytest.mark.parametrize(("version", "admits"), [("3.0.3", True), ("3.1.0", False)])
def test_a_whole_contract_and_the_files_it_refers_to(tmp_path: Path, version: str, *, admits: bool) -> None:
    path = write(tmp_path, openapi=OLD.format(version=version), parts="Name: {type: string, nullable: true}\n")
    responses = load_contract(path).operations[0].responses
    for response in responses.values():
        validator = response.media["application/json"]
        assert validator is not None
        assert validator.is_valid("x")
        assert validator.is_valid(None) is admits
        assert not validator.is_valid(5)
