"""Paths: no two that match the same URL, and none that no URL matches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from contracts.findings import Finding
from contracts.validate.checks.operations import TEMPLATE
from contracts.validate.document import Document
from contracts.validate.model import METHODS
from contracts.validate.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    paths = [path for path in document.root.get("paths") or {} if path.startswith("/")]
    for path in paths:
        yield from _reachable(document, path)
    by_length: dict[int, list[tuple[str, list[str]]]] = {}
    for path in paths:
        segments = path.split("/")[1:]
        by_length.setdefault(len(segments), []).append((path, segments))
    for group in by_length.values():
        for (first, one), (second, other) in combinations(group, 2):
            yield from _compare(document, first, one, second, other)


def _reachable(document: Document, path: str) -> Iterator[Finding]:
    at = document.main / "paths" / path
    for sign, what in (("?", "a query"), ("#", "a fragment")):
        if sign in TEMPLATE.sub("", path):
            message = f"a path ends before {what}: no URL matches {path}"
            hint = "declare query parameters instead" if sign == "?" else ""
            yield document.finding("path-unmatchable", at, message, hint, key=True)


def _compare(document: Document, first: str, one: list[str], second: str, other: list[str]) -> Iterator[Finding]:
    if not all(_overlap(a, b) for a, b in zip(one, other, strict=True)):
        return
    at, also = document.main / "paths" / second, document.main / "paths" / first
    if TEMPLATE.sub("{}", first) == TEMPLATE.sub("{}", second):
        message = f"{second} and {first} are the same path: only the names of parameters differ"
        yield document.finding("path-collision", at, message, "give them one name", key=True, related=(also,))
        return
    if _narrower(one, other) or _narrower(other, one):
        return  # the concrete path wins: OpenAPI 3.1, 4.8.8.2
    if _methods(document, first) & _methods(document, second):
        url = "/" + "/".join(b if TEMPLATE.search(a) else a for a, b in zip(one, other, strict=True))
        message = f"{second} and {first} both match {TEMPLATE.sub('x', url)}"
        yield document.finding("path-ambiguous", at, message, "no rule says which one wins", key=True, related=(also,))


def _overlap(a: str, b: str) -> bool:
    """Whether some text matches both segments; a segment that is partly a template may match anything."""
    return a == b or "{" in a or "{" in b


def _narrower(one: list[str], other: list[str]) -> bool:
    """Whether every segment of one is at least as concrete as the other's."""
    return all(a == b or "{" not in a or a.count("{") == b.count("{") for a, b in zip(one, other, strict=True))


def _methods(document: Document, path: str) -> set[str]:
    item = document.follow(document.main / "paths" / path)
    return {method for method in METHODS if item and method in item.value}
