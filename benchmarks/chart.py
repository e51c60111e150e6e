"""The chart: horizontal bars, drawn as SVG by hand; a library would be larger than what it draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.figures import Results
from benchmarks.peers import SERVERS, Server
from benchmarks.sections import first
from benchmarks.sections.throughput import HEADLINE, rate

WIDTH, LABEL, FIGURE = 860, 170, 90
BAR, GAP, HEAD, LEGEND = 16, 6, 34, 34
OURS, LIMIT, PEER = "#1a7f64", "#9aa0a6", "#5b7db1"
FONT = "font-family='system-ui, sans-serif'"


@dataclass(frozen=True, slots=True)
class Panel:
    """One group of bars. `table` and `column` name the figures."""

    title: str
    table: str
    column: str
    digits: int


PANELS = (
    Panel(f"GET a job: requests per second, {HEADLINE} connections (more is better)", "GET job", rate(HEADLINE), 0),
    Panel(f"POST a job: requests per second, {HEADLINE} connections (more is better)", "POST job", rate(HEADLINE), 0),
    Panel("First answer after start, seconds (less is better)", first.TABLE, first.SECONDS, 2),
    Panel("Memory, idle, MiB (less is better)", first.TABLE, first.MEMORY, 0),
)


def svg(results: Results) -> str:
    """The panels for which there are figures, below each other."""
    drawn, top = [_legend()], LEGEND
    for panel in PANELS:
        bars = [
            (server, point.median, min(point.values), max(point.values))
            for server in SERVERS
            if (point := results.get(panel.table, server.name, panel.column))
        ]
        if bars:
            drawn.append(_panel(panel, bars, top))
            top += HEAD + len(bars) * (BAR + GAP) + 12
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {top}' width='{WIDTH}' height='{top}'>"
    title = "<title>Requests per second, first answer and memory of each server</title>"
    ground = f"<rect width='{WIDTH}' height='{top}' fill='#ffffff'/>"
    return "\n".join([head, title, ground, *drawn, "</svg>"]) + "\n"


def _legend() -> str:
    lines, x = [], 12
    for colour, said in ((LIMIT, "the limit"), (OURS, "this stub"), (PEER, "peers")):
        lines.append(f"<rect x='{x}' y='10' width='12' height='12' rx='2' fill='{colour}'/>")
        lines.append(f"<text x='{x + 18}' y='20' {FONT} font-size='12'>{said}</text>")
        x += 90
    lines.append(f"<line x1='{x}' x2='{x + 24}' y1='16' y2='16' stroke='#202124'/>")
    lines.append(f"<text x='{x + 32}' y='20' {FONT} font-size='12'>lowest to highest round</text>")
    return "\n".join(lines)


def _panel(panel: Panel, bars: Sequence[tuple[Server, float, float, float]], top: int) -> str:
    longest = max(high for *_, high in bars) or 1
    room = WIDTH - LABEL - FIGURE
    lines = [f"<text x='12' y='{top + 18}' {FONT} font-size='14' font-weight='600'>{escape(panel.title)}</text>"]
    for index, (server, median, low, high) in enumerate(bars):
        y = top + HEAD + index * (BAR + GAP)
        base, length = y + BAR - 4, room * median / longest
        left, right = (LABEL + room * value / longest for value in (low, high))
        lines += [
            f"<text x='{LABEL - 8}' y='{base}' {FONT} font-size='12' text-anchor='end'>{escape(server.name)}</text>",
            f"<rect x='{LABEL}' y='{y}' width='{length:.1f}' height='{BAR}' rx='2' fill='{_colour(server)}'/>",
            f"<line x1='{left:.1f}' x2='{right:.1f}' y1='{y + BAR / 2}' y2='{y + BAR / 2}' stroke='#202124'/>",
            f"<text x='{right + 8:.1f}' y='{base}' {FONT} font-size='12'>{median:,.{panel.digits}f}</text>",
        ]
    return "\n".join(lines)


def _colour(server: Server) -> str:
    return OURS if server.ours else LIMIT if server.limit else PEER
