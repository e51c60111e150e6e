"""What there is to exercise in one schema: its keywords, each with the sides that no value has shown yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.check.assertions import alone, applies, forbidden, left_over, referring, why_not
from contracts.target.bodies import Wire
from openapi.contract import Contract, Validator
from openapi.library import Address
from openapi.parameters import types_of

KEPT, BROKEN, SEEN, TAKEN = "kept", "broken", "seen", "taken"

# Of a long list so many members at either end are looked at.
_MEMBERS = 100

# What a text on the wire always is, or can always be read as.
_TEXTUAL = frozenset({"string", "array", "object"})
# What is said of properties that are not declared.
_UNDECLARED = frozenset({"additionalProperties", "unevaluatedProperties", "propertyNames"})

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

    A request is `judged`: it may keep or break what it is sent to. A response is only looked at. `unjudged` says of
    every keyword that nothing can be told of, why.
    """

    contract: Contract
    judged: bool
    found: dict[Address, Goal] = field(default_factory=dict)
    unjudged: dict[Address, str] = field(default_factory=dict)
    _nodes: dict[tuple[Address, Wire], Node] = field(default_factory=dict)

    def add(self, address: Address, sides: tuple[str, ...], shows: Callable[[Any], str]) -> Goal:
        """A goal, or the one that is there: what travels in several ways can show what any of them can."""
        goal = self.found.setdefault(address, Goal(address, set(), shows))
        goal.lacks.update(sides)
        return goal

    def node(self, address: Address, wire: Wire) -> Node:
        """The schema at an address."""
        library = self.contract.library
        if wire is Wire.FIELD and "object" in types_of(library, *library.follow(address)):
            wire = Wire.JSON
        key = (address, wire)
        if key not in self._nodes:
            node = self._nodes[key] = Node()
            schema = library.value(address)
            if isinstance(schema, dict):
                schema = referring(library, schema, address)
                _Reader(self, address, schema, node, wire).read()
        return self._nodes[key]

    def validate(self, schema: Mapping[str, Any]) -> Validator:
        """The validator of a schema made of parts of the contract."""
        return self.contract.validators.of(schema)


