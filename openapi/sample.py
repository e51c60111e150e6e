"""Makes an instance of a schema, for a document that shows none: the same one each time.

What holds at once (a schema, what it refers to, its `allOf`, one member of each union) is folded into one set of rules,
and a value is made by them. Where the first choice was wrong, the validator says so and the next one is tried; what
would need itself is left out where it may be.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from openapi.library import Address, Library
from openapi.pattern import text_of
from openapi.validators import NOT_SENT, Direction

# Whether a value fits the schema at an address.
Fits = Callable[[Address, Any], bool]

# How deep optional properties are shown: as deep as there are any; where that becomes too large or does not fit, less.
_DEPTHS = (20, 4, 2, 1, 0)
# Values made, or choices tried, in one attempt; larger samples tell nobody more.
_STEPS = 1_000
_DEEPEST = 60
_MOST_ITEMS = 100
_LONGEST = 10_000
_TYPES = ("object", "array", "string", "number", "boolean", "null")
# What tells the type of a schema that names none.
_TELLING = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_FORMATS = {
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "time": "00:00:00Z",
    "duration": "P1D",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "user@example.com",
    "idn-email": "user@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/",
    "iri-reference": "/",
    "uri-template": "/",
    "json-pointer": "/a",
    "relative-json-pointer": "0",
    "regex": ".*",
    "byte": "c3RyaW5n",
}
# Where none of these stands, a value is right by the way it is made.
_CHECKED = frozenset({"not", "format", "pattern", "multipleOf", "propertyNames", "contains", "if", "dependentSchemas"})


class UnmadeError(ValueError):
    """No instance was found: the schema that stands in the way, and why."""

    def __init__(self, address: Address, problem: str) -> None:
        super().__init__(address, problem)
        self.address = address
        self.problem = problem


def sample(library: Library, address: Address, fits: Fits, direction: Direction = "response") -> Any:
    """An instance of the schema at an address, without what its sender leaves out (`readOnly`, `writeOnly`).

    Raises UnmadeError where none is found.
    """
    problem = UnmadeError(address, "no value was found that fits")
    for depth in _DEPTHS:
        # To ask about each part takes a validator of each, and a large document makes those slow: first the whole.
        for fits_part in (_trusted, fits):
            maker = _Maker(library, fits_part, depth, NOT_SENT[direction])
            try:
                value = maker.value((address,), 0)
            except UnmadeError as error:
                problem = error
                break
            if depth and maker.steps > _STEPS:
                break
            if fits(address, value):
                return value
    raise problem


def _trusted(address: Address, value: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Option:
    """A member of a union: the schemas that hold if it is chosen, and what the discriminator then says."""

    places: tuple[Address, ...]
    tag: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Rules:
    """What a value must keep: the schemas asked for, all that they fold into, and the unions still to choose from."""

    places: tuple[Address, ...]
    schemas: dict[Address, Mapping[str, Any]] = field(default_factory=dict)
    unions: list[list[_Option]] = field(default_factory=list)

    def all(self, keyword: str) -> list[Any]:
        return [schema[keyword] for schema in self.schemas.values() if keyword in schema]

    def greatest(self, *keywords: str, otherwise: Any = 0) -> Any:
        return max([value for keyword in keywords for value in self.all(keyword)], default=otherwise)

    def least(self, *keywords: str, otherwise: Any) -> Any:
        return min([value for keyword in keywords for value in self.all(keyword)], default=otherwise)

    def unmade(self, problem: str) -> UnmadeError:
        return UnmadeError(next(reversed(self.schemas), self.places[0]), problem)


class _Maker:
    """One attempt. `open` holds the schemas of which a value is being made: what comes back to one needs itself."""

    def __init__(self, library: Library, fits: Fits, depth: int, not_sent: tuple[str, ...]) -> None:
        self.library = library
        self.not_sent = not_sent
        self.depth = depth
        self.steps = 0
        self._fits = fits
        self._open: set[Address] = set()

    def value(self, places: tuple[Address, ...], depth: int) -> Any:
        """A value that keeps all these schemas; `depth` is how many levels it stands below the whole."""
        return self._chosen(_Rules(places), _Option(places), depth) if places else {}

    def _chosen(self, rules: _Rules, option: _Option, depth: int) -> Any:
        self.steps += 1
        if self.steps > _STEPS or depth > _DEEPEST:
            raise rules.unmade("what it asks for is too large")
        rules = _Rules(rules.places, dict(rules.schemas), list(rules.unions))
        for place in option.places:
            self._fold(place, rules)
        opened = rules.schemas.keys() - self._open
        self._open |= opened
        try:
            return self._choose(rules, depth)
        finally:
            self._open -= opened

    def _fold(self, address: Address, rules: _Rules) -> None:
        if address in rules.schemas:
            return
        if address in self._open:
            raise UnmadeError(address, "its value needs another value of itself")
        schema = self._schema(address)
        rules.schemas[address] = schema
        if isinstance(schema.get("$ref"), str):
            self._fold(self.library.target(schema["$ref"], address.uri), rules)
        for index in range(len(schema.get("allOf", ()))):
            self._fold(address / "allOf" / index, rules)
        rules.unions += self._unions(address, schema)

    def _schema(self, address: Address) -> Mapping[str, Any]:
        try:
            schema = self.library.value(address)
        except (LookupError, ValueError):
            raise UnmadeError(address, "a reference of another kind leads here") from None
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise UnmadeError(address, "no value is allowed here")
        return schema

    def _unions(self, address: Address, schema: Mapping[str, Any]) -> Iterator[list[_Option]]:
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                members = enumerate(schema[keyword])
                yield [_Option((address / keyword / index,), _tag(schema, member)) for index, member in members]
        if "if" in schema:
            otherwise = (address / "else",) if "else" in schema else ()
            then = (address / "then",) if "then" in schema else ()
            yield [_Option(otherwise), _Option((address / "if", *then))]

    def _choose(self, rules: _Rules, depth: int) -> Any:
        for value in _literals(rules):
            if self._keeps(rules, value):
                return value
        if not rules.unions:
            return self._plain(rules, depth)
        problem = rules.unmade("no member of its union gives a value that fits")
        for option in rules.unions[0]:
            try:
                value = self._chosen(_Rules(rules.places, rules.schemas, rules.unions[1:]), option, depth)
            except UnmadeError as error:
                problem = error
                continue
            tagged = {**value, **option.tag} if option.tag and isinstance(value, dict) else value
            for made in (tagged, value):
                if self._keeps(rules, made):
                    return made
        raise problem

    def _keeps(self, rules: _Rules, value: Any) -> bool:
        return all(self._fits(place, value) for place in rules.places)

    def _plain(self, rules: _Rules, depth: int) -> Any:
        """A value without a choice left but that of its type."""
        if rules.all("const") or rules.all("enum"):
            raise rules.unmade("no value that it lists fits")
        problem = rules.unmade("it asks for types that exclude each other")
        for name in _types(rules):
            try:
                return self._of_type(name, rules, depth)
            except UnmadeError as error:
                problem = error
        raise problem

    def _of_type(self, name: str, rules: _Rules, depth: int) -> Any:
        match name:
            case "object":
                return self._object(rules, depth)
            case "array":
                return self._array(rules, depth)
            case "string":
                return self._first(rules, _texts(rules))
            case "integer" | "number":
                return self._first(rules, _numbers(rules, whole=name == "integer"))
        return self._first(rules, (False, True) if name == "boolean" else (None,))

    def _first(self, rules: _Rules, values: Iterable[Any]) -> Any:
        """The first value that fits."""
        sure = not any(_CHECKED & schema.keys() for schema in rules.schemas.values())
        for value in values:
            if sure or self._keeps(rules, value):
                return value
        raise rules.unmade("no simple value was found that fits")

    def _object(self, rules: _Rules, depth: int) -> dict[str, Any]:
        required = dict.fromkeys(name for names in rules.all("required") for name in names)
        places = {name: _member_places(rules, name) for name in required}
        value = {name: self.value(at, depth + 1) for name, at in places.items() if not any(map(self._is_left_out, at))}
        most = rules.least("maxProperties", otherwise=math.inf)
        for name in dict.fromkeys(name for properties in rules.all("properties") for name in properties):
            if name not in value and depth < self.depth and len(value) < most:
                self._put_optional(rules, name, value, depth)
        for name in _more_names(rules):
            if len(value) >= rules.greatest("minProperties"):
                break
            if name not in value:
                value[name] = self.value(_member_places(rules, name), depth + 1)
        return value

    def _put_optional(self, rules: _Rules, name: str, value: dict[str, Any], depth: int) -> None:
        places = _member_places(rules, name)
        if any(map(self._is_left_out, places)):
            return
        with suppress(UnmadeError):  # nobody has to send it
            value[name] = self.value(places, depth + 1)

    def _is_left_out(self, address: Address) -> bool:
        schemas = (self.library.value(address), self.library.follow(address)[1])
        return any(
            isinstance(schema, dict) and schema.get(flag) is True for schema in schemas for flag in self.not_sent
        )

    def _array(self, rules: _Rules, depth: int) -> list[Any]:
        least = rules.greatest("minItems")
        if any("contains" in schema and schema.get("minContains") != 0 for schema in rules.schemas.values()):
            least = max(least, rules.greatest("minContains", otherwise=1))
        if least > _MOST_ITEMS:
            raise rules.unmade("it asks for too many items")
        told = max([len(items) for items in rules.all("prefixItems")], default=0)
        values: list[Any] = []
        for index in range(min(max(least, told, 1), rules.least("maxItems", otherwise=math.inf))):
            try:
                item = self.value(_item_places(rules, index), depth + 1)
                values.append(self._another(rules, item, values) if True in rules.all("uniqueItems") else item)
            except UnmadeError:
                if index < least:
                    raise
                break  # no item at all is right as well
        return values

    def _another(self, rules: _Rules, item: Any, values: list[Any]) -> Any:
        """An item like this one that is not yet among the values."""
        places = _item_places(rules, len(values))
        for other in self._varied(item, places, len(values)):
            if other not in values and all(self._fits(place, other) for place in places):
                return other
        raise rules.unmade("too few items were found that differ")

    def _varied(self, item: Any, places: tuple[Address, ...], number: int) -> Iterator[Any]:
        yield item
        rules = _Rules(places)
        for place in places:
            with suppress(UnmadeError):  # a schema that comes back to itself; its item was made without
                self._fold(place, rules)
        yield from (value for values in rules.all("enum") for value in values)
        if isinstance(item, bool):
            yield not item
        elif isinstance(item, int):
            yield from (item + number * step for step in (1, *rules.all("multipleOf"), -1))
        elif isinstance(item, float):
            yield from (item + number * step for step in (*rules.all("multipleOf"), 0.5**number, -(0.5**number)))
        elif isinstance(item, str):
            yield from (f"{item}{number}", f"{number}{item}", item[: -len(str(number))] + str(number))
        elif isinstance(item, dict):
            yield from self._varied_members(item, rules, number)

    def _varied_members(self, item: dict[str, Any], rules: _Rules, number: int) -> Iterator[Any]:
        """One member of an object at a time."""
        for name, member in item.items():
            if not isinstance(member, (dict, list)):
                for other in self._varied(member, _member_places(rules, name), number):
                    yield {**item, name: other}


def _tag(schema: Mapping[str, Any], member: Any) -> Mapping[str, str]:
    """What the discriminator says of a member of a union: the name that is mapped to it, or its own."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict) or not isinstance(member, dict) or not isinstance(member.get("$ref"), str):
        return {}
    own = member["$ref"].rpartition("/")[2]
    mapped = (name for name, leads in (discriminator.get("mapping") or {}).items() if leads in (member["$ref"], own))
    return {discriminator["propertyName"]: next(mapped, own)}


