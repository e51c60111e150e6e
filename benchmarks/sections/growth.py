"""What a request costs by the number of jobs stored.

A figure alone would say as much about the machine's neighbours as about the store. So a second server with few jobs is
measured in turn with the full one, slice by slice, and the table has both.
"""

from __future__ import annotations

import http.client

import orjson

from benchmarks.bench import Bench, Section
from benchmarks.figures import Results
from benchmarks.growing import fill
from benchmarks.load import Load
from benchmarks.peers import OURS, SQLITE, Server
from benchmarks.servers import Running
from benchmarks.traffic import POST_JOB, Request, ask_on, poll

FEW = 10
SAMPLE = 200  # jobs of the middle of each filling, whose polls are measured
ONE_BY_ONE = 2_000  # fewer jobs than a second of load stores
CONNECTIONS = 16
RATIO = "by that with few"


def table(server: Server) -> str:
    return f"Cost per request by jobs stored: {server.name}"


def run(bench: Bench) -> None:
    for server in bench.chosen(OURS, SQLITE):
        most = bench.effort.stored_on_disk if server is SQLITE else max(bench.effort.stored)
        with bench.attempt(table(server), server), bench.running(server) as few, bench.running(server) as full:
            _grow(bench, server, few, full, most)


def _grow(bench: Bench, server: Server, few: Running, full: Running, most: int) -> None:
    reset = Request("POST", "/_mock/reset", 204)
    few.ask(reset)
    baseline = submit(few, server, FEW)
    sample: list[str] = []
    stored = 0
    for wanted in (size for size in bench.effort.stored if size <= most):
        stored = _fill(bench, server, full, wanted, stored, sample)
        for _ in range(bench.effort.rounds * (2 if wanted == most else 1)):  # twice where the target looks
            # As many different jobs of both servers, those of the full one from its whole history.
            spread = sample[:: max(1, len(sample) // FEW)][:FEW]
            pair = [_polls(bench, server, live, ids) for live, ids in ((few, baseline), (full, spread))]
            _add(bench.results, server, wanted, "GET", *pair)
        bench.results.add(table(server), row(wanted), "memory", full.memory(), "MiB")
    for _ in range(bench.effort.rounds):
        # Submissions store jobs as well, so the server with few is emptied before each slice.
        few.ask(reset)
        pair = [_cost(bench, live, POST_JOB.below(server.prefix), ()) for live in (few, full)]
        _add(bench.results, server, wanted, "POST", *pair)


def row(wanted: int) -> str:
    return f"{wanted:,} jobs"


def _fill(bench: Bench, server: Server, live: Running, wanted: int, stored: int, sample: list[str]) -> int:
    """Fill up to `wanted`; some jobs on the way are kept in the sample."""
    missing = max(0, wanted - stored)
    if missing <= ONE_BY_ONE:
        sample += submit(live, server, missing)
        return stored + missing
    middle = fill(bench, live, POST_JOB.below(server.prefix), stored + missing // 2, stored)
    sample += submit(live, server, SAMPLE)
    return fill(bench, live, POST_JOB.below(server.prefix), wanted, middle + SAMPLE)


def submit(live: Running, server: Server, count: int) -> list[str]:
    """Submit so many jobs, one by one; their ids."""
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=30)
    request = POST_JOB.below(server.prefix)
    try:
        return [orjson.loads(ask_on(connection, request).body)["issuance_job"]["id"] for _ in range(count)]
    finally:
        connection.close()


def _polls(bench: Bench, server: Server, live: Running, ids: list[str]) -> tuple[Load, float]:
    """Polls of these jobs in turn."""
    asked = [poll(name).below(server.prefix) for name in ids]
    return _cost(bench, live, asked[0], tuple(request.path for request in asked))


def _cost(bench: Bench, live: Running, request: Request, paths: tuple[str, ...]) -> tuple[Load, float]:
    """A slice of load, and the processor microseconds that one request took of the server."""
    live.expect(request)
    before = live.seconds()
    found = bench.load(live, request, CONNECTIONS, paths=paths)
    return found, (live.seconds() - before) / found.requests * 1e6


def _add(
    results: Results, server: Server, wanted: int, method: str, few: tuple[Load, float], full: tuple[Load, float]
) -> None:
    name, line = table(server), row(wanted)
    results.add(name, line, f"{method}: processor", full[1], "µs/request")
    results.add(name, line, f"{method}: p50", full[0].p50, "ms")
    results.add(name, line, f"{method}: p99", full[0].p99, "ms")
    results.add(name, line, f"{method}: {RATIO}", full[1] / few[1], "ratio")


SECTION = Section(
    "growth",
    f"{CONNECTIONS} connections; processor time of the server per request, and by that of a server with {FEW} jobs "
    "measured in turn (for POST: one that was emptied before each slice)",
    run,
)
