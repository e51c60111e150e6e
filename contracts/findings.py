"""What a check of a document says: one value for every rule and every report."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """How bad a finding is; a higher one includes the lower in `--fail-on`."""

    NOTE = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A value in a file: line and column count from 1, `pointer` is a JSON Pointer into that file."""

    file: str
    line: int
    column: int
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: where, what is wrong, and what would be right.

    `rule` is the stable name in the rule table. `related` are other places that belong to it (the other of two
    colliding paths, the old document's side of a change). `witness` is JSON text that proves it, or "".
    """

    rule: str
    severity: Severity
    location: Location
    message: str
    hint: str = ""
    related: tuple[Location, ...] = ()
    witness: str = ""
