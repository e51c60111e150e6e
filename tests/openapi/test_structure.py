"""The meta-schemas that come with the project."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from openapi.structure import meta_schema, meta_schema_document

VERSIONS = ["2.0", "3.0", "3.1", "3.2"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_meta_schema_is_the_one_that_openapi_spec_validator_ships(version: str) -> None:
    published = files("openapi_spec_validator") / "resources" / "schemas" / f"v{version}" / "schema.json"
    assert meta_schema_document(version) == json.loads(published.read_text(encoding="utf-8"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_meta_schema_refuses_what_is_no_document(version: str) -> None:
    assert not meta_schema(version).is_valid({})
