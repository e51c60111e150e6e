"""A submission of 10,000 identifiers, and the poll of a job of that size."""

from __future__ import annotations

import orjson

from benchmarks.bench import Bench, Section
from benchmarks.peers import OURS, SQLITE, Server
from benchmarks.servers import Running
from benchmarks.traffic import emails, issue, poll

TABLE = "10,000 identifiers"
COUNT = 10_000
ACCEPTED, POLLED = "accepted", "polled"


def run(bench: Bench) -> None:
    for _ in range(bench.effort.rounds):
        for server in bench.chosen():
            if server.limit:
                continue  # it does not read the body
            with bench.attempt(TABLE, server), bench.running(server) as live:
                _measure(bench, server, live)


def _measure(bench: Bench, server: Server, live: Running) -> None:
    submission = issue(emails(COUNT)).below(server.prefix)
    accepted = live.expect(submission)
    if server in (OURS, SQLITE):
        name = orjson.loads(accepted.body)["issuance_job"]["id"]
        asked = poll(name).below(server.prefix)
        live.expect(asked)
        _add(bench, server, POLLED, bench.load(live, asked, 1).p50)
    elif server.peer:
        bench.results.remark(TABLE, server.name, "keeps no job that could be polled")
    _add(bench, server, ACCEPTED, bench.load(live, submission, 1).p50)


def _add(bench: Bench, server: Server, column: str, milliseconds: float) -> None:
    bench.results.add(TABLE, server.name, column, milliseconds, "ms")


SECTION = Section("bodies", "one connection, p50", run)
