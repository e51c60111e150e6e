"""Which branch of a choice became which: reordering and renaming are no change, whatever the position says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contracts.diff.equality import Equality
from contracts.diff.flatten import Flattener
from contracts.diff.schemas import Node, key_of


@dataclass(frozen=True, slots=True)
class Alignment:
    """Branches that belong together and differ, and those without a partner."""

    pairs: tuple[tuple[Node, Node], ...]
    removed: tuple[Node, ...]
    added: tuple[Node, ...]


def align(flattener: Flattener, equal: Equality, old: list[Node], new: list[Node]) -> Alignment:
    """Equal branches first, then those with the same constant property, the same name, the same type."""
    left, right = list(old), list(new)
    for branch in list(left):
        if (twin := next((other for other in right if equal(branch, other)), None)) is not None:
            left[:] = [other for other in left if other is not branch]
            right[:] = [other for other in right if other is not twin]
    pairs: list[tuple[Node, Node]] = []
    for key in (lambda node: _constants(flattener, node), _name, lambda node: _type(flattener, node)):
        pairs += _take(left, right, key)
    return Alignment(tuple(pairs), tuple(left), tuple(right))


def _take(left: list[Node], right: list[Node], key: Callable[[Node], Any]) -> list[tuple[Node, Node]]:
    """Pair what has the same key, if the key is not None and means one branch on each side."""
    pairs = []
    for branch in list(left):
        mark = key(branch)
        same = [other for other in right if mark is not None and key(other) == mark]
        if len(same) == 1 and sum(key(other) == mark for other in left) == 1:
            pairs.append((branch, same[0]))
            left[:] = [other for other in left if other is not branch]
            right[:] = [other for other in right if other is not same[0]]
    return pairs


def _constants(flattener: Flattener, node: Node) -> str | None:
    """The properties with one possible value, as text: what a discriminator would look at."""
    properties = flattener.flat(node).get("properties", {})
    flat = {name: flattener.flat(child).get("enum", ()) for name, child in properties.items()}
    constants = {name: values[0] for name, values in flat.items() if len(values) == 1}
    return json.dumps(constants, sort_keys=True) if constants else None


def _name(node: Node) -> str | None:
    return key_of(node).split(".", 1)[1] if "$ref" in node else None


def _type(flattener: Flattener, node: Node) -> str | None:
    flat = flattener.flat(node)
    types = flat.get("type")
    # Two objects with different constants are different things.
    return json.dumps(types) if types and _constants(flattener, node) is None else None
