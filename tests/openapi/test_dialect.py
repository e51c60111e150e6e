"""OpenAPI 3.0 schemas in JSON Schema 2020-12 terms."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from openapi.contract import load_contract
from openapi.dialect import Converter, version
from openapi.library import Address
from openapi.reading import open_library
from tests.openapi.documents import write

NULL = {"type": "null"}
PAIRS: list[tuple[Any, Any]] = [
    ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "string", "nullable": False}, {"type": "string"}),
    ({"type": ["string"], "nullable": True}, {"type": ["string", "null"]}),
    ({"nullable": True, "description": "any"}, {"description": "any"}),
    ({"nullable": True, "allOf": [{"type": "string"}]}, {"anyOf": [{"allOf": [{"type": "string"}]}, NULL]}),
    (
        {"nullable": True, "type": "object", "required": ["a"], "oneOf": [{"$ref": "#/a"}], "readOnly": True},
        {
            "type": ["object", "null"],
            "required": ["a"],
            "anyOf": [{"oneOf": [{"$ref": "#/a"}]}, NULL],
            "readOnly": True,
        },
    ),
    (
        {"nullable": True, "anyOf": [{"nullable": True, "allOf": [{"$ref": "#/a"}]}], "discriminator": {}},
        {"anyOf": [{"anyOf": [{"anyOf": [{"allOf": [{"$ref": "#/a"}]}, NULL]}], "discriminator": {}}, NULL]},
    ),
    ({"nullable": True, "enum": ["a"]}, {"enum": ["a", None]}),
    ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"minimum": 5, "exclusiveMinimum": True}, {"exclusiveMinimum": 5}),
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
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_schema(old: Any, new: Any) -> None:
    before = copy.deepcopy(old)
    assert modern(old) == new
    for wrap in ("items", "not", "additionalProperties"):
        assert modern({wrap: old}) == {wrap: new}
    assert modern({"oneOf": [old]}) == {"oneOf": [new]}
    assert modern({"responses": {"default": {"content": {"a/b": {"schema": old}}}}}) == {
        "responses": {"default": {"content": {"a/b": {"schema": new}}}}
    }
    assert old == before


def modern(value: Any) -> Any:
    return Converter().convert(value)


MOVED = """\
openapi: 3.0.3
paths: {}
components:
  schemas:
    A:
      nullable: true
      allOf:
        - type: object
          properties:
            b:
              nullable: true
              oneOf:
                - type: string
    B:
      $ref: '#/components/schemas/A/allOf/0/properties/b/oneOf/0'
    C:
      $ref: '#/components/schemas/A'
"""


def test_what_moves_is_found_by_position_and_by_reference(tmp_path: Path) -> None:
    library = open_library(write(tmp_path, openapi=MOVED))
    schemas = Address(library.main, "/components/schemas")
    _, value = library.follow(schemas / "B")
    assert value == {"type": "string"}
    # A schema whose composition has moved is still itself, null included.
    assert library.follow(schemas / "C")[0] == schemas / "A"
    inner = "/anyOf/0/allOf/0/properties/b"
    for pointer, line in [
        ("/A", 6),
        ("/A/anyOf/0", 6),
        ("/A/anyOf/1", 6),
        ("/A/anyOf/0/allOf/0/type", 8),
        (f"/A{inner}", 11),
        (f"/A{inner}/anyOf/0/oneOf/0/type", 13),
    ]:
        assert library.position(Address(library.main, schemas.pointer + pointer))[1].line == line
    assert library.written(Address(library.main, f"{schemas.pointer}/A{inner}")).pointer == (
        "/components/schemas/A/allOf/0/properties/b"
    )


@pytest.mark.parametrize(
    ("root", "known"),
    [({"openapi": "3.0.3"}, "3.0"), ({"openapi": "3.1"}, "3.1"), ({"openapi": "3.10.0"}, ""), ({"openapi": 3.1}, "")],
)
def test_the_version(root: Any, known: str) -> None:
    assert version(root) == known
    assert version([root]) == ""


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
