"""Answers without what may differ from server to server: ids by reference, instants by order, codes by shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from contracts.target.subject import Subject
from openapi.library import Address

Way = tuple[str | int, ...]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)\Z", re.ASCII)
_ID = re.compile(r"(?:^|_)(?:id|ids|uuid|guid)\Z|(?<=[a-z0-9])(?:Id|ID|Ids)\Z", re.ASCII)
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9-]{3,}\Z", re.ASCII)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands for a value that may differ: its kind, and the part of it that may not."""

    kind: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.value}".strip()


@dataclass(slots=True)
class Names:
    """What the ids of one side are called on both: by where each was first seen."""

    known: dict[str, str] = field(default_factory=dict)

    def of(self, value: str, place: str) -> str:
        return self.known.setdefault(value, place)

    def teach(self, values: Iterable[tuple[str, str]]) -> None:
        """Values that both sides know under one name, before anything is seen."""
        for value, name in values:
            self.known.setdefault(value, name)


def normalise(value: Any, names: Names, label: str, exact: Callable[[Way, Any], bool], way: Way = ()) -> Any:
    """A value with marks in it. `exact` says which values are the contract's own words, and are kept as they are."""
    if isinstance(value, dict):
        return {key: normalise(member, names, label, exact, (*way, key)) for key, member in value.items()}
    if isinstance(value, list):
        return [normalise(member, names, label, exact, (*way, index)) for index, member in enumerate(value)]
    if value is None or exact(way, value):
        return value
    if isinstance(value, bool):
        return Mark("boolean")
    if isinstance(value, (int, float)):
        return Mark("number")
    return _text(value, names, f"{label} {'/'.join(map(str, way))}", way)


def _text(value: str, names: Names, place: str, way: Way) -> Any:
    name = next((str(token) for token in reversed(way) if isinstance(token, str)), "")
    if value in names.known:
        return Mark("id", names.known[value])
    if _ID.search(name):
        return Mark("id", names.of(value, place))
    if _INSTANT.match(value):
        return Mark("instant")
    if _SYMBOL.match(value) and not any(character.isdigit() for character in value):
        return value
    if _CODE.match(value) and not value.islower():
        return Mark("code", re.sub("[a-z]", "a", re.sub("[A-Z0-9]", "X", value)))
    return Mark("text")


def instants(value: Any, way: Way = ()) -> Iterator[tuple[Way, datetime]]:
    """Every instant in a body, with its place."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in items:
        yield from instants(member, (*way, key))
    if isinstance(value, str) and _INSTANT.match(value):
        try:
            yield way, datetime.fromisoformat(value)
        except ValueError:
            return  # the thirteenth month


@dataclass(frozen=True, slots=True)
class Words:
    """The contract's own words at each place of a response: the members of its enumerations."""

    subject: Subject

    def at(self, schema: Address, way: Way) -> frozenset[str]:
        return _words(self, schema, tuple("*" if isinstance(token, int) else token for token in way))


@cache
def _words(words: Words, schema: Address, way: tuple[str, ...]) -> frozenset[str]:
    library = words.subject.contract.library
    found: set[str] = set()
    waiting, seen = [(schema, way)], set()
    while waiting:
        at = waiting.pop()
        address, rest = at
        value = library.value(address)
        if at in seen or not isinstance(value, dict):
            continue
        seen.add(at)
        if not rest:
            found.update(one for one in [*value.get("enum", ()), value.get("const")] if isinstance(one, str))
        waiting += [(below, left) for below, left in _below(words, address, value, rest)]
    return frozenset(found)


def _below(
    words: Words, at: Address, value: dict[str, Any], way: tuple[str, ...]
) -> Iterator[tuple[Address, tuple[str, ...]]]:
    if "$ref" in value:
        yield words.subject.contract.library.target(value["$ref"], at.uri), way
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index in range(len(value.get(keyword) or ())):
            yield at / keyword / index, way
    for keyword in ("then", "else"):
        if keyword in value:
            yield at / keyword, way
    if way and way[0] in (value.get("properties") or {}):
        yield at / "properties" / way[0], way[1:]
    if way and way[0] == "*" and "items" in value:
        yield at / "items", way[1:]
