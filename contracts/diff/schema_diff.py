"""The single edits that lead from one schema to another, each at the smallest node that it concerns.

An edit carries two small schemas, `before` and `after`, that differ in this edit alone; whether it breaks anybody is
decided elsewhere, from what the two admit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.diff.align import Alignment, align
from contracts.diff.containment import ANY_ITEM, Focus
from contracts.diff.equality import Equality, same
from contracts.diff.flatten import CHOICES, Flattener
from contracts.diff.sample import Path
from contracts.diff.schemas import NOTHING, Node, Schemas, key_of
from contracts.diff.views import Direction, travels
from contracts.diff.wording import listed, names, openness, went
from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA
from openapi.library import Address

# Keywords that are one statement, and the rule that reports them.
STATEMENTS: dict[tuple[str, ...], str] = {
    ("minimum", "exclusiveMinimum"): "minimum-changed",
    ("maximum", "exclusiveMaximum"): "maximum-changed",
    ("multipleOf",): "multiple-of-changed",
    ("minLength",): "min-length-changed",
    ("maxLength",): "max-length-changed",
    ("pattern",): "pattern-changed",
    ("format",): "format-changed",
    ("minItems",): "min-items-changed",
    ("maxItems",): "max-items-changed",
    ("uniqueItems",): "unique-items-changed",
    ("minProperties",): "min-properties-changed",
    ("maxProperties",): "max-properties-changed",
    ("contains", "minContains", "maxContains"): "contains-changed",
    ("not",): "not-changed",
    ("if", "then", "else"): "condition-changed",
    ("dependentRequired",): "dependent-required-changed",
    ("dependentSchemas",): "dependent-schemas-changed",
    ("propertyNames",): "property-names-changed",
    ("patternProperties",): "pattern-properties-changed",
    ("unevaluatedItems",): "unevaluated-items-changed",
    ("unevaluatedProperties",): "unevaluated-properties-changed",
    ("allOf",): "composition-changed",
}
# Those that speak of more than the value itself.
_COMPOSED = {
    keywords: rule
    for keywords, rule in STATEMENTS.items()
    if keywords[0] in LIST_OF_SCHEMAS + MAP_OF_SCHEMAS + ONE_SCHEMA or keywords[0] == "dependentRequired"
}
_ALTERNATIVES = ("alternative-added", "alternative-removed")
# What of an object matters for a question about one of its properties.
_OBJECT = ("type", "additionalProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties")
# A node without any of these admits null.
_TYPED = frozenset(("type", "enum", "allOf", "not", *CHOICES))
ALL_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. `path` leads to its node inside the exchanged value; `old` and `new` are where it is written.

    `existence`: worth a line even though both sides admit the same (a property that a document starts to mention).
    """

    rule: str
    message: str
    path: Path
    before: Node
    after: Node
    old: Address
    new: Address
    existence: bool = False
    # The two nodes with every edit of this place made: bounds and a pattern, or two ways to write a choice, can stand
    # in for each other.
    around: tuple[Node, Node] | None = None
    focus: Focus | None = None
    # The other side's alternatives, one of which may take what `focus` was for.
    substitutes: tuple[Node, ...] = ()


