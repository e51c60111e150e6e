"""Checks a file or extension of ours against the JSON Schema that ships with the package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from contracts.validate.schemas import short
from openapi import pointer as json_pointer
from openapi.source import nearest
from openapi.validators import leaves


@cache
def _validator(schema: Path) -> tuple[dict[str, Any], jsonschema_rs.Validator]:
    content = json.loads(schema.read_text(encoding="utf-8"))
    return content, jsonschema_rs.Draft202012Validator(content)


def faults(schema: Path, value: Any) -> Iterator[tuple[str, str, str, bool]]:
    """(pointer, problem, hint, whether the name itself is at fault) for everything wrong with a value."""
    content, validator = _validator(schema)
    for error in validator.iter_errors(value):
        for leaf in leaves(error):
            at = json_pointer.join(*leaf.instance_path)
            unexpected = getattr(leaf.kind, "unexpected", None)
            if not unexpected:
                yield at, short(leaf.message), "", False
                continue
            known = json_pointer.find(content, tuple(map(str, (*leaf.schema_path[:-1], "properties"))), {})
            for name in unexpected:
                hint = nearest(str(name), known)
                yield f"{at}{json_pointer.join(name)}", f"'{name}' is not allowed here", hint, True
