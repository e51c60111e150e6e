"""The pairs of pairs/*.yaml: two documents each, and what `contracts diff` should say of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi.source import read

FOLDER = Path(__file__).parent / "pairs"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A pair. `expected` are `rule kind`, sorted; `harmless` pairs look like a break and are none.

    In an `undecided` pair a rule alone says so, which the finding has to admit.
    """

    name: str
    old: Json
    new: Json
    expected: tuple[str, ...]
    harmless: bool
    undecided: bool = False

    def __str__(self) -> str:
        return self.name


def cases() -> list[Case]:
    return list(itertools.chain.from_iterable(_read(path) for path in sorted(FOLDER.glob("*.yaml"))))


def _read(path: Path) -> Iterator[Case]:
    root = read(path).root
    for case in root["cases"]:
        harmless = root.get("harmless", False)
        if root["fragment"] == "schema":
            for direction in ("request", "response"):
                name = f"{path.stem}: {case['name']}, {direction}"
                old, new = _documents(case, _exchange(direction, case["old"]), _exchange(direction, case["new"]))
                yield Case(name, old, new, tuple(sorted(case[direction])), harmless, case.get("undecided", False))
        else:
            wrap: Callable[[Any], Json] = {
                "operation": _operation,
                "document": lambda document: document,
                "lifecycle": _lifecycle,
            }[root["fragment"]]
            old, new = _documents(case, wrap(case["old"]), wrap(case["new"]))
            yield Case(f"{path.stem}: {case['name']}", old, new, tuple(sorted(case["expected"])), harmless)


def _documents(case: Json, *bodies: Json) -> list[Json]:
    version = case.get("version", "3.1.0")
    versions = version if isinstance(version, list) else [version, version]
    head = {"info": {"title": "Things", "version": "1"}}
    components = case.get("components", {})
    if components and not components.keys() & {"parameters", "responses"}:
        components = {"schemas": components}
    shared = {"components": components} if components else {}
    return [{"openapi": number, **head, **shared, **body} for number, body in zip(versions, bodies, strict=True)]


def _exchange(direction: str, schema: Any) -> Json:
    content = {"content": {"application/json": {"schema": schema}}}
    if direction == "request":
        return _operation({"requestBody": content})
    return _operation({"responses": {"200": {"description": "ok", **content}}})


def _operation(operation: Json) -> Json:
    return {"paths": {"/things": {"post": {"responses": {}, **operation}}}}


def _lifecycle(cycle: Json | None) -> Json:
    schema: Json = {"type": "object", "properties": {"id": {"type": "string"}, "state": {"type": "string"}}}
    if cycle is not None:
        schema["x-lifecycle"] = {"id": "id", "state": "state", **cycle}
    return {"paths": {}, "components": {"schemas": {"Job": schema}}}
