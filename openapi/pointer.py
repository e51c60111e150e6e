"""JSON Pointer (RFC 6901): the one address language of the project."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

Token = str | int

# RFC 6901, section 4; no list is longer than 18 digits can say.
_INDEX = re.compile(r"(0|[1-9][0-9]{0,17})\Z")


class PointerError(LookupError):
    """A pointer that leads nowhere; `at` is the longest prefix that exists."""

    def __init__(self, pointer: str, at: str) -> None:
        super().__init__(f"{pointer or '(root)'} does not exist (it ends at {at or '(root)'})")
        self.pointer = pointer
        self.at = at


def escape(token: Token) -> str:
    return str(token).replace("~", "~0").replace("/", "~1")


def join(*tokens: Token) -> str:
    """`join("paths", "/jobs", "get")` is `/paths/~1jobs/get`."""
    return "".join(f"/{escape(token)}" for token in tokens)


def split(pointer: str) -> tuple[str, ...]:
    """The tokens of a pointer; a URI fragment (`#/a%20b`) is accepted too.

    Raises ValueError when it does not start with a slash.
    """
    if pointer.startswith("#"):
        pointer = unquote(pointer[1:])
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON Pointer starts with '/': {pointer!r}")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def child(value: Any, token: Token) -> Any:
    """One step down. Raises LookupError when there is no such member."""
    if isinstance(value, dict):
        return value[token]
    if isinstance(value, list):
        text = str(token)
        if not _INDEX.match(text):
            raise LookupError(token)
        return value[int(text)]
    raise LookupError(token)


def resolve(value: Any, pointer: str) -> Any:
    """The value a pointer leads to. Raises PointerError, which names the longest prefix that exists."""
    tokens = split(pointer)
    for depth, token in enumerate(tokens):
        try:
            value = child(value, token)
        except LookupError:
            raise PointerError(pointer, join(*tokens[:depth])) from None
    return value


def find(value: Any, tokens: tuple[str, ...], default: Any = None) -> Any:
    """`resolve` for a pointer split beforehand; `default` where it leads nowhere."""
    for token in tokens:
        try:
            value = child(value, token)
        except LookupError:
            return default
    return value
