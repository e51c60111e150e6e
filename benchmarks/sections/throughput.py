"""Requests per second and latency at 1, 16 and 128 connections, servers interleaved round by round."""

from __future__ import annotations

from benchmarks.bench import Bench, Section
from benchmarks.figures import Results, ratios
from benchmarks.load import Load
from benchmarks.peers import BARE, PEERS, Server
from benchmarks.servers import Running
from benchmarks.traffic import TRAFFIC

HEADLINE = 16  # connections of the ratios and targets, measured longest
OF_LIMIT, OF_BEST = "of the limit", "of the best peer"


def rate(connections: int) -> str:
    return f"req/s, {connections}"


def percentile(share: str, connections: int) -> str:
    return f"{share}, {connections}"


def run(bench: Bench) -> None:
    servers = bench.chosen()
    for turn in range(bench.effort.rounds):
        # Every round begins with another server: none is always the one after the JVM.
        start = turn * len(servers) // bench.effort.rounds
        for server in servers[start:] + servers[:start]:
            with bench.attempt("Throughput", server), bench.running(server) as live:
                _measure(bench, server, live)
    compare(bench.results)


def _measure(bench: Bench, server: Server, live: Running) -> None:
    for name, request in TRAFFIC.items():
        asked = request.below(server.prefix)
        live.expect(asked)
        bench.load(live, asked, HEADLINE, bench.effort.warm_up)
        for connections in bench.effort.connections:
            seconds = bench.effort.seconds if connections == HEADLINE else max(1, bench.effort.seconds // 2)
            _add(bench.results, name, server, connections, bench.load(live, asked, connections, seconds))


def _add(results: Results, name: str, server: Server, connections: int, found: Load) -> None:
    results.add(name, server.name, rate(connections), found.rate, "req/s")
    results.add(name, server.name, percentile("p50", connections), found.p50, "ms")
    results.add(name, server.name, percentile("p99", connections), found.p99, "ms")


def compare(results: Results) -> None:
    """Add each server's share of the limit and of the fastest peer, round by round."""
    for name in TRAFFIC:
        columns = {OF_LIMIT: BARE.name, OF_BEST: fastest(results, name)}
        for row in results.rows(name):
            found = results.get(name, row, rate(HEADLINE))
            for column, other in columns.items():
                measure = results.get(name, other, rate(HEADLINE))
                for value in ratios(found.values, measure.values) if found and measure else ():
                    results.add(name, row, column, value, "ratio")


def fastest(results: Results, name: str) -> str:
    """The peer that answered this request most often per second; empty when none was measured."""
    rates = {peer.name: results.get(name, peer.name, rate(HEADLINE)) for peer in PEERS}
    medians = {peer: point.median for peer, point in rates.items() if point}
    return max(medians, key=lambda peer: medians[peer]) if medians else ""


SECTION = Section("throughput", "one worker on one core, the load generator on another", run)
