"""Bodies of requests, read strictly by the contract: their coding, their media type, their data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import orjson

from mockserver.core.journal import Reason
from mockserver.engine.answer import NO_HEADERS, Malformed, Refusal
from mockserver.web.violations import invalid
from openapi.contract import Body, Contract, media_at
from openapi.forms import FORM, FORMS, MULTIPART, Form, Texts, form, parts
from openapi.library import Address
from openapi.media_types import MediaType, documented_as, is_json
from openapi.media_types import parse as parse_media_type
from openapi.parameters import types_at
from openapi.validators import violations

_FIELD_LIMIT = 1000
_FRACTION = re.compile(rb"[0-9](\.0|[eE])")
# Above it a float stands for several integers, and none of them was sent.
_EXACT = 2**53
# orjson reads 1,024 levels but writes 254, and what came may be written again: under an idempotency key, in a note, and
# three levels down in an error that shows what was wrong.
_DEPTH_LIMIT = 251
_CHARSETS = ("utf-8", "utf8", "us-ascii")


class BodyReader:
    """Reads the bodies of one operation that takes one."""

    def __init__(self, contract: Contract, body: Body) -> None:
        self._contract = contract
        self._body = body
        self._forms: dict[tuple[str, str], Form] = {}

    def read(self, body: bytes, headers: Mapping[str, str]) -> Any:
        """The body as data that fits its schema; None for one that is not there and need not be.

        Raises Refusal `malformed`, `unsupported_media_type` or `invalid`.
        """
        header = headers.get("content-type")
        if not body:
            if self._body.required and header is None:
                raise Refusal("malformed", reasons=(Reason("body", "", "a body is required"),))
            if not self._body.required:
                return None
        if "content-encoding" in headers:
            _check_encoding(headers["content-encoding"])
        sent, documented = self._documented(header)
        value, validator = _parse(body, sent, whole=self._counts), self._body.media[documented]
        if sent.name in FORMS:
            value = self._form(documented, sent.name)(value)
        elif not is_json(sent.name) and not self._textual(documented):
            return value
        if not validator.is_valid(value):
            raise invalid(self._contract, violations(validator, value, "body"), value)
        return value

    def _documented(self, header: str | None) -> tuple[MediaType, str]:
        """What a body is, and as what it is documented. Raises Refusal for a type that the operation does not take."""
        if header is None:
            raise _unsupported("Content-Type is missing")
        sent = parse_media_type(header)
        if sent is None:
            raise _unsupported(f"'{header[:80]}' is no media type")
        documented = documented_as(sent.name, self._body.media)
        if documented is None:
            raise _unsupported(f"'{sent.name[:80]}' is none of {', '.join(self._body.media)}")
        return sent, documented

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
        return media_at(self._contract.library, self._body.address, documented)

    @cached_property
    def _counts(self) -> bool:
        """Whether the body's schema speaks of numbers at all; to look for `3.0` in what has none costs as much as to
        parse it. Worked out with the first body: a document may have thousands that nobody sends.
        """
        reachable = self._contract.library.reachable(self._body.address)
        return any(value in ("integer", "number") for value in reachable if isinstance(value, str))


def _check_encoding(header: str) -> None:
    """Raises Refusal for a content coding: compressed bodies are not read (RFC 9110, 15.5.16)."""
    if header.strip().lower() not in ("", "identity"):
        reason = f"the Content-Encoding '{header[:80]}'; send the body as it is"
        raise _unsupported(reason, {"Accept-Encoding": "identity"})


def _parse(body: bytes, sent: MediaType, *, whole: bool) -> Any:
    """The body as data, with `3.0` as `3` where `whole` asks for it; of a form, the texts of its fields.

    Raises Refusal `malformed`, or `unsupported_media_type` for a charset that is not UTF-8.
    """
    if sent.charset not in _CHARSETS:
        raise _unsupported(f"the charset '{sent.charset[:40]}'")
    if is_json(sent.name):
        return _json(body, whole=whole)
    if sent.name == FORM:
        return _form(body)
    if sent.name == MULTIPART:
        return _multipart(body, sent.parameters)
    try:
        return body.decode(errors="strict" if sent.name.startswith("text/") else "replace")
    except UnicodeDecodeError as error:
        raise _malformed(f"not UTF-8 at byte {error.start}") from None


def _json(body: bytes, *, whole: bool) -> Any:
    try:
        value = orjson.loads(body)
        if body.count(b"[") + body.count(b"{") > _DEPTH_LIMIT:
            orjson.dumps([[[value]]])  # the quickest way to know the depth
    except orjson.JSONDecodeError as error:
        raise _malformed(error.msg, error.pos) from None
    except orjson.JSONEncodeError:
        raise _malformed(f"nested deeper than {_DEPTH_LIMIT} levels", 0) from None
    return _whole(value) if whole and _FRACTION.search(body) else value


def _whole(value: Any) -> Any:
    """The same data with `3.0` as `3`: JSON Schema calls both an integer, and whoever counts with it needs one."""
    if isinstance(value, dict):
        return {name: _whole(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_whole(member) for member in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value


def _form(body: bytes) -> Texts:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELD_LIMIT)
    except ValueError as error:
        raise _malformed(f"no form: {error}") from None


def _multipart(body: bytes, parameters: Mapping[str, str]) -> Texts:
    boundary = parameters.get("boundary")
    if not boundary or f"--{boundary}".encode() not in body:
        raise _malformed("no multipart body with the boundary of its Content-Type")
    return parts(body, f'{MULTIPART}; boundary="{boundary}"')


def _malformed(why: str, position: int | None = None) -> Refusal:
    place = "" if position is None else f" (at {position})"
    return Refusal("malformed", reasons=(Reason("body", "", why + place),), about=Malformed(why, position))


def _unsupported(reason: str, headers: Mapping[str, str] = NO_HEADERS) -> Refusal:
    return Refusal("unsupported_media_type", reasons=(Reason("header", "", reason),), headers=headers)
