"""What `--store sqlite:PATH` promises: restarts, `kill -9` under load and several workers lose and mix up nothing."""

from __future__ import annotations

import threading
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path

from tests.server import ISSUE, THANX, Server, call, running

READ = "/partner/issuance_jobs/{}?merchant_id=k2lye10h32l5wzo"
ENOUGH = 60


def submit_until_it_dies(server: Server, accepted: list[str], enough: threading.Event) -> None:
    """Submit over one connection; every id that was answered is noted, and many of them ring the bell."""
    with closing(server.connect()) as connection, suppress(OSError, HTTPException):
        while True:
            status, body = call(connection, "POST", "/partner/campaigns/issue", ISSUE, THANX)
            assert status == 202
            accepted.append(body["issuance_job"]["id"])
            if len(accepted) >= ENOUGH:
                enough.set()


def test_killed_under_load_no_accepted_job_is_lost(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'jobs.sqlite'}"
    accepted: list[str] = []
    enough = threading.Event()
    with running("--provider", "thanx", "--store", store, "--workers", "2", "--clock", "frozen") as server:
        threads = [threading.Thread(target=submit_until_it_dies, args=(server, accepted, enough)) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert enough.wait(timeout=60)
        server.kill()
        for thread in threads:
            thread.join()
    assert len(accepted) == len(set(accepted)) >= ENOUGH
    with running("--provider", "thanx", "--store", store, "--clock", "frozen") as server:
        found = [server.call("GET", READ.format(job), headers=THANX) for job in accepted]
    assert {status for status, _ in found} == {200}
    assert [body["issuance_job"]["id"] for _, body in found] == accepted


def test_every_worker_sees_jobs_clock_and_journal_of_every_other(tmp_path: Path) -> None:
    with running(
        "--provider", "thanx", "--store", f"sqlite:{tmp_path / 'jobs.sqlite'}", "--workers", "2", "--clock", "frozen"
    ) as server:
        for number in range(10):
            # Each call has a connection of its own, which either worker takes.
            _, body = server.call("POST", "/~w/partner/campaigns/issue", ISSUE, THANX)
            job = body["issuance_job"]["id"]
            assert server.call("POST", "/~w/_mock/clock/advance", {"seconds": 15})[0] == 200
            status, body = server.call("GET", "/~w" + READ.format(job), headers=THANX)
            assert (status, body["issuance_job"]["state"]) == (200, "completed")
            _, journal = server.call("GET", "/~w/_mock/journal?limit=1000")
            assert len(journal["entries"]) == 2 * (number + 1)


def test_a_restart_keeps_clock_scenario_and_journal(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'jobs.sqlite'}"
    with running("--provider", "thanx", "--store", store, "--clock", "frozen") as server:
        server.call("POST", "/_mock/clock/advance", {"seconds": 1000})
        server.call("PUT", "/_mock/scenario", {"provider": "thanx", "scenario": "stuck"})
        _, job = server.call("POST", "/partner/campaigns/issue", ISSUE, THANX)
        before = server.call("GET", "/_mock/clock")
    with running("--provider", "thanx", "--store", store, "--clock", "frozen") as server:
        assert server.call("GET", "/_mock/clock") == before
        _, chosen = server.call("GET", "/_mock/scenarios")
        assert chosen["thanx"]["chosen"] == "stuck"
        _, journal = server.call("GET", "/_mock/journal")
        assert [entry["job"] for entry in journal["entries"]] == [job["issuance_job"]["id"]]
