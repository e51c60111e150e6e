"""The schemas of both documents in one dialect, JSON Schema 2020-12, and where each of them stands in its file.

A node is a schema as plain data with the annotations left out. Siblings of `$ref` and formats with a range are written
out, `type` is always a list and `const` always an `enum`, so that the same meaning is the same node. References lead to
`#/$defs/<side>.<name>`, which makes nodes of both documents fit into one schema.
"""

from __future__ import annotations

import re
from typing import Any

from contracts.diff.faults import faults
from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA
from openapi.library import Address, Library

Node = dict[str, Any]

OLD, NEW = "old", "new"
PREFIX = "#/$defs/"

PLAIN = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("pattern", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties"),
        *("maxProperties", "dependentRequired"),
    }
)
# The formats that JSON Schema 2020-12 defines; every other is an annotation and admits all.
FORMATS = frozenset(
    {
        *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
        *("uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "regex"),
        *("json-pointer", "relative-json-pointer"),
    }
)
# OpenAPI's own formats that have a range (https://spec.openapis.org/registry/format/). int64 is what nearly every
# implementation uses for `integer` anyway: saying so is no promise that a client could notice.
RANGES = {"int8": 2**7, "int16": 2**15, "int32": 2**31}
FLAGS = ("readOnly", "writeOnly")
NOTHING: Node = {"not": {}}
# Keywords that admit everything when they have this value.
IDLE = {"uniqueItems": False, "minLength": 0, "minItems": 0, "minProperties": 0}


class Schemas:
    """Both documents' schemas, read when they are first asked for."""

    def __init__(self, old: Library, new: Library) -> None:
        self.libraries = {OLD: old, NEW: new}
        self._keys: dict[tuple[str, Address], str] = {}
        self._targets: dict[str, tuple[str, Address]] = {}
        self._definitions: dict[str, Node] = {}
        # By identity: a node is never copied without a place of its own. The nodes are kept, so that no id comes twice.
        self._places: dict[int, tuple[str, Address]] = {}
        self._origins: dict[tuple[int, str], Node] = {}
        self._kept: list[Node] = []

    def load(self, side: str, address: Address) -> Node:
        """The schema at an address of one document. Raises SourceError for a reference that leads nowhere."""
        return self._read(side, address, self.libraries[side].value(address))

    def anything(self, side: str, address: Address) -> Node:
        """The schema of what has none."""
        return self._put({}, side, address)

    def definition(self, key: str) -> Node:
        if key not in self._definitions:
            side, address = self._targets[key]
            self._definitions[key] = self.load(side, address)
        return self._definitions[key]

    def resolve(self, node: Node) -> Node:
        """The node behind references."""
        seen = set()
        while "$ref" in node:
            key = key_of(node)
            if key in seen:
                side, address = self._targets[key]
                raise self.libraries[side].sources[address.uri].fault(address.pointer, "refers only to itself")
            seen.add(key)
            node = self.definition(key)
        return node

    def place(self, node: Node) -> tuple[str, Address]:
        """The document (OLD or NEW) and the address where a node is written."""
        return self._places[id(node)]

    def origin(self, node: Node, keyword: str) -> Node:
        """The node that brought a keyword into a merged one."""
        return self._origins.get((id(node), keyword), node)

    def made(self, node: Node, at: Node, origins: dict[str, Node] | None = None) -> Node:
        """Give a node that was put together from others its place, and tell where its keywords came from."""
        self._kept.append(node)
        self._places[id(node)] = self._places[id(at)]
        for keyword, source in (origins or {}).items():
            self._origins[id(node), keyword] = source
        return node

    def _put(self, node: Node, side: str, address: Address) -> Node:
        self._kept.append(node)
        self._places[id(node)] = (side, address)
        return node

    def _read(self, side: str, address: Address, raw: Any) -> Node:
        if not isinstance(raw, dict):
            return self._put({"not": {}} if raw is False else {}, side, address)
        if isinstance(raw.get("$ref"), str):
            return self._reference(side, address, raw)
        return self._keywords(side, address, raw)

    def _reference(self, side: str, address: Address, raw: Node) -> Node:
        node = self._put({"$ref": PREFIX + self._key(side, address, raw["$ref"])}, side, address)
        rest = self._keywords(side, address, {key: value for key, value in raw.items() if key != "$ref"})
        if not rest:
            return node
        flags: Node = {flag: rest[flag] for flag in FLAGS if flag in rest}
        return self._put({"allOf": [node, rest], **flags}, side, address)

    def _key(self, side: str, address: Address, reference: str) -> str:
        library = self.libraries[side]
        try:
            target = library.target(reference, address.uri)
            library.value(target)
        except (LookupError, ValueError):
            source = library.sources[address.uri]
            raise source.fault(f"{address.pointer}/$ref", f"{reference} does not exist") from None
        if (side, target) not in self._keys:
            name = re.sub(r"[^A-Za-z0-9_-]", "_", target.pointer.rsplit("/", 1)[-1] or "root")
            key, number = f"{side}.{name}", 1
            while key in self._targets:
                number += 1
                key = f"{side}.{name}-{number}"
            self._keys[side, target] = key
            self._targets[key] = (side, target)
        return self._keys[side, target]

    def _keywords(self, side: str, address: Address, raw: Node) -> Node:
        if fault := next(faults(raw), None):
            source = self.libraries[side].sources[address.uri]
            raise source.fault(
                f"{address.pointer}/{fault[0]}", f"is no schema: {fault[1]}", "contracts validate says more"
            )
        node: Node = {key: raw[key] for key in PLAIN if key in raw and raw[key] != IDLE.get(key)}
        self._children(node, side, address, raw)
        _values(node, raw)
        _format(node, raw.get("format"))
        node.update({flag: True for flag in FLAGS if raw.get(flag) is True})
        return self._put(node, side, address)

    def _children(self, node: Node, side: str, address: Address, raw: Node) -> None:
        for key in LIST_OF_SCHEMAS:
            if isinstance(raw.get(key), list) and raw[key]:
                node[key] = [self._read(side, address / key / n, member) for n, member in enumerate(raw[key])]
        for key in MAP_OF_SCHEMAS:
            if isinstance(raw.get(key), dict) and raw[key]:
                node[key] = {name: self._read(side, address / key / name, member) for name, member in raw[key].items()}
        for key in ONE_SCHEMA:
            if isinstance(raw.get(key), (dict, bool)):
                child = self._read(side, address / key, raw[key])
                # Under the other keywords, `true` says what is true without them.
                if child or key in ("if", "not", "contains"):
                    node[key] = child


def key_of(reference: Node) -> str:
    """The name of the definition that a reference node leads to."""
    return str(reference["$ref"])[len(PREFIX) :]


def _values(node: Node, raw: Node) -> None:
    if isinstance(raw.get("required"), list) and raw["required"]:
        node["required"] = sorted(set(raw["required"]))
    if "const" in raw:
        node["enum"] = [raw["const"]]
    elif isinstance(raw.get("enum"), list):
        node["enum"] = list(raw["enum"])
    if "type" in raw:
        node["type"] = sorted(raw["type"]) if isinstance(raw["type"], list) else [raw["type"]]


def _format(node: Node, name: Any) -> None:
    if name in FORMATS:
        node["format"] = name
    elif name in RANGES:
        limit = RANGES[name]
        node["minimum"] = max(node.get("minimum", -limit), -limit)
        node["maximum"] = min(node.get("maximum", limit - 1), limit - 1)
