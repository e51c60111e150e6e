"""One operation with everything that its requests need: parameters and bodies, read strictly by the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from mockserver.web import media
from openapi import pointer as json_pointer
from openapi.contract import Body, Contract, Operation, Validator, Violation, media_at, violations
from openapi.forms import FORMS, Form, form
from openapi.library import Address
from openapi.media_types import MediaType, documented_as, is_json, negotiate
from openapi.parameters import ABSENT, Decode, Parameter, types_at

Query = Mapping[str, Sequence[str]]
_NO_QUERY: Query = {}
# More reasons than anybody reads: each of 10,000 items may be wrong.
_TOLD = 100


@dataclass(slots=True)
class Head:
    """A request without its body, its path relative to the provider. `url` is where its paths begin for the client.

    Clients send the same head again and again: `reading` and `shown`, what a gate makes of it, are kept with it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    url: str
    reading: Reading | None = None
    shown: Shown | None = None


class Shown(NamedTuple):
    """What the journal shows of a head: secrets are hidden."""

    query: str
    headers: Mapping[str, str]


class Request(NamedTuple):
    """One HTTP request; of a body that is too large there is only the beginning."""

    head: Head
    body: bytes = b""
    too_large: bool = False


class Reading(NamedTuple):
    """What a head says by the contract: its operation, the fields of its query as sent, and typed values by key.

    `unacceptable` says why no answer would please, `broken` which parameters do not fit, and `chooses` whether a header
    asks for a scenario or an example.
    """

    route: Route
    fields: Query
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    header: Mapping[str, Any]
    unacceptable: tuple[Reason, ...]
    broken: tuple[Violation, ...]
    chooses: bool


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
        self._forms: dict[tuple[str, str], Form] = {}
        checked = [_checked(contract, parameter) for parameter in operation.parameters]
        self._path = [check for check in checked if check.parameter.location == "path"]
        self._query = [check for check in checked if check.parameter.location == "query"]
        self._header = [check for check in checked if check.parameter.location == "header"]
        self._cookie = [check for check in checked if check.parameter.location == "cookie"]
        success = operation.success
        self.offered = tuple(success.media) if success else ()
        # A request that carries no credentials in headers may carry them in its body: a token is asked for.
        self.secret_body = not operation.security and operation.body is not None

    def read(self, head: Head, path: Mapping[str, str], fields: Query) -> Reading:
        """What a head says to this operation; `path` has the texts of the path's template."""
        headers = head.headers
        broken: list[Violation] = []
        values = (
            self._texts(self._path, path, broken),
            self._lists(self._query, fields, broken),
            self._texts(self._header, headers, broken),
        )
        self._lists(self._cookie, _cookies(headers.get("cookie", "")), broken)
        chooses = "x-mock-scenario" in headers or "prefer" in headers
        return Reading(self, fields, *values, self._unacceptable(headers), tuple(broken), chooses)

    def _unacceptable(self, headers: Mapping[str, str]) -> tuple[Reason, ...]:
        accept = headers.get("accept", "")
        if not accept or not self.offered or negotiate(accept, self.offered):
            return ()
        return (Reason("header", "", f"'{accept[:80]}' admits none of {', '.join(self.offered)}"),)

    def _texts(self, checks: list[_Checked], texts: Mapping[str, str], broken: list[Violation]) -> dict[str, Any]:
        """Parameters of a location where a name has one text."""
        values: dict[str, Any] = {}
        for check in checks:
            text = texts.get(check.key)
            if text is not None:
                value = check.decode(text) if check.decode else check.read({check.key: (text,)})
                if value is not ABSENT and check.is_valid(value):
                    values[check.key] = value
                else:
                    self._otherwise(check, {check.key: (text,)}, values, broken)
            elif check.parameter.required:
                broken.append(_missing(check.parameter))
        return values

    def _lists(self, checks: list[_Checked], wire: Query, broken: list[Violation]) -> dict[str, Any]:
        """Parameters of a location where a name may be repeated."""
        values: dict[str, Any] = {}
        for check in checks:
            value = check.read(wire)
            if value is not ABSENT and check.is_valid(value):
                values[check.key] = value
            elif value is not ABSENT or check.parameter.required:
                self._otherwise(check, wire, values, broken)
        return values

    def _otherwise(self, check: _Checked, wire: Query, values: dict[str, Any], broken: list[Violation]) -> None:
        """Take another reading of a value of several types, or note what is wrong with it."""
        value = check.parameter.value(wire, check.is_valid)
        if value is not ABSENT and check.is_valid(value):
            values[check.key] = value
        else:
            self._refuse(check, value, broken)

    def _refuse(self, check: _Checked, value: Any, broken: list[Violation]) -> None:
        """Note what is wrong with a value; nothing is with an optional one that is absent."""
        if value is ABSENT:
            if check.parameter.required:
                broken.append(_missing(check.parameter))
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
        header = request.head.headers.get("content-type")
        if not request.body:
            if body.required and header is None:
                raise Refusal("malformed", reasons=(Reason("body", "", "a body is required"),))
            if not body.required:
                return None
        sent, documented = _accepted(body, header)
        value, validator = media.parse(request.body, sent, whole=self._counts), body.media[documented]
        if sent.name in FORMS:
            value = self._form(documented, sent.name)(value)
        elif not is_json(sent.name) and not self._textual(documented):
            return value
        if not validator.is_valid(value):
            raise self.invalid(violations(validator, value, "body"), value)
        return value

    def _form(self, documented: str, name: str) -> Form:
        """How the fields of a form are read. Worked out with the first: most bodies are none."""
        if (documented, name) not in self._forms:
            self._forms[documented, name] = form(self._contract.library, self._described(documented), name)
        return self._forms[documented, name]

    def _textual(self, documented: str) -> bool:
        """Whether a text is what the schema speaks of: of XML for one, it speaks of the data, and nobody reads that."""
        library, at = self._contract.library, self._described(documented)
        types = types_at(library, [at / "schema"]) if "schema" in library.value(at) else ()
        return not types or "string" in types

    def _described(self, documented: str) -> Address:
        """Where a media type of the body is described."""
        assert self._body is not None
        return media_at(self._contract.library, self._body.address, documented)

    @cached_property
    def _counts(self) -> bool:
        """Whether the body's schema speaks of numbers at all; to look for `3.0` in what has none costs as much as to
        parse it. Worked out with the first body: a document may have thousands that nobody sends.
        """
        assert self._body is not None
        reachable = self._contract.library.reachable(self._body.address)
        return any(value in ("integer", "number") for value in reachable if isinstance(value, str))

    def invalid(self, found: Iterable[Violation], about: Any = None) -> Refusal:
        """The refusal that tells what does not fit the contract, the first hundred reasons of it."""
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


def _accepted(body: Body, header: str | None) -> tuple[MediaType, str]:
    """What the body is, and as what it is documented. Raises Refusal for a type the operation does not take."""
    if header is None:
        raise Refusal("unsupported_media_type", reasons=(Reason("header", "", "Content-Type is missing"),))
    sent = media.content_type(header)
    documented = documented_as(sent.name, body.media)
    if documented is not None:
        return sent, documented
    reason = Reason("header", "", f"'{sent.name[:80]}' is none of {', '.join(body.media)}")
    raise Refusal("unsupported_media_type", reasons=(reason,))


def _cookies(header: str) -> Query:
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return {name: (value,) for name, _, value in pairs if name}
