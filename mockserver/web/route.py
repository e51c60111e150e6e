"""One operation with everything that its requests need: parameters and bodies, read strictly by the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from mockserver.specification import pointer as json_pointer
from mockserver.specification.contract import Body, Contract, Operation, Validator, Violation, violations
from mockserver.specification.parameters import ABSENT, Decode, Parameter
from mockserver.web import media

Query = Mapping[str, Sequence[str]]
_NO_QUERY: Query = {}
# More reasons than anybody reads: each of 10,000 items may be wrong.
_TOLD = 100


class Request(NamedTuple):
    """One HTTP request, its path relative to the provider. `url` is where the provider's paths begin for the client."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    url: str
    too_large: bool = False


class _Checked(NamedTuple):
    """A parameter, unpacked for the request path. `decode` is set where its value is one plain text."""

    key: str
    decode: Decode | None
    read: Callable[[Query], Any]
    is_valid: Callable[[Any], bool]
    validator: Validator | None
    parameter: Parameter


class Route:
    """An operation as its requests meet it."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self.operation = operation
        self.id = operation.id
        self.writes = operation.method not in ("GET", "HEAD", "OPTIONS")
        self._body = operation.body
        checked = [_checked(contract, parameter) for parameter in operation.parameters]
        self._path = [check for check in checked if check.parameter.location == "path"]
        self._query = [check for check in checked if check.parameter.location == "query"]
        self._header = [check for check in checked if check.parameter.location == "header"]
        self._cookie = [check for check in checked if check.parameter.location == "cookie"]
        success = operation.success
        self.offered = tuple(success.media) if success else ()
        # A request that carries no credentials in headers may carry them in its body: a token is asked for.
        self.secret_body = not operation.security and operation.body is not None

    def parameters(
        self, request: Request, path: Mapping[str, str], query: Query
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Typed values of path, query and headers by key. Raises Refusal `invalid` with every reason."""
        broken: list[Violation] = []
        found = (
            self._texts(self._path, path, broken),
            self._lists(self._query, query, broken) if self._query else {},
            self._texts(self._header, request.headers, broken),
        )
        if self._cookie:
            self._lists(self._cookie, _cookies(request.headers.get("cookie", "")), broken)
        if broken:
            raise self._invalid(broken)
        return found

    def _texts(self, checks: list[_Checked], texts: Mapping[str, str], broken: list[Violation]) -> dict[str, Any]:
        """Parameters of a location where a name has one text."""
        values: dict[str, Any] = {}
        for check in checks:
            text = texts.get(check.key)
            if text is not None:
                value = check.decode(text) if check.decode else check.read({check.key: (text,)})
                self._take(check, value, values, broken)
            elif check.parameter.required:
                broken.append(_missing(check.parameter))
        return values

    def _lists(self, checks: list[_Checked], wire: Query, broken: list[Violation]) -> dict[str, Any]:
        """Parameters of a location where a name may be repeated."""
        values: dict[str, Any] = {}
        for check in checks:
            self._take(check, check.read(wire), values, broken)
        return values

    def _take(self, check: _Checked, value: Any, values: dict[str, Any], broken: list[Violation]) -> None:
        if value is ABSENT:
            if check.parameter.required:
                broken.append(_missing(check.parameter))
        elif check.is_valid(value):
            values[check.key] = value
        else:
            assert check.validator is not None
            name, location = check.parameter.name, check.parameter.location
            found = violations(check.validator, value, location)
            broken += [replace(violation, pointer=(name, *violation.pointer)) for violation in found]

    def body(self, request: Request) -> Any:
        """The parsed body. Raises Refusal `malformed`, `unsupported_media_type` or `invalid`."""
        body = self._body
        if body is None:
            return None
        header = request.headers.get("content-type")
        if not request.body:
            if body.required and header is None:
                raise Refusal("malformed", reasons=(Reason("body", "", "a body is required"),))
            if not body.required:
                return None
        media_type, parameters, validator = _accepted(body, header)
        value = media.parse(request.body, media_type, parameters)
        if not validator.is_valid(value):
            raise self._invalid(violations(validator, value, "body"), value)
        return value

    def _invalid(self, found: Iterable[Violation], about: Any = None) -> Refusal:
        broken = tuple(islice(found, _TOLD))
        return Refusal("invalid", reasons=self.reasons(broken), about=about, violations=broken)

    def reasons(self, found: Iterable[Violation]) -> tuple[Reason, ...]:
        """Violations as the journal keeps them, with the line of the contract."""
        return tuple(map(self._reason, found))

    def _reason(self, violation: Violation) -> Reason:
        pointer, place = json_pointer.join(*violation.pointer), self._contract.position(violation.address)
        return Reason(violation.location, pointer, violation.message[:300], place, violation.keyword)


def _missing(parameter: Parameter) -> Violation:
    message = f"'{parameter.name}' is missing"
    return Violation(parameter.location, (parameter.name,), message, "required", parameter.address)


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


def _accepted(body: Body, header: str | None) -> tuple[str, Mapping[str, str], Validator]:
    """Media type, its parameters and its validator. Raises Refusal for a type the operation does not take."""
    if header is None:
        raise Refusal("unsupported_media_type", reasons=(Reason("header", "", "Content-Type is missing"),))
    media_type, parameters = media.content_type(header)
    for wanted in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        validator = body.media.get(wanted)
        if validator is not None:
            return media_type, parameters, validator
    reason = Reason("header", "", f"'{media_type[:80]}' is none of {', '.join(body.media)}")
    raise Refusal("unsupported_media_type", reasons=(reason,))


def _cookies(header: str) -> Query:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: (value,) for name, _, value in pairs if name}
