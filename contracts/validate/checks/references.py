"""References: each that leads nowhere, elsewhere or in a circle, said as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contracts.findings import Finding, Location
from contracts.findings import shown as shown_path
from contracts.validate.document import Document
from contracts.validate.rules import RULES
from contracts.validate.subject import Subject
from openapi.dialect import LEGACY
from openapi.library import Address
from openapi.reading import Node
from openapi.source import SourceError, nearest

_RULE = {
    "unresolved": "reference-unresolved",
    "remote": "reference-remote",
    "outside": "reference-outside",
    "kind": "reference-kind",
}
# Keywords whose subschemas judge the same value: a circle through these alone never ends.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    for failure in document.library.failures.values():
        yield document.finding(_RULE[failure.reason], failure.at, failure.problem, failure.hint)
    for error in document.unreadable:
        yield unreadable(error)
    yield from _circles(document)
    yield from _siblings(document)
    yield from _discriminators(document)


def unreadable(error: SourceError) -> Finding:
    """A file that is no sound YAML or JSON."""
    line, column = (error.position.line, error.position.column) if error.position else (1, 1)
    rule = RULES["document-unreadable"]
    where = Location(shown_path(Path(error.path)), line, column)
    return Finding(rule.name, rule.severity, where, error.problem, error.hint)


def _circles(document: Document) -> Iterator[Finding]:
    """Depth first over references and in-place keywords; a way back to the path walked is a circle."""
    done: set[Address] = set()
    for start in (*document.targets, *(node.address for node in document.of_any("schema"))):
        if start in done:
            continue
        path: dict[Address, None] = {}
        stack = [(start, iter(_steps(document, start)))]
        path[start] = None
        while stack:
            here, steps = stack[-1]
            step = next(steps, None)
            if step is None:
                stack.pop()
                del path[here]
                done.add(here)
            elif step in path:
                yield _circle(document, [*path][[*path].index(step) :])
            elif step not in done:
                path[step] = None
                stack.append((step, iter(_steps(document, step))))


def _steps(document: Document, address: Address) -> Iterator[Address]:
    if address in document.targets:
        yield document.targets[address]
    node = document.nodes.get(address)
    if node is None or node.kind != "schema" or not isinstance(node.value, dict):
        return
    for keyword in _IN_PLACE:
        value = node.value.get(keyword)
        if isinstance(value, list):
            yield from (address / keyword / index for index in range(len(value)))
        elif isinstance(value, dict):
            yield from (
                (address / keyword / name for name in value) if keyword == "dependentSchemas" else (address / keyword,)
            )


def _circle(document: Document, circle: list[Address]) -> Finding:
    reference = next(address for address in circle if address in document.targets)
    text = document.nodes[reference].value["$ref"]
    hint = "one step of the circle must be a value"
    return document.finding("reference-circular", reference / "$ref", f"{text} leads back to itself", hint)


def _siblings(document: Document) -> Iterator[Finding]:
    """What stands beside a `$ref` up to 3.0, where it is ignored; from 3.1 on the structure forbids or means it."""
    for node in document.nodes.values() if document.version in LEGACY else ():
        written = document.original(node.address) if node.reference is not None else None
        # A reference of the view alone stands nowhere in the file.
        for name in written if isinstance(written, dict) and "$ref" in written else ():
            if name != "$ref" and not name.startswith("x-") and not _harmless(node, name):
                yield document.finding(
                    "reference-siblings",
                    node.address / name,
                    f"'{name}' beside $ref is ignored",
                    "wrap the reference in allOf" if node.kind == "schema" else "put it into what is referred to",
                    key=True,
                )


def _harmless(node: Node, name: str) -> bool:
    """Text for readers beside a reference is common in 3.0 and changes nothing; path items may have siblings."""
    return name in ("description", "summary") or node.kind == "path-item"


def _discriminators(document: Document) -> Iterator[Finding]:
    for node in document.of("schema"):
        for value, name, target in mapped(document, node):
            if target is None:
                known = document.value(document.main / "components" / "schemas") or {}
                at = node.address / "discriminator" / "mapping" / value
                hint = nearest(name.rpartition("/")[2], known)
                yield document.finding("discriminator-mapping", at, f"there is no schema {name}", hint)


def mapped(document: Document, node: Node) -> Iterator[tuple[str, str, Address | None]]:
    """A discriminator's mapping: (value, what it says, the schema it means); a name means a component."""
    discriminator = node.value.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    for value, name in (mapping if isinstance(mapping, dict) else {}).items():
        if isinstance(name, str):
            component = document.main / "components" / "schemas" / name
            named = component if component in document.nodes else document.library.target(name, node.address.uri)
            yield value, name, named if isinstance(document.value(named), (dict, bool)) else None
