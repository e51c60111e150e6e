"""What each server does with the contract, found by asking: a fast answer that checks nothing is another product."""

from __future__ import annotations

from dataclasses import replace

import orjson

from benchmarks.bench import Bench, Section
from benchmarks.peers import Server
from benchmarks.servers import Running
from benchmarks.traffic import CREDENTIALS, GET_JOB, POST_JOB, poll

TABLE = "What each server does"
VALIDATES = "refuses a body that breaks the contract"
AUTHENTICATES = "refuses a request without credentials"
REMEMBERS = "polls the job that it accepted"
REFUSED = range(400, 500)


def run(bench: Bench) -> None:
    for server in bench.chosen():
        with bench.attempt(TABLE, server), bench.running(server, pinned=False) as live:
            live.expect(POST_JOB.below(server.prefix))
            for column, holds in asked(live, server).items():
                bench.results.add(TABLE, server.name, column, holds, "yes/no")


def asked(live: Running, server: Server) -> dict[str, bool]:
    """What the server does, by name."""
    wrong = replace(POST_JOB, body=b'{"campaign_id":"camp_abc123"}')
    stranger = replace(GET_JOB, headers={"Accept-Version": CREDENTIALS["Accept-Version"]})
    return {
        VALIDATES: live.ask(wrong.below(server.prefix)).status in REFUSED,
        AUTHENTICATES: live.ask(stranger.below(server.prefix)).status in REFUSED,
        REMEMBERS: _remembers(live, server),
    }


def _remembers(live: Running, server: Server) -> bool:
    """Two jobs are accepted under two names, and each is found under its own."""
    found = []
    for _ in range(2):
        accepted = orjson.loads(live.ask(POST_JOB.below(server.prefix)).body)
        name = accepted["issuance_job"]["id"]
        answer = live.ask(poll(name or "none").below(server.prefix))
        found.append(answer.status == GET_JOB.status and orjson.loads(answer.body)["issuance_job"]["id"] == name)
        found.append(bool(name) and name not in (GET_JOB.path, "job_xyz789"))
    return all(found)


SECTION = Section("abilities", "found by asking, once", run)
