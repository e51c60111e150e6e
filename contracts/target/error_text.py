"""An answer that is not as whoever reads it expects, in words for people."""

from __future__ import annotations

import re

from contracts.target.exchange import NotJsonError

_NAMES = {
    "NoneType": "null",
    "str": "a text",
    "list": "a list",
    "dict": "an object",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
}
_NAMED = re.compile(rf"'({'|'.join(_NAMES)})'|^(string|list) ind")


def misread(error: Exception) -> str:
    """What an answer has instead of what was looked for in it."""
    if isinstance(error, NotJsonError):
        return str(error)
    if isinstance(error, KeyError) and error.args:
        return f"an answer has no '{error.args[0]}'"
    if isinstance(error, IndexError):
        return "an answer has a list with too little in it"
    if isinstance(error, (TypeError, AttributeError)) and (found := _NAMED.search(str(error))):
        name = found[1] or {"string": "str"}.get(found[2], found[2])
        return f"an answer has {_NAMES[name]} where something else is expected"
    if isinstance(error, ValueError) and (value := re.search(r": (b?'.*'|\S+)$", str(error))):
        return f"an answer has {value[1].removeprefix('b')}, which is not what is expected there"
    return "an answer has another shape than expected"
