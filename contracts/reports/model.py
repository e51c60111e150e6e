"""What a run found and looked at, as every format shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.findings import Finding, Rule


@dataclass(frozen=True, slots=True)
class Case:
    """One check of one thing, as build servers count them. `skipped` says why it was not judged, None if it was."""

    suite: str
    name: str
    subject: str = ""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table. `style` is its class in the page: kept, broken, skipped, unfinished, code, soft, missed.

    `share` draws a bar (percent); `chips` are small words; `rows` unfold below the text; `note` stands below it.
    """

    text: str = ""
    style: str = ""
    share: float | None = None
    chips: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page; a head that is `upright` needs no room."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]
    head: tuple[str, ...] = ()
    note: str = ""
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    `command` is `validate`, `diff`, …; `title` one line that says what was looked at; `summary` one line with the
    counts; `rules` every rule that ran, by name; `findings` in the order to be shown. `verdict` completes the title to
    a sentence, `notes` are lines between findings and summary, `cases` and `tables` what was looked at besides. `data`
    is the whole JSON report of a command that has its own schema.
    """

    command: str
    title: str
    summary: str
    rules: Mapping[str, Rule]
    findings: tuple[Finding, ...]
    verdict: str = ""
    notes: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    tables: tuple[Table, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
