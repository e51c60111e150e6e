"""What there is to exercise in one schema: its keywords, each with the sides that no value has shown yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from mockserver.specification.contract import Contract
from mockserver.specification.dialect import modern
from mockserver.specification.library import Address
from mockserver.specification.parameters import types_of

KEPT, BROKEN, SEEN, TAKEN = "kept", "broken", "seen", "taken"

# Keywords that judge a value by themselves, and which values each applies to.
_ANY, _STRING, _NUMBER, _ARRAY, _OBJECT = object, str, (int, float), list, dict
_ASSERTIONS: Mapping[str, type | tuple[type, ...]] = {
    "type": _ANY, "enum": _ANY, "const": _ANY, "minLength": _STRING, "maxLength": _STRING, "pattern": _STRING,
    "format": _STRING, "minimum": _NUMBER, "maximum": _NUMBER, "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER, "multipleOf": _NUMBER, "minItems": _ARRAY, "maxItems": _ARRAY, "uniqueItems": _ARRAY,
    "minProperties": _OBJECT, "maxProperties": _OBJECT, "required": _OBJECT, "dependentRequired": _OBJECT,
    "additionalProperties": _OBJECT,
}  # fmt: skip
# Of a long list so many members at either end are looked at.
_MEMBERS = 100
# A text that no format admits: what a validator lets through for it is only a remark to the reader.
_NO_FORMAT = "\x00 "

Parts = Iterator[tuple["Node", Any]]


@dataclass(slots=True)
class Goal:
    """One keyword. `lacks` are the sides that are still to be shown; `shows` says which one a value shows, or ""."""

    address: Address
    lacks: set[str]
    shows: Callable[[Any], str] = field(repr=False)


@dataclass(slots=True)
class Node:
    """One schema: the goals that are open, and where the parts of a value lead."""

    open: list[Goal] = field(default_factory=list)
    steps: list[Callable[[Any], Parts]] = field(default_factory=list)

    def look(self, value: Any) -> None:
        """Let a value show what it can."""
        if self.open:
            for goal in self.open:
                goal.lacks.discard(goal.shows(value))
            self.open = [goal for goal in self.open if goal.lacks]
        for step in self.steps:
            for node, part in step(value):
                node.look(part)


@dataclass(slots=True)
class Goals:
    """The goals of every schema that an operation's requests use, or its responses, by address.

    A request is `judged`: it may keep or break what it is sent to. A response is only looked at.
    """

    contract: Contract
    judged: bool
    found: dict[Address, Goal] = field(default_factory=dict)
    _nodes: dict[tuple[Address, bool, bool], Node] = field(default_factory=dict)

    def add(self, address: Address, sides: tuple[str, ...], shows: Callable[[Any], str]) -> Goal:
        """A goal, or the one that is there."""
        return self.found.setdefault(address, Goal(address, set(sides), shows))

    def node(self, address: Address, *, text: bool = False, filled: bool = False) -> Node:
        """The schema at an address. `text`: its values travel as text; `filled`: that is never empty, as in a path."""
        key = (address, text, filled)
        if key not in self._nodes:
            node = self._nodes[key] = Node()
            schema = self.contract.library.value(address)
            if isinstance(schema, dict):
                _Reader(self, address, self._modern(schema), node, text, filled).read()
        return self._nodes[key]

    def _modern(self, schema: dict[str, Any]) -> dict[str, Any]:
        old = str(self.contract.library.root.get("openapi", "")).startswith("3.0")
        result: dict[str, Any] = modern(schema) if old else schema
        return result


@dataclass(slots=True)
class _Reader:
    """Reads one schema into its node."""

    goals: Goals
    address: Address
    schema: dict[str, Any]
    node: Node
    text: bool
    filled: bool

    def read(self) -> None:
        if isinstance(self.schema.get("$ref"), str):
            target = self.goals.contract.library.target(self.schema["$ref"], self.address.uri)
            self._always(self._node(target))
        for index in range(len(self.schema.get("allOf") or ())):
            self._always(self._at("allOf", index))
        for keyword, applies in _ASSERTIONS.items():
            if keyword in self.schema:
                self._assertion(keyword, applies)
        for keyword in ("oneOf", "anyOf"):
            if keyword in self.schema:
                self._branches(keyword)
        if "if" in self.schema:
            self._condition()
        self._members()

    def _assertion(self, keyword: str, applies: type | tuple[type, ...]) -> None:
        value = self.schema[keyword]
        if not self.goals.judged and (keyword == "enum" or (keyword == "type" and isinstance(value, list))):
            for index, one in enumerate(value):
                fits = _alone({"const" if keyword == "enum" else "type": one})
                self._goal(self.address / keyword / index, (SEEN,), _when(SEEN, fits))
            return
        if judge := _fits(keyword, value, self.schema):
            self._goal(self.address / keyword, self._sides(keyword), _shows(judge, applies, judged=self.goals.judged))

    def _sides(self, keyword: str) -> tuple[str, ...]:
        """What a value of this keyword can show: on the wire, not everything can be broken."""
        if not self.goals.judged:
            return (SEEN,)
        types = types_of(self.goals.contract.library, self.address, self.schema)
        unbreakable = (
            # Any text is a string, and any number of texts a list; a list without members is not sent at all.
            (self.text and keyword == "type" and bool(types & {"string", "array", "object"}))
            or (self.text and keyword == "minItems" and self.schema[keyword] <= 1)
            or (self.filled and keyword == "minLength" and self.schema[keyword] <= 1)
        )
        return (KEPT,) if unbreakable else (KEPT, BROKEN)

    def _branches(self, keyword: str) -> None:
        at, judged = self.address / keyword, self.goals.judged
        library, validators = self.goals.contract.library, self.goals.contract.validators
        branches = {
            index: (validators.at(at / index), self._at(keyword, index))
            for index, member in enumerate(self.schema[keyword])
            # No text is null.
            if not (self.text and types_of(library, at / index, member) == {"null"})
        }

        def taken(value: Any) -> list[Node]:
            return [node for validator, node in branches.values() if validator.is_valid(value)]

        for index, (validator, _) in branches.items():
            self._goal(at / index, (TAKEN,), _when(TAKEN, validator.is_valid))
        if judged:
            most = 1 if keyword == "oneOf" else len(branches)
            self._goal(at, (BROKEN,), lambda value: "" if 1 <= len(taken(value)) <= most else BROKEN)

        def step(value: Any) -> Parts:
            # What fits none was meant to fit one, and shows what it breaks there.
            for node in taken(value) or ([node for _, node in branches.values()] if judged else ()):
                yield node, value

        self.node.steps.append(step)

    def _condition(self) -> None:
        condition = self.goals.contract.validators.at(self.address / "if").is_valid
        ways = {}
        for keyword, holds in (("then", True), ("else", False)):
            if keyword in self.schema:
                ways[holds] = self._at(keyword)
                self._goal(self.address / keyword, (TAKEN,), _when(TAKEN, condition, holds=holds))

        def step(value: Any) -> Parts:
            node = ways.get(condition(value))
            if node is not None:
                yield node, value

        self.node.steps.append(step)

    def _members(self) -> None:
        properties = {name: self._at("properties", name) for name in self.schema.get("properties") or {}}
        patterns = [
            (_alone({"pattern": pattern}), self._at("patternProperties", pattern))
            for pattern in self.schema.get("patternProperties") or {}
        ]
        extra = self._at("additionalProperties") if isinstance(self.schema.get("additionalProperties"), dict) else None
        prefix = [self._at("prefixItems", index) for index in range(len(self.schema.get("prefixItems") or ()))]
        items = self._at("items") if isinstance(self.schema.get("items"), dict) else None

        def members(value: Any) -> Parts:
            if isinstance(value, dict):
                for name, member in value.items():
                    nodes = [node for fits, node in patterns if fits(name)]
                    nodes += [properties[name]] if name in properties else []
                    for node in nodes or ([extra] if extra else ()):
                        yield node, member
            elif isinstance(value, list):
                yield from zip(prefix, value, strict=False)
                if items is not None:
                    rest = value[len(prefix) :]
                    for member in rest if len(rest) <= 2 * _MEMBERS else rest[:_MEMBERS] + rest[-_MEMBERS:]:
                        yield items, member

        if properties or patterns or extra or prefix or items:
            self.node.steps.append(members)

    def _always(self, node: Node) -> None:
        self.node.steps.append(lambda value: iter([(node, value)]))

    def _at(self, *tokens: str | int) -> Node:
        address = self.address
        for token in tokens:
            address /= token
        return self._node(address)

    def _node(self, address: Address) -> Node:
        return self.goals.node(address, text=self.text, filled=self.filled)

    def _goal(self, address: Address, sides: tuple[str, ...], shows: Callable[[Any], str]) -> None:
        self.node.open.append(self.goals.add(address, sides, shows))


def _when(side: str, fits: Callable[[Any], bool], *, holds: bool = True) -> Callable[[Any], str]:
    return lambda value: side if fits(value) is holds else ""


def _shows(fits: Callable[[Any], bool], applies: type | tuple[type, ...], *, judged: bool) -> Callable[[Any], str]:
    def shows(value: Any) -> str:
        if not isinstance(value, applies) or (applies is _NUMBER and isinstance(value, bool)):
            return ""
        return SEEN if not judged else KEPT if fits(value) else BROKEN

    return shows


def _fits(keyword: str, value: Any, schema: Mapping[str, Any]) -> Callable[[Any], bool] | None:
    """Whether a value keeps one keyword alone; None for one that admits everything or judges by another schema."""
    if keyword == "additionalProperties":
        if value is not False:
            return None
        names = {key: dict.fromkeys(schema.get(key) or {}, True) for key in ("properties", "patternProperties")}
        return _alone({**names, keyword: value})
    if keyword in ("required", "dependentRequired") and not value:
        return None
    fits = _alone({keyword: value})
    return None if keyword == "format" and fits(_NO_FORMAT) else fits


def _alone(schema: dict[str, Any]) -> Callable[[Any], bool]:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