def _literals(rules: _Rules) -> Iterator[Any]:
    """Values that the document itself tells. A null that is one of several says less than any other."""
    yield from rules.all("const")
    for examples in rules.all("examples"):
        yield from examples if isinstance(examples, list) else ()
    shown = [*rules.all("example"), *rules.all("default"), *(value for values in rules.all("enum") for value in values)]
    yield from sorted((value for value in shown if value is not None or rules.all("enum")), key=_is_null)


def _is_null(value: Any) -> bool:
    return value is None


def _types(rules: _Rules) -> list[str]:
    """The types that all schemas admit, in the order of the document, null last."""
    declared = [[types] if isinstance(types, str) else list(types) for types in rules.all("type")]
    if not declared:
        told = [name for name, keywords in _TELLING.items() if any(map(rules.all, keywords))]
        return told or list(_TYPES)
    first, *others = declared
    if any("integer" in types and "number" not in types for types in others):
        first = ["integer" if name == "number" else name for name in first]
    admitted = [name for name in first if all(_admits(types, name) for types in others)]
    return sorted(admitted, key=lambda name: name == "null")


def _admits(types: list[str], name: str) -> bool:
    return name in types or (name == "integer" and "number" in types)


def _texts(rules: _Rules) -> Iterator[str]:
    least = rules.greatest("minLength")
    most = rules.least("maxLength", otherwise=math.inf)
    if least > min(_LONGEST, most):
        raise rules.unmade(f"it asks for texts of more than {min(_LONGEST, most)} characters")
    patterns = [text for pattern in rules.all("pattern") if (text := text_of(pattern, least)) is not None]
    formats = [_FORMATS[name] for name in rules.all("format") if name in _FORMATS]
    for text in (*patterns, *formats, "string"):
        longer = text + "a" * (least - len(text))
        yield longer if len(longer) <= most or text in formats else longer[: int(most)]


