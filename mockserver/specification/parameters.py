"""Parameters: from the text on the wire to typed values, strictly, by style and schema (OpenAPI 3.1, 4.8.12)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.specification.library import Address, Library

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,399})\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

Decode = Callable[[str], Any]
# The values of one location as they came: a name may be repeated.
Wire = Mapping[str, Sequence[str]]


class Absent:
    """The parameter was not sent."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. `name` is as documented; a header is looked up by its lower-case `key`.

    `decode` is set where the value is one plain text. `read` takes all values of the location and gives the typed value
    or ABSENT. `owns` tells whether a name on
    the wire belongs to it: more than one does for exploded objects.
    """

    name: str
    key: str
    location: str
    required: bool
    address: Address
    schema: Address | None
    decode: Decode | None
    read: Callable[[Wire], Any]
    owns: Callable[[str], bool]


def parameter(library: Library, address: Address) -> Parameter:
    """Compile the parameter at an address (not a reference). Raises SourceError for a style nobody defines."""
    value = library.value(address)
    location, name = value["in"], value["name"]
    key = name.lower() if location == "header" else name
    content = value.get("content")
    if content:
        schema = address / "content" / next(iter(content)) / "schema"
        return Parameter(name, key, location, _required(value), address, schema, _json, _single(key, _json), key.__eq__)
    schema = address / "schema"
    style = value.get("style") or ("form" if location in ("query", "cookie") else "simple")
    explode = value.get("explode", style == "form")
    target, body = library.follow(schema)
    types = types_of(library, target, body)
    read, owns = _reader(library, key, style, explode=explode, types=types, schema=target)
    single = style != "deepObject" and not types & {"array", "object"}
    decode = decoder(types) if single else None
    return Parameter(name, key, location, _required(value), address, schema, decode, read, owns)


def _required(value: Mapping[str, Any]) -> bool:
    return bool(value.get("required")) or value["in"] == "path"


def types_of(library: Library, address: Address, schema: Any, depth: int = 0) -> frozenset[str]:
    """The JSON types a schema admits, as far as its structure tells; empty when it tells nothing."""
    if not isinstance(schema, dict) or depth > 20:
        return frozenset()
    if "$ref" in schema:
        target, value = library.follow(address)
        return types_of(library, target, value, depth + 1)
    if "type" in schema:
        declared = schema["type"]
        return frozenset(declared if isinstance(declared, list) else [declared])
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            members = range(len(schema[keyword]))
            return frozenset().union(*(_types_at(library, address, keyword, i, depth) for i in members))
    if "allOf" in schema:
        known = [t for i in range(len(schema["allOf"])) if (t := _types_at(library, address, "allOf", i, depth))]
        return frozenset.intersection(*known) if known else frozenset()
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return frozenset(_NAMES.get(type(value), "object") for value in values)


_NAMES: dict[type, str] = {
    str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null", list: "array", dict: "object",
}  # fmt: skip


def _types_at(library: Library, address: Address, keyword: str, index: int, depth: int) -> frozenset[str]:
    place = address / keyword / index
    return types_of(library, place, library.value(place), depth + 1)


def _reader(
    library: Library, key: str, style: str, *, explode: bool, types: frozenset[str], schema: Address
) -> tuple[Callable[[Wire], Any], Callable[[str], bool]]:
    if style == "deepObject":
        properties = _property_decoders(library, schema)
        return _deep_object(key, properties), lambda name: name.startswith(f"{key}[") and name.endswith("]")
    if "array" in types:
        items = schema / "items"
        decode = decoder(_item_types(library, items))
        return _array(key, _SEPARATORS.get(style, ","), decode, explode=explode and style == "form"), key.__eq__
    if "object" in types:
        properties = _property_decoders(library, schema)
        if explode and style == "form":
            return _exploded_object(properties), properties.__contains__
        return _packed_object(key, properties, explode=explode), key.__eq__
    return _single(key, decoder(types)), key.__eq__


def _item_types(library: Library, items: Address) -> frozenset[str]:
    try:
        return types_of(library, items, library.value(items))
    except LookupError:
        return frozenset()


def _property_decoders(library: Library, schema: Address) -> dict[str, Decode]:
    value = library.value(schema)
    return {name: decoder(_item_types(library, schema / "properties" / name)) for name in value.get("properties", {})}


def decoder(types: frozenset[str]) -> Decode:
    """From text to the JSON value of one of `types`; text that is none of them stays text, for validation to refuse."""
    order = [_DECODERS[name] for name in ("integer", "number", "boolean") if name in types]
    if not order:
        return str

    def decode(text: str) -> Any:
        for attempt in order:
            value = attempt(text)
            if value is not ABSENT:
                return value
        return text

    return decode


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.match(text) else ABSENT


def _number(text: str) -> Any:
    return (int(text) if _INTEGER.match(text) else float(text)) if _NUMBER.match(text) else ABSENT


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, ABSENT)


_DECODERS = {"integer": _integer, "number": _number, "boolean": _boolean}


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _single(key: str, decode: Decode) -> Callable[[Wire], Any]:
    def read(wire: Wire) -> Any:
        values = wire.get(key)
        if values is None:
            return ABSENT
        # A repeated scalar is neither value: a list, which no scalar schema admits.
        return decode(values[0]) if len(values) == 1 else list(values)

    return read


def _array(key: str, separator: str, decode: Decode, *, explode: bool) -> Callable[[Wire], Any]:
    def read(wire: Wire) -> Any:
        values = wire.get(key)
        if values is None:
            return ABSENT
        if not explode:
            values = [part.strip() for value in values for part in value.split(separator)]
        return [decode(value) for value in values]

    return read


def _exploded_object(properties: Mapping[str, Decode]) -> Callable[[Wire], Any]:
    def read(wire: Wire) -> Any:
        found = {name: decode(wire[name][0]) for name, decode in properties.items() if name in wire}
        return found or ABSENT

    return read


def _packed_object(key: str, properties: Mapping[str, Decode], *, explode: bool) -> Callable[[Wire], Any]:
    def read(wire: Wire) -> Any:
        values = wire.get(key)
        if values is None:
            return ABSENT
        parts = values[0].split(",")
        pairs = [part.partition("=")[::2] for part in parts] if explode else zip(parts[::2], parts[1::2], strict=False)
        return {name: properties.get(name, str)(text) for name, text in pairs}

    return read


def _deep_object(key: str, properties: Mapping[str, Decode]) -> Callable[[Wire], Any]:
    prefix = f"{key}["

    def read(wire: Wire) -> Any:
        found = {
            name[len(prefix) : -1]: properties.get(name[len(prefix) : -1], str)(values[0])
            for name, values in wire.items()
            if name.startswith(prefix) and name.endswith("]")
        }
        return found or ABSENT

    return read
