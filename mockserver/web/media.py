"""Bodies and media types: what came, what is accepted, what may be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from mockserver.core.journal import Reason
from mockserver.engine.answer import Malformed, Refusal
from openapi.forms import FORM, MULTIPART, Texts, parts
from openapi.media_types import MediaType, is_json
from openapi.media_types import parse as parse_media_type

_FIELD_LIMIT = 1000
_FRACTION = re.compile(rb"[0-9](\.0|[eE])")
# Above it a float stands for several integers, and none of them was sent.
_EXACT = 2**53
# orjson reads 1,024 levels but writes 254, and what came may be written again: under an idempotency key, in a note, and
# three levels down in an error that shows what was wrong.
_DEPTH_LIMIT = 251


def content_type(header: str) -> MediaType:
    """A Content-Type header, read. Raises Refusal for one that is malformed."""
    sent = parse_media_type(header)
    if sent is None:
        raise Refusal("unsupported_media_type", reasons=(Reason("header", "", f"'{header[:80]}' is no media type"),))
    return sent


def parse(body: bytes, sent: MediaType, *, whole: bool) -> Any:
    """The body as data, with `3.0` as `3` where `whole` asks for it; of a form, the texts of its fields.

    Raises Refusal `malformed`, or `unsupported_media_type` for a charset that is not UTF-8.
    """
    if sent.charset not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal("unsupported_media_type", reasons=(Reason("header", "", f"the charset '{sent.charset[:40]}'"),))
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
