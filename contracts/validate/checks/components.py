"""Components that nothing uses, and components used only by such."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.findings import Finding
from contracts.validate.checks.references import mapped
from contracts.validate.document import Document
from contracts.validate.subject import Subject
from openapi import pointer as json_pointer
from openapi.library import Address

Edge = tuple[Address | None, Address]


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    if not document.root.get("paths") and not document.root.get("webhooks"):
        return  # a library of components, made to be referred to from elsewhere
    edges = list(_edges(document))
    reached = _reached(edges)
    users: dict[Address, set[Address]] = {}
    for user, used in edges:
        if user is not None and user != used:
            users.setdefault(used, set()).add(user)
    for component in _components(document):
        if component in reached:
            continue
        kind, name = json_pointer.split(component.pointer)[1:]
        if component in users:
            message = f"{kind}/{name} is used only by components that nothing uses"
            related = tuple(sorted(users[component], key=str)[:3])
            yield document.finding("component-unreachable", component, message, key=True, related=related)
        else:
            yield document.finding("component-unused", component, f"nothing uses {kind}/{name}", key=True)


def _components(document: Document) -> Iterator[Address]:
    holder = document.root.get("components")
    for kind, members in (holder if isinstance(holder, dict) else {}).items():
        if isinstance(members, dict) and not kind.startswith("x-"):
            yield from (document.main / "components" / kind / name for name in members)


def component_of(document: Document, address: Address) -> Address | None:
    """The component that a value belongs to, if it does."""
    tokens = json_pointer.split(address.pointer)
    if address.uri != document.library.main or tokens[:1] != ("components",) or len(tokens) < 3:
        return None
    return Address(address.uri, json_pointer.join(*tokens[:3]))


def _edges(document: Document) -> Iterator[Edge]:
    """(user, used): the user is a component, or None for the rest of the document."""
    for source, target in document.targets.items():
        if used := component_of(document, target):
            yield component_of(document, source), used
            if _is_variant(source) and "discriminator" in (document.value(target) or {}):
                # A subtype is reached through its base: a value of the base may be one.
                yield used, component_of(document, source) or used
    for node in document.of("schema"):
        for _, _, named in mapped(document, node):
            if named is not None and (used := component_of(document, named)):
                yield component_of(document, node.address), used
    for requirement in document.of("security-requirement"):
        for name in requirement.value:
            yield None, document.main / "components" / "securitySchemes" / name


def _is_variant(source: Address) -> bool:
    """Whether a reference stands in the `allOf` of a component itself: `Cat: {allOf: [{$ref: Pet}]}`."""
    tokens = json_pointer.split(source.pointer)
    return len(tokens) == 5 and tokens[3] == "allOf"


def _reached(edges: list[Edge]) -> set[Address]:
    by_user: dict[Address | None, list[Address]] = {}
    for user, used in edges:
        by_user.setdefault(user, []).append(used)
    reached: set[Address] = set()
    waiting = list(by_user.get(None, ()))
    while waiting:
        component = waiting.pop()
        if component not in reached:
            reached.add(component)
            waiting.extend(by_user.get(component, ()))
    return reached