def _numbers(rules: _Rules, *, whole: bool) -> Iterator[int | float]:
    """0 if it is allowed, else what is nearest to the bounds."""
    lows, highs = rules.all("minimum"), rules.all("maximum")
    over, under = rules.all("exclusiveMinimum"), rules.all("exclusiveMaximum")
    step: Fraction = math.prod([_exact(step) for step in rules.all("multipleOf")], start=Fraction(1))
    if whole and step.denominator != 1:
        step = Fraction(step.numerator)
    places = [_exact(bound) for bound in (*lows, *over, *highs, *under)]
    middle = [sum(places, Fraction(0)) / len(places)] if places else []
    near: list[Fraction] = [Fraction(0), *(bound + shift for bound in places for shift in (0, step, -step)), *middle]
    near += [Fraction(rounded * step) for bound in (*places, *middle) for rounded in _around(bound / step)]
    for number in near:
        within = all(number >= _exact(low) for low in lows) and all(number <= _exact(high) for high in highs)
        apart = all(number > _exact(low) for low in over) and all(number < _exact(high) for high in under)
        if within and apart and (number.denominator == 1 or not whole):
            # An integer of more than 64 bits is written by nobody; a number may be.
            plain = number.denominator == 1 and (whole or abs(number) < 2**63)
            yield int(number) if plain else float(number)


