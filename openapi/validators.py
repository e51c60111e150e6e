"""Validators of the schemas of a document: one registry for each direction, every schema compiled once.

`required` is relaxed for what the other side says: a request need not hold a `readOnly` property, nor a response a
`writeOnly` one (OpenAPI 3.0.4, 4.7.24.2; in 3.1 the same is a recommendation of JSON Schema, validation 9.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import jsonschema_rs

from openapi import pointer as json_pointer
from openapi.dialect import objects
from openapi.library import Address, Library, fault
from openapi.source import SourceError

# Who sends the value; `any` where that is not known.
Direction = Literal["request", "response", "any"]
NOT_SENT: Mapping[Direction, tuple[str, ...]] = {
    "request": ("readOnly",),
    "response": ("writeOnly",),
    "any": ("readOnly", "writeOnly"),
}
_META = "https://json-schema.org/draft/2020-12/schema"
# How many levels of `allOf` are searched for the properties that a `required` speaks of.
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a value does not fit: where in the value (`pointer`), what is wrong, and the keyword of the contract.

    `route` leads from the validated schema to the keyword, with a `$ref` for every reference on the way.
    """

    location: str
    pointer: tuple[str | int, ...]
    message: str
    keyword: str
    address: Address
    value: Any = None
    route: tuple[str | int, ...] = ()


class Validator(Protocol):
    """One compiled schema."""

    def is_valid(self, instance: Any) -> bool: ...

    def iter_errors(self, instance: Any) -> Iterator[Any]: ...


class Validators:
    """Compiles the schemas of one library. With `lenient`, a reference that leads nowhere admits everything."""

    def __init__(self, library: Library, *, lenient: bool = False) -> None:
        self._library = library
        self._lenient = lenient
        self._directed = any(b"readOnly" in s.text or b"writeOnly" in s.text for s in library.sources.values())
        self._registries: dict[Direction, jsonschema_rs.Registry] = {}
        self._compiled: dict[tuple[Address, Direction], Validator] = {}

    def at(self, address: Address, direction: Direction = "any") -> Validator:
        """The validator of the schema at an address. Raises SourceError for a schema that is none."""
        key = (address, direction if self._directed else "any")
        validator = self._compiled.get(key)
        if validator is None:
            try:
                validator = self.of({"$ref": address.reference}, direction)
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
                raise fault(self._library, address, f"is not a schema: {str(error).splitlines()[0]}") from None
            self._compiled[key] = validator
        return validator

    def of(self, schema: Mapping[str, Any], direction: Direction = "any") -> Validator:
        """The validator of a schema of our own; what it refers to by `reference` is the library's."""
        registry = self._registry(direction if self._directed else "any")
        return jsonschema_rs.Draft202012Validator(dict(schema), registry=registry, validate_formats=True)

    def fits(self, address: Address, value: Any) -> bool:
        """Whether a value fits the schema at an address, whoever sends it."""
        return self.at(address).is_valid(value)

    def _registry(self, direction: Direction) -> jsonschema_rs.Registry:
        if direction not in self._registries:
            resources = [
                (uri, {"$schema": _META, **self._relaxed(uri, source.root, direction)})
                for uri, source in self._library.sources.items()
                if isinstance(source.root, dict)
            ]
            self._registries[direction] = jsonschema_rs.Registry(resources, retriever=_retrieve_nothing)
        return self._registries[direction]

    def _relaxed(self, uri: str, root: dict[str, Any], direction: Direction) -> dict[str, Any]:
        """A file of which only what differs is copied."""
        changes: dict[str, dict[str, Any]] = {}
        if self._directed:
            changes |= _Relaxing(self._library, NOT_SENT[direction]).changes(uri, root)
        if self._lenient:
            broken = (at.pointer.rpartition("/")[0] for at in self._library.failures if at.uri == uri)
            changes |= {pointer: {} for pointer in broken}
        return _changed(root, changes)


