"""What a keyword of a schema says of a value, by itself.

A keyword is judged by a schema of its own, which holds it and what it depends on; schemas within it are referred to
where they stand. So a validator tells whether it is kept, and there is no second meaning of any keyword here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts.diff.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA
from openapi.contract import Validator, reference
from openapi.library import Address, Library

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
    "$dynamicRef": "not followed",
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
        return reference(library.target(value, at.uri))
    if key in ONE_SCHEMA:
        return _reference(value, at / key)
    if key in LIST_OF_SCHEMAS:
        return [_reference(member, at / key / index) for index, member in enumerate(value)]
    if key in MAP_OF_SCHEMAS:
        return {name: _reference(member, at / key / name) for name, member in value.items()}
    return value


def _reference(value: Any, at: Address) -> Any:
    return value if isinstance(value, bool) else {"$ref": reference(at)}


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