@dataclass(slots=True)
class _Reader:
    """Reads one schema, of which the parts are references, into its node."""

    goals: Goals
    address: Address
    schema: dict[str, Any]
    node: Node
    wire: Wire

    @property
    def text(self) -> bool:
        return self.wire is not Wire.JSON

    @property
    def _both(self) -> tuple[str, ...]:
        return (KEPT, BROKEN) if self.goals.judged else (SEEN,)

    def read(self) -> None:
        if self.wire is Wire.DECLARED:
            self._declared()
        self._assertions()
        self._same()
        self._branches("oneOf")
        self._branches("anyOf")
        self._condition()
        self._dependents()
        self._members()
        self._names()
        self._unevaluated("unevaluatedProperties", dict)
        self._unevaluated("unevaluatedItems", list)

    def _declared(self) -> None:
        for keyword in [keyword for keyword in self.schema if keyword in _UNDECLARED]:
            if self.schema.pop(keyword) is not True:
                self.goals.unjudged[self.address / keyword] = "no other names than the declared are read here"

    def _assertions(self) -> None:
        for keyword in self.schema:
            if why := why_not(keyword, self.schema, self.goals.validate):
                self.goals.unjudged[self.address / keyword] = why
            elif judge := alone(keyword, self.schema):
                self._assertion(keyword, judge)
        for tokens, judge, judges in forbidden(self.schema):
            self._goal(self._to(*tokens), self._both, self._shows(judge, judges))

    def _assertion(self, keyword: str, judge: Mapping[str, Any]) -> None:
        value = self.schema[keyword]
        if not self.goals.judged and (keyword == "enum" or (keyword == "type" and isinstance(value, list))):
            for index, one in enumerate(value):
                fits = self.goals.validate({"const" if keyword == "enum" else "type": one}).is_valid
                self._goal(self.address / keyword / index, (SEEN,), _when(SEEN, fits))
            return
        self._goal(self.address / keyword, self._sides(keyword), self._shows(judge, applies(keyword, self.schema)))

    def _sides(self, keyword: str) -> tuple[str, ...]:
        """What a value of this keyword can show: on the wire, not everything can be broken."""
        if not self.goals.judged:
            return self._both
        value = self.schema[keyword]
        if keyword == "not" and self.goals.contract.library.value(self.address / "not") in (True, {}):
            return (BROKEN,)
        unbreakable = (
            # Any text is a string, and any number of texts a list; what has no members is not sent at all.
            (self.text and keyword == "type" and not _TEXTUAL.isdisjoint([value] if isinstance(value, str) else value))
            or (self.text and keyword in ("minItems", "minProperties") and value <= 1)
            or (self.wire is Wire.FILLED and keyword == "minLength" and value <= 1)
        )
        return (KEPT,) if unbreakable else self._both

    def _shows(self, judge: Mapping[str, Any], judges: Callable[[Any], bool]) -> Callable[[Any], str]:
        if not self.goals.judged:
            return _when(SEEN, judges)
        fits = self.goals.validate(judge).is_valid
        return lambda value: "" if not judges(value) else KEPT if fits(value) else BROKEN

    def _same(self) -> None:
        """What holds of the same value at once."""
        if "$ref" in self.schema:
            self._follow(Address.parse(self.schema["$ref"]))
        for index in range(len(self.schema.get("allOf") or ())):
            self._always(self._at("allOf", index))

    def _follow(self, target: Address) -> None:
        try:
            self.goals.contract.library.value(target)
        except (LookupError, ValueError):  # an anchor, which only the validator finds
            self.goals.unjudged[self.address / "$ref"] = "no JSON Pointer, and not followed"
        else:
            self._always(self.goals.node(target, self.wire))

    def _branches(self, keyword: str) -> None:
        if keyword not in self.schema:
            return
        at, judged = self.address / keyword, self.goals.judged
        library, validators = self.goals.contract.library, self.goals.contract.validators
        branches = {
            index: (validators.at(at / index), self._at(keyword, index))
            for index in range(len(self.schema[keyword]))
            # No text is null.
            if not (self.text and types_of(library, at / index, library.value(at / index)) == {"null"})
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
        if "if" not in self.schema:
            return
        condition = self.goals.contract.validators.at(self.address / "if").is_valid
        for keyword, holds in (("then", True), ("else", False)):
            if self.schema.get(keyword, False) is not False:
                self._where(condition, keyword, holds=holds)

    def _dependents(self) -> None:
        for keyword in ("dependentSchemas", "dependencies"):
            for name, member in (self.schema.get(keyword) or {}).items():
                if member is not False and not isinstance(member, list):
                    self._where(_has(name), keyword, name)

    def _where(self, condition: Callable[[Any], bool], *tokens: str, holds: bool = True) -> None:
        """A schema that holds where a condition does: to come there is a goal of its own."""
        node = self._at(*tokens)
        self._goal(self._to(*tokens), (TAKEN,), _when(TAKEN, condition, holds=holds))
        self.node.steps.append(lambda value: iter([(node, value)] if condition(value) is holds else ()))

    def _members(self) -> None:
        properties = {name: self._in("properties", name) for name in self.schema.get("properties") or {}}
        patterns = [
            (self.goals.validate({"pattern": pattern}).is_valid, self._in("patternProperties", pattern))
            for pattern in self.schema.get("patternProperties") or {}
        ]
        extra = self._in("additionalProperties") if isinstance(self.schema.get("additionalProperties"), dict) else None
        prefix = [self._in("prefixItems", index) for index in range(len(self.schema.get("prefixItems") or ()))]
        items = self._in("items") if isinstance(self.schema.get("items"), dict) else None

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

    def _names(self) -> None:
        if isinstance(self.schema.get("propertyNames"), dict):
            node = self.goals.node(self.address / "propertyNames", Wire.TEXT)
            self.node.steps.append(lambda value: ((node, name) for name in (value if isinstance(value, dict) else ())))

    def _unevaluated(self, keyword: str, kind: type) -> None:
        """What no other part of the schema speaks of: which members those are, the validator says."""
        if self.schema.get(keyword, True) is True:
            return
        left = left_over(keyword, self.schema, self.goals.validate)

        def shows(value: Any) -> str:
            rest = left(value) if isinstance(value, kind) else None
            return "" if rest is None else SEEN if not self.goals.judged else BROKEN if rest else KEPT

        def step(value: Any) -> Parts:
            for member in (left(value) if isinstance(value, kind) else None) or ():
                yield node, value[member] if kind is dict else orjson.loads(member)

        if self.schema[keyword] is False:
            self._goal(self.address / keyword, self._both, shows)
            return
        node = self._in(keyword)
        self.node.steps.append(step)

    def _always(self, node: Node) -> None:
        self.node.steps.append(lambda value: iter([(node, value)]))

    def _to(self, *tokens: str | int) -> Address:
        address = self.address
        for token in tokens:
            address /= token
        return address

    def _at(self, *tokens: str | int) -> Node:
        """A schema of the same value."""
        return self.goals.node(self._to(*tokens), self.wire)

    def _in(self, *tokens: str | int) -> Node:
        """A schema of a member of it."""
        within = {Wire.FORM: Wire.FIELD, Wire.LISTED: Wire.FILLED}
        return self.goals.node(self._to(*tokens), within.get(self.wire, self.wire))

    def _goal(self, address: Address, sides: tuple[str, ...], shows: Callable[[Any], str]) -> None:
        self.node.open.append(self.goals.add(address, sides, shows))


def _when(side: str, fits: Callable[[Any], bool], *, holds: bool = True) -> Callable[[Any], str]:
    return lambda value: side if fits(value) is holds else ""


def _has(name: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and name in value
