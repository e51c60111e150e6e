"""A value of a document and where it stands: reads through references, so that an inlined one is no change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openapi import pointer as json_pointer
from openapi.library import Address, Library

# Objects whose members are names, and that may hold extensions as well; under the others `x-` begins a name.
_EXTENSIBLE = ("paths", "responses")


@dataclass(frozen=True, slots=True)
class ResolvedNode:
    """`value` is what stands there once references are followed; `written` is where the document names it."""

    library: Library
    written: Address
    address: Address
    value: Any

    @classmethod
    def of(cls, library: Library, address: Address) -> ResolvedNode:
        """Raises SourceError for a reference that leads nowhere."""
        target, value = library.follow(address)
        return cls(library, address, target, value)

    def get(self, key: json_pointer.Token) -> ResolvedNode | None:
        """A member, or None."""
        try:
            json_pointer.child(self.value, key)
        except LookupError:
            return None
        return ResolvedNode.of(self.library, self.address / key)

    def members(self, key: str) -> dict[str, ResolvedNode]:
        """The members of an object-valued member; empty where there is none."""
        value, extensible = self.text(key), key in _EXTENSIBLE
        if not isinstance(value, dict):
            return {}
        names = [name for name in value if not (extensible and name.startswith("x-"))]
        return {name: ResolvedNode.of(self.library, self.address / key / name) for name in names}

    def items(self, key: str) -> list[ResolvedNode]:
        """The members of an array-valued member; empty where there is none."""
        value = self.text(key)
        if not isinstance(value, list):
            return []
        return [ResolvedNode.of(self.library, self.address / key / index) for index in range(len(value))]

    def text(self, key: str, default: Any = None) -> Any:
        """The plain value of a member."""
        return self.value.get(key, default) if isinstance(self.value, dict) else default
