"""A list with a filter over many jobs: Elastic Path's jobs of a promotion."""

from __future__ import annotations

from benchmarks.bench import Bench, Section
from benchmarks.growing import fill
from benchmarks.peers import OURS, PEERS, SQLITE
from benchmarks.traffic import GENERATE_CODES, list_jobs

TABLE = "List of jobs with a filter"
PREFIX = "/elastic_path"
# A promotion has one job at a time: with this clock it is over before the next request.
CLOCK = ("--clock", "100000000")
FILTERS = {
    "all of them": "eq(job_type, code_generate)",
    "none of them": "eq(status, cancelled)",
    "two conditions": "eq(job_type, code_generate):eq(status, completed)",
}


def run(bench: Bench) -> None:
    for server in bench.chosen(OURS, SQLITE):
        with bench.attempt(TABLE, server), bench.running(server, said=CLOCK) as live:
            stored = fill(bench, live, GENERATE_CODES.below(PREFIX), bench.effort.listed)
            bench.results.add(TABLE, server.name, "jobs stored", stored, "jobs")
            for _ in range(bench.effort.rounds):
                for said, condition in FILTERS.items():
                    asked = list_jobs(condition).below(PREFIX)
                    live.expect(asked)
                    bench.results.add(TABLE, server.name, said, bench.load(live, asked, 1).p50, "ms")
    for peer in bench.chosen(*PEERS):
        bench.results.remark(TABLE, peer.name, "keeps no jobs: a list is the document's example, whatever the filter")


SECTION = Section("listing", "one connection, p50, the first page; how many jobs meet the filter", run)
