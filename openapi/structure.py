"""Where a document is not OpenAPI, by the meta-schema of its version."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

import jsonschema_rs
import orjson

from openapi import pointer as json_pointer
from openapi.source import Source, SourceError


@lru_cache
def meta_schema(version: str) -> jsonschema_rs.Draft202012Validator:
    """The meta-schema of `3.0`, `3.1` or `3.2` as openapi-spec-validator ships it, compiled.

    Importing that package would slow the start.
    """
    package = importlib.util.find_spec("openapi_spec_validator")
    assert package is not None
    assert package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0], "resources", "schemas")
    schema = orjson.loads((folder / f"v{version}" / "schema.json").read_bytes())
    make = jsonschema_rs.Draft4Validator if version == "3.0" else jsonschema_rs.Draft202012Validator
    return make(schema)  # type: ignore[return-value]  # both have iter_errors, and no common base is exported


def structure_fault(source: Source) -> SourceError:
    """Why a document that could not be compiled is not OpenAPI: the deepest fault says it most exactly."""
    source = source.original
    errors = list(meta_schema(source.root["openapi"][:3]).iter_errors(source.root))
    if not errors:
        return SourceError(source.path, "refers to something that is not what OpenAPI expects there")
    worst = max(errors, key=lambda error: len(error.instance_path))
    problem = worst.message if len(worst.message) <= 200 else f"does not keep the rule '{worst.kind.name}' of OpenAPI"
    return source.fault(json_pointer.join(*worst.instance_path), problem)
