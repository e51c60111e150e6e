"""Where every key and value of a file stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import orjson

from openapi import pointer as json_pointer

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_NEWLINE = re.compile("\n")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a value stands in its file; line and column count from 1."""

    line: int
    column: int


class Marks:
    """Positions of keys and values, by the identity of the container that holds them."""

    def __init__(self) -> None:
        self.root: Any = None
        self.start = Position(1, 1)
        self.duplicate: tuple[str, Position] | None = None  # the first key that an object has twice
        self._of: dict[int, dict[json_pointer.Token, tuple[Position, Position]]] = {}

    def put(self, container: Any, part: json_pointer.Token, key: Position, value: Position) -> None:
        self._of.setdefault(id(container), {})[part] = (key, value)

    def find(self, tokens: tuple[str, ...], *, key: bool) -> Position:
        value, best = self.root, (self.start, self.start)
        for part in tokens:
            try:
                member = json_pointer.child(value, part)
            except LookupError:
                return best[0]
            best = self._of[id(value)][int(part) if isinstance(value, list) else part]
            value = member
        return best[0] if key else best[1]


def json_marks(text: str) -> Marks:
    """The positions in sound JSON text, in one pass over its tokens.

    Not the YAML reader's work: JSON may write a character as two escaped surrogates, which YAML refuses.
    """
    breaks = [match.start() for match in _NEWLINE.finditer(text)]
    marks, scanner = Marks(), _Scanner()
    for match in _TOKEN.finditer(text):
        part, offset = match.group(), match.start()
        if part in ",:":
            continue
        line = bisect_left(breaks, offset)
        at = Position(line + 1, offset - (breaks[line - 1] if line else -1))
        scanner.feed(part, at, marks)
    return marks


class _Scanner:
    """Rebuilds the containers of a document; scalars do not matter, since no position lies below them."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.key: tuple[str, Position] | None = None

    def feed(self, part: str, at: Position, marks: Marks) -> None:
        if part in "}]":
            self.stack.pop()
            return
        top = self.stack[-1] if self.stack else None
        if isinstance(top, dict) and self.key is None:
            self.key = (orjson.loads(part), at)
            return
        value: Any = {} if part == "{" else [] if part == "[" else None
        self._add(top, value, at, marks)
        if value is not None:
            self.stack.append(value)

    def _add(self, top: Any, value: Any, at: Position, marks: Marks) -> None:
        if isinstance(top, dict):
            assert self.key is not None
            name, key_at = self.key
            if name in top and marks.duplicate is None:
                marks.duplicate = self.key
            marks.put(top, name, key_at, at)
            top[name], self.key = value, None
        elif isinstance(top, list):
            marks.put(top, len(top), at, at)
            top.append(value)
        else:
            marks.root, marks.start = value, at
