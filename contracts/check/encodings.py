"""Texts within texts: what a text says in one of the usual encodings, looked through and changed there as well.

JSON escapes, percent-encoding and HTML entities are read, changed and written again, so that whoever reads them gets
what was put there. Base64 is opaque to whoever passes it on: all of it is replaced.
"""

from __future__ import annotations

import base64
import binascii
import functools
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

import orjson

# A text as it is to be shown, and whether there was anything in it that is looked for.
Look = Callable[[str], tuple[str, bool]]
# How deep encodings are looked for in each other.
DEPTH = 3
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r'(?:\\u[0-9a-fA-F]{4}|[^\s"\\<>])+')
_PERCENT = re.compile(r"[A-Za-z0-9._~+@%!*'()-]{3,}")
_MARKUP = re.compile(r'[^<>"]+')
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NO_MARKUP = re.compile(r'["<>\\\x00-\x1f]')
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
# What is shorter than this when decoded may look like anything.
TELLING = 12


@dataclass(frozen=True, slots=True)
class Encodings:
    """`look` changes a plain text, `guess` one that may be no text at all; `whole` replaces an opaque one."""

    look: Look
    guess: Look
    whole: Callable[[str], str]

    def changed(self, text: str, depth: int = DEPTH) -> tuple[str, bool]:
        """The text with what stands in it, in whatever encoding; and whether anything did."""
        found = False

        def inner(written: str, said: str, encode: Callable[[str], str]) -> str:
            nonlocal found
            if said == written:
                return written
            new, one = self.changed(said, depth - 1)
            found = found or one
            return encode(new) if one else written

        if depth and "\\" in text:
            text = _STRING.sub(lambda m: f'"{inner(m[1], unescaped(m[1]), in_json)}"' if "\\" in m[1] else m[0], text)
        if depth and "\\u" in text:  # in no string: of a header, a table, a page
            text = _ESCAPED.sub(lambda m: inner(m[0], unescaped(m[0]), in_json) if "\\u" in m[0] else m[0], text)
        if depth and "%" in text:
            text = _PERCENT.sub(
                lambda m: inner(m[0], unquote(m[0]), _percent_like(m[0])) if "%" in m[0] else m[0], text
            )
        if depth and "&" in text and _ENTITY.search(text):
            text = _MARKUP.sub(lambda m: inner(m[0], _ENTITY.sub(lambda e: html.unescape(e[0]), m[0]), _markup), text)
        text, one = self.look(text)
        found = found or one
        if depth:
            text, one = self._in_base64(text, depth)
            found = found or one
        return text, found

    def _in_base64(self, text: str, depth: int) -> tuple[str, bool]:
        found = False

        def opaque(written: str) -> str | None:
            said = decoded(written)
            if said is None:
                return None
            telling = len(said) >= TELLING
            if not (self.changed(said, depth - 1)[1] if telling else self.guess(said)[1]):
                return None
            return self.whole(written)

        def change(match: re.Match[str]) -> str:
            nonlocal found
            new = opaque(match[0])
            if new is None and "/" in match[0]:  # of a path, not of the alphabet
                parts = match[0].split("/")
                hidden = [opaque(part) if len(part) >= TELLING - 2 else None for part in parts]
                if any(hidden):
                    new = "/".join(one or part for one, part in zip(hidden, parts, strict=True))
            found = found or new is not None
            return match[0] if new is None else new

        return _BASE64.sub(change, text), found


@functools.lru_cache(maxsize=1 << 14)
def decoded(word: str) -> str | None:
    """What a word says as Base64 or URL-safe Base64; None when it says nothing."""
    plain = word.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return None
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if "".join(text.split()).isprintable() else None


def in_json(text: str) -> str:
    """A text as it stands in a string of JSON."""
    return orjson.dumps(text).decode()[1:-1]


def unescaped(text: str) -> str:
    """What a string of JSON says."""
    try:
        return str(orjson.loads(f'"{text}"'))
    except orjson.JSONDecodeError:
        return text


def _percent_like(written: str) -> Callable[[str], str]:
    """Percent-encoding that leaves plain what was plain."""
    safe = "".join(one for one in "+@!*'()" if one in written)
    return lambda text: quote(text, safe=safe, errors="replace")


def _markup(text: str) -> str:
    return _NO_MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)
