"""Path templates (OpenAPI 3.1, 4.8.8): their variables, the URLs that they match, and which of several is meant.

A concrete segment wins over a templated one, segment by segment from the left, whatever methods either has. OpenAPI
leaves open which of `/a/{x}/c` and `/a/b/{y}` is meant by `/a/b/c`; by this rule it is the second, for stub and judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

T = TypeVar("T")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
# What literal text may hold as it is (RFC 3986, 3.3); a document may also have it encoded already.
_LITERAL = "/!$&'()*+,;=:@%"


@dataclass(frozen=True)
class Template:
    """A path as documented, such as `/jobs/{id}:cancel`."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the variables, in their order; a name can stand twice in a faulty document."""
        return tuple(_VARIABLE.findall(self.text))

    @cached_property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.text.split("/")[1:])

    @cached_property
    def anonymous(self) -> str:
        """The template without names: equal for two templates that are one path."""
        return _VARIABLE.sub("{}", self.text)

    @cached_property
    def literal(self) -> str:
        """The template without its variables."""
        return _VARIABLE.sub("", self.text)

    def expand(self, values: Mapping[str, str] | Callable[[str], str]) -> str:
        """The path with its variables filled in, percent-encoded. Raises KeyError for a value that is missing."""
        value = values if callable(values) else values.__getitem__
        parts = _VARIABLE.split(self.text)  # literal text and names in turn
        parts[::2] = [quote(text, safe=_LITERAL) for text in parts[::2]]
        parts[1::2] = [quote(value(name), safe="") for name in parts[1::2]]
        return "".join(parts)

    def values(self, path: str) -> dict[str, str] | None:
        """The decoded values of the variables in a percent-encoded path, or None for a path that does not match."""
        texts = path.split("/")[1:]
        if len(texts) != len(self._patterns):
            return None
        matches = [pattern.fullmatch(unquote(text)) for pattern, text in zip(self._patterns, texts, strict=True)]
        found = [match for match in matches if match is not None]
        if len(found) < len(matches):
            return None
        return dict(zip(self.names, (text for match in found for text in match.groups()), strict=True))

    def values_at_end(self, path: str) -> dict[str, str] | None:
        """The same for a path that has something before it, such as the path of a base URL."""
        return self.values("/".join(["", *path.split("/")[-len(self.segments) :]]))

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(map(_pattern, self.segments))

    def overlaps(self, other: Template) -> bool:
        """Whether one URL can match both. A segment that is partly a variable is taken to match anything."""
        pairs = zip(self.segments, other.segments, strict=False)
        same_length = len(self.segments) == len(other.segments)
        return same_length and all(a == b or "{" in a or "{" in b for a, b in pairs)

    def narrower(self, other: Template) -> bool:
        """Whether every segment is at least as concrete as the other template's."""
        pairs = zip(self.segments, other.segments, strict=True)
        return all(a == b or "{" not in a or a.count("{") == b.count("{") for a, b in pairs)

    def common_path(self, other: Template) -> str:
        """A path that both match, where they overlap: `x` in the place of every variable."""
        pairs = zip(self.segments, other.segments, strict=True)
        return _VARIABLE.sub("x", "/" + "/".join(b if "{" in a else a for a, b in pairs))


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The methods of the path that was meant, and the decoded texts in the places of its variables."""

    methods: Mapping[str, T]
    texts: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]

    def values(self, method: str) -> dict[str, str]:
        """The variables by the names that this method's template gives them."""
        return dict(zip(self.names[method], self.texts, strict=True))


@dataclass(slots=True)
class _Node(Generic[T]):
    literal: dict[str, _Node[T]] = field(default_factory=dict)
    templated: list[tuple[re.Pattern[str], _Node[T]]] = field(default_factory=list)
    methods: dict[str, T] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Router(Generic[T]):
    """From a path to what is there: a tree of segments, so that a thousand paths cost what ten cost.

    Built once from (template, method, what is there). Templates that differ in the names of variables are one path.
    """

    def __init__(self, routes: Iterable[tuple[str, str, T]]) -> None:
        self._root: _Node[T] = _Node()
        # Jobs are polled: the same path comes again and again.
        self._known = lru_cache(maxsize=4096)(self._search)
        for path, method, target in routes:
            node = self._root
            for segment in path.split("/"):
                node = _child(node, segment)
            node.methods.setdefault(method, target)
            node.names.setdefault(method, Template(path).names)

    def match(self, path: str) -> Match[T] | None:
        """What is at a percent-encoded path, or None. Raises UnicodeDecodeError for a path that is not UTF-8."""
        return self._known(path)

    def _search(self, path: str) -> Match[T] | None:
        found = _walk(self._root, path.split("/"), 0)
        return None if found is None else Match(found[0].methods, found[1], found[0].names)


def _pattern(segment: str) -> re.Pattern[str]:
    """Matches the decoded text of a segment: a variable is any text in it, a slash that was encoded too."""
    literals = map(unquote, _VARIABLE.split(segment)[::2])
    return re.compile("(.+)".join(map(re.escape, literals)), re.DOTALL)


def _child(node: _Node[T], segment: str) -> _Node[T]:
    if "{" not in segment:
        return node.literal.setdefault(unquote(segment), _Node())
    pattern = _pattern(segment)
    for known, child in node.templated:
        if known == pattern:
            return child
    created: _Node[T] = _Node()
    node.templated.append((pattern, created))
    # The commonest template, a whole segment, stays last: anything with literal text is more concrete.
    node.templated.sort(key=lambda entry: -len(entry[0].pattern))
    return created


def _walk(node: _Node[T], segments: list[str], depth: int) -> tuple[_Node[T], tuple[str, ...]] | None:
    if depth == len(segments):
        return (node, ()) if node.methods else None
    segment = segments[depth]
    text = unquote(segment, errors="strict") if "%" in segment else segment
    literal = node.literal.get(text)
    if literal is not None and (found := _walk(literal, segments, depth + 1)):
        return found
    if not text:
        return None
    for pattern, child in node.templated:
        match = pattern.fullmatch(text)
        if match and (found := _walk(child, segments, depth + 1)):
            return found[0], (*match.groups(), *found[1])
    return None
