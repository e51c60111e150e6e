"""Every document as OpenAPI 3.1, whatever it is written in: the view that all readers share.

A 3.1 or 3.2 document is its own view. Of a 3.0 document, schemas are brought to JSON Schema 2020-12; of a 2.0 document,
all else as well (`swagger.py`). Positions lead to the lines of the file all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi import pointer as json_pointer
from openapi.relocation import Relocation
from openapi.source import Source, SourceError, nearest

VERSIONS = ("2.0", "3.0", "3.1", "3.2")
MODERN = "3.1.0"
# Of these, readers see a view. Both have JSON Schema draft 4, and ignore what stands beside a reference.
LEGACY = ("2.0", "3.0")
KNOWN = f"write openapi: {MODERN}; {', '.join(VERSIONS)} are known"
_LIMITS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))
# What a null must keep as well, and what belongs to it. The other keywords say nothing of null.
_COMPOSED = ("allOf", "anyOf", "oneOf", "discriminator")

# What stands below these is an example, not a part of the document; below the others, keys are names, not keywords.
_LITERAL = ("example", "const", "default", "enum", "value")
NAMED = (
    *(
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "schemas",
        "responses",
        "examples",
    ),
    *("parameters", "requestBodies", "headers", "securitySchemes", "links", "callbacks", "pathItems", "paths"),
    *("webhooks", "content", "mediaTypes", "encoding", "variables"),
)


def version(root: Any) -> str:
    """`2.0`, `3.0`, `3.1` or `3.2`; empty for what is no such document."""
    if not isinstance(root, dict):
        return ""
    written = root.get("openapi")
    if written is None and str(root.get("swagger")) == "2.0":  # also the number, as many write it
        return "2.0"
    known = isinstance(written, str) and written[:3] in VERSIONS[1:] and written[3:4] in ("", ".")
    return str(written)[:3] if known else ""


def unsupported(source: Source) -> SourceError | None:
    """Why a file is no document that can be read, if it is none."""
    root = source.root
    if version(root):
        return None
    for key, name in (("openapi", "OpenAPI"), ("swagger", "Swagger")):
        if isinstance(root, dict) and key in root:
            return source.fault(f"/{key}", f"{name} {root[key]} is not supported", KNOWN)
    near = nearest("openapi", root) if isinstance(root, dict) else ""
    problem = "is no OpenAPI document: it has no `openapi` field"
    return source.fault("", problem, near if "mean" in near else KNOWN)


def is_literal(key: str, member: Any) -> bool:
    """Whether what stands below a keyword is data."""
    return key in _LITERAL or (key == "examples" and isinstance(member, list))


def objects(value: Any, pointer: str = "", *, named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in plain data that is neither an example nor a map of names, with its pointer.

    `named` says that the keys of `value` are names (of properties, responses), of which `default` may be one.
    """
    if isinstance(value, dict):
        if not named:
            yield pointer, value
        for key, member in value.items():
            if isinstance(member, (dict, list)) and (named or not is_literal(key, member)):
                below = f"{pointer}/{json_pointer.escape(key)}"
                yield from objects(member, below, named=not named and key in NAMED)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from objects(member, f"{pointer}/{index}")


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Every `$ref` in plain data, with the pointer of the object that holds it."""
    for pointer, holder in objects(value):
        if isinstance(holder.get("$ref"), str):
            yield pointer, holder["$ref"]


def modern(source: Source) -> Source:
    """A 3.0 document, or a file that one refers to, as 3.1. References are still those of the file."""
    converter = Converter()
    root = converter.convert(source.root)
    if isinstance(root, dict) and "openapi" in root:
        root["openapi"] = MODERN
    return source.viewed(root, converter.relocation)


class Converter:
    """Copies a tree of plain data in 2020-12 terms, and notes what has moved in it."""

    def __init__(self) -> None:
        self.relocation = Relocation()
        self._viewed: list[json_pointer.Token] = []
        self._written: list[json_pointer.Token] = []

    def convert(self, value: Any, *, named: bool = False) -> Any:
        """`named` says that the keys of `value` are names (of properties, responses), not keywords."""
        if isinstance(value, list):
            return [self._below(index, member) for index, member in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if named:
            return {name: self._below(name, member) for name, member in value.items()}
        if isinstance(value.get("$ref"), str):
            return {"$ref": value["$ref"]}  # 3.0 ignores what stands beside a reference
        return self._keywords(value)

    def _keywords(self, schema: dict[str, Any]) -> dict[str, Any]:
        result = dict(schema)
        _limits(result)
        composed = {}
        if result.pop("nullable", None) is True:
            _admit_null(result)
            composed = {key: result.pop(key) for key in _COMPOSED if key in result}
        result = self._members(result)
        if composed.keys() - {"discriminator"}:
            result["anyOf"] = [self._moved(composed), {"type": "null"}]
        return result

    def _members(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            key: self._below(key, member, named=key in NAMED) if _is_read(key, member) else member
            for key, member in schema.items()
        }

    def _below(self, token: json_pointer.Token, member: Any, *, named: bool = False) -> Any:
        self._viewed.append(token)
        self._written.append(token)
        result = self.convert(member, named=named)
        self._viewed.pop()
        self._written.pop()
        return result

    def _moved(self, composed: dict[str, Any]) -> dict[str, Any]:
        """The members of a schema that come to stand in the first member of a union."""
        union, written = json_pointer.join(*self._viewed, "anyOf"), json_pointer.join(*self._written)
        for key in composed:
            self.relocation.add(f"{union}/0/{key}", f"{written}/{key}")
        self.relocation.add(f"{union}/0", written, moved=False)  # the schema itself, null included, stays
        self.relocation.add(f"{union}/1", f"{written}/nullable")
        self._viewed += ("anyOf", 0)
        result = self._members(composed)
        del self._viewed[-2:]
        return result


def _is_read(key: str, member: Any) -> bool:
    return not is_literal(key, member) and not key.startswith("x-")


def _limits(schema: dict[str, Any]) -> None:
    """`minimum: 5, exclusiveMinimum: true` is `exclusiveMinimum: 5`."""
    for limit, exclusive in _LIMITS:
        if isinstance(schema.get(exclusive), bool):
            excludes = schema.pop(exclusive)
            if excludes and limit in schema:
                schema[exclusive] = schema.pop(limit)


def _admit_null(schema: dict[str, Any]) -> None:
    """By the letter, `nullable` needs a `type` beside it (3.0.4, 4.7.24.1); everybody means "or null".

    An enum beside it usually forgets null.
    """
    kind = schema.get("type")
    if isinstance(kind, (str, list)):
        kinds = [kind] if isinstance(kind, str) else kind
        schema["type"] = [*kinds, *(["null"] if "null" not in kinds else [])]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
