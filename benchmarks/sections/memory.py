"""Memory after a million requests, half of them submissions."""

from __future__ import annotations

import time

from benchmarks.bench import Bench, Section
from benchmarks.peers import Server
from benchmarks.servers import Running
from benchmarks.traffic import TRAFFIC

TABLE = "Memory after a million requests"
CONNECTIONS = 16
SLICE = 5  # seconds


def run(bench: Bench) -> None:
    for server in bench.chosen():
        with bench.attempt(TABLE, server), bench.running(server) as live:
            _measure(bench, server, live)


def _measure(bench: Bench, server: Server, live: Running) -> None:
    idle = live.memory()
    sent, deadline = 0, time.monotonic() + _longest(bench, server)
    halves = [request.below(server.prefix) for request in TRAFFIC.values()]
    for request in halves:
        target = sent + bench.effort.million // len(halves)
        middle = time.monotonic() + (deadline - time.monotonic()) / (2 if request is halves[0] else 1)
        while sent < target and time.monotonic() < middle:
            sent += bench.load(live, request, CONNECTIONS, min(SLICE, bench.effort.longest)).requests
    bench.results.add(TABLE, server.name, "idle", idle, "MiB")
    bench.results.add(TABLE, server.name, "after", live.memory(), "MiB")
    bench.results.add(TABLE, server.name, "requests", sent, "requests")
    if sent < bench.effort.million:
        bench.results.remark(TABLE, server.name, "the requests that it answered in the time that each may take")


def _longest(bench: Bench, server: Server) -> int:
    """A peer that is slow is not waited for; our own figure is to be that of a million."""
    return bench.effort.longest * (8 if server.ours and server.workers == 1 else 1)


SECTION = Section("memory", "resident, with children; jobs that were submitted stay", run)
