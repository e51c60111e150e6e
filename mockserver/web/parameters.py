"""Parameters of requests, read strictly by the contract: from texts on the wire to typed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from openapi.contract import Contract, Operation
from openapi.parameters import ABSENT, Decode, Parameter
from openapi.validators import Validator, Violation, violations

Query = Mapping[str, Sequence[str]]
_NO_QUERY: Query = {}
_FIELD_LIMIT = 1000


class Values(NamedTuple):
    """Typed values by key (headers in lower case), and why others do not fit."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    broken: tuple[Violation, ...]


class _Checked(NamedTuple):
    """A parameter, unpacked for the request path. `decode` is set where its value is one plain text."""

    key: str
    decode: Decode | None
    read: Callable[[Query], Any]
    is_valid: Callable[[Any], bool]
    validator: Validator | None
    parameter: Parameter


class ParameterReader:
    """Reads the parameters of one operation."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        checked = [_checked(contract, parameter) for parameter in operation.parameters]
        self._path, self._query, self._header, self._cookie = (
            [check for check in checked if check.parameter.location == location]
            for location in ("path", "query", "header", "cookie")
        )

    def read(self, path: Mapping[str, str], query: Query, headers: Mapping[str, str]) -> Values:
        """The values in the texts of a path's template, in a query, and in headers with their cookies."""
        broken: list[Violation] = []
        values = (
            _texts(self._path, path, broken),
            _lists(self._query, query, broken),
            _texts(self._header, headers, broken),
        )
        _lists(self._cookie, _cookies(headers.get("cookie", "")), broken)
        return Values(*values, tuple(broken))


def parse_query(query: str) -> Query:
    """Values by name. Raises Refusal for a query that is not UTF-8 or has more than 1,000 fields."""
    if not query:
        return _NO_QUERY
    if "%" not in query and "+" not in query and "&" not in query:
        name, _, value = query.partition("=")
        return {name: (value,)}
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        reason = Reason("query", "", "the query is not UTF-8 or has too many fields")
        raise Refusal("invalid", reasons=(reason,)) from None


def _checked(contract: Contract, parameter: Parameter) -> _Checked:
    validator = contract.validators.at(parameter.schema) if parameter.schema else None
    is_valid = validator.is_valid if validator else _anything
    return _Checked(parameter.key, parameter.decode, parameter.read, is_valid, validator, parameter)


def _anything(value: Any) -> bool:
    return True


def _texts(checks: list[_Checked], texts: Mapping[str, str], broken: list[Violation]) -> dict[str, Any]:
    """Parameters of a location where a name has one text."""
    values: dict[str, Any] = {}
    for check in checks:
        text = texts.get(check.key)
        if text is not None:
            value = check.decode(text) if check.decode else check.read({check.key: (text,)})
            if value is not ABSENT and check.is_valid(value):
                values[check.key] = value
            else:
                _otherwise(check, {check.key: (text,)}, values, broken)
        elif check.parameter.required:
            broken.append(_missing(check.parameter))
    return values


def _lists(checks: list[_Checked], wire: Query, broken: list[Violation]) -> dict[str, Any]:
    """Parameters of a location where a name may be repeated."""
    values: dict[str, Any] = {}
    for check in checks:
        value = check.read(wire)
        if value is not ABSENT and check.is_valid(value):
            values[check.key] = value
        elif value is not ABSENT or check.parameter.required:
            _otherwise(check, wire, values, broken)
    return values


def _otherwise(check: _Checked, wire: Query, values: dict[str, Any], broken: list[Violation]) -> None:
    """Take another reading of a value of several types, or note what is wrong with it."""
    value = check.parameter.value(wire, check.is_valid)
    if value is not ABSENT and check.is_valid(value):
        values[check.key] = value
    else:
        _refuse(check, value, broken)


def _refuse(check: _Checked, value: Any, broken: list[Violation]) -> None:
    """Note what is wrong with a value; nothing is with an optional one that is absent."""
    if value is ABSENT:
        if check.parameter.required:
            broken.append(_missing(check.parameter))
    else:
        assert check.validator is not None
        name, location = check.parameter.name, check.parameter.location
        found = violations(check.validator, value, location)
        broken += [replace(violation, pointer=(name, *violation.pointer)) for violation in found]


def _missing(parameter: Parameter) -> Violation:
    message = f"'{parameter.name}' is missing"
    return Violation(parameter.location, (parameter.name,), message, "required", parameter.address)


def _cookies(header: str) -> Query:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: (value,) for name, _, value in pairs if name}
