"""Every change that is told apart: its name, what it can mean, and why it matters; the rows stand in rules.yaml."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from contracts.findings import Rule, Severity
from openapi.source import read


class Kind(enum.StrEnum):
    """What a change means."""

    CLIENT = "client-breaking"
    REQUEST = "request-breaking"
    COMPATIBLE = "compatible"
    DOCUMENTATION = "documentation"

    @property
    def breaking(self) -> bool:
        return self in (Kind.CLIENT, Kind.REQUEST)


# How a kind reads in a summary.
TITLES = {
    Kind.CLIENT: "breaking for clients",
    Kind.REQUEST: "breaking for requests",
    Kind.COMPATIBLE: "compatible",
    Kind.DOCUMENTATION: "documentation only",
}
_LETTERS = {"C": Kind.CLIENT, "R": Kind.REQUEST, "=": Kind.COMPATIBLE, "d": Kind.DOCUMENTATION}


@dataclass(frozen=True, slots=True)
class DiffRule:
    """One row. `kinds` are the meanings the change can have; `compatible` is how loud it is when it breaks nobody."""

    name: str
    kinds: tuple[Kind, ...]
    title: str
    why: str
    compatible: Severity

    @property
    def rule(self) -> Rule:
        return Rule(self.name, max(map(self.severity, self.kinds)), self.title, self.why)

    def severity(self, kind: Kind) -> Severity:
        if kind.breaking:
            return Severity.ERROR
        return self.compatible if kind is Kind.COMPATIBLE else Severity.NOTE


def _row(name: str, letters: str, loudness: str, title: str, why: str) -> DiffRule:
    return DiffRule(name, tuple(_LETTERS[letter] for letter in letters), title, why, Severity[loudness.upper()])


RULES = {name: _row(name, *row) for name, row in read(Path(__file__).with_name("rules.yaml")).root.items()}


def table() -> str:
    """The table as Markdown, for docs/diff.md."""
    lines = ["| rule | what it can mean | change | why |", "|---|---|---|---|"]
    for row in RULES.values():
        kinds = ", ".join(row.kinds)
        lines.append(f"| `{row.name}` | {kinds} | {row.title} | {row.why} |")
    return "\n".join(lines) + "\n"
