"""Why values do not fit the schemas of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.validate.document import Document
from openapi import pointer as json_pointer
from openapi.library import Address
from openapi.source import SourceError
from openapi.validators import Direction, Validators, leaves


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit its schema: `at` is a JSON Pointer into the value."""

    at: str
    message: str


class Schemas:
    """The schemas of one document. `uncompiled` says of which that failed, and why."""

    def __init__(self, document: Document) -> None:
        # A reference that leads nowhere is said once; the rest is still checked.
        self._validators = Validators(document.library, lenient=True)
        self.uncompiled: dict[Address, str] = {}

    def misfits(self, schema: Address, value: Any, direction: Direction = "any") -> list[Misfit]:
        """Everything that is wrong with a value; nothing for a schema that is itself broken (said elsewhere)."""
        if schema in self.uncompiled:
            return []
        try:
            validator = self._validators.at(schema, direction)
        except SourceError as error:
            self.uncompiled[schema] = short(error.problem.removeprefix("is not a schema: "))
            return []
        if validator.is_valid(value):
            return []
        found = {leaf.message: leaf for error in validator.iter_errors(value) for leaf in leaves(error)}
        return [Misfit(json_pointer.join(*leaf.instance_path), short(leaf.message)) for leaf in found.values()]


def short(message: str) -> str:
    """Messages quote the value, which may be a page long."""
    return message if len(message) <= 200 else f"{message[:80]} … {message[-110:]}"
