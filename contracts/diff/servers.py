"""Where requests go: the servers of the operation, of its path, or of the document."""

from __future__ import annotations

from contracts.diff.collect import Collector, Kind
from contracts.diff.resolved_node import Spot
from openapi.library import Address


def compare(collector: Collector, old: tuple[Spot, ...], new: tuple[Spot, ...], name: str) -> None:
    """Compare the effective servers of an operation. `old`, `new`: document, path item, operation."""
    (before, old_at), (after, new_at) = _effective(old), _effective(new)
    for url, spot in before.items():
        if url not in after:
            text = f"the server {spot.text('url')} is gone" if spot else "requests no longer go to the document's host"
            at = spot.written if spot else old_at
            collector.add("server-removed", Kind.REQUEST, text, at, new_at, where=name)
        elif spot and (other := after[url]):
            _variables(collector, spot, other, name)
    for url, spot in after.items():
        if url not in before and spot:
            text = f"the server {spot.text('url')} is new"
            collector.add("server-added", Kind.COMPATIBLE, text, old_at, spot.written, where=name)


def _effective(owners: tuple[Spot, ...]) -> tuple[dict[str, Spot | None], Address]:
    """Servers by URL; the nearest owner that names any decides, and without any it is `/`."""
    for owner in reversed(owners):
        if servers := owner.items("servers"):
            found: dict[str, Spot | None] = {str(spot.text("url", "")).rstrip("/"): spot for spot in servers}
            return found, owner.address / "servers"
    return {"": None}, owners[0].address / "servers"


def _variables(collector: Collector, old: Spot, new: Spot, name: str) -> None:
    after = new.members("variables")
    for variable, spot in old.members("variables").items():
        other = after.get(variable)
        if other is None:
            continue
        values, now = ({*(it.text("enum") or ()), it.text("default")} for it in (spot, other))
        gone = sorted(map(str, values - now)) if other.text("enum") else []
        if gone:
            text = f"the server variable '{variable}' no longer takes {', '.join(gone)}"
            collector.add("server-variable-changed", Kind.REQUEST, text, spot.written, other.written, where=name)
        elif spot.text("default") != other.text("default"):
            text = f"the server variable '{variable}' is {other.text('default')} by default now"
            collector.add("server-variable-changed", Kind.COMPATIBLE, text, spot.written, other.written, where=name)
