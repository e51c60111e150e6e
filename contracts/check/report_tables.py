"""What a run exercised, as the tables of the page."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.check.coverage import Keyword
from contracts.check.verdict import Verdict
from contracts.reports.model import Cell, Table
from openapi.contract import Operation

MARKS = {"broken": "✗", "kept": "✓", "skipped": "-", "unfinished": "-"}
KEYWORDS = (
    "Of a request: kept by one and broken by another. Of a response: a value that it applies to was seen; a schema "
    "that several operations answer with stands at the first."
)


def tables(verdict: Verdict) -> tuple[Table, ...]:
    """Coverage, what was checked of each operation, the keywords of its schemas, and the laws."""
    checks = tuple(sorted({result.name for result in verdict.results if result.operation}))
    operations = verdict.subject.contract.operations
    return (
        Table("Coverage", tuple(_shares(verdict))),
        Table(
            title="Operations and checks",
            rows=tuple(_operation(verdict, operation, checks) for operation in operations),
            head=("operation", *checks, "answers"),
            upright=True,
        ),
        Table("Keywords of the schemas", tuple(_keywords(verdict)), note=KEYWORDS),
        Table("Laws", tuple(_laws(verdict))),
    )


def _shares(verdict: Verdict) -> Iterator[tuple[Cell, ...]]:
    for kind, share in verdict.coverage.items():
        if share.all:
            # The missing keywords have a table of their own.
            missed = () if kind == "keywords" else tuple(Cell(name, "missed") for name in share.missed)
            bar = Cell(share=round(share.percent, 1))
            yield Cell(kind), bar, Cell(f"{share.seen} of {share.all}"), Cell(chips=missed)


def _operation(verdict: Verdict, operation: Operation, checks: tuple[str, ...]) -> tuple[Cell, ...]:
    status = {result.name: str(result.status) for result in verdict.results if result.operation == operation.id}
    marks = (Cell(MARKS[status[name]], status[name]) if name in status else Cell() for name in checks)
    answers = tuple(_answer(code, verdict.statuses.get((operation.id, code), 0)) for code in operation.responses)
    return Cell(f"{operation.method} {operation.path}", "code"), *marks, Cell(chips=answers)


def _answer(status: str, count: int) -> Cell:
    return Cell(f"{status}: {count}") if count else Cell(status, "missed")


def _keywords(verdict: Verdict) -> Iterator[tuple[Cell, ...]]:
    """For each operation how many keywords were exercised, and where those stand that were not, or cannot be."""
    for operation in verdict.subject.contract.operations:
        keywords = [keyword for keyword in verdict.keywords if keyword.operation == operation.id]
        judged = sum(not keyword.unjudged for keyword in keywords)
        lacking = sum(bool(keyword.lacks) for keyword in keywords)
        rest = [keyword for keyword in keywords if keyword.lacks or keyword.unjudged]
        unjudged = f", {len(rest) - lacking} cannot be judged" if len(rest) > lacking else ""
        missed = Cell(f"{lacking} not exercised{unjudged}", rows=tuple(_keyword(verdict, one) for one in rest))
        if judged or rest:
            yield Cell(operation.id, "code"), Cell(f"{judged - lacking} of {judged}"), missed if rest else Cell()


def _keyword(verdict: Verdict, keyword: Keyword) -> tuple[Cell, ...]:
    place = verdict.subject.location(keyword.address)
    why = keyword.unjudged or f"never {' or '.join(sorted(keyword.lacks))}"
    where = Cell(keyword.address.pointer, "code")
    return Cell(keyword.side), where, Cell(f"{place.file}:{place.line}", "soft"), Cell(why)


def _laws(verdict: Verdict) -> Iterator[tuple[Cell, ...]]:
    for result in verdict.results:
        if not result.operation:
            note = f"{result.name} · {result.why}" if result.why else result.name
            yield Cell(str(result.status), str(result.status)), Cell(result.title, note=note), Cell(str(result.count))
