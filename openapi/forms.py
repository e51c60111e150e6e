"""Forms: the texts of their fields as data, by schema and `encoding` (OpenAPI 3.1, 4.8.14 and 4.8.15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from openapi import styles
from openapi.library import Address, Library
from openapi.parameters import ABSENT, decoder, items_of, members_of, others_of, reader, types_at

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORMS = (FORM, MULTIPART)
_STYLING = frozenset({"style", "explode", "allowReserved"})

Texts = Mapping[str, list[str]]
Form = Callable[[Texts], dict[str, Any]]


def parts(body: bytes, content_type: str) -> dict[str, list[str]]:
    """The texts of the parts of a multipart body by name, by its Content-Type."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode(errors="replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    texts: dict[str, list[str]] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            texts.setdefault(name, []).append(payload.decode(errors="replace"))
    return texts


def form(library: Library, at: Address, media: str) -> Form:
    """What the texts of a form mean to the media type that is described at an address.

    A field that the schema does not declare is what `additionalProperties` says, or a text; where it is repeated, the
    list of its texts.
    """
    fields = _fields(library, at, media)
    described = "schema" in library.value(at)
    other = _decoder(types_at(library, others_of(library, at / "schema") if described else ()))

    def read(texts: Texts) -> dict[str, Any]:
        found = {name: field.read(texts) for name, field in fields.items()}
        others = {
            name: other(said[0]) if len(said) == 1 else said
            for name, said in texts.items()
            if name not in fields and not any(field.owns(name) for field in fields.values())
        }
        return others | {name: value for name, value in found.items() if value is not ABSENT}

    return read


@dataclass(frozen=True, slots=True)
class _Field:
    """One property of a form. `owns` tells whether a name on the wire belongs to it."""

    read: styles.Read
    owns: Callable[[str], bool]


def _fields(library: Library, at: Address, media: str) -> dict[str, _Field]:
    described = library.value(at)
    encoding = described.get("encoding") or {}
    members = members_of(library, at / "schema") if "schema" in described else {}
    fields = {}
    for name, schemas in members.items():
        if _STYLING & (said := encoding.get(name) or {}).keys():
            style = said.get("style", "form")
            fields[name] = _Field(*reader(library, schemas[0], name, "query", style, explode=said.get("explode")))
        else:
            fields[name] = _field(library, name, schemas)
            if media == FORM:
                fields[name] = _apart(library, fields[name], schemas, members)
    return fields


def _field(library: Library, name: str, schemas: list[Address]) -> _Field:
    """A field is JSON where it is an object, unless the document says by a style how it is written."""
    types = types_at(library, schemas)
    if "array" not in types:
        return _Field(styles.single(name, _decoder(types)), name.__eq__)
    within = types_at(library, (item for schema in schemas for item in items_of(library, schema)))
    many = styles.exploded_array(name, _decoder(within))
    return _Field(_whole(name, many) if "object" in within and "array" not in within else many, name.__eq__)


def _decoder(types: frozenset[str]) -> styles.Decode:
    return styles.json_text if types & {"object", "array"} else decoder(types)


def _whole(name: str, many: styles.Read) -> styles.Read:
    """A list of objects, each a field of its own or all of them in one."""

    def read(texts: styles.Wire) -> Any:
        values = many(texts)
        return values[0] if values is not ABSENT and len(values) == 1 and isinstance(values[0], list) else values

    return read


def _apart(library: Library, field: _Field, schemas: list[Address], others: Iterable[str]) -> _Field:
    """An object may also stand in several fields: up to 3.1.0 its style is `form`, and since then it is JSON."""
    types = types_at(library, schemas)
    if "object" not in types or "array" in types:
        return field
    members = [member for schema in schemas for member in members_of(library, schema).items()]
    apart = {name: decoder(types_at(library, found)) for name, found in members if name not in others}
    spread = styles.exploded_object(apart)

    def read(texts: styles.Wire) -> Any:
        value = field.read(texts)
        return spread(texts) if value is ABSENT else value

    return _Field(read, lambda name: field.owns(name) or name in apart)
