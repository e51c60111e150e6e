"""One node instead of several that say the same: `allOf` merged into its owner, "or null" told apart from the rest."""

from __future__ import annotations

from typing import Any

from contracts.diff.equality import same
from contracts.diff.schemas import Node, Schemas

CHOICES = ("oneOf", "anyOf")
_LARGEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_SMALLEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")


class Flattener:
    """Merges nodes once and remembers them; a merged node knows where each keyword came from."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._done: dict[int, Node] = {}

    def flat(self, node: Node) -> Node:
        """The node behind references, its `allOf` merged as far as keywords can be; the rest stays in `allOf`."""
        node = self.schemas.resolve(node)
        if "allOf" not in node and not _wraps(node):
            return node
        if id(node) not in self._done:
            self._done[id(node)] = node  # a schema that is its own part: leave it as it is written
            self._done[id(node)] = self.flat(_only(node)) if _wraps(node) else self._merge(node)
        return self._done[id(node)]

    def _merge(self, node: Node) -> Node:
        own = {key: value for key, value in node.items() if key != "allOf"}
        merged: Node = {}
        origins: dict[str, Node] = {}
        left: list[Node] = []
        for member in [self.schemas.made(own, node), *(self.flat(member) for member in node["allOf"])]:
            for key, value in member.items():
                if key == "allOf":
                    left += value
                elif key not in merged:
                    merged[key] = value
                    origins[key] = self.schemas.origin(member, key)
                elif (both := self._both(key, merged[key], value)) is not None:
                    merged[key] = both
                else:
                    left.append(self.schemas.made({key: value}, member))
        if left:
            merged["allOf"] = left
        return self.schemas.made(merged, node, origins)

    def _both(self, key: str, left: Any, right: Any) -> Any:
        """What two values of a keyword demand together; None where one value cannot say it."""
        if key == "properties":
            return self._properties(left, right)
        if key == "required":
            return sorted({*left, *right})
        if key == "enum":
            return [value for value in left if any(same(value, other) for other in right)]
        if key == "type":
            return _types(left, right)
        if key in _LARGEST:
            return max(left, right)
        if key in _SMALLEST:
            return min(left, right)
        if key in ("readOnly", "writeOnly", "uniqueItems"):
            return left or right
        return left if same(left, right) else None

    def _properties(self, left: Node, right: Node) -> Node:
        result = {**left}
        for name, child in right.items():
            if name in result and not same(result[name], child):
                result[name] = self.schemas.made({"allOf": [result[name], child]}, child)
            else:
                result[name] = child
        return result

    def split_null(self, node: Node) -> tuple[Node, bool]:
        """The node without null, and whether it admitted null beside something else."""
        node = self.flat(node)
        for choice in CHOICES:
            members = node.get(choice, ())
            rest = [member for member in members if self.flat(member) != {"type": ["null"]}]
            if len(rest) == len(members) or not rest:
                continue
            if set(node) - {choice, "readOnly", "writeOnly"}:
                return node, False
            if len(rest) == 1:
                return self.split_null(rest[0])[0], True
            return self.schemas.made({**node, choice: rest}, node), True
        types = node.get("type", [])
        if "null" not in types or len(types) == 1 or not all(value is None for value in _nulls(node)):
            return node, False
        core = {**node, "type": [name for name in types if name != "null"]}
        if "enum" in core:
            if None not in core["enum"]:
                return self._like(core, node), False
            core["enum"] = [value for value in core["enum"] if value is not None]
        return self._like(core, node), True

    def _like(self, made: Node, node: Node) -> Node:
        return self.schemas.made(made, node, {key: self.schemas.origin(node, key) for key in node})


def _nulls(node: Node) -> list[Any]:
    return [None] if "enum" not in node or None in node["enum"] else []


def _wraps(node: Node) -> bool:
    """A choice of one, with nothing beside it, is that one."""
    return len(node) == 1 and any(len(node.get(choice, ())) == 1 for choice in CHOICES)


def _only(node: Node) -> Node:
    (members,) = node.values()
    only: Node = members[0]
    return only


def _types(left: list[str], right: list[str]) -> list[str]:
    both = {name for name in left if name in right}
    if "integer" in left + right and "number" in left + right:
        both |= {"integer"} if "number" in (left if "integer" in right else right) else set()
    return sorted(both)
