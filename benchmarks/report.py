"""The figures as Markdown for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from benchmarks.figures import Point, Remark, Results
from benchmarks.peers import SERVERS, Server, version
from benchmarks.sections import SECTIONS
from benchmarks.targets import Verdict, verdicts

_WORDS = {True: "met", False: "**not met**", None: "not measured"}
_DIGITS = {"req/s": 0, "MiB": 0, "jobs": 0, "requests": 0, "cases": 0, "cases/s": 0, "µs/request": 1, "ratio": 2}


_REASONS = (
    "What keeps us from a target that is not met, as measured: [README.md](../README.md#what-the-targets-miss-and-why)."
)


def markdown(results: Results, machine: Mapping[str, str]) -> str:
    """The whole report."""
    parts = [
        "# Results",
        _machine(machine),
        "## Targets",
        _targets(verdicts(results)),
        _REASONS,
        "## Servers",
        _servers(),
    ]
    for table in results.tables():
        parts += [f"## {table}", _table(results, table)]
    parts += ["## How the sections measure", _sections()]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_json(results: Results, machine: Mapping[str, str]) -> bytes:
    """All figures of all rounds."""
    said: dict[str, Any] = {
        "machine": dict(machine),
        "versions": {server.name: version(server) for server in SERVERS},
        "targets": verdicts(results),
        "points": results.points,
        "remarks": results.remarks,
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


def from_json(text: bytes) -> tuple[Results, dict[str, str]]:
    """What `to_json` wrote: the report can be made again without measuring again."""
    said = orjson.loads(text)
    points = [Point(**{**point, "values": tuple(point["values"])}) for point in said["points"]]
    return Results(points, [Remark(**remark) for remark in said["remarks"]]), said["machine"]


def cell(point: Point | None) -> str:
    """The median, and the lowest and highest round where they differ from it as shown."""
    if point is None:
        return ""
    if point.unit == "yes/no":
        return "yes" if point.median else "no"
    shown = [_number(value, point.unit) for value in (point.median, min(point.values), max(point.values))]
    spread = f" ({shown[1]} to {shown[2]})" if len({*shown}) > 1 else ""
    return shown[0] + spread


def _number(value: float, unit: str) -> str:
    digits = _DIGITS.get(unit)
    if digits is None:
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


def _machine(machine: Mapping[str, str]) -> str:
    said = ", ".join(f"{name} {value}" for name, value in machine.items() if value)
    return (
        f"Made by `make bench`; do not edit. Machine: {said}.\n\n"
        "A figure is the median of the rounds, with the lowest and the highest in brackets; p50 and p99 are those of a "
        "closed loop.\n\n![requests per second, first answer, memory](chart.svg)"
    )


def _targets(found: list[Verdict]) -> str:
    lines = [f"| {verdict.target} | {verdict.figure} | {_WORDS[verdict.met]} |" for verdict in found]
    return "\n".join(["| target | measured | |", "|---|---|---|", *lines])


def _servers() -> str:
    lines = [f"| {server.name} | {version(server)} | {server.runtime} | {_said(server)} |" for server in SERVERS]
    return "\n".join(["| server | version | runs on | what it does |", "|---|---|---|---|", *lines])


def _said(server: Server) -> str:
    package = f" (`{server.npm}`)" if server.npm else ""
    return server.said + package


def _table(results: Results, table: str) -> str:
    columns, rows = results.columns(table), results.rows(table)
    lines = []
    if columns:
        lines = [f"| | {' | '.join(_head(results, table, column) for column in columns)} |"]
        lines.append("|---|" + "---:|" * len(columns))
    for row in rows:
        cells = [cell(results.get(table, row, column)) for column in columns]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    remarks = [f"- {said.row}: {said.text}" for said in results.remarks if said.table == table]
    return "\n".join([*lines, "", *remarks]).strip()


def _head(results: Results, table: str, column: str) -> str:
    """The column's name, with its unit where the name does not say it."""
    units = {point.unit for point in results.points if (point.table, point.column) == (table, column)}
    unit = units.pop()
    silent = unit in ("yes/no", "ratio") or unit in column or column in unit or column == "seconds"
    return column if silent else f"{column}, {unit}"


def _sections() -> str:
    return "\n".join(f"- `{section.name}`: {section.about}." for section in SECTIONS)
