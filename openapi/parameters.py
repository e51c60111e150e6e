"""Parameters of an operation: which style they have on the wire, and which types (OpenAPI 3.1, 4.8.12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from openapi import styles
from openapi.library import Address, Library, fault
from openapi.source import nearest
from openapi.styles import ABSENT, Absent, Decode, Read, Wire, decoder

__all__ = [
    "ABSENT",
    "Absent",
    "Decode",
    "Parameter",
    "Wire",
    "decoder",
    "items_of",
    "members_of",
    "others_of",
    "parameter",
    "reader",
    "types_at",
    "types_of",
]

# By location, the default first. OpenAPI 3.2 adds a style `cookie`, which writes the same without escapes.
_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation. `name` is as documented; a header is looked up by its lower-case `key`.

    `decode` is set where the value is one plain text. `read` takes all values of the location and gives the typed value
    or ABSENT. `owns` tells whether a name on the wire belongs to it: more than one does for exploded objects. Where the
    schema admits several types, `others` read the value as each of them.
    """

    name: str
    key: str
    location: str
    required: bool
    address: Address
    schema: Address | None
    decode: Decode | None
    read: Read
    owns: Callable[[str], bool]
    others: tuple[Read, ...] = ()

    def value(self, wire: Wire, fits: Callable[[Any], bool]) -> Any:
        """The first reading that fits, or the first of all, or ABSENT."""
        first = self.read(wire)
        if first is ABSENT or not self.others or fits(first):
            return first
        readings = (read(wire) for read in self.others)
        return next((value for value in readings if value is not ABSENT and fits(value)), first)


def parameter(library: Library, address: Address, name: str = "", location: str = "") -> Parameter:
    """Compile the parameter at an address (not a reference). Raises SourceError for a place or style nobody defines.

    The header of a response says neither its name nor its place: they are given.
    """
    value = library.value(address)
    location, name = location or value["in"], name or value["name"]
    if location not in _STYLES:
        raise fault(
            library, address / "in", f"a parameter in '{location}' is not supported", nearest(location, _STYLES)
        )
    key = name.lower() if location == "header" else name
    make = partial(Parameter, name, key, location, bool(value.get("required")) or location == "path", address)
    if content := value.get("content"):
        media_type, described = next(iter(content.items()))
        schema = address / "content" / media_type / "schema" if "schema" in described else None
        return make(schema, styles.json_text, styles.single(key, styles.json_text), key.__eq__)
    if "schema" not in value:
        return make(None, str, styles.single(key, str), key.__eq__)
    style = value.get("style") or _STYLES[location][0]
    if style not in _STYLES[location]:
        hint = nearest(style, _STYLES[location])
        raise fault(library, address / "style", f"there is no style '{style}' in a {location}", hint)
    form = _Form.of(library, key, location, style, explode=value.get("explode"))
    target, schema = library.follow(address / "schema")
    types = types_of(library, target, schema)
    read, owns = form.reader(types, target)
    plain = style in ("simple", "form", "cookie") and not types & {"array", "object"}
    others = [form.reader(frozenset({name}), target)[0] for name in sorted(types - {"null"})]
    return make(
        address / "schema", decoder(types) if plain else None, read, owns, tuple(others) if len(others) > 1 else ()
    )


def reader(
    library: Library, schema: Address, key: str, location: str, style: str, *, explode: bool | None
) -> tuple[Read, Callable[[str], bool]]:
    """How a value of a schema is read from the wire, and which names there are its own; `explode` may be unsaid."""
    target, body = library.follow(schema)
    form = _Form.of(library, key, location, style, explode=explode)
    return form.reader(types_of(library, target, body), target)


def types_of(library: Library, address: Address, schema: Any) -> frozenset[str]:
    """The JSON types a schema admits, as far as its structure tells; empty when it tells nothing."""
    return _Types(library).of(address, schema)


def types_at(library: Library, addresses: Iterable[Address]) -> frozenset[str]:
    """The types that any of the schemas at some addresses admits."""
    return frozenset().union(*(types_of(library, *library.follow(address)) for address in addresses))


def members_of(library: Library, schema: Address) -> dict[str, list[Address]]:
    """The schemas of the declared properties of an object, also those of the schemas that it is made of."""
    found: dict[str, list[Address]] = {}
    for address, value in _made_of(library, schema):
        for name in value.get("properties") or {}:
            found.setdefault(name, []).append(address / "properties" / name)
    return found


def items_of(library: Library, schema: Address) -> list[Address]:
    """The schemas of the items of a list, also those of the schemas that it is made of."""
    found = []
    for address, value in _made_of(library, schema):
        found += [address / "prefixItems" / index for index in range(len(value.get("prefixItems") or ()))]
        found += [address / "items"] if isinstance(value.get("items"), dict) else []
    return found


