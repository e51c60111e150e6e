"""An OpenAPI Overlay (1.1.0): its actions, where they act, and what they do to a document."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpath_rfc9535
import orjson
import yaml

from openapi import pointer as json_pointer

VERSION = "1.1.0"


class UnfitError(ValueError):
    """An update that is of another type than its target: Overlay 1.1.0 has no meaning for it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One step of an overlay. `target` is a JSONPath (RFC 9535); `update` is merged in, or `remove` takes it out."""

    target: str
    description: str
    update: Any = None
    remove: bool = False

    def shown(self) -> dict[str, Any]:
        change: dict[str, Any] = {"remove": True} if self.remove else {"update": self.update}
        return {"target": self.target, "description": self.description, **change}


def text(overlay: Mapping[str, Any]) -> str:
    """An overlay as YAML that is read alike in version 1.1 and 1.2."""
    return yaml.dump(overlay, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


class _Dumper(yaml.SafeDumper):
    """Quotes texts that begin like numbers: `0682` is a text in YAML 1.1, and a number in 1.2."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "'" if re.match("[-+.]?[0-9]", value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.add_representer(str, _text)


def apply(document: Any, actions: Iterable[Action]) -> Any:
    """A copy with the actions done: objects are merged, an array gets more members. Raises UnfitError."""
    changed = copy.deepcopy(document)
    for action in actions:
        for location in reversed([node.location for node in jsonpath_rfc9535.find(action.target, changed)]):
            owner = changed
            for token in location[:-1]:
                owner = owner[token]
            here = owner[location[-1]] if location else owner
            if action.remove:
                del owner[location[-1]]
            elif isinstance(here, list):
                here += copy.deepcopy(action.update if isinstance(action.update, list) else [action.update])
            elif isinstance(here, dict) and isinstance(action.update, dict):
                _merge(here, action.update)
            else:
                raise UnfitError(action.target)
    return changed


def _merge(into: dict[str, Any], update: dict[str, Any]) -> None:
    for name, value in update.items():
        known = into.get(name)
        if name not in into or (not isinstance(known, (dict, list)) and not isinstance(value, (dict, list))):
            into[name] = copy.deepcopy(value)
        elif isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            known += copy.deepcopy(value)
        else:
            raise UnfitError(name)


def jsonpath(document: Any, pointer: str) -> str:
    """A JSON Pointer as a JSONPath. Names that are plain words stand behind a dot, as the specification has them."""
    path, value = "$", document
    for token in json_pointer.split(pointer):
        if isinstance(value, list):
            path += f"[{token}]"
        elif re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", token):
            path += f".{token}"
        else:
            path += f"[{quoted(token)}]"
        value = json_pointer.child(value, token)
    return path


def quoted(text: str) -> str:
    """A name in single quotes; JSON's escapes are those of JSONPath, but for the quotes."""
    inner = orjson.dumps(text).decode()[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"
