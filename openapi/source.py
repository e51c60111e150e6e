"""Reads a YAML or JSON file into plain data, and knows the line of every value.

YAML is read as JSON's superset: no dates, no `yes`/`on` booleans, string keys only. One pass over the parser's
events, without recursion, so that no nesting and no alias bomb in a hostile file can exhaust the stack or memory.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import yaml

from openapi import pointer as json_pointer
from openapi.positions import Marks, Position, json_marks
from openapi.relocation import Relocation

__all__ = ["Position", "Source", "SourceError", "nearest", "parse", "read"]

# Deeper than any real contract (the deepest public ones nest about 60 levels), shallow enough for every recursive walk.
MAX_DEPTH = 200
# Values after aliases are expanded. A 3 MB document has some 300,000.
MAX_VALUES = 5_000_000
MAX_BYTES = 64 * 1024 * 1024

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


# Tags that say what is so anyway; any other would be misread in silence.
_PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_COLLECTION_TAGS = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class SourceError(ValueError):
    """A file that cannot be used: what is wrong, where, and what would be right."""

    def __init__(
        self,
        path: Path | str,
        problem: str,
        position: Position | None = None,
        hint: str = "",
        pointer: str | None = None,
    ) -> None:
        """`pointer` is a JSON Pointer into the file, where the fault has a place in it."""
        super().__init__(path, problem, position, hint, pointer)
        self.path = path
        self.problem = problem
        self.position = position
        self.hint = hint
        self.pointer = pointer

    def __str__(self) -> str:
        where = f"{self.path}:{self.position.line}:{self.position.column}" if self.position else f"{self.path}"
        return f"{where}: {self.problem}" + (f" ({self.hint})" if self.hint else "")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that proposes the nearest known name, or lists what is known."""
    names = sorted(set(known))
    if close := difflib.get_close_matches(name, names, 1, 0.6):
        return f"did you mean '{close[0]}'?"
    return f"known: {', '.join(names)}" if names else ""


@dataclass(slots=True)
class Source:
    """One file as plain data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`).

    `root` may be a view of what the file says; then `original` is the file as it is written.
    """

    path: Path
    text: bytes = field(repr=False)
    root: Any = field(repr=False)
    is_json: bool = False
    _marks: Marks | None = field(default=None, repr=False)
    _written: Source | None = field(default=None, repr=False)
    _relocation: Relocation = field(default_factory=Relocation, repr=False)

    @property
    def original(self) -> Source:
        return self._written or self

    def viewed(self, root: Any, relocation: Relocation) -> Source:
        """A view of this file."""
        return Source(self.path, self.text, root, self.is_json, _written=self.original, _relocation=relocation)

    def written(self, pointer: str) -> str:
        """The pointer, in the file, of a part of `root`."""
        return self._relocation.written(pointer)

    def target(self, pointer: str) -> str:
        """The pointer, in `root`, of what a reference to a part of the file means."""
        return self._relocation.viewed(pointer)

    def position(self, pointer: str, *, key: bool = False) -> Position:
        """Where the value at `pointer` stands (or its key, with `key`); of its nearest ancestor if it does not exist.

        The file is parsed again, with positions, on the first call: most runs never ask.
        """
        if self._written is not None:
            return self._written.position(self.written(pointer), key=key)
        if self._marks is None:
            self._marks = json_marks(self.text.decode()) if self.is_json else Marks()
            if not self.is_json:
                for document in _build(self.path, self.text, self._marks):
                    self._marks.root = document
        return self._marks.find(json_pointer.split(pointer), key=key)

    def fault(self, pointer: str, problem: str, hint: str = "", *, key: bool = False) -> SourceError:
        """A SourceError at the value of `pointer`."""
        return SourceError(self.path, problem, self.position(pointer, key=key), hint, self.written(pointer))


def read(path: Path) -> Source:
    """Read a YAML or JSON file. Raises SourceError for anything that is not one sound document."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror}") from None
    return parse(text, path)


def parse(text: bytes, path: Path) -> Source:
    """The same for bytes already at hand; `path` is for messages and relative references."""
    if len(text) > MAX_BYTES:
        raise SourceError(path, f"is larger than {MAX_BYTES // 2**20} MiB")
    if text.lstrip()[:1] in (b"{", b"["):
        try:
            root = orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # YAML flow style, broken, or nested too deep: the slow reader says where.
        else:
            if not _deeper(root, MAX_DEPTH):
                return _json_source(path, text)
    documents = list(_build(path, text, None))
    if len(documents) != 1:
        problem = "is empty" if not documents else f"holds {len(documents)} YAML documents, one is expected"
        raise SourceError(path, problem, Position(1, 1))
    return Source(path, text, documents[0])


def _json_source(path: Path, text: bytes) -> Source:
    """Sound JSON text, with whole numbers of any size, and no key twice in one object."""
    decoded = text.decode()
    try:
        return Source(path, text, json.loads(decoded, object_pairs_hook=_members), is_json=True)
    except _DuplicateError:
        duplicate = json_marks(decoded).duplicate
        assert duplicate is not None
        raise SourceError(path, f"the key '{duplicate[0]}' appears twice", duplicate[1]) from None


class _DuplicateError(Exception):
    """A JSON object has a key twice."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _DuplicateError
    return value


