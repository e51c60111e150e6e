"""One OpenAPI document as typed objects: what stands where, and what references lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from openapi import pointer as json_pointer
from openapi.library import Address
from openapi.model import METHODS
from openapi.reading import Node, Reading


class Document:
    """A document that is at least readable and says which OpenAPI it is; anything else may be wrong with it.

    `follow` gives None for a reference that leads nowhere.
    """

    def __init__(self, reading: Reading) -> None:
        self.library = reading.library
        self.nodes: Mapping[Address, Node] = reading.nodes
        self.targets: Mapping[Address, Address] = reading.targets
        self.unreadable = reading.unreadable

    @property
    def root(self) -> dict[str, Any]:
        value: dict[str, Any] = self.library.root
        return value

    @property
    def main(self) -> Address:
        return Address(self.library.main, "")

    @property
    def version(self) -> str:
        """The version that the document is written in: `2.0`, `3.0`, `3.1` or `3.2`."""
        return self.library.version

    @property
    def path(self) -> Path:
        return self.library.sources[self.library.main].path

    @cached_property
    def _by_kind(self) -> dict[str, list[Node]]:
        kinds: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            kinds.setdefault(node.kind, []).append(node)
        return kinds

    def of(self, kind: str) -> Iterator[Node]:
        """Every object of a type that is a mapping and no reference."""
        for node in self._by_kind.get(kind, ()):
            if isinstance(node.value, dict) and node.reference is None:
                yield node

    def of_any(self, kind: str) -> list[Node]:
        """Every object of a type, references and malformed ones too."""
        return self._by_kind.get(kind, [])

    def follow(self, address: Address) -> Node | None:
        """The object at an address, through references; None where one leads nowhere or in a circle."""
        seen = set()
        while address in self.targets:
            if address in seen:
                return None
            seen.add(address)
            address = self.targets[address]
        node = self.nodes.get(address)
        if node is None or node.reference is not None or not isinstance(node.value, dict):
            return None
        return node

    def members(self, node: Node, name: str) -> Iterator[tuple[str, Address, Node]]:
        """The objects in a field that is a map or a list: name or index, where it is named, and what it is."""
        value = node.value.get(name)
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, _ in items:
            place = node.address / name / key
            target = self.follow(place)
            if target is not None:
                yield str(key), place, target

    @cached_property
    def operations(self) -> list[tuple[str, str, Node, Node]]:
        """(path, method, path item, operation) of every path; not of webhooks, which the other side calls."""
        found = []
        for path in self.root.get("paths") or {}:
            item = self.follow(self.main / "paths" / path)
            for method, operation in self.methods(item) if item else ():
                found.append((path, method, item, operation))
        return [(path, method, item, operation) for path, method, item, operation in found if item]

    def methods(self, item: Node) -> Iterator[tuple[str, Node]]:
        """The operations of one path item."""
        for method in METHODS:
            operation = self.nodes.get(item.address / method)
            if operation is not None and isinstance(operation.value, dict):
                yield method, operation
        for method, _, operation in self.members(item, "additionalOperations"):
            yield method, operation

    @cached_property
    def by_id(self) -> dict[str, tuple[str, str, Node, Node]]:
        """The operations by operationId."""
        return {
            operation.value["operationId"]: (path, method, item, operation)
            for path, method, item, operation in reversed(self.operations)
            if isinstance(operation.value.get("operationId"), str)
        }

    def parameters(self, item: Node, operation: Node) -> dict[tuple[str, str], Node]:
        """What an operation takes, by (place, name): its own parameters win over the path's."""
        return {
            (str(node.value.get("in")), str(node.value.get("name"))): node
            for owner in (item, operation)
            for _, _, node in self.members(owner, "parameters")
        }

    def value(self, address: Address, default: Any = None) -> Any:
        source = self.library.sources.get(address.uri)
        return json_pointer.find(source.root, json_pointer.split(address.pointer), default) if source else default

    def original(self, address: Address) -> Any:
        """The value at an address as the file has it."""
        written = self.library.written(address)
        return json_pointer.find(self.library.sources[address.uri].original.root, json_pointer.split(written.pointer))
