"""Where requests go: the servers of the operation, of its path, or of the document."""

from __future__ import annotations

from contracts.diff.collect import Collector
from contracts.diff.resolved_node import ResolvedNode
from contracts.diff.rules import Kind
from openapi.library import Address
from openapi.paths import Template


def urls(owners: tuple[ResolvedNode, ...], template: Template) -> frozenset[str]:
    """The whole URLs of an operation, the names of variables in its path left out."""
    return frozenset(f"{server}{template.anonymous}" for server in _effective(owners)[0])


def compare(collector: Collector, old: tuple[ResolvedNode, ...], new: tuple[ResolvedNode, ...], name: str) -> None:
    """Compare the effective servers of an operation. `old`, `new`: document, path item, operation."""
    (before, old_at), (after, new_at) = _effective(old), _effective(new)
    for url, node in before.items():
        if url not in after:
            text = f"the server {node.text('url')} is gone" if node else "requests no longer go to the document's host"
            at = node.written if node else old_at
            collector.add("server-removed", Kind.REQUEST, text, at, new_at, where=name)
        elif node and (other := after[url]):
            _variables(collector, node, other, name)
    for url, node in after.items():
        if url not in before and node:
            text = f"the server {node.text('url')} is new"
            collector.add("server-added", Kind.COMPATIBLE, text, old_at, node.written, where=name)


def _effective(owners: tuple[ResolvedNode, ...]) -> tuple[dict[str, ResolvedNode | None], Address]:
    """Servers by URL; the nearest owner that names any decides, and without any it is `/`."""
    for owner in reversed(owners):
        if servers := owner.items("servers"):
            found: dict[str, ResolvedNode | None] = {str(node.text("url", "")).rstrip("/"): node for node in servers}
            return found, owner.address / "servers"
    return {"": None}, owners[0].address / "servers"


def _variables(collector: Collector, old: ResolvedNode, new: ResolvedNode, name: str) -> None:
    after = new.members("variables")
    for variable, node in old.members("variables").items():
        other = after.get(variable)
        if other is None:
            continue
        values, now = ({*(it.text("enum") or ()), it.text("default")} for it in (node, other))
        gone = sorted(map(str, values - now)) if other.text("enum") else []
        if gone:
            text = f"the server variable '{variable}' no longer takes {', '.join(gone)}"
            collector.add("server-variable-changed", Kind.REQUEST, text, node.written, other.written, where=name)
        elif node.text("default") != other.text("default"):
            text = f"the server variable '{variable}' is {other.text('default')} by default now"
            collector.add("server-variable-changed", Kind.COMPATIBLE, text, node.written, other.written, where=name)
