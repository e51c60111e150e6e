"""Why a value does not fit: where, by which keyword, and of a union the member that was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openapi.contract import load_contract
from openapi.library import Address
from openapi.validators import Validator, violations

DOCUMENT = """
openapi: 3.1.0
info: {title: Unions, version: '1'}
paths: {}
components:
  schemas:
    Order:
      type: object
      required: [shape]
      properties:
        shape:
          oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
    Circle:
      type: object
      required: [kind, radius]
      properties: {kind: {const: circle}, radius: {type: number, minimum: 1}}
    Square:
      type: object
      required: [kind, side]
      properties: {kind: {const: square}, side: {$ref: '#/components/schemas/Side'}}
    Side:
      anyOf: [{type: integer, maximum: 9}, {type: 'null'}]
"""


@pytest.fixture
def order(tmp_path: Path) -> Validator:
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT)
    contract = load_contract(path)
    return contract.validators.at(Address(contract.library.main, "/components/schemas/Order"))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, [(("shape",), "required")]),
        ({"shape": {"kind": "circle"}}, [(("shape", "radius"), "required")]),
        ({"shape": {"kind": "circle", "radius": 0}}, [(("shape", "radius"), "minimum")]),
        ({"shape": {"kind": "square", "side": 10}}, [(("shape", "side"), "maximum")]),
        ({"shape": {"kind": "square", "side": "x"}}, [(("shape", "side"), "anyOf")]),
        ({"shape": {"kind": "line"}}, [(("shape",), "oneOf")]),
        ({"shape": {}}, [(("shape",), "oneOf")]),
        ({"shape": 1}, [(("shape",), "oneOf")]),
        ([], [((), "type")]),
        ({"shape": {"kind": "square", "side": None}}, []),
    ],
)
def test_violations_point_at_the_member_that_was_meant(order: Validator, value: Any, found: list[Any]) -> None:
    assert order.is_valid(value) is not bool(found)
    assert [(violation.pointer, violation.keyword) for violation in violations(order, value, "body")] == found


def test_violation_knows_its_place_in_the_document(order: Validator) -> None:
    [violation] = violations(order, {"shape": {"kind": "circle", "radius": 0}}, "body")
    assert violation.address.pointer == "/components/schemas/Circle/properties/radius/minimum"
    assert (violation.location, violation.value) == ("body", 0)