@dataclass(slots=True)
class Walk:
    """Compares two nodes of one direction, and what is below them."""

    schemas: Schemas
    equal: Equality
    flattener: Flattener
    direction: Direction
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def edits(self, old: Node, new: Node, path: Path = ()) -> Iterator[Edit]:
        if self.equal(old, new):
            return
        if "$ref" in old and "$ref" in new:
            pair = (key_of(old), key_of(new))
            if pair in self._seen:
                return
            self._seen.add(pair)
        (old_core, old_null), (new_core, new_null) = self._split_null(old, new)
        # Core of {"type": "null"} is itself: null alone is a type like any other.
        if old_null != new_null:
            before, after = ({"type": ["null"]}, NOTHING) if old_null else (NOTHING, {"type": ["null"]})
            text = "may be null no longer" if old_null else "may now be null"
            yield self._edit("nullable-changed", text, path, before, after, (old_core, new_core), "type")
        if not self.equal(old_core, new_core):
            yield from self._nodes(old_core, new_core, path)

    def _split_null(self, *nodes: Node) -> list[tuple[Node, bool]]:
        """Both nodes without null, and whether they admitted it; as they are where one admits whatever there is."""
        flat = [self.flattener.flat(node) for node in nodes]
        if any(_TYPED.isdisjoint(node) for node in flat):
            return [(node, False) for node in flat]
        return [self.flattener.split_null(node) for node in flat]

    def _nodes(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        old_choice, new_choice = _choice(old), _choice(new)
        if old_choice or new_choice:
            if alignment := self._branches(old, new):
                for edit in self._choices(alignment, old, new, path):
                    if edit.around is None:
                        others = self._substitutes(edit, old, new)
                        edit = dataclasses.replace(edit, around=(old, new), substitutes=others)
                    yield edit
                if not old_choice or not new_choice:
                    return
                old, new = self._without_choice(old), self._without_choice(new)
            else:
                yield self._edit("schema-changed", "is another schema", path, old, new, (old, new))
                return
        old_types, new_types = _types(old), _types(new)
        if not _overlap(old_types, new_types):
            text = f"the type went from {names(old)} to {names(new)}"
            yield self._edit("type-changed", text, path, old, new, (old, new), "type")
            return
        if old_types != new_types:
            text = f"the type went from {names(old)} to {names(new)}"
            after = _set(_own(old), {"type": new.get("type")})
            yield self._edit("type-changed", text, path, _own(old), after, (old, new), "type")
        around = (self.schemas.made(_own(old), old), self.schemas.made(_own(new), new))
        for edit in (*self._enum(old, new, path), *self._statements(old, new, path)):
            yield edit if edit.rule in _COMPOSED.values() else dataclasses.replace(edit, around=around)
        yield from self._object(old, new, path)
        yield from self._array(old, new, path)

    def _without_choice(self, node: Node) -> Node:
        rest = {key: value for key, value in node.items() if key not in CHOICES}
        return self.schemas.made(rest, node, {key: self.schemas.origin(node, key) for key in rest})

    # Choices

    def _branches(self, old: Node, new: Node) -> Alignment | None:
        """Pair the branches; a node without a choice counts as one branch where the other has nothing else."""
        old_choice, new_choice = _choice(old), _choice(new)
        if not old_choice and set(new) - {new_choice}:
            return None
        if not new_choice and set(old) - {old_choice}:
            return None
        return align(
            self.flattener,
            self.equal,
            old[old_choice] if old_choice else [old],
            new[new_choice] if new_choice else [new],
        )

    def _choices(self, alignment: Alignment, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        keyword = _choice(old) or _choice(new) or "anyOf"
        members = old.get(keyword, [old])
        before = {keyword: members}
        if _choice(old) and _choice(new) and _choice(old) != _choice(new):
            after = {_choice(new): new[_choice(new)]}
            text = f"{_choice(old)} became {_choice(new)}"
            yield self._edit("composition-changed", text, path, before, after, (old, new), _choice(new))
        for branch in alignment.removed:
            rest = [member for member in members if member is not branch]
            after = {keyword: rest} if rest else NOTHING
            text = f"the alternative {self._name(branch)} is gone"
            yield self._edit("alternative-removed", text, path, before, after, (branch, new), focus=Focus(branch))
        for branch in alignment.added:
            after = {keyword: [*members, branch]}
            text = f"the alternative {self._name(branch)} is new"
            yield self._edit("alternative-added", text, path, before, after, (old, branch), focus=Focus(branch))
        for left, right in alignment.pairs:
            yield from self.edits(left, right, path)

    def _substitutes(self, edit: Edit, old: Node, new: Node) -> tuple[Node, ...]:
        """Where any alternative will do, one alone may take what another took; `oneOf` asks for exactly one."""
        if edit.focus is None or edit.rule not in _ALTERNATIVES or "oneOf" in {**old, **new}:
            return ()
        other = old if edit.rule == "alternative-added" else new
        return tuple(other.get("anyOf", [other]))

    def _name(self, node: Node) -> str:
        if "$ref" in node:
            return f"'{key_of(node).split('.', 1)[1]}'"
        flat = self.flattener.flat(node)
        for name, child in flat.get("properties", {}).items():
            values = self.flattener.flat(child).get("enum", ())
            if len(values) == 1:
                return f"with {name} {values[0]!r}"
        return names(flat)

    # One node

    def _enum(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        if "enum" not in old and "enum" not in new:
            return
        nodes = (old, new)
        if "enum" not in old or "enum" not in new:
            after = _set(_own(old), {"enum": new.get("enum")})
            text = "any value is possible now" if "enum" in old else f"only {listed(new['enum'])} is left"
            yield self._edit("enum-changed", text, path, _own(old), after, nodes, "enum")
            return
        gone = [value for value in old["enum"] if not any(same(value, other) for other in new["enum"])]
        come = [value for value in new["enum"] if not any(same(value, other) for other in old["enum"])]
        # Without `type`: it was compared by itself, and a value of another type would hide behind it.
        if gone:
            left = [value for value in old["enum"] if value not in gone]
            text = f"{listed(gone)} is no longer among the values"
            before, after = {"enum": old["enum"]}, {"enum": left} if left else NOTHING
            yield self._edit("enum-value-removed", text, path, before, after, nodes, "enum")
        if come:
            text = f"{listed(come)} is a new value"
            before, after = {"enum": old["enum"]}, {"enum": [*old["enum"], *come]}
            yield self._edit("enum-value-added", text, path, before, after, nodes, "enum")

    def _statements(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        for keywords, rule in STATEMENTS.items():
            before, after = ({key: node[key] for key in keywords if key in node} for node in (old, new))
            if before.keys() == after.keys() and all(self._same(key, before[key], after[key]) for key in before):
                continue
            keyword = next(key for key in keywords if key in after or key in before)
            keyword = next((key for key in keywords if key in after), keyword)
            text = f"{' and '.join({**before, **after})} {went(before, after)}"
            base = _own(old)
            edited = _set(base, {key: new.get(key) for key in keywords})
            yield self._edit(rule, text, path, _set(base, before), edited, (old, new), keyword)

    def _same(self, key: str, old: Any, new: Any) -> bool:
        return self.equal({key: old}, {key: new})

    # Objects

    def _object(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name not in after:
                yield self._removed(name, old, new, path)
        for name, child in after.items():
            if name not in before:
                yield self._added(name, child, old, new, path)
            else:
                yield from self._property(name, before[name], child, old, path)
        yield from self._required(old, new, path)
        extra_old, extra_new = old.get("additionalProperties"), new.get("additionalProperties")
        if extra_old is None and extra_new is None:
            return
        if extra_old and extra_new and NOTHING not in (extra_old, extra_new):
            if fresh := _fresh({*before, *after}):
                yield from self.edits(extra_old, extra_new, (*path, fresh))
        elif not (extra_old == extra_new == NOTHING):
            text = openness(extra_new)
            base = {key: value for key, value in old.items() if key != "required"}
            edited = _set(base, {"additionalProperties": extra_new})
            yield self._edit(
                "additional-properties-changed", text, path, base, edited, (old, new), "additionalProperties"
            )

    def _shell(self, node: Node, *names: str) -> Node:
        """An object node for a question about some of its properties: the others admit anything, none is required."""
        shell = {key: node[key] for key in _OBJECT if key in node and key not in ("minProperties", "maxProperties")}
        properties = {
            name: child if name in names else self._stub(child) for name, child in node.get("properties", {}).items()
        }
        required = [name for name in node.get("required", ()) if name in names]
        return _set(shell, {"properties": properties or None, "required": required or None})

    def _told(self, child: Node, owner: Node) -> Node:
        """A property as far as it matters to an owner that does not know it: its schema only if the others have one."""
        others = [owner.get(key, NOTHING) for key in ("additionalProperties", "patternProperties")]
        return self._stub(child) if all(other == NOTHING for other in others) else child

    def _stub(self, child: Node) -> Node:
        resolved = self.schemas.resolve(child)
        return {flag: True for flag in ("readOnly", "writeOnly") if child.get(flag) or resolved.get(flag)}

    def _added(self, name: str, child: Node, old: Node, new: Node, path: Path) -> Edit:
        required = name in new.get("required", ())
        before = self._shell(old, name)
        after = {**before, "properties": {**before.get("properties", {}), name: self._told(child, old)}}
        if required:
            after["required"] = sorted({*before.get("required", ()), name})
        rule = "required-property-added" if required and name not in old.get("required", ()) else "property-added"
        text = f"the {'required ' if required else ''}property '{name}' is new"
        return self._edit(rule, text, path, before, after, (old, child), existence=True, focus=Focus(child, (name,)))

    def _removed(self, name: str, old: Node, new: Node, path: Path) -> Edit:
        required = name in old.get("required", ()) and name not in new.get("required", ())
        before = self._shell(old, name)
        before["properties"] = {**before["properties"], name: self._told(old["properties"][name], old)}
        rest = {key: value for key, value in before["properties"].items() if key != name}
        after = _set(before, {"properties": rest or None})
        if required:
            after = _set(after, {"required": [other for other in before["required"] if other != name] or None})
        rule = "required-property-removed" if required else "property-removed"
        text = f"the {'required ' if required else ''}property '{name}' is gone"
        at = (old["properties"][name], self.schemas.origin(new, "properties"))
        return self._edit(
            rule, text, path, before, after, at, existence=True, focus=Focus(old["properties"][name], (name,))
        )

    def _property(self, name: str, before: Node, after: Node, old: Node, path: Path) -> Iterator[Edit]:
        sent, now_sent = (travels(self.schemas, child, self.direction) for child in (before, after))
        if sent != now_sent:
            flag = self.direction.absent_flag
            text = f"'{name}' is {'now' if sent else 'no longer'} {flag}"
            shell = self._shell(old, name)
            edited = {**shell, "properties": {**shell["properties"], name: after}}
            rule = "read-only-changed" if flag == "readOnly" else "write-only-changed"
            yield self._edit(rule, text, path, shell, edited, (before, after), flag, existence=True)
        elif sent:
            yield from self.edits(before, after, (*path, name))

    def _required(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        before, after = set(old.get("required", ())), set(new.get("required", ()))
        told = old.get("properties", {}).keys() ^ new.get("properties", {}).keys()
        for name in sorted((before ^ after) - told):
            if not self._travels(name, old, new):
                continue
            shell = self._shell(old, name)
            now = name in after
            edited = _set(shell, {"required": [name] if now else None})
            rule = "property-required" if now else "property-optional"
            text = f"'{name}' is {'now' if now else 'no longer'} required"
            yield self._edit(rule, text, path, shell, edited, (old, new), "required")

    def _travels(self, name: str, *nodes: Node) -> bool:
        children = [node["properties"][name] for node in nodes if name in node.get("properties", {})]
        return all(travels(self.schemas, child, self.direction) for child in children)

    # Arrays

    def _array(self, old: Node, new: Node, path: Path) -> Iterator[Edit]:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after) or ("items" in old) != ("items" in new):
            text = "the members are described by another schema"
            keys = ("prefixItems", "items")
            base = _set(_own(old), {key: old.get(key) for key in keys})
            edited = _set(base, {key: new.get(key) for key in keys})
            yield self._edit("items-changed", text, path, base, edited, (old, new), "items")
            return
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from self.edits(left, right, (*path, index))
        if "items" in old and not before:
            yield from self.edits(old["items"], new["items"], (*path, ANY_ITEM))
        elif "items" in old:
            yield from self.edits(old["items"], new["items"], (*path, len(before)))

    def _edit(
        self,
        rule: str,
        message: str,
        path: Path,
        before: Node,
        after: Node,
        at: tuple[Node, Node],
        keyword: str | None = None,
        *,
        existence: bool = False,
        focus: Focus | None = None,
    ) -> Edit:
        old, new = (self._address(node, keyword) for node in at)
        before, after = self.schemas.made(before, at[0]), self.schemas.made(after, at[1])
        return Edit(rule, message, path, before, after, old, new, existence, focus=focus)

    def _address(self, node: Node, keyword: str | None) -> Address:
        """Where a node, or its keyword as it was written, stands."""
        origin = self.schemas.origin(node, keyword) if keyword else node
        side, address = self.schemas.place(origin)
        raw = self.schemas.libraries[side].value(address)
        written = ("enum", "const") if keyword == "enum" else (keyword,)
        for name in written:
            if name is not None and isinstance(raw, dict) and name in raw:
                return address / name
        return address


def _choice(node: Node) -> str:
    return next((choice for choice in CHOICES if choice in node), "")


def _own(node: Node) -> Node:
    """What a node says of its own value, without its parts."""
    keys = {key for keywords in STATEMENTS.keys() - _COMPOSED.keys() for key in keywords} | {"type", "enum"}
    return {key: value for key, value in node.items() if key in keys}


def _set(node: Node, values: Node) -> Node:
    """The node with keywords replaced; None takes one away."""
    result = {**node, **values}
    return {key: value for key, value in result.items() if value is not None}


def _types(node: Node) -> frozenset[str]:
    types = frozenset(node["type"]) if "type" in node else ALL_TYPES
    return types - {"integer"} if "number" in types else types


def _overlap(left: frozenset[str], right: frozenset[str]) -> bool:
    numbers = {"integer", "number"}
    return bool(left & right) or bool(left & numbers and right & numbers)


def _fresh(names: set[str]) -> str:
    return next(name for name in ("key", "other", "another", "x-key-of-nobody") if name not in names)
