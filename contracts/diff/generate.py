"""Values that a schema admits. Schemathesis builds the strategy, Hypothesis draws and shrinks, the same every run.

`schemathesis.generation.jsonschema` is not among Schemathesis' documented interfaces; its version is pinned, and
this module is the only one that knows it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import hypothesis
import jsonschema_rs
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy
from jsonschema_rs import CanonicalSchema
from schemathesis.core.errors import SchemathesisError
from schemathesis.generation.jsonschema.builder import build
from schemathesis.specs.openapi.formats import get_default_format_strategies

# Values drawn for one question; Hypothesis gives up after ten times as many that do not fit.
EXAMPLES = 20
# What a long string of a format begins with: drawn ones are short, and a bound is what most questions are about.
_BEGINNINGS = ("https://example.com/", "/")
# Calls while Hypothesis looks for a simpler witness.
SHRINKS = 100


def find(schema: CanonicalSchema, wanted: Callable[[Any], bool]) -> tuple[Any] | None:
    """A simple value of the schema for which `wanted` is true, in a tuple (the value may be null), or None."""
    calls = 0
    best: list[Any] = []

    def check(value: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls > SHRINKS and best:
            return False
        if wanted(value):
            best[:] = [value]
            return True
        return False

    try:
        strategy = build(schema.to_json_schema(), draft=20, formats=_formats())  # type: ignore[arg-type]  # JSON
        boxes = strategy.map(_Box)
        return (hypothesis.find(boxes, lambda box: check(box.value), settings=_settings(), random=Random(0)).value,)  # noqa: S311  # no secret: a seed
    except (HypothesisException, SchemathesisError, ValueError):
        return (best[0],) if best else None


def find_plain(schema: dict[str, Any]) -> tuple[Any] | None:
    """The simplest value of a plain schema, as above."""
    try:
        form = jsonschema_rs.canonicalize(schema, draft=20, validate_formats=True)
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except ValueError:
        return None
    for beginning in _BEGINNINGS:
        long = beginning.ljust(schema.get("minLength", 0), "a")
        if schema.get("type") in ("string", ["string"]) and "format" in schema and validator.is_valid(long):
            return (long,)
    return find(form, validator.is_valid)


@dataclass(frozen=True, slots=True, repr=False)
class _Box:
    """Hypothesis writes down what it draws; ten thousand members would take it longer than drawing them."""

    value: Any


@functools.cache
def _formats() -> dict[str, SearchStrategy[str]]:
    return get_default_format_strategies()


@functools.cache
def _settings() -> settings:
    return settings(
        database=None,
        derandomize=False,
        max_examples=EXAMPLES,
        phases=[Phase.generate, Phase.shrink],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
