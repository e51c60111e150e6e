"""Where a document is not OpenAPI, by the meta-schema of its version."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from openapi import pointer as json_pointer
from openapi.dialect import version
from openapi.source import Source, SourceError

META_SCHEMAS = Path(__file__).with_name("meta_schemas")


@lru_cache
def meta_schema_document(number: str) -> dict[str, Any]:
    """The meta-schema of `2.0`, `3.0`, `3.1` or `3.2`, as the OpenAPI Initiative publishes it."""
    document: dict[str, Any] = orjson.loads((META_SCHEMAS / f"{number}.json").read_bytes())
    return document


@lru_cache
def meta_schema(number: str) -> jsonschema_rs.Draft202012Validator:
    """The same, compiled."""
    make = jsonschema_rs.Draft202012Validator if number in ("3.1", "3.2") else jsonschema_rs.Draft4Validator
    return make(meta_schema_document(number))  # type: ignore[return-value]  # both have iter_errors, no common base


def structure_fault(source: Source) -> SourceError:
    """Why a document that could not be compiled is not OpenAPI: the deepest fault says it most exactly."""
    source = source.original
    errors = list(meta_schema(version(source.root)).iter_errors(source.root))
    if not errors:
        return SourceError(source.path, "refers to something that is not what OpenAPI expects there")
    worst = max(errors, key=lambda error: len(error.instance_path))
    problem = worst.message if len(worst.message) <= 200 else f"does not keep the rule '{worst.kind.name}' of OpenAPI"
    return source.fault(json_pointer.join(*worst.instance_path), problem)
