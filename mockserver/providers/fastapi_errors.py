"""Errors as a FastAPI application answers them: Pydantic's types and messages for the keywords of JSON Schema.

The shape is `HTTPValidationError` of the LoyaltyDog contract; types and messages are Pydantic's (pydantic-core 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from mockserver.engine.answer import Malformed
from mockserver.engine.problems import Problem
from mockserver.specification.contract import Contract, Violation

# What a broken `oneOf` or `anyOf` means: type and message, which only the application knows.
Union = Callable[[Violation], tuple[str, str]]


class _Rule(NamedTuple):
    """The error of a broken keyword. In the message, `{limit}` is what the keyword says and `{size}` what was sent."""

    type: str
    message: str
    context: str


# In the order in which Pydantic checks a value: it tells the first that breaks.
_RULES: Mapping[str, _Rule] = {
    "minLength": _Rule("string_too_short", "String should have at least {limit} character{s}", "min_length"),
    "maxLength": _Rule("string_too_long", "String should have at most {limit} character{s}", "max_length"),
    "pattern": _Rule("string_pattern_mismatch", "String should match pattern '{limit}'", "pattern"),
    "minimum": _Rule("greater_than_equal", "Input should be greater than or equal to {limit}", "ge"),
    "maximum": _Rule("less_than_equal", "Input should be less than or equal to {limit}", "le"),
    "minItems": _Rule(
        "too_short", "List should have at least {limit} item{s} after validation, not {size}", "min_length"
    ),
    "maxItems": _Rule(
        "too_long", "List should have at most {limit} item{s} after validation, not {size}", "max_length"
    ),
}
_ORDER = {keyword: place for place, keyword in enumerate(("required", "type", *_RULES, "format"))}
_TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("string_type", "Input should be a valid string"),
    "integer": ("int_type", "Input should be a valid integer"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "array": ("list_type", "Input should be a valid list"),
    "object": ("model_attributes_type", "Input should be a valid dictionary or object to extract fields from"),
}
_FORMATS: Mapping[str, tuple[str, str]] = {
    "date-time": ("datetime_from_date_parsing", "Input should be a valid datetime or date"),
    "email": ("value_error", "value is not a valid email address"),
}


def http_error(status: int) -> dict[str, Any]:
    """The body of an error that the framework itself raises: a path or a method that it does not know."""
    return {"detail": HTTPStatus(status).phrase}


def validation_error(problem: Problem, union: Union) -> dict[str, Any]:
    """The body of a 422, with one error per place."""
    refusal = problem.refusal
    if isinstance(refusal.about, Malformed):
        errors = [_malformed(refusal.about)]
    elif refusal.violations:
        errors = _errors(problem.contract, refusal.violations, union)
    elif problem.name == "malformed":
        errors = [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]
    else:
        errors = [_value_error([reason.location], f"Value error, {reason.message}") for reason in refusal.reasons]
    return {"detail": errors}


def _malformed(about: Malformed) -> dict[str, Any]:
    if about.position is None:
        return _value_error(["body"], f"Value error, {about.message}")
    context = {"error": about.message}
    return {"type": "json_invalid", "loc": ["body", about.position], "msg": "JSON decode error", "input": {},
            "ctx": context}  # fmt: skip


def _errors(contract: Contract, broken: tuple[Violation, ...], union: Union) -> list[dict[str, Any]]:
    """One error per place. What holds between fields is looked at only when every field is right by itself."""
    fields = [violation for violation in broken if violation.pointer or violation.keyword not in ("oneOf", "anyOf")]
    chosen: dict[tuple[Any, ...], Violation] = {}
    for violation in sorted(fields or broken, key=lambda found: _ORDER.get(found.keyword, len(_ORDER))):
        chosen.setdefault((violation.location, *violation.pointer), violation)
    return [_error(contract, list(place), violation, union) for place, violation in chosen.items()]


def _error(contract: Contract, place: list[Any], violation: Violation, union: Union) -> dict[str, Any]:
    keyword, value = violation.keyword, violation.value
    if keyword == "required":
        # A field of a form or a parameter is missing in nothing that could be shown.
        shown = value if isinstance(value, dict) and not _of_form(violation) else None
        return {"type": "missing", "loc": place, "msg": "Field required", "input": shown}
    if keyword in ("oneOf", "anyOf"):
        kind, message = union(violation)
        return _value_error(place, message, value) if kind == "value_error" else _plain(kind, place, message, value)
    limit = contract.library.value(violation.address)
    if keyword in _RULES:
        return _limited(_RULES[keyword], limit, place, value)
    names = limit if isinstance(limit, list) else [limit]
    kind, message = next((_TABLE[name] for name in names if name in _TABLE), ("value_error", violation.message))
    return _value_error(place, message, value) if kind == "value_error" else _plain(kind, place, message, value)


_TABLE = {**_TYPES, **_FORMATS}


def _limited(rule: _Rule, limit: Any, place: list[Any], value: Any) -> dict[str, Any]:
    context = {rule.context: limit}
    size = len(value) if isinstance(value, list) else None
    if size is not None:
        context |= {"field_type": "List", "actual_length": size}
    message = rule.message.format(limit=limit, s="" if limit == 1 else "s", size=size)
    return {"type": rule.type, "loc": place, "msg": message, "input": value, "ctx": context}


def _plain(kind: str, place: list[Any], message: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "loc": place, "msg": message, "input": value}


def _value_error(place: list[Any], message: str, value: Any = None) -> dict[str, Any]:
    return {"type": "value_error", "loc": place, "msg": message, "input": value, "ctx": {"error": {}}}