def others_of(library: Library, schema: Address) -> list[Address]:
    """The schemas of the properties of an object that are not declared."""
    keyword = "additionalProperties"
    found = _made_of(library, schema)
    return [address / keyword for address, value in found if isinstance(value.get(keyword), dict)]


def _made_of(library: Library, schema: Address) -> Iterator[tuple[Address, Mapping[str, Any]]]:
    """A schema and those that it is made of, each once."""
    seen, waiting = set(), [schema]
    while waiting:
        address, value = library.follow(waiting.pop(0))
        if address not in seen and isinstance(value, dict):
            seen.add(address)
            yield address, value
            for keyword in ("allOf", "anyOf", "oneOf"):
                waiting += [address / keyword / index for index in range(len(value.get(keyword) or ()))]


class _Types:
    """One look at a schema; remembers what it has seen, so that schemas that refer to each other come to an end."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.seen: dict[Address, frozenset[str]] = {}

    def of(self, address: Address, schema: Any) -> frozenset[str]:
        if not isinstance(schema, dict):
            return frozenset()
        if address not in self.seen:
            self.seen[address] = frozenset()
            self.seen[address] = self._told(address, schema)
        return self.seen[address]

    def _told(self, address: Address, schema: Mapping[str, Any]) -> frozenset[str]:
        if "$ref" in schema:
            return self.of(*self.library.follow(address))
        if "type" in schema:
            declared = schema["type"]
            return frozenset(declared if isinstance(declared, list) else [declared])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return frozenset().union(*self._members(address / keyword, schema[keyword]))
        if "allOf" in schema:
            known = [types for types in self._members(address / "allOf", schema["allOf"]) if types]
            return frozenset.intersection(*known) if known else frozenset()
        values = [schema["const"]] if "const" in schema else schema.get("enum", [])
        return frozenset(_NAMES.get(type(value), "object") for value in values)

    def _members(self, at: Address, members: list[Any]) -> list[frozenset[str]]:
        return [self.of(at / index, member) for index, member in enumerate(members)]


_NAMES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """How one parameter is written on the wire."""

    library: Library
    key: str
    location: str
    style: str
    explode: bool

    @classmethod
    def of(cls, library: Library, key: str, location: str, style: str, *, explode: bool | None) -> _Form:
        return cls(library, key, location, style, style in ("form", "cookie") if explode is None else explode)

    def reader(self, types: frozenset[str], schema: Address) -> tuple[Read, Callable[[str], bool]]:
        key = self.key
        if self.style == "deepObject":
            deep = styles.deep_object(key, self._properties(schema), self._other(schema))
            return deep, lambda name: name.startswith(f"{key}[") and name.endswith("]")
        if "object" in types and "array" not in types and self.explode and self.style in ("form", "cookie"):
            properties = self._properties(schema)
            return styles.exploded_object(properties), properties.__contains__
        return self._prefixed(self._packed(types, schema), types), key.__eq__

    def _packed(self, types: frozenset[str], schema: Address) -> Read:
        if "array" in types:
            within = types_at(self.library, items_of(self.library, schema))
            decode, textual = decoder(within), not within or "string" in within
            if self.explode and self.style in ("form", "cookie"):
                return styles.exploded_array(self.key, decode)
            if self.explode and self.style == "matrix":  # ;ids=1;ids=2
                return styles.packed_array(self.key, _named(self.key, decode), ";")
            in_header = self.location == "header"
            return styles.packed_array(self.key, decode, self._separator(), header=in_header, textual=textual)
        if "object" in types:
            known, other = self._properties(schema), self._other(schema)
            return styles.packed_object(self.key, known, self._separator(), explode=self.explode, other=other)
        return styles.single(self.key, decoder(types))

    def _separator(self) -> str:
        if self.explode and self.style in ("label", "matrix"):
            return "." if self.style == "label" else ";"
        return _SEPARATORS.get(self.style, ",")

    def _prefixed(self, read: Read, types: frozenset[str]) -> Read:
        if self.style == "label":
            return styles.after(".", self.key, read)
        if self.style == "matrix":
            apart = self.explode and bool(types & {"array", "object"})
            return styles.after(";" if apart else f";{self.key}=", self.key, read)
        return read

    def _properties(self, schema: Address) -> dict[str, Decode]:
        members = members_of(self.library, schema)
        return {name: decoder(types_at(self.library, schemas)) for name, schemas in members.items()}

    def _other(self, schema: Address) -> Decode:
        return decoder(types_at(self.library, others_of(self.library, schema)))


def _named(key: str, decode: Decode) -> Decode:
    """A member that says its name again; one that does not stays text."""
    prefix = f"{key}="
    return lambda text: decode(text[len(prefix) :]) if text.startswith(prefix) else text
