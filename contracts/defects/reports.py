"""What became of the defects: a line each for people, JSON for scripts, a table in Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import orjson

from contracts.defects.run import Fate, Outcome
from contracts.reports.output import ReportTarget, write_each

VERSION = 1
_LOUD = {Fate.SURVIVED: "SURVIVED", Fate.UNJUDGED: "UNJUDGED"}
GENERIC_HEAD = """# Seeded defects

How much does the judge notice? `contracts defects PROVIDER` breaks the stub of a provider, or of any document, on
purpose, in one way at a time, as real providers break, and runs `contracts check` on it until the first finding. The
stub as it is must give no finding at all; so each finding is due to the defect. A defect that changes no answer counts
as a survivor too. No clock ends a run; one that ends before everything is judged says so: its defect is neither caught
nor a survivor.

The defects are those that a contract has room for: life cycles, lists, idempotency keys, refusals (`--list` shows
them). One that survives breaks something of which neither the contract nor a law says anything.

*Caught by* is the check or law of the first finding, *requests* is how many requests of the contract it took. The
times between them are virtual: a defect that shows after a day takes no longer than others.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """All outcomes of one provider."""

    provider: str
    seed: int
    outcomes: tuple[Outcome, ...]

    @property
    def missed(self) -> tuple[Outcome, ...]:
        """Those that were not caught: that survived, or were not judged to the end."""
        return tuple(outcome for outcome in self.outcomes if not outcome.caught)


def line(outcome: Outcome) -> str:
    """One outcome on one line: what it was, and what caught it, how soon."""
    name = f"{outcome.defect.kind:<12} {outcome.defect.name:<36}"
    if outcome.finding is None:
        return f"{_LOUD[outcome.fate]:<9} {name} {outcome.why}"
    return f"caught    {name} {outcome.finding.check} ({outcome.requests} requests, {outcome.seconds:.1f} s)"


def summary(result: Result) -> str:
    """How many were caught, and how long that took."""
    caught = len(result.outcomes) - len(result.missed)
    seconds = sum(outcome.seconds for outcome in result.outcomes)
    unjudged = sum(outcome.fate is Fate.UNJUDGED for outcome in result.outcomes)
    more = f", {unjudged} not judged to the end" if unjudged else ""
    return f"{result.provider}: {caught} of {len(result.outcomes)} defects caught in {seconds:.0f} s{more}"


def as_json(results: Sequence[Result]) -> str:
    """Everything, under stable names."""
    document = {
        "version": VERSION,
        "providers": [
            {
                "provider": result.provider,
                "seed": result.seed,
                "caught": len(result.outcomes) - len(result.missed),
                "defects": [_entry(outcome) for outcome in result.outcomes],
            }
            for result in results
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _entry(outcome: Outcome) -> dict[str, object]:
    finding = outcome.finding
    return {
        "name": outcome.defect.name,
        "kind": str(outcome.defect.kind),
        "story": outcome.defect.story,
        "caught": outcome.caught,
        "fate": str(outcome.fate),
        "check": finding.check if finding else None,
        "operation": finding.operation if finding else None,
        "message": finding.message if finding else None,
        "why": outcome.why,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
        "changed": outcome.changed,
    }


def as_markdown(results: Sequence[Result]) -> str:
    """A page. Without seconds, which differ from machine to machine."""
    return "\n".join([GENERIC_HEAD, *tables(results)])


def tables(results: Iterable[Result]) -> Iterator[str]:
    """A section per provider."""
    for result in results:
        yield from _section(result)


def _section(result: Result) -> Iterator[str]:
    found = [outcome.requests for outcome in result.outcomes if outcome.caught]
    soon = f"; half of them within {median(found):.0f} requests, all within {max(found)}" if found else ""
    yield f"## {result.provider}\n"
    yield f"{len(found)} of {len(result.outcomes)} caught with seed {result.seed}{soon}.\n"
    yield "| kind | defect | what providers do | caught by | requests |"
    yield "| --- | --- | --- | --- | --- |"
    yield from map(_row, result.outcomes)
    yield ""


def _row(outcome: Outcome) -> str:
    defect, finding = outcome.defect, outcome.finding
    check = f"`{finding.check}`" if finding else f"**{outcome.fate}**: {outcome.why}"
    return f"| {defect.kind} | {defect.name} | {defect.story} | {check} | {outcome.requests} |"


FORMATS = {"json": as_json, "markdown": as_markdown}


def write(results: Sequence[Result], targets: Sequence[ReportTarget]) -> None:
    """Write every report asked for. Raises ReportError for a path that cannot be written."""
    write_each(lambda name: FORMATS[name](results), targets)
