"""Validators of what one side sends: `required` is relaxed for what the other side says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from openapi.library import Address
from openapi.reading import read_document
from openapi.source import read
from openapi.validators import Direction, Validators

FLAGS: dict[str, Any] = {
    "id": {"type": "integer", "readOnly": True},
    "password": {"$ref": "#/components/schemas/Secret"},
    "name": {"type": "string"},
}
REQUIRED = ["id", "password", "name"]
SCHEMAS: dict[str, Any] = {
    "Secret": {"type": "string", "writeOnly": True},
    "Plain": {"type": "object", "required": REQUIRED, "properties": FLAGS},
    "Inherited": {"allOf": [{"$ref": "#/components/schemas/Plain"}], "required": REQUIRED},
    "Passed": {"type": "object", "properties": FLAGS, "allOf": [{"required": REQUIRED}]},
    "Chosen": {"type": "object", "properties": FLAGS, "oneOf": [{"required": ["id", "name"]}, {"required": ["other"]}]},
    "Within": {"type": "array", "items": {"$ref": "#/components/schemas/Plain"}},
    "Dangling": {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}, "b": {"type": "integer"}}},
}


def validators(folder: Path, *, lenient: bool = False) -> tuple[Validators, Address]:
    path = folder / "openapi.json"
    document = {"openapi": "3.1.0", "info": {"title": "V", "version": "1"}, "components": {"schemas": SCHEMAS}}
    path.write_bytes(orjson.dumps(document))
    library = read_document(read(path)).library
    return Validators(library, lenient=lenient), Address(library.main, "/components/schemas")


@pytest.mark.parametrize(
    ("schema", "direction", "value", "fits"),
    [
        ("Plain", "request", {"password": "p", "name": "n"}, True),
        ("Plain", "request", {"id": 1, "name": "n"}, False),
        ("Plain", "request", {"id": "x", "password": "p", "name": "n"}, False),
        ("Plain", "response", {"id": 1, "name": "n"}, True),
        ("Plain", "response", {"password": "p", "name": "n"}, False),
        ("Plain", "any", {"name": "n"}, True),
        ("Plain", "any", {}, False),
        ("Inherited", "request", {"password": "p", "name": "n"}, True),
        ("Inherited", "request", {"name": "n"}, False),
        ("Passed", "response", {"id": 1, "name": "n"}, True),
        ("Passed", "response", {"id": 1}, False),
        ("Chosen", "request", {"name": "n"}, True),
        ("Chosen", "response", {"name": "n"}, False),
        ("Within", "response", [{"id": 1, "name": "n"}], True),
        ("Within", "response", [{"name": "n"}], False),
    ],
)
def test_what_is_not_sent_is_not_required(
    tmp_path: Path, schema: str, direction: Direction, value: Any, fits: bool
) -> None:
    compiled, schemas = validators(tmp_path)
    assert compiled.at(schemas / schema, direction).is_valid(value) == fits


def test_the_document_itself_stays_as_it_is(tmp_path: Path) -> None:
    compiled, schemas = validators(tmp_path)
    for direction in ("request", "response", "any"):
        compiled.at(schemas / "Passed", direction)
    assert compiled._library.value(schemas) == SCHEMAS


def test_a_reference_that_leads_nowhere_admits_everything_where_that_is_asked_for(tmp_path: Path) -> None:
    compiled, schemas = validators(tmp_path, lenient=True)
    assert compiled.fits(schemas / "Dangling", {"a": 1, "b": 1})
    assert not compiled.fits(schemas / "Dangling", {"a": 1, "b": "x"})
