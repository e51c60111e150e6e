"""What a request costs by the operations of the document, and the first answer from a large one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bench import Bench, Section
from benchmarks.documents import LARGE_BYTES, LARGE_OPERATIONS, read, write
from benchmarks.peers import OURS, WIREMOCK, Server
from benchmarks.servers import Running

COST = "Cost per request by operations in the document"
LARGE = "A document of 3 MB with 330 operations"
CONNECTIONS = 16
PATHS = 100  # operations that are asked in turn


def run(bench: Bench) -> None:
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for turn in range(bench.effort.rounds):
            for operations in bench.effort.operations:
                _costs(bench, write(folder, operations), operations, peers=turn == 0)
        large = write(folder, LARGE_OPERATIONS, LARGE_BYTES)
        for _ in range(min(bench.effort.rounds, 2)):
            _first(bench, large)
    for table in (COST, LARGE):
        if WIREMOCK in bench.servers:
            bench.results.remark(table, WIREMOCK.name, "reads no OpenAPI")


def _readers(bench: Bench) -> list[Server]:
    return [server for server in bench.chosen() if server.reads and (server is OURS or server.peer)]


def _costs(bench: Bench, document: Path, operations: int, *, peers: bool) -> None:
    """Ours at every size and in every round, the peers once, at the smallest and the largest."""
    extreme = operations in (min(bench.effort.operations), max(bench.effort.operations))
    for server in _readers(bench):
        if server is OURS or (peers and extreme):
            with bench.attempt(COST, server), bench.running(server, document=document, ready=read(0)) as live:
                _cost(bench, server, live, operations)


def _cost(bench: Bench, server: Server, live: Running, operations: int) -> None:
    resources = operations // 2
    paths = [read(number).path for number in range(0, resources, max(1, resources // PATHS))]
    bench.load(live, read(0), CONNECTIONS, bench.effort.warm_up, paths)
    before = live.seconds()
    found = bench.load(live, read(0), CONNECTIONS, paths=paths)
    spent = (live.seconds() - before) / found.requests * 1e6
    bench.results.add(COST, server.name, f"{operations:,}: processor", spent, "µs/request")


def _first(bench: Bench, document: Path) -> None:
    for server in _readers(bench):
        ready = read(LARGE_OPERATIONS // 2 - 1)
        running = bench.running(server, document=document, ready=ready, pinned=False)
        with bench.attempt(LARGE, server), running as live:
            bench.results.add(LARGE, server.name, "first answer", live.first_answer, "s")
            bench.results.add(LARGE, server.name, "memory", live.memory(), "MiB")


SECTION = Section(
    "documents", f"{CONNECTIONS} connections, up to {PATHS} operations in turn; the large document on all cores", run
)
