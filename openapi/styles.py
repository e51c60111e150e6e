"""From the text of a parameter on the wire to a typed value, strictly (OpenAPI 3.1, 4.8.12.2: styles, RFC 6570).

Text that is not what the schema asks for stays text, so that validation refuses it and can show it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,399})\Z")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")

Decode = Callable[[str], Any]
# The values of one location as they came: a name may be repeated.
Wire = Mapping[str, Sequence[str]]
Read = Callable[[Wire], Any]


class Absent:
    """The parameter was not sent."""


ABSENT = Absent()


def decoder(types: frozenset[str]) -> Decode:
    """From text to the JSON value of one of `types`; text that is none of them stays text, for validation to refuse."""
    order = [_DECODERS[name] for name in ("integer", "number", "boolean") if name in types]
    if not order:
        return str

    def decode(text: str) -> Any:
        for attempt in order:
            value = attempt(text)
            if value is not ABSENT:
                return value
        return text

    return decode


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.match(text) else ABSENT


def _number(text: str) -> Any:
    if _INTEGER.match(text):
        return int(text)
    number = float(text) if _NUMBER.match(text) else math.inf
    return number if math.isfinite(number) else ABSENT


def _boolean(text: str) -> Any:
    return {"true": True, "false": False}.get(text, ABSENT)


_DECODERS = {"integer": _integer, "number": _number, "boolean": _boolean}


def json_text(text: str) -> Any:
    """The decoder of a parameter with `content`: JSON, or the text itself."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def single(key: str, decode: Decode) -> Read:
    """One plain value."""

    def read(wire: Wire) -> Any:
        values = wire.get(key)
        return ABSENT if values is None else _only(values, decode)

    return read


def _only(values: Sequence[str], decode: Decode) -> Any:
    # What is repeated is neither value: a list, which no schema of a single value admits.
    return decode(values[0]) if len(values) == 1 else list(values)


def exploded_array(key: str, decode: Decode) -> Read:
    """`ids=1&ids=2`."""

    def read(wire: Wire) -> Any:
        values = wire.get(key)
        return ABSENT if values is None else [decode(value) for value in values]

    return read


def packed_array(key: str, decode: Decode, separator: str, *, header: bool = False, textual: bool = True) -> Read:
    """`1,2`. A list in a header may have white space around its members, and empty ones are none (RFC 9110, 5.6.1).

    Elsewhere the empty text is a list of one empty text, or of nothing where its members are not `textual`.
    """

    def read(wire: Wire) -> Any:
        values = wire.get(key)
        if values is None:
            return ABSENT
        parts = [part for value in values for part in value.split(separator)]
        if header:
            parts = [stripped for part in parts if (stripped := part.strip(" \t"))]
        return [] if parts == [""] and not textual else [decode(part) for part in parts]

    return read


def exploded_object(properties: Mapping[str, Decode]) -> Read:
    """`R=100&G=200`: its properties stand among the other parameters."""

    def read(wire: Wire) -> Any:
        found = {name: _only(wire[name], decode) for name, decode in properties.items() if name in wire}
        return found or ABSENT

    return read


def packed_object(
    key: str, properties: Mapping[str, Decode], separator: str, *, explode: bool, other: Decode = str
) -> Read:
    """`R,100,G,200`, or exploded `R=100,G=200`. A name without a value, or a repeated parameter, is no object.

    `other` decodes what is not among the properties.
    """

    def decode(text: str) -> Any:
        parts = text.split(separator)
        if explode:
            pairs = [part.split("=", 1) for part in parts]
        else:
            pairs = [parts[index : index + 2] for index in range(0, len(parts), 2)]
        if any(len(pair) != 2 for pair in pairs):
            return text
        return {name: properties.get(name, other)(said) for name, said in pairs}

    return single(key, decode)


def deep_object(key: str, properties: Mapping[str, Decode], other: Decode = str) -> Read:
    """`color[R]=100&color[G]=200`."""
    prefix = f"{key}["

    def read(wire: Wire) -> Any:
        found = {
            name[len(prefix) : -1]: _only(values, properties.get(name[len(prefix) : -1], other))
            for name, values in wire.items()
            if name.startswith(prefix) and name.endswith("]")
        }
        return found or ABSENT

    return read


def after(prefix: str, key: str, read: Read) -> Read:
    """What `read` makes of the text after a prefix (`.` or `;ids=`); without the prefix the parameter is not there."""

    def stripped(wire: Wire) -> Any:
        values = wire.get(key)
        if values is None or not all(value.startswith(prefix) for value in values):
            return ABSENT
        return read({key: [value[len(prefix) :] for value in values]})

    return stripped
