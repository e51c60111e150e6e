"""Texts, examples, tags and extensions: what people read. Also defaults, which stand beside the texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.diff.collect import Collector
from contracts.diff.equality import same
from contracts.diff.rules import Kind
from contracts.diff.schemas import FORMATS, RANGES
from openapi.dialect import NAMED
from openapi.library import Address, Library
from openapi.swagger import BODY_PARAMETERS

_TEXTS = (
    *("summary", "description", "title", "example", "examples", "externalDocs", "tags", "xml", "contact", "license"),
    *("termsOfService", "version", "$comment", "discriminator"),
    *("contentMediaType", "contentEncoding", "contentSchema"),
)
# Below these are names that somebody chose, not keywords.
_NAMED = (*NAMED, "mapping")
# Compared elsewhere, or data.
_SKIPPED = ("x-lifecycle", "enum", "const", "required", "security", "scopes", "$ref", BODY_PARAMETERS)


def compare(old: Library, new: Library, collector: Collector) -> None:
    """Compare both documents where their structure is the same, file by file."""
    for uri in new.sources:
        partner = old.main if uri == new.main else uri
        if partner in old.sources:
            pair = (Address(partner, ""), old.sources[partner].root), (Address(uri, ""), new.sources[uri].root)
            _walk(*pair, collector, named=False)


_Place = tuple[Address, Any]


def _walk(old: _Place, new: _Place, collector: Collector, *, named: bool) -> None:
    (left_at, left), (right_at, right) = old, new
    if isinstance(left, dict) and isinstance(right, dict):
        if not named and "$ref" not in {*left, *right}:
            _texts(old, new, collector)
        for key in left.keys() & right.keys():
            if named or (key not in _TEXTS and key not in _SKIPPED and key != "default" and not key.startswith("x-")):
                places = (left_at / key, left[key]), (right_at / key, right[key])
                _walk(*places, collector, named=not named and key in _NAMED)
    elif isinstance(left, list) and isinstance(right, list):
        for index, pair in enumerate(zip(left, right, strict=False)):
            _walk((left_at / index, pair[0]), (right_at / index, pair[1]), collector, named=False)


def _texts(old: _Place, new: _Place, collector: Collector) -> None:
    (left_at, left), (right_at, right) = old, new
    for key in _texts_of(left, right):
        if same(left.get(key), right.get(key)) or (key == "format" and _compared(left, right)):
            continue
        if key == "deprecated" and bool(left.get(key)) == bool(right.get(key)):
            continue
        verb = "is new" if key not in left else "is gone" if key not in right else "is another"
        where = _readable(right_at)
        collector.add(
            "documentation-changed", Kind.DOCUMENTATION, f"{where}: '{key}' {verb}", left_at / key, right_at / key
        )
    if "default" in left or "default" in right:
        _default(old, new, collector)


def _default(old: _Place, new: _Place, collector: Collector) -> None:
    (left_at, left), (right_at, right) = old, new
    before, after = left.get("default"), right.get("default")
    # `responses` has a member of this name, and server variables are compared with their servers.
    if isinstance(before, dict) or isinstance(after, dict) or "/variables/" in right_at.pointer:
        return
    if not same([before, "default" in left], [after, "default" in right]):
        text = f"{_readable(right_at)}: the default went from {_shown(left)} to {_shown(right)}"
        collector.add("default-changed", Kind.COMPATIBLE, text, left_at / "default", right_at / "default")


def _texts_of(left: dict[str, Any], right: dict[str, Any]) -> Iterator[str]:
    # Deprecated operations and parameters are reported with their names.
    reported = any(key in right for key in ("in", "responses", "operationId"))
    texts = {*_TEXTS, "format", *([] if reported else ["deprecated"])}
    for key in sorted(left.keys() | right.keys()):
        if key in texts or (key.startswith("x-") and key not in _SKIPPED):
            yield key


def _compared(left: dict[str, Any], right: dict[str, Any]) -> bool:
    """Whether both formats have a meaning for the schema, and are compared there."""
    known = {*FORMATS, *RANGES, None}
    return left.get("format") in known and right.get("format") in known


def _shown(value: dict[str, Any]) -> str:
    return repr(value["default"]) if "default" in value else "none"


def _readable(address: Address) -> str:
    return address.pointer or "the document"
