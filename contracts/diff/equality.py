"""Whether two nodes are written the same once references are followed: the cheap answer to most questions."""

from __future__ import annotations

import json
from typing import Any

from contracts.diff.schemas import Node, Schemas, key_of
from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA


def same(left: Any, right: Any) -> bool:
    """JSON equality (Python's `1 == True` is none)."""
    return left == right and json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


class Equality:
    """Remembers every pair of definitions it has compared: a component is looked at once, not once per use."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._equal: set[tuple[str, str]] = set()
        self._different: set[tuple[str, str]] = set()

    def __call__(self, left: Node, right: Node) -> bool:
        assumed: set[tuple[str, str]] = set()
        if not self._compare(left, right, assumed):
            return False
        self._equal |= assumed
        return True

    def _compare(self, left: Node, right: Node, assumed: set[tuple[str, str]]) -> bool:
        if "$ref" in left and "$ref" in right:
            pair = (key_of(left), key_of(right))
            if pair in self._equal or pair in assumed:
                return True  # a recursive schema is equal if nothing on the way round differs
            if pair in self._different:
                return False
            assumed.add(pair)
            if self._compare(self.schemas.resolve(left), self.schemas.resolve(right), assumed):
                return True
            self._different.add(pair)
            return False
        if "$ref" in left or "$ref" in right:
            return self._compare(self.schemas.resolve(left), self.schemas.resolve(right), assumed)
        return left.keys() == right.keys() and all(self._keyword(key, left[key], right[key], assumed) for key in left)

    def _keyword(self, key: str, left: Any, right: Any, assumed: set[tuple[str, str]]) -> bool:
        if key in ONE_SCHEMA:
            return self._compare(left, right, assumed)
        if key in LIST_OF_SCHEMAS:
            return len(left) == len(right) and all(
                self._compare(a, b, assumed) for a, b in zip(left, right, strict=True)
            )
        if key in MAP_OF_SCHEMAS:
            return bool(left.keys() == right.keys()) and all(
                self._compare(left[name], right[name], assumed) for name in left
            )
        return same(left, right)
