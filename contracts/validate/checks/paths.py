"""Paths: no two that match the same URL, and none that no URL matches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.subject import Subject
from openapi.model import METHODS
from openapi.paths import Template


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    templates = [Template(path) for path in document.root.get("paths") or {} if path.startswith("/")]
    for template in templates:
        yield from _reachable(document, template)
    by_length: dict[int, list[Template]] = {}
    for template in templates:
        by_length.setdefault(len(template.segments), []).append(template)
    for group in by_length.values():
        for first, second in combinations(group, 2):
            if first.overlaps(second):
                yield from _compare(document, first, second)


def _reachable(document: Document, template: Template) -> Iterator[Finding]:
    at = document.main / "paths" / template.text
    for sign, what in (("?", "a query"), ("#", "a fragment")):
        if sign in template.literal:
            message = f"a path ends before {what}: no URL matches {template.text}"
            hint = "declare query parameters instead" if sign == "?" else ""
            yield document.finding("path-unmatchable", at, message, hint, key=True)


def _compare(document: Document, first: Template, second: Template) -> Iterator[Finding]:
    at, also = document.main / "paths" / second.text, document.main / "paths" / first.text
    if first.anonymous == second.anonymous:
        message = f"{second.text} and {first.text} are the same path: only the names of parameters differ"
        yield document.finding("path-collision", at, message, "give them one name", key=True, related=(also,))
        return
    if first.narrower(second) or second.narrower(first):
        return  # the concrete path wins: OpenAPI 3.1, 4.8.8.2
    if _methods(document, first.text) & _methods(document, second.text):
        message = f"{second.text} and {first.text} both match {first.common_path(second)}"
        hint = "OpenAPI does not say which one wins; here it is the one that is concrete first, from the left"
        yield document.finding("path-ambiguous", at, message, hint, key=True, related=(also,))


def _methods(document: Document, path: str) -> set[str]:
    item = document.follow(document.main / "paths" / path)
    return {method for method in METHODS if item and method in item.value}