def _deeper(root: Any, limit: int) -> bool:
    """Whether collections nest more than `limit` levels, level by level rather than by recursion."""
    level = [root] if isinstance(root, (dict, list)) else []
    for _ in range(limit):
        members = (m for value in level for m in (value.values() if isinstance(value, dict) else value))
        level = [member for member in members if isinstance(member, (dict, list))]
        if not level:
            return False
    return bool(level)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read yet."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    start: Position
    key: str | None = None
    key_at: Position | None = None
    size: int = 1
    depth: int = 1


def _build(path: Path, text: bytes, marks: Marks | None) -> Iterator[Any]:
    """Every YAML document in `text`, built from the parser's events."""
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise SourceError(path, "is not UTF-8", Position(line, 1)) from None
    builder = _Builder(path, marks)
    try:
        for event in yaml.parse(decoded, Loader=yaml.CSafeLoader):
            if builder.feed(event):
                yield builder.root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(mark.line + 1, mark.column + 1) if mark else None
        raise SourceError(path, f"is not YAML: {error.problem or error.context}", position) from None
    except yaml.YAMLError as error:
        raise SourceError(path, f"is not YAML: {str(error).splitlines()[0]}") from None


class _Builder:
    def __init__(self, path: Path, marks: Marks | None) -> None:
        self.path = path
        self.marks = marks
        self.root: Any = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.total = 0

    def feed(self, event: Any) -> bool:
        """Take one event; True at the end of a document."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._scalar(event)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, {} if kind is yaml.MappingStartEvent else [])
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._close()
        elif kind is yaml.AliasEvent:
            self._alias(event)
        elif kind is yaml.DocumentStartEvent:
            self.anchors.clear()
        return kind is yaml.DocumentEndEvent

    def _scalar(self, event: Any) -> None:
        at = _position(event)
        if self._expects_key():
            value = event.value
            self._take_key(value, at, plain=event.implicit[0])
        else:
            value = self._value(event, at)
            self._add(value, at, 1)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, 0)

    def _value(self, event: Any, at: Position) -> Any:
        if event.implicit[0] or event.tag in _PLAIN_TAGS:
            return self._plain(event, at)
        if event.tag not in _TEXT_TAGS:
            raise SourceError(self.path, f"the tag {event.tag} is not supported", at, "plain YAML is")
        return event.value

    def _plain(self, event: Any, at: Position) -> Any:
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text):
            if len(text) > 400:
                raise SourceError(self.path, "a number of more than 400 digits", at)
            return int(text)
        if not _FLOAT.match(text):
            return text
        if math.isinf(number := float(text)):
            raise SourceError(self.path, "a number too large for any program", at)
        return number

    def _open(self, event: Any, value: dict[str, Any] | list[Any]) -> None:
        at = _position(event)
        if event.tag not in _COLLECTION_TAGS:
            raise SourceError(self.path, f"the tag {event.tag} is not supported", at, "plain YAML is")
        if self._expects_key():
            raise SourceError(self.path, "a key must be a plain string", at)
        if len(self.stack) >= MAX_DEPTH:
            raise SourceError(self.path, f"is nested more than {MAX_DEPTH} levels deep", at)
        self.stack.append(_Open(value, event.anchor, at))

    def _close(self) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, done.size, done.depth)
        self._add(done.value, done.start, done.size, done.depth)

    def _alias(self, event: Any) -> None:
        at = _position(event)
        if event.anchor not in self.anchors:
            raise SourceError(self.path, f"the alias *{event.anchor} names no finished anchor", at)
        if self._expects_key():
            raise SourceError(self.path, "a key must be a plain string", at)
        value, size, depth = self.anchors[event.anchor]
        if len(self.stack) + depth > MAX_DEPTH:
            raise SourceError(self.path, f"is nested more than {MAX_DEPTH} levels deep", at)
        self._add(value, at, size, depth)

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _take_key(self, key: str, at: Position, *, plain: bool) -> None:
        top = self.stack[-1]
        if plain and key == "<<":
            raise SourceError(self.path, "the merge key '<<' is not YAML 1.2", at, "write the members out")
        if key in top.value:
            raise SourceError(self.path, f"the key '{key}' appears twice", at)
        top.key, top.key_at = key, at

    def _add(self, value: Any, at: Position, size: int, depth: int = 0) -> None:
        self.total += 1
        if not self.stack:
            self.root = value
            if self.marks:
                self.marks.start = at
            return
        top = self.stack[-1]
        top.size += size
        top.depth = max(top.depth, depth + 1)
        if top.size > MAX_VALUES or self.total > MAX_VALUES:
            raise SourceError(self.path, f"expands to more than {MAX_VALUES:,} values", at, "aliases of aliases?")
        token: json_pointer.Token
        if isinstance(top.value, list):
            token, key_at = len(top.value), at
            top.value.append(value)
        else:
            assert top.key is not None
            assert top.key_at is not None
            token, key_at = top.key, top.key_at
            top.value[top.key] = value
            top.key = None
        if self.marks:
            self.marks.put(top.value, token, key_at, at)


def _position(event: Any) -> Position:
    return Position(event.start_mark.line + 1, event.start_mark.column + 1)
