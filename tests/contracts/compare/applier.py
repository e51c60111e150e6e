"""Applies an overlay as Overlay 1.1.0 says, and shares nothing with the code that makes one."""

from __future__ import annotations

import copy
from typing import Any

import jsonpath_rfc9535


def overlaid(document: Any, overlay: dict[str, Any]) -> Any:
    """A changed copy. What the specification gives no meaning, and what changes nothing, is an error."""
    assert set(overlay) == {"overlay", "info", "extends", "actions"}
    assert overlay["overlay"] == "1.1.0"
    assert set(overlay["info"]) == {"title", "version"}
    assert overlay["actions"], "at least one"
    document = copy.deepcopy(document)
    for action in overlay["actions"]:
        nodes = jsonpath_rfc9535.find(action["target"], document)
        assert len(nodes) == 1, action
        *way, last = nodes[0].location
        owner = document
        for step in way:
            owner = owner[step]
        if action.get("remove"):
            assert "update" not in action
            owner.pop(last)
        else:
            owner[last] = together(owner[last], action["update"])
    return document


def together(known: Any, update: Any) -> Any:
    """The value of a target after its update."""
    if isinstance(known, list):
        return known + (update if isinstance(update, list) else [update])
    if isinstance(known, dict):
        assert isinstance(update, dict), "an object is merged with an object"
        return {**known, **{name: _member(known, name, value) for name, value in update.items()}}
    assert not isinstance(update, (dict, list)), "a primitive value is replaced by one"
    return update


def _member(known: dict[str, Any], name: str, value: Any) -> Any:
    """A property of a merged object: as `together`, but that an array takes no single member here."""
    if name not in known:
        return value
    assert isinstance(value, type(known[name])) or not isinstance(known[name], (dict, list)), name
    return together(known[name], value)
