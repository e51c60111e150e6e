"""The words of an edit: what a reviewer reads."""

from __future__ import annotations

from typing import Any

from contracts.diff.schemas import NOTHING, Node


def names(node: Node) -> str:
    return " or ".join(node["type"]) if "type" in node else "anything"


def listed(values: list[Any]) -> str:
    return ", ".join(repr(value) if isinstance(value, str) else str(value) for value in values[:5]) + (
        f" and {len(values) - 5} more" if len(values) > 5 else ""
    )


def went(before: Node, after: Node) -> str:
    values = [node[key] for node in (before, after) for key in node]
    if any(isinstance(value, (dict, list)) for value in values):
        return "changed" if before and after else ("is gone" if before else "is new")
    if not before:
        return f"is new: {listed(list(after.values()))}"
    if not after:
        return f"is gone (it was {listed(list(before.values()))})"
    return f"went from {listed(list(before.values()))} to {listed(list(after.values()))}"


def openness(extra: Node | None) -> str:
    if extra is None:
        return "properties that are not listed may be anything now"
    return (
        "properties that are not listed are refused now" if extra == NOTHING else "other properties have a schema now"
    )