@dataclass(frozen=True, slots=True)
class _Relaxing:
    """Finds each `required` that names what is not sent. `flags` are the keywords that say so."""

    library: Library
    flags: tuple[str, ...]

    def changes(self, uri: str, root: Any) -> dict[str, dict[str, Any]]:
        """The schemas that change, by their pointers."""
        found: dict[str, dict[str, Any]] = {}
        for pointer, schema in objects(root):
            if any(keyword in schema for keyword in ("required", "allOf", "anyOf", "oneOf")):
                self._relax(Address(uri, pointer), self._not_sent(Address(uri, pointer), schema, _DEPTH), found)
        return found

    def _relax(self, at: Address, names: set[str], found: dict[str, dict[str, Any]]) -> None:
        """Relax a schema and the members of its unions that stand within it: they speak of the same object."""
        schema = found.get(at.pointer) or self.library.value(at)
        if not names or not isinstance(schema, dict):
            return
        required = schema.get("required")
        if isinstance(required, list) and names.intersection(name for name in required if isinstance(name, str)):
            found[at.pointer] = {**schema, "required": [name for name in required if name not in names]}
        for keyword in ("allOf", "anyOf", "oneOf"):
            members = schema.get(keyword)
            for index in range(len(members) if isinstance(members, list) else 0):
                self._relax(at / keyword / index, names, found)

    def _not_sent(self, at: Address, schema: Any, depth: int) -> set[str]:
        """The properties that a schema, and what its `allOf` adds to it, flag."""
        if not isinstance(schema, dict):
            return set()
        properties, parts = schema.get("properties"), schema.get("allOf")
        names = {
            name
            for name in (properties if isinstance(properties, dict) else ())
            if self._is_flagged(at / "properties" / name)
        }
        for index in range(len(parts) if depth and isinstance(parts, list) else 0):
            names |= self._not_sent(*self._followed(at / "allOf" / index), depth - 1)
        return names

    def _is_flagged(self, at: Address) -> bool:
        places = (self.library.value(at), self._followed(at)[1])  # 3.1: a flag may stand beside the `$ref`
        return any(isinstance(schema, dict) and schema.get(flag) is True for schema in places for flag in self.flags)

    def _followed(self, at: Address) -> tuple[Address, Any]:
        try:
            return self.library.follow(at)
        except SourceError:
            return at, None


def _changed(root: dict[str, Any], changes: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A copy of plain data with other objects at some pointers; what does not change is shared."""
    copied: dict[int, Any] = {}

    def owned(value: Any) -> Any:
        if id(value) not in copied:
            duplicate = dict(value) if isinstance(value, dict) else list(value)
            copied[id(duplicate)] = duplicate
            return duplicate
        return value

    result: dict[str, Any] = owned(root) if changes else root
    # What stands within goes first, so that what is around it keeps it.
    for pointer, schema in sorted(changes.items(), key=lambda change: -change[0].count("/")):
        holder: Any = result
        *tokens, last = json_pointer.split(pointer) or ("",)
        for token in tokens:
            key: Any = int(token) if isinstance(holder, list) else token
            holder[key] = holder = owned(holder[key])
        key = int(last) if isinstance(holder, list) else last
        holder[key] = {} if not schema else {**holder[key], "required": schema["required"]}
    return result


def _retrieve_nothing(uri: str) -> Any:
    """What a schema names on the network is never fetched."""
    raise LookupError(uri)


def violations(validator: Validator, value: Any, location: str) -> Iterator[Violation]:
    """Every reason why a value does not fit, the members of a failed `oneOf`/`anyOf` told apart where it helps.

    What is required and missing is pointed at where it should be.
    """
    for error in validator.iter_errors(value):
        for leaf in leaves(error):
            pointer = tuple(leaf.instance_path)
            if leaf.kind.name == "required":
                pointer += (leaf.kind.property,)
            yield Violation(
                location,
                pointer,
                leaf.message,
                leaf.kind.name,
                Address.parse(leaf.absolute_keyword_location or ""),
                leaf.instance,
                tuple(leaf.evaluation_path),
            )


def leaves(error: Any) -> Iterator[Any]:
    """The errors that a reader can act on: of a failed union, those of the one member that was most likely meant."""
    branches = getattr(error.kind, "context", None)
    if not branches or not all(branches):  # no union, or one of which several members fit
        yield error
        return
    depth = len(error.instance_path)
    meant = [branch for branch in branches if not any(_rules_out(leaf, depth) for leaf in branch)]
    if len(meant) > 1:
        meant = [branch for branch in meant if not any(_hints_at_another(leaf, depth) for leaf in branch)]
    if len(meant) != 1:
        yield error
        return
    for leaf in meant[0]:
        yield from leaves(leaf)


def _rules_out(leaf: Any, depth: int) -> bool:
    """Whether a member of a union was not meant: another type, another constant in a property, no `$ref`."""
    below = len(leaf.instance_path) - depth
    if leaf.kind.name == "required" and below == 0:
        return bool(leaf.kind.property == "$ref")
    return (leaf.kind.name == "type" and below == 0) or (leaf.kind.name == "const" and below <= 1)


def _hints_at_another(leaf: Any, depth: int) -> bool:
    """Weaker: a property of which another value was expected."""
    return bool(leaf.kind.name == "enum" and len(leaf.instance_path) - depth <= 1)
