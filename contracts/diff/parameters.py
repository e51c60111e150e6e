"""The parameters of an operation, its path item's included."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.diff.bodies import Bodies
from contracts.diff.equality import same
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from contracts.diff.views import Direction

# https://spec.openapis.org/oas/v3.1.1.html#parameter-object: "the parameter definition SHALL be ignored"
_IGNORED = {("header", name) for name in ("accept", "content-type", "authorization")}
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_Key = tuple[str, str]


def parameters(
    bodies: Bodies,
    old: tuple[ResolvedNode, ResolvedNode],
    new: tuple[ResolvedNode, ResolvedNode],
    renamed: Mapping[str, str],
    name: str,
) -> None:
    """Compare by place and name. `old` and `new` are path item and operation; `renamed` maps path parameters."""
    before, after = _parameters(old), _parameters(new)
    names = {("path", left): ("path", right) for left, right in renamed.items()}
    partners = {key: names.get(key, key) for key in before}
    for key, node in before.items():
        where = f"{name}, {key[0]} parameter '{key[1]}'"
        if partners[key] in after:
            _parameter(bodies, node, after[partners[key]], where)
        else:
            bodies.collector.add(
                "parameter-removed", Kind.COMPATIBLE, f"{where} is gone", node, new[1].address / "parameters"
            )
    for key, node in after.items():
        if key not in partners.values():
            required = node.text("required") is True
            rule = "required-parameter-added" if required else "parameter-added"
            message = f"{name}, {key[0]} parameter '{key[1]}' is new{' and required' if required else ''}"
            kind = Kind.REQUEST if required else Kind.COMPATIBLE
            bodies.collector.add(rule, kind, message, old[1].address / "parameters", node)


def _parameters(nodes: tuple[ResolvedNode, ResolvedNode]) -> dict[_Key, ResolvedNode]:
    found = {}
    for owner in nodes:
        for node in owner.items("parameters"):
            place, name = str(node.text("in")), str(node.text("name"))
            key = (place, name.lower() if place == "header" else name)
            if key not in _IGNORED:
                found[key] = node
    return found


def _parameter(bodies: Bodies, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
    bodies.required(old, new, "parameter", where)
    if old.text("deprecated", default=False) != new.text("deprecated", default=False):
        text = f"{where} is {'now' if new.text('deprecated') else 'no longer'} deprecated"
        at = (old.address / "deprecated", new.address / "deprecated")
        bodies.collector.add("operation-deprecated", Kind.DOCUMENTATION, text, *at)
    for key, value in _serialization(new).items():
        if not same(value, _serialization(old)[key]):
            text = f"{where}: {key} went from {_serialization(old)[key]} to {value}"
            at = (old.address / key, new.address / key)
            bodies.collector.add("parameter-serialization-changed", Kind.REQUEST, text, *at)
    bodies.schema(old, new, Direction.REQUEST, where, Kind.REQUEST)
    _content(bodies, old, new, where)


def _serialization(node: ResolvedNode) -> dict[str, object]:
    """What decides how the value is written, defaults filled in."""
    if "content" in node.value:
        return dict.fromkeys(("style", "explode", "allowReserved", "allowEmptyValue"), "content")
    style = node.text("style", _STYLES.get(str(node.text("in")), "form"))
    return {
        "style": style,
        "explode": node.text("explode", default=style == "form"),
        "allowReserved": node.text("allowReserved", default=False),
        "allowEmptyValue": node.text("allowEmptyValue", default=False),
    }


def _content(bodies: Bodies, old: ResolvedNode, new: ResolvedNode, where: str) -> None:
    before, after = old.members("content"), new.members("content")
    if before and after and before.keys() != after.keys():
        text = f"{where}: the media type went from {', '.join(before)} to {', '.join(after)}"
        at = (old.address / "content", new.address / "content")
        bodies.collector.add("parameter-serialization-changed", Kind.REQUEST, text, *at)
    for name in before.keys() & after.keys():
        bodies.schema(before[name], after[name], Direction.REQUEST, where, Kind.REQUEST)
