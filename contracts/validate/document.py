"""One OpenAPI document as the checks see it: findings have positions."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from contracts.findings import Finding, Location, shown
from contracts.validate.rules import RULES
from openapi import document
from openapi.library import Address


class Document(document.Document):
    """A document that findings are made of.

    A reference that leads nowhere is reported once, by the reference checks; the other checks pass over it.
    """

    def location(self, address: Address, *, key: bool = False) -> Location:
        _, position = self.library.position(address, key=key)
        written = self.library.written(address)
        return Location(shown(self.file(address)), position.line, position.column, written.pointer)

    def file(self, address: Address) -> Path:
        """The path of an address, written as the document's own path was."""
        if address.uri == self.library.main:
            return self.path
        return self.library.folder / unquote(urlsplit(address.uri).path).lstrip("/")

    def finding(
        self,
        rule: str,
        address: Address,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        related: tuple[Address, ...] = (),
    ) -> Finding:
        """A finding at an address; with `key` at its name rather than its value."""
        places = tuple(self.location(place) for place in related)
        return Finding(rule, RULES[rule].severity, self.location(address, key=key), message, hint, places)
