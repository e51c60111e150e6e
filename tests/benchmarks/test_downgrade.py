from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from benchmarks.downgrade import downgrade
from benchmarks.peers import CONTRACT


def schema(said: dict[str, Any]) -> Any:
    """What becomes of one schema."""
    return downgrade({"openapi": "3.1.0", "components": {"schemas": {"A": said}}})["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": "null"}, {"nullable": True}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"$ref": "#/x", "description": "beside"}, {"$ref": "#/x"}),
        (
            {"properties": {"a": False, "const": {"const": 1}}},
            {"properties": {"a": {"not": {}}, "const": {"enum": [1]}}},
        ),
        ({"x-lifecycle": {}, "type": "object"}, {"type": "object"}),
        ({"example": {"const": "data"}}, {"example": {"const": "data"}}),
    ],
)
def test_keyword(newer: dict[str, Any], older: dict[str, Any]) -> None:
    assert schema(newer) == older


def test_contract_of_the_benchmark_becomes_a_valid_document() -> None:
    made = downgrade(yaml.safe_load(CONTRACT.read_text()))
    assert list(OpenAPIV30SpecValidator(made).iter_errors()) == []
    assert "x-bearerInfoFunc" in made["components"]["securitySchemes"]["accessToken"]