def _around(number: Fraction) -> tuple[int, ...]:
    return (math.ceil(number), math.floor(number), math.floor(number) + 1)


def _exact(number: float) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def _member_places(rules: _Rules, name: str) -> tuple[Address, ...]:
    """The schemas that a member of this name must keep."""
    places: list[Address] = []
    for address, schema in rules.schemas.items():
        patterns = [pattern for pattern in schema.get("patternProperties", ()) if _matches(pattern, name)]
        places += [address / "patternProperties" / pattern for pattern in patterns]
        if name in schema.get("properties", ()):
            places.append(address / "properties" / name)
        elif not patterns and schema.get("additionalProperties", True) is not True:
            places.append(address / "additionalProperties")
    return tuple(places)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return False


def _more_names(rules: _Rules) -> Iterator[str]:
    """Names that nobody listed, as many as anybody asks for."""
    for patterns in rules.all("patternProperties"):
        yield from (text for pattern in patterns if (text := text_of(pattern)) is not None)
    yield from (name for properties in rules.all("properties") for name in properties)
    yield from (f"name{number}" for number in range(1, _MOST_ITEMS))


def _item_places(rules: _Rules, index: int) -> tuple[Address, ...]:
    """The schemas that the item at an index must keep; the first ones are those that are to be contained."""
    places = []
    for address, schema in rules.schemas.items():
        told = len(schema.get("prefixItems", ()))
        if index < told:
            places.append(address / "prefixItems" / index)
        elif "items" in schema:
            places.append(address / "items")
        if "contains" in schema and index < schema.get("minContains", 1):
            places.append(address / "contains")
    return tuple(places)
