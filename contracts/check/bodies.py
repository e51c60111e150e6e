"""A body as data, as its schema judges it: JSON, forms, and what is one text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs

import orjson

from contracts.check.goals import Wire
from mockserver.specification import styles
from mockserver.specification.library import Address, Library
from mockserver.specification.parameters import ABSENT, decoder, reader, types_of

_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_STYLING = frozenset({"style", "explode", "allowReserved"})

Texts = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How bodies of one documented media type travel, and their value from the bytes and the Content-Type; or ABSENT.

    `fits` tells which media types are read so: what is documented may be a range.
    """

    wire: Wire
    value: Callable[[bytes, str], Any]
    fits: Callable[[str], bool]


def plain(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def ranges(media: str) -> tuple[str, str, str]:
    """What may be documented for a media type, the narrowest first."""
    return media, f"{media.partition('/')[0]}/*", "*/*"


def reading(library: Library, at: Address, media: str) -> Reading | None:
    """How bodies of the media type that is described at an address are read; None for those that are not."""
    if _is_json(media) or media in ("*/*", "application/*"):
        return Reading(Wire.JSON, _json, _is_json)
    if media in (_FORM, _MULTIPART):
        texts, fields = _pairs if media == _FORM else _parts, _fields(library, at)
        return Reading(Wire.FORM, lambda body, header: _form(texts(body, header), fields), media.__eq__)
    if types_of(library, *library.follow(at / "schema")) <= {"string"}:
        return Reading(Wire.FILLED, lambda body, _: body.decode(errors="replace"), lambda other: not _is_json(other))
    return None


def _is_json(media: str) -> bool:
    return media.endswith(("/json", "+json"))


def _json(body: bytes, _: str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return ABSENT


def _pairs(body: bytes, _: str) -> Texts:
    return parse_qs(body.decode(errors="replace"), keep_blank_values=True)


def _parts(body: bytes, content_type: str) -> Texts:
    head = f"Content-Type: {content_type}\r\n\r\n".encode(errors="replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    texts: dict[str, list[str]] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            texts.setdefault(name, []).append(payload.decode(errors="replace"))
    return texts


@dataclass(frozen=True, slots=True)
class _Field:
    """One property of a form. `owns` tells whether a name on the wire belongs to it."""

    read: styles.Read
    owns: Callable[[str], bool]


def _form(texts: Texts, fields: Mapping[str, _Field]) -> dict[str, Any]:
    found = {name: field.read(texts) for name, field in fields.items()}
    others = {
        name: said[0] if len(said) == 1 else said for name, said in texts.items()
        if not any(field.owns(name) for field in fields.values())
    }  # fmt: skip
    return others | {name: value for name, value in found.items() if value is not ABSENT}


def _fields(library: Library, at: Address) -> dict[str, _Field]:
    encoding = library.value(at).get("encoding") or {}
    return {
        name: _field(library, name, schema, encoding.get(name) or {})
        for name, schema in _properties(library, at / "schema").items()
    }


def _properties(library: Library, schema: Address) -> dict[str, Address]:
    """The declared properties of an object, also those of the schemas that it is made of."""
    schema, value = library.follow(schema)
    found: dict[str, Address] = {}
    if isinstance(value, dict):
        for keyword in ("allOf", "anyOf", "oneOf"):
            for index in range(len(value.get(keyword) or ())):
                found |= _properties(library, schema / keyword / index)
        found |= {name: schema / "properties" / name for name in value.get("properties") or {}}
    return found


def _field(library: Library, name: str, schema: Address, encoding: Mapping[str, Any]) -> _Field:
    """A field is JSON where it is an object, unless the document says by a style how it is written (3.1, 4.8.15)."""
    if _STYLING & encoding.keys():
        style, explode = encoding.get("style", "form"), encoding.get("explode")
        return _Field(*reader(library, schema, name, "query", style, explode=explode))
    at, value = library.follow(schema)
    types = types_of(library, at, value)
    if "array" not in types:
        decode = styles.json_text if "object" in types else decoder(types)
        return _Field(styles.single(name, decode), name.__eq__)
    within = types_of(library, *library.follow(at / "items")) if "items" in value else frozenset()
    decode = styles.json_text if within & {"object", "array"} else decoder(within)
    return _Field(styles.exploded_array(name, decode), name.__eq__)
