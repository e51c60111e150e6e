"""Errors as a FastAPI application answers them: Pydantic's types and messages for the keywords of JSON Schema.

The shape is `HTTPValidationError` of the LoyaltyDog contract; types and messages are Pydantic's (pydantic-core 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from mockserver.engine.answer import Malformed
from mockserver.engine.problems import Problem
from openapi.validators import Violation

FORM = "application/x-www-form-urlencoded"
# Where an error is, as `loc` says it: the part of the request, then names and indices.
Place = tuple[str | int, ...]
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
_UNIONS = ("oneOf", "anyOf")
# What a value should have been, by `type` or `format`.
_NAMES: Mapping[str, tuple[str, str]] = {
    "string": ("string_type", "Input should be a valid string"),
    "integer": ("int_type", "Input should be a valid integer"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "array": ("list_type", "Input should be a valid list"),
    "object": ("model_attributes_type", "Input should be a valid dictionary or object to extract fields from"),
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
        errors = [_error(problem, place, violation, union) for place, violation in _first(refusal.violations).items()]
    elif problem.name == "malformed":
        errors = [_missing(("body",))]
    else:
        errors = [_value_error((reason.location,), f"Value error, {reason.message}") for reason in refusal.reasons]
    return {"detail": errors}


def _first(violations: tuple[Violation, ...]) -> dict[Place, Violation]:
    """The violation reported for each place. Rules between fields count only where every field is right by itself."""
    fields = [violation for violation in violations if violation.pointer or violation.keyword not in _UNIONS]
    found: dict[Place, Violation] = {}
    for violation in fields or violations:
        place = (violation.location, *violation.pointer)
        found[place] = min(found.get(place, violation), violation, key=_rank)
    return found


def _rank(violation: Violation) -> int:
    return _ORDER.get(violation.keyword, len(_ORDER))


def _error(problem: Problem, place: Place, violation: Violation, union: Union) -> dict[str, Any]:
    keyword, value = violation.keyword, violation.value
    if keyword == "required":
        # A missing form field or parameter is missing in nothing that FastAPI would show.
        return _missing(place, None if _is_form(problem) else value)
    if keyword in _UNIONS:
        return _named(*union(violation), place, value)
    limit = problem.contract.library.value(violation.address)
    if keyword in _RULES:
        return _limited(_RULES[keyword], limit, place, value)
    names = limit if isinstance(limit, list) else [limit]
    kind, message = next((_NAMES[name] for name in names if name in _NAMES), ("value_error", violation.message))
    return _named(kind, message, place, value)


def _is_form(problem: Problem) -> bool:
    body = problem.operation.body if problem.operation else None
    return body is not None and FORM in body.media


def _malformed(about: Malformed) -> dict[str, Any]:
    if about.position is None:
        return _value_error(("body",), f"Value error, {about.message}")
    error = _named("json_invalid", "JSON decode error", ("body", about.position), {})
    return {**error, "ctx": {"error": about.message}}


def _limited(rule: _Rule, limit: Any, place: Place, value: Any) -> dict[str, Any]:
    size = len(value) if isinstance(value, list) else None
    message = rule.message.format(limit=limit, s="" if limit == 1 else "s", size=size)
    of_list = {} if size is None else {"field_type": "List", "actual_length": size}
    return {**_named(rule.type, message, place, value), "ctx": {rule.context: limit, **of_list}}


def _missing(place: Place, value: Any = None) -> dict[str, Any]:
    return _named("missing", "Field required", place, value)


def _value_error(place: Place, message: str) -> dict[str, Any]:
    return _named("value_error", message, place, None)


def _named(kind: str, message: str, place: Place, value: Any) -> dict[str, Any]:
    error = {"type": kind, "loc": place, "msg": message, "input": value}
    return {**error, "ctx": {"error": {}}} if kind == "value_error" else error
