"""What a check says: one value for every rule and every report."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Severity(enum.IntEnum):
    """How bad a finding is; a higher one includes the lower in `--fail-on`."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


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
class Rule:
    """One row of a rule table: what is checked, why it matters, a bad and a good example (YAML)."""

    name: str
    severity: Severity
    title: str
    why: str
    bad: str = ""
    good: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A request and what came back: `command` is its line for a shell; of a long `body` only the beginning."""

    command: str
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a finding about a server: `steps` in the order of sending, the last one being the answer at fault.

    `statement` are the words of the promise that is broken. `confirmation` says what came of the steps when they were
    sent once more, or is "". `times` is how often the same was seen.
    """

    statement: str
    steps: tuple[Step, ...]
    confirmation: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: where, what is wrong, and what would be right.

    `rule` is the stable name in the rule table. `related` are other places that belong to it (the other of two
    colliding paths, the old document's side of a change). `witness` is JSON text that proves it, or "". `kind` says
    whom a change breaks (`contracts diff`), or "". `key` tells it from others of its rule at its place, in words that
    stay the same when the message changes; "" where the message does that. A finding about a server has `evidence`.
    """

    rule: str
    severity: Severity
    location: Location
    message: str
    hint: str = ""
    related: tuple[Location, ...] = ()
    witness: str = ""
    kind: str = ""
    key: str = ""
    evidence: Evidence | None = None


def shown(path: Path) -> str:
    """A path as a reader wants it: relative to the working directory where it lies inside, with forward slashes.

    CI systems match annotations by the path relative to the repository, where they run the command.
    """
    absolute = path.absolute()
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str, keep: str = "") -> str:
    """A text in which what does not print stands as its escape, as in JSON; what is in `keep` stays.

    What servers and documents say is shown in terminals, which obey some characters instead of showing them.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in keep else _ESCAPES.get(character) or _escape(character)
        for character in text
    )


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
