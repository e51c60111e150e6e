"""What became of the defects: a line each for people, JSON for scripts, a table in Markdown for the documentation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from contracts.defects.run import Outcome
from contracts.reports import STDOUT, ReportError, ReportTarget

VERSION = 1


@dataclass(frozen=True, slots=True)
class Result:
    """All outcomes of one provider."""

    provider: str
    seed: int
    outcomes: tuple[Outcome, ...]

    @property
    def survivors(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.caught)


def line(outcome: Outcome) -> str:
    """One outcome on one line: what it was, and what caught it, how soon."""
    name = f"{outcome.defect.kind:<12} {outcome.defect.name:<36}"
    if outcome.finding is None:
        return f"SURVIVED  {name} {outcome.why}"
    return f"caught    {name} {outcome.finding.check} ({outcome.requests} requests, {outcome.seconds:.1f} s)"


def summary(result: Result) -> str:
    """How many were caught, and how long that took."""
    caught = len(result.outcomes) - len(result.survivors)
    seconds = sum(outcome.seconds for outcome in result.outcomes)
    return f"{result.provider}: {caught} of {len(result.outcomes)} defects caught in {seconds:.0f} s"


def as_json(result: Result) -> str:
    """Everything, under stable names."""
    document = {
        "version": VERSION,
        "provider": result.provider,
        "seed": result.seed,
        "caught": len(result.outcomes) - len(result.survivors),
        "defects": [_entry(outcome) for outcome in result.outcomes],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _entry(outcome: Outcome) -> dict[str, object]:
    finding = outcome.finding
    return {
        "name": outcome.defect.name,
        "kind": str(outcome.defect.kind),
        "story": outcome.defect.story,
        "caught": outcome.caught,
        "check": finding.check if finding else None,
        "operation": finding.operation if finding else None,
        "message": finding.message if finding else None,
        "why": outcome.why,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
        "changed": outcome.changed,
    }


def as_markdown(result: Result) -> str:
    """The section of `docs/defects.md` about one provider; without seconds, which differ from machine to machine."""
    found = [outcome for outcome in result.outcomes if outcome.caught]
    soon = f"; half of them within {median(outcome.requests for outcome in found):.0f} requests" if found else ""
    lines = [
        f"## {result.provider}",
        "",
        f"{len(found)} of {len(result.outcomes)} caught with seed {result.seed}{soon}.",
        "",
        "| kind | defect | what providers do | caught by | requests |",
        "| --- | --- | --- | --- | --- |",
        *(_row(outcome) for outcome in result.outcomes),
    ]
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome) -> str:
    defect, finding = outcome.defect, outcome.finding
    check = f"`{finding.check}`" if finding else f"**survived**: {outcome.why}"
    return f"| {defect.kind} | {defect.name} | {defect.story} | {check} | {outcome.requests} |"


FORMATS = {"json": as_json, "markdown": as_markdown}


def report_target(text: str) -> ReportTarget:
    """Read `FORMAT=PATH`; `FORMAT` alone goes to standard output. Raises argparse.ArgumentTypeError."""
    name, _, path = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"unknown report format '{name}', known: {', '.join(FORMATS)}")
    return ReportTarget(name, path or STDOUT)


def write(result: Result, targets: Sequence[ReportTarget]) -> None:
    """Write every report asked for. Raises ReportError for a path that cannot be written."""
    for target in targets:
        text = FORMATS[target.format](result)
        if target.path == STDOUT:
            sys.stdout.write(text)
            continue
        try:
            Path(target.path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ReportError(f"cannot write the {target.format} report to {target.path}: {error.strerror}") from None
