"""From a path to an operation: a tree of segments, so that a document with a thousand paths costs what ten cost.

A literal segment wins over a templated one (OpenAPI 3.1, 4.8.8.2), segment by segment from the left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The methods of a path, and the values of its template by name."""

    methods: Mapping[str, T]
    values: Mapping[str, str]


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, _Node[T]] = field(default_factory=dict)
    mixed: list[tuple[re.Pattern[str], tuple[str, ...], _Node[T]]] = field(default_factory=list)
    methods: dict[str, T] = field(default_factory=dict)


class Router(Generic[T]):
    """Built once from (path template, method, what is there)."""

    def __init__(self, routes: Iterable[tuple[str, str, T]]) -> None:
        self._root: _Node[T] = _Node()
        self._plain: dict[str, _Node[T]] = {}
        # Jobs are polled: the same path comes again and again.
        self._known = lru_cache(maxsize=4096)(self._search)
        for path, method, target in routes:
            node = self._root
            for segment in path.split("/"):
                node = _child(node, segment)
            node.methods[method] = target
            if "{" not in path:
                self._plain[path] = node

    def match(self, path: str) -> Match[T] | None:
        """The path's methods, or None for a path nobody documented. `path` is still percent-encoded."""
        found = self._plain.get(path)
        if found is not None:
            return Match(found.methods, {})
        return self._known(path)

    def _search(self, path: str) -> Match[T] | None:
        values: dict[str, str] = {}
        node = _walk(self._root, path.split("/"), 0, values)
        return Match(node.methods, values) if node else None


def _child(node: _Node[T], segment: str) -> _Node[T]:
    if "{" not in segment:
        return node.literal.setdefault(segment, _Node())
    names = tuple(_TEMPLATE.findall(segment))
    literals = _TEMPLATE.split(segment)[::2]
    # The commonest template, a whole segment, stays last: anything with literal text is more concrete.
    pattern = re.compile("(.+)".join(map(re.escape, literals)), re.DOTALL)
    for known, known_names, child in node.mixed:
        if known.pattern == pattern.pattern and known_names == names:
            return child
    created: _Node[T] = _Node()
    node.mixed.append((pattern, names, created))
    node.mixed.sort(key=lambda entry: -len(entry[0].pattern))
    return created


def _walk(node: _Node[T], segments: list[str], depth: int, values: dict[str, str]) -> _Node[T] | None:
    if depth == len(segments):
        return node if node.methods else None
    segment = segments[depth]
    literal = node.literal.get(segment)
    if literal is not None and (found := _walk(literal, segments, depth + 1, values)):
        return found
    if not segment:
        return None
    text = unquote(segment, errors="strict") if "%" in segment else segment
    for pattern, names, child in node.mixed:
        match = pattern.fullmatch(text)
        if match and (found := _walk(child, segments, depth + 1, values)):
            values.update(zip(names, match.groups(), strict=True))
            return found
    return None
