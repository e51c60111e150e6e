"""What no validator could read as a schema: it is refused with its line, before anything is compared."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS

_NUMBERS = ("minimum", "maximum", "multipleOf")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


def faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keywords whose value no validator could read: the keyword, and what is wrong."""
    for key, kinds, wanted in _KINDS:
        if key in raw and (not isinstance(raw[key], kinds) or (isinstance(raw[key], bool) and bool not in kinds)):
            yield key, f"'{key}' is not {wanted}"
    types = raw.get("type", [])
    if isinstance(types, list) and not all(isinstance(name, str) for name in types):
        yield "type", "'type' is not a list of names"
    if isinstance(raw.get("required"), list) and not all(isinstance(name, str) for name in raw["required"]):
        yield "required", "'required' is not a list of names"
    for key in ("pattern", "patternProperties"):
        for pattern in [raw[key]] if isinstance(raw.get(key), str) else list(raw.get(key, ())):
            if not _compiles(pattern):
                yield key, f"the pattern {pattern} is no regular expression of ECMA-262"


_KINDS: list[tuple[str, tuple[type, ...], str]] = [
    *((key, (int, float), "a number") for key in _NUMBERS),
    *((key, (int, float), "a count") for key in _COUNTS),
    *((key, (list,), "a list") for key in (*LIST_OF_SCHEMAS, "enum")),
    *((key, (dict,), "an object") for key in MAP_OF_SCHEMAS),
    ("type", (str, list), "a name or a list of names"),
    ("pattern", (str,), "a string"),
    ("required", (list, bool), "a list"),
]


@functools.cache
def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True
