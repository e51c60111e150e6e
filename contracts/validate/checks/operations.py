"""Operations: names that must be unique, and path parameters that the path and the operation must agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.subject import Subject
from openapi.library import Address
from openapi.paths import Template
from openapi.reading import Node
from openapi.source import nearest


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    yield from _identifiers(document)
    for path, _, item, operation in document.operations:
        yield from _path_parameters(document, path, item, operation)
    for owner in (*document.of("path-item"), *document.of("operation")):
        yield from _duplicates(document, owner)
    yield from _tags(document)
    for node in document.of("schema"):
        yield from _required(document, node)
        yield from _cut(document, node)
        yield from _bounds(document, node)


def _identifiers(document: Document) -> Iterator[Finding]:
    first: dict[str, Address] = {}
    for node in document.of("operation"):
        identifier = node.value.get("operationId")
        if not isinstance(identifier, str):
            continue
        at = node.address / "operationId"
        if identifier in first:
            message = f"the operationId '{identifier}' is used twice"
            yield document.finding("operation-id-duplicate", at, message, related=(first[identifier],))
        first.setdefault(identifier, at)


def _path_parameters(document: Document, path: str, item: Node, operation: Node) -> Iterator[Finding]:
    named = Template(path).names
    declared = {name: node for (place, name), node in document.parameters(item, operation).items() if place == "path"}
    for name in named:
        if name not in declared:
            message = f"{path} holds {{{name}}}, but there is no path parameter '{name}'"
            hint = nearest(name, [other for other in declared if other not in named])
            yield document.finding("path-parameter-undeclared", operation.address, message, hint, key=True)
    for name in declared:
        if name not in named:
            at = _where(document, item, operation, name)
            message = f"the path parameter '{name}' does not occur in {path}"
            yield document.finding("path-parameter-unknown", at, message, nearest(name, named))


def _where(document: Document, item: Node, operation: Node, name: str) -> Address:
    """The list entry that declares a path parameter, so that a shared parameter is reported where it is used."""
    for owner in (operation, item):
        for _, place, node in document.members(owner, "parameters"):
            if node.value.get("in") == "path" and node.value.get("name") == name:
                return place
    return operation.address


def _duplicates(document: Document, owner: Node) -> Iterator[Finding]:
    seen: dict[tuple[Any, Any], Address] = {}
    for _, place, node in document.members(owner, "parameters"):
        name, where = node.value.get("name"), node.value.get("in")
        folded = str(name).lower() if where == "header" else name
        if (folded, where) in seen:
            message = f"the {where} parameter '{name}' is listed twice"
            yield document.finding("parameter-duplicate", place, message, related=(seen[folded, where],))
        seen.setdefault((folded, where), place)


def _tags(document: Document) -> Iterator[Finding]:
    tags = [node for node in document.of("tag") if isinstance(node.value.get("name"), str)]
    counts: Counter[str] = Counter()
    for node in tags:
        name, parent = node.value["name"], node.value.get("parent")
        counts[name] += 1
        if counts[name] > 1:
            yield document.finding("tag-duplicate", node.address / "name", f"the tag '{name}' is declared twice")
        if parent is not None and parent not in {tag.value["name"] for tag in tags}:
            hint = nearest(str(parent), [tag.value["name"] for tag in tags])
            yield document.finding("tag-parent", node.address / "parent", f"there is no tag '{parent}'", hint)
    parents = {node.value["name"]: node.value.get("parent") for node in tags}
    for node in tags:
        way = [node.value["name"]]
        while (parent := parents.get(way[-1])) in parents and parent not in way:
            way.append(parent)
        if parent == node.value["name"]:
            message = f"the tag '{parent}' is its own ancestor"
            yield document.finding("tag-parent", node.address / "parent", message)


def _required(document: Document, node: Node) -> Iterator[Finding]:
    """A name that a composed schema requires and none of its parts declares is most likely a slip of the pen."""
    required = node.value.get("required")
    nested = node.owner is not None and document.nodes[node.owner].kind == "schema"
    if nested or "allOf" not in node.value or not isinstance(required, list):
        return
    known, open_ended = _declared(document, node, set())
    for index, name in enumerate(required):
        if isinstance(name, str) and name not in known and not open_ended:
            message = f"'{name}' is required, but no part of the schema has such a property"
            yield document.finding(
                "required-undeclared", node.address / "required" / index, message, nearest(name, known)
            )


def _cut(document: Document, node: Node) -> Iterator[Finding]:
    """What is a keyword with white space in it, and has no value, was to be the rest of a text."""
    for keyword, value in node.value.items():
        if value is None and " " in keyword:
            message = f"'{keyword}' is a keyword here, and not the rest of the text before the comma"
            yield document.finding("text-cut", node.address / keyword, message, "quote the text", key=True)


def _declared(document: Document, node: Node, seen: set[Address]) -> tuple[set[str], bool]:
    """The properties a schema and its parts name, and whether patterns may add others."""
    if node.address in seen:
        return set(), False
    seen.add(node.address)
    names = set(node.value.get("properties") or {})
    open_ended = bool(node.value.get("patternProperties"))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for _, _, part in document.members(node, keyword):
            inner, also_open = _declared(document, part, seen)
            names |= inner
            open_ended = open_ended or also_open
    # 3.1: a schema may hold keywords and a reference at once
    target = document.follow(node.address / "$ref") if "$ref" in node.value else None
    if target is not None:
        inner, also_open = _declared(document, target, seen)
        return names | inner, open_ended or also_open
    return names, open_ended


_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)


def _bounds(document: Document, node: Node) -> Iterator[Finding]:
    for low, high in _BOUNDS:
        least, most = node.value.get(low), node.value.get(high)
        if isinstance(least, (int, float)) and isinstance(most, (int, float)) and least > most:
            message = f"{low} {least} is above {high} {most}: no value fits"
            yield document.finding("bounds-contradict", node.address / low, message, related=(node.address / high,))
