"""A body as data, as its schema judges it: JSON, forms, and what is one text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qs

import orjson

from openapi import forms
from openapi.forms import FORM, FORMS
from openapi.library import Address, Library
from openapi.media_types import is_json, may_be_json
from openapi.parameters import ABSENT, types_of


class Wire(Enum):
    """How the values of a schema travel, which says what cannot be shown there."""

    JSON = auto()
    TEXT = auto()
    FILLED = auto()  # text that is never empty, as in a path
    DECLARED = auto()  # an object of which only the properties that are declared are looked for: `R=100&G=200`
    LISTED = auto()  # a list in a header, of which no member is empty
    FORM = auto()
    FIELD = auto()  # of a form: text, or JSON where it is an object


@dataclass(frozen=True, slots=True)
class Reading:
    """How bodies of one documented media type travel, and their value from the bytes and the Content-Type; or ABSENT.

    `fits` tells which media types are read so: what is documented may be a range.
    """

    wire: Wire
    value: Callable[[bytes, str], Any]
    fits: Callable[[str], bool]


def reading(library: Library, at: Address, media: str) -> Reading | None:
    """How bodies of the media type that is described at an address are read; None for those that are not."""
    if may_be_json(media):
        return Reading(Wire.JSON, _json, is_json)
    if media in FORMS:
        texts, form = _pairs if media == FORM else forms.parts, forms.form(library, at, media)
        return Reading(Wire.FORM, lambda body, header: form(texts(body, header)), media.__eq__)
    if types_of(library, *library.follow(at / "schema")) <= {"string"}:
        return Reading(Wire.FILLED, lambda body, _: body.decode(errors="replace"), lambda other: not is_json(other))
    return None


def _json(body: bytes, _: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return ABSENT


def _pairs(body: bytes, _: str) -> forms.Texts:
    return parse_qs(body.decode(errors="replace"), keep_blank_values=True)
