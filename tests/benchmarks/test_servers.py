import os
import sys
from pathlib import Path

import pytest

from benchmarks.servers import Launch, ServerError, family, processor_time, resident, running
from benchmarks.traffic import Request

READY = Request("GET", "/", 200)


def python(*said: str) -> Launch:
    return Launch(lambda port, _: [sys.executable, *said, str(port)], READY, patience=20)


def test_server_is_measured_while_it_runs_and_gone_afterwards() -> None:
    with running(python("-m", "http.server", "--bind", "127.0.0.1")) as live:
        assert live.expect(READY).status == 200
        assert live.first_answer > 0
        assert live.memory() > 1
        assert live.seconds() > 0
    assert not Path(f"/proc/{live.pid}").exists()


def test_server_that_ends_says_why() -> None:
    unlucky = python("-c", "raise SystemExit('no luck')")
    with pytest.raises(ServerError, match=r"ends at start: .*no luck"), running(unlucky):
        pass


def test_program_that_is_missing_is_named() -> None:
    launch = Launch(lambda port, _: ["no-such-program", str(port)], READY)
    with pytest.raises(ServerError, match="no-such-program"), running(launch):
        pass


def test_another_status_is_not_an_answer() -> None:
    with running(python("-m", "http.server", "--bind", "127.0.0.1")) as live, pytest.raises(ServerError, match="404"):
        live.expect(Request("GET", "/missing", 200))


def test_processes_that_are_gone_cost_nothing() -> None:
    assert os.getpid() in family(os.getpid())
    assert resident(os.getpid()) > 0
    gone = 2**22 + 1
    assert (resident(gone), processor_time(gone), family(gone)) == (0, 0, [gone])
