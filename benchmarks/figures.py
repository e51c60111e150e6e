"""What was measured: points, each the figures of one cell of a table, one per round."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Point:
    """The figures of one cell, in the order of the rounds."""

    table: str
    row: str
    column: str
    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a row lacks, and why."""

    table: str
    row: str
    text: str


@dataclass(slots=True)
class Results:
    """Everything that a run found out. Sections add to it; reports and targets read it."""

    points: list[Point] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add(self, table: str, row: str, column: str, value: float, unit: str) -> None:
        """One more figure of a cell."""
        for index, point in enumerate(self.points):
            if (point.table, point.row, point.column) == (table, row, column):
                self.points[index] = Point(table, row, column, (*point.values, value), unit)
                return
        self.points.append(Point(table, row, column, (value,), unit))

    def remark(self, table: str, row: str, text: str) -> None:
        """Say something about a row, once."""
        said = Remark(table, row, text)
        if said not in self.remarks:
            self.remarks.append(said)

    def get(self, table: str, row: str, column: str) -> Point | None:
        """A cell, or None where nothing was measured."""
        wanted = (table, row, column)
        return next((point for point in self.points if (point.table, point.row, point.column) == wanted), None)

    def tables(self) -> list[str]:
        """The tables in the order in which they were begun."""
        return unique([*(point.table for point in self.points), *(remark.table for remark in self.remarks)])

    def rows(self, table: str) -> list[str]:
        return unique(point.row for point in self.points if point.table == table)

    def columns(self, table: str) -> list[str]:
        return unique(point.column for point in self.points if point.table == table)


def unique(names: Iterable[str]) -> list[str]:
    """Each name once, in the order of its first appearance."""
    return list(dict.fromkeys(names))


def ratios(left: Sequence[float], right: Sequence[float]) -> tuple[float, ...]:
    """Left by right: round by round where both took part in every round, which cancels what a machine's neighbours
    took from both; else of the medians."""
    if len(left) == len(right):
        return tuple(a / b for a, b in zip(left, right, strict=True))
    return (statistics.median(left) / statistics.median(right),)
