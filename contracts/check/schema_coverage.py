"""What there is to exercise in one schema: its keywords, each with the sides that no value has shown yet.

A keyword is judged by a schema of its own, which holds it and what it depends on; schemas within it are referred to
where they stand. So a validator tells whether it is kept, and there is no second meaning of any keyword here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.target.bodies import Wire
from openapi.contract import Contract
from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA
from openapi.library import Address, Library
from openapi.parameters import types_of
from openapi.validators import Validator

Schema = Mapping[str, Any]
Applies = Callable[[Any], bool]


def _any(_: Any) -> bool:
    return True


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _of(kind: type) -> Applies:
    return lambda value: isinstance(value, kind)


_text, _array, _object = _of(str), _of(list), _of(dict)

# Keywords that judge a value, and which values each says anything of.
_APPLIES: Mapping[str, Applies] = {
    **dict.fromkeys(("type", "enum", "const", "not"), _any),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), _text),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), _number),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems", "items"), _array),
    **dict.fromkeys(("contains", "minContains", "maxContains"), _array),
    **dict.fromkeys(("minProperties", "maxProperties", "required", "dependentRequired", "dependencies"), _object),
    **dict.fromkeys(("additionalProperties", "propertyNames"), _object),
}
_LEAST = dict.fromkeys(("minLength", "minItems", "minProperties", "minContains"), 0)
# What else stands in the schema that a keyword is judged by.
_BESIDE: Mapping[str, Callable[[Schema], Schema]] = {
    "additionalProperties": lambda schema: {
        names: dict.fromkeys(schema.get(names) or {}, True) for names in ("properties", "patternProperties")
    },
    "items": lambda schema: {"prefixItems": [True] * len(schema["prefixItems"])} if schema.get("prefixItems") else {},
    "minContains": lambda schema: {"contains": schema["contains"]},
    "maxContains": lambda schema: {"contains": schema["contains"], "minContains": 0},
}
# Texts that a format refuses, if the validator knows it: what it lets through for all of them is a remark.
_NO_FORMAT = ("\x00 ", "(")

# Keywords that lead on to other schemas, and those that are for the reader: neither is counted by itself.
_APPLICATORS = frozenset({"$ref", *LIST_OF_SCHEMAS, *MAP_OF_SCHEMAS, *ONE_SCHEMA})
_REMARKS = frozenset(
    {
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "externalDocs",
        "xml",
        "$comment",
        "$schema",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$defs",
        "$vocabulary",
        "definitions",
    }
)
_REMARK = "a remark, which no value breaks"
_WHY_NOT = {
    **dict.fromkeys(("contentEncoding", "contentMediaType", "contentSchema", "readOnly", "writeOnly"), _REMARK),
    "discriminator": "says which branch is meant; the branches are counted",
    "nullable": "says nothing here: before 3.1 it stands beside a type, since then null is a type",
}
_BOUND_TO = {"then": "if", "else": "if", "minContains": "contains", "maxContains": "contains"}


def why_not(keyword: str, schema: Schema, validate: Callable[[Schema], Validator]) -> str:
    """Why nothing can be told of a keyword that stands in a schema; empty for one that is judged or only leads on."""
    if keyword in _WHY_NOT:
        return _WHY_NOT[keyword]
    if keyword == "format":
        known = validate({keyword: schema[keyword]})
        return f"'{schema[keyword]}' is no format of the validator" if all(map(known.is_valid, _NO_FORMAT)) else ""
    bound = _BOUND_TO.get(keyword)
    if bound is not None:
        return "" if bound in schema else f"says nothing without {bound}"
    known_by = keyword in _APPLIES or keyword in _APPLICATORS or keyword in _REMARKS
    return "" if known_by or keyword.startswith("x-") else "no keyword of JSON Schema 2020-12"


def alone(keyword: str, schema: Schema) -> Schema | None:
    """The schema that judges this keyword of a schema (see `referring`) and nothing else.

    None for one that judges nothing: it admits every value, or it leads to schemas that are judged themselves.
    """
    value = schema[keyword]
    if keyword in ("dependentRequired", "dependencies"):
        lists = _lists(value)
        return {keyword: lists} if lists else None
    idle = (
        (keyword in _LEAST and value <= 0)
        or (keyword in ("items", "additionalProperties", "propertyNames") and value is not False)
        or (keyword == "uniqueItems" and value is not True)
        or (keyword == "required" and not value)
        or (keyword == "not" and value is False)
        or (keyword == "contains" and schema.get("minContains") == 0)
    )
    if idle or keyword not in _APPLIES:
        return None
    beside = _BESIDE[keyword](schema) if keyword in _BESIDE else {}
    return {**beside, keyword: value}


def applies(keyword: str, schema: Schema) -> Applies:
    """Which values a keyword says anything of."""
    if keyword in ("dependentRequired", "dependencies"):
        names = _lists(schema[keyword]).keys()
        return lambda value: isinstance(value, dict) and not names.isdisjoint(value)
    return _APPLIES[keyword]


def _lists(dependencies: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: needed for name, needed in dependencies.items() if isinstance(needed, list) and needed}


def forbidden(schema: Schema) -> Iterator[tuple[tuple[str | int, ...], Schema, Applies]]:
    """Where `false` stands for a schema: the place, what judges it alone, and which values it says anything of."""
    for keyword in ("properties", "patternProperties", "dependentSchemas", "dependencies"):
        for name, member in (schema.get(keyword) or {}).items():
            if member is False:
                yield (keyword, name), {keyword: {name: False}}, _object
    for index, member in enumerate(schema.get("prefixItems") or ()):
        if member is False:
            yield ("prefixItems", index), {"prefixItems": [*[True] * index, False]}, _array
    for keyword in ("then", "else"):
        if schema.get(keyword) is False and "if" in schema:
            yield (keyword,), {"if": schema["if"], keyword: False}, _any


def referring(library: Library, schema: Schema, at: Address) -> dict[str, Any]:
    """The same schema, with a reference in place of every schema within it: it means the same wherever it stands."""
    return {key: _referred(library, key, value, at) for key, value in schema.items()}


def _referred(library: Library, key: str, value: Any, at: Address) -> Any:
    if key == "$ref":
        return library.target(value, at.uri).reference
    if key in ONE_SCHEMA:
        return _reference(value, at / key)
    if key in LIST_OF_SCHEMAS:
        return [_reference(member, at / key / index) for index, member in enumerate(value)]
    if key in MAP_OF_SCHEMAS:
        return {name: _reference(member, at / key / name) for name, member in value.items()}
    return value


def _reference(value: Any, at: Address) -> Any:
    return value if isinstance(value, bool) else {"$ref": at.reference}


def left_over(
    keyword: str, schema: Schema, validate: Callable[[Schema], Validator]
) -> Callable[[Any], list[Any] | None]:
    """Which members of a value `unevaluatedProperties` or `unevaluatedItems` is about: names, or items as JSON texts.

    None where other parts of the schema are broken: what those would have evaluated is then left over as well.
    """
    leading = {key: value for key, value in schema.items() if key in _APPLICATORS or key in _BOUND_TO}
    validator = validate({**leading, keyword: False})

    def left(value: Any) -> list[Any] | None:
        errors = list(validator.iter_errors(value))
        if any(list(error.schema_path) != [keyword] for error in errors):
            return None
        return [member for error in errors for member in error.kind.unexpected]

    return left


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
            self._always(self.goals.node(Address.parse(self.schema["$ref"]), self.wire))
        for index in range(len(self.schema.get("allOf") or ())):
            self._always(self._at("allOf", index))

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
