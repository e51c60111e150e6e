"""What is to be reached, and whether the figures reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.figures import Results
from benchmarks.peers import BARE, OURS, PEERS
from benchmarks.sections import abilities, bodies, check, first, growth, throughput, workers
from benchmarks.sections.throughput import HEADLINE
from benchmarks.traffic import TRAFFIC


@dataclass(frozen=True, slots=True)
class Verdict:
    """`met` is None where nothing was measured that could say it."""

    target: str
    figure: str
    met: bool | None


Found = tuple[str, float]  # what the figure is of, and the figure


def verdicts(results: Results) -> list[Verdict]:
    """Every target, in the order in which they were set."""
    peers = _first_answers(results)
    return [
        _least("requests per second: 60% of bare uvicorn", _rates(results, throughput.OF_LIMIT), 0.6, _percent),
        _least("requests per second: twice the fastest peer", _rates(results, throughput.OF_BEST), 2, _times),
        _most("p99 at 16 connections: under 3 times bare uvicorn's", _tails(results), 3, _times),
        _least(
            "two workers on sqlite: 1.6 times one, the load generator elsewhere",
            _row_values(results, workers.TABLE, TRAFFIC, workers.ALONE),
            1.6,
            _times,
        ),
        _most(
            "first answer, four providers: under 0.6 s", _of_ours(results, first.TABLE, first.SECONDS), 0.6, _seconds
        ),
        _most(
            f"first answer: below every JVM and Node peer that validates{_named(peers)}",
            _of_ours(results, first.TABLE, first.SECONDS) if peers else [],
            min((seconds for _, seconds in peers), default=0),
            _seconds,
        ),
        _most("memory, idle, four providers: under 80 MiB", _of_ours(results, first.TABLE, first.MEMORY), 80, _mib),
        _most("10,000 identifiers accepted: under 25 ms", _of_ours(results, bodies.TABLE, bodies.ACCEPTED), 25, _ms),
        _most("10,000 items polled: under 1 ms", _of_ours(results, bodies.TABLE, bodies.POLLED), 1, _ms),
        _most("cost per request with 1,000,000 jobs: within 10% of that with 10", _growth(results), 1.1, _times),
        _least("contracts check: at least plain Schemathesis' cases per second", _judged(results), 1, _times),
    ]


def _least(target: str, found: list[Found], bound: float, show: Callable[[float], str]) -> Verdict:
    return Verdict(target, _said(found, show), all(value >= bound for _, value in found) if found else None)


def _most(target: str, found: list[Found], bound: float, show: Callable[[float], str]) -> Verdict:
    return Verdict(target, _said(found, show), all(value < bound for _, value in found) if found else None)


def _said(found: list[Found], show: Callable[[float], str]) -> str:
    return ", ".join(f"{name} {show(value)}".strip() for name, value in found) or "not measured"


def _median(results: Results, table: str, row: str, column: str) -> float | None:
    point = results.get(table, row, column)
    return point.median if point else None


def _pairs(named: Iterable[tuple[str, float | None]]) -> list[Found]:
    return [(name, value) for name, value in named if value is not None]


def _row_values(results: Results, table: str, rows: Iterable[str], column: str) -> list[Found]:
    return _pairs((row, _median(results, table, row, column)) for row in rows)


def _rates(results: Results, column: str) -> list[Found]:
    return _pairs((name, _median(results, name, OURS.name, column)) for name in TRAFFIC)


def _of_ours(results: Results, table: str, column: str) -> list[Found]:
    return _pairs([("", _median(results, table, OURS.name, column))])


def _tails(results: Results) -> list[Found]:
    column = throughput.percentile("p99", HEADLINE)
    pairs = {name: [_median(results, name, row, column) for row in (OURS.name, BARE.name)] for name in TRAFFIC}
    return [(name, ours / limit) for name, (ours, limit) in pairs.items() if ours and limit]


def _first_answers(results: Results) -> list[Found]:
    """First answers of the peers that this target speaks of."""
    validating = [
        peer.name
        for peer in PEERS
        if peer.runtime != "Python" and _median(results, abilities.TABLE, peer.name, abilities.VALIDATES)
    ]
    return _row_values(results, first.TABLE, validating, first.SECONDS)


def _named(found: list[Found]) -> str:
    return f" ({_said(found, _seconds)})" if found else ""


def _growth(results: Results) -> list[Found]:
    """At a million jobs only: a smaller run says nothing about it."""
    row, methods = growth.row(1_000_000), ("GET", "POST")
    columns = {method: f"{method}: {growth.RATIO}" for method in methods}
    return _pairs((method, _median(results, growth.table(OURS), row, column)) for method, column in columns.items())


def _judged(results: Results) -> list[Found]:
    plain = _median(results, check.TABLE, check.PLAIN, check.RATE)
    ours = _median(results, check.TABLE, check.OURS, check.RATE)
    return [("", ours / plain)] if ours and plain else []


def _percent(value: float) -> str:
    return f"{100 * value:.0f}%"


def _times(value: float) -> str:
    return f"{value:.2f} x"


def _seconds(value: float) -> str:
    return f"{value:.2f} s"


def _mib(value: float) -> str:
    return f"{value:.0f} MiB"


def _ms(value: float) -> str:
    return f"{value:.2f} ms"
