"""From the start of the process to the first right answer, and the memory it then holds."""

from __future__ import annotations

from benchmarks.bench import Bench, Section

TABLE = "First answer and memory, idle"
SECONDS, MEMORY = "first answer", "memory"


def run(bench: Bench) -> None:
    for _ in range(bench.effort.starts):
        for server in bench.chosen():
            with bench.attempt(TABLE, server), bench.running(server, pinned=False) as live:
                bench.results.add(TABLE, server.name, SECONDS, live.first_answer, "s")
                bench.results.add(TABLE, server.name, MEMORY, live.memory(), "MiB")


SECTION = Section("first", "each server started alone, on all cores; ours with its four providers", run)
