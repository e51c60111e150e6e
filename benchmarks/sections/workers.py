"""One worker and two on one SQLite file: what the second adds.

With two cores the load generator takes a part of them from the servers. So beside the throughput seen, the table has
what would be left of it without the generator: two workers had `count - generator` cores, one worker had its own, and
what two made of theirs is carried over to two whole ones. Waiting for each other's locks counts against them.
"""

from __future__ import annotations

from collections.abc import Collection

from benchmarks.bench import Bench, Section
from benchmarks.load import Load, load
from benchmarks.peers import SQLITE, TWO_WORKERS, Server
from benchmarks.servers import Launch, running
from benchmarks.traffic import GET_JOB, TRAFFIC

TABLE = "Two workers on one SQLite file"
CONNECTIONS = 32
SEEN, ALONE = "two workers by one, seen", "two by one, generator elsewhere"
WORKERS = 2


def run(bench: Bench) -> None:
    if not {SQLITE, TWO_WORKERS} <= set(bench.servers) or bench.cores.count < WORKERS:
        return
    for _ in range(bench.effort.rounds):
        for name in TRAFFIC:
            with bench.attempt(TABLE, TWO_WORKERS):
                one = _slice(bench, SQLITE, name, bench.cores.server)
                two = _slice(bench, TWO_WORKERS, name, _both(bench))
                _add(bench, name, one, two)


def _both(bench: Bench) -> Collection[int]:
    """Two cores; apart from the generator's where the machine has three."""
    return range(1, 3) if bench.cores.count > WORKERS else ()


def _slice(bench: Bench, server: Server, name: str, cores: Collection[int]) -> tuple[Load, float]:
    """A slice of load, and the processor seconds that the server spent on it."""
    request = TRAFFIC[name].below(server.prefix)
    launch = Launch(lambda port, folder: server.command(None, port, folder), GET_JOB.below(server.prefix), cores)
    generator = bench.cores.generator if server.workers == 1 or bench.cores.count > WORKERS else ()
    with running(launch) as live:
        load(live.port, request, CONNECTIONS, bench.effort.warm_up, cores=generator)
        before = live.seconds()
        found = load(live.port, request, CONNECTIONS, 2 * bench.effort.seconds, cores=generator)
        return found, live.seconds() - before


def _add(bench: Bench, name: str, one: tuple[Load, float], two: tuple[Load, float]) -> None:
    results = bench.results
    for workers, (found, spent) in (("1 worker", one), ("2 workers", two)):
        results.add(TABLE, name, f"{workers}: req/s", found.rate, "req/s")
        results.add(TABLE, name, f"{workers}: processor", spent / found.requests * 1e6, "µs/request")
        results.add(TABLE, name, f"{workers}: cores busy", spent / found.seconds, "cores")
    shared = bench.cores.count == WORKERS
    left = WORKERS - two[0].generator / two[0].seconds if shared else WORKERS
    results.add(TABLE, name, "cores left by the generator", left, "cores")
    results.add(TABLE, name, SEEN, two[0].rate / one[0].rate, "ratio")
    results.add(TABLE, name, ALONE, without_generator(one[0].rate, two[0].rate, left), "ratio")


def without_generator(one: float, two: float, left: float) -> float:
    """What two workers would do by what one does, had they two whole cores instead of those `left` to them."""
    return two / one * WORKERS / left


SECTION = Section("workers", f"{CONNECTIONS} connections; what two workers make of two cores", run)
