"""The simplest text that a pattern describes."""

from __future__ import annotations

import importlib
import re
from typing import Any

# What Python's own `re` compiles from; it has no public name since `sre_parse` is deprecated.
_parser: Any = importlib.import_module("re._parser")
# What a negated set or `.` stands for: the first of these that it admits.
_USUAL = "a0A -_.,:;/+=@#~\u00e9"
_CATEGORIES = {"DIGIT": "0", "WORD": "a", "SPACE": " ", "NOT_DIGIT": "a", "NOT_WORD": "-", "NOT_SPACE": "a"}


def text_of(pattern: str, least: int = 0) -> str | None:
    """A text of at least this length, from the first branch and the fewest repetitions that do.

    What looks around is not looked at, so the text may not fit; None for a pattern that Python does not read.
    """
    try:
        tokens = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
    text = ""
    for more in range(least + 1):
        text = _Writer(more).text(tokens)
        if len(text) >= least:
            break
    return text


class _Writer:
    """Writes repetitions `more` times oftener than they must be, where they may."""

    def __init__(self, more: int) -> None:
        self.more = more
        self.groups: dict[int, str] = {}

    def text(self, tokens: Any) -> str:
        return "".join([self._token(str(token), value) for token, value in tokens])

    def _token(self, name: str, value: Any) -> str:
        match name:
            case "LITERAL":
                return chr(value)
            case "NOT_LITERAL":
                return next(usual for usual in _USUAL if usual != chr(value))
            case "ANY":
                return _USUAL[0]
            case "IN":
                return _member(value)
            case "BRANCH":
                return self.text(value[1][0])
            case "SUBPATTERN":
                self.groups[value[0]] = self.text(value[3])
                return self.groups[value[0]]
            case "ATOMIC_GROUP":
                return self.text(value)
            case "GROUPREF":
                return self.groups.get(value, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, repeated = value
                times: int = min(least + self.more, int(most))
                return self.text(repeated) * times
            case _:  # where it begins and ends, and what stands around
                return ""


def _member(items: Any) -> str:
    """A character of a set."""
    parts = [(str(name), value) for name, value in items]
    if parts[0][0] == "NEGATE":
        return next((usual for usual in _USUAL if not any(_holds(part, usual) for part in parts[1:])), "")
    name, value = parts[0]
    if name == "CATEGORY":
        return _CATEGORIES[str(value).removeprefix("CATEGORY_")]
    return chr(value[0] if name == "RANGE" else value)


def _holds(part: tuple[str, Any], character: str) -> bool:
    name, value = part
    if name == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        negated = kind.startswith("NOT_")
        return _is_of(kind.removeprefix("NOT_"), character) != negated
    low, high = value if name == "RANGE" else (value, value)
    return bool(low <= ord(character) <= high)


def _is_of(kind: str, character: str) -> bool:
    if kind == "DIGIT":
        return character.isdigit()
    return character.isspace() if kind == "SPACE" else character.isalnum() or character == "_"
