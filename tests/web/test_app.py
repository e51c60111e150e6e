"""Sessions, where providers live, who may control, and bodies that are too much."""

from __future__ import annotations

import pytest

from mockserver.app import Options, build
from mockserver.web import app
from mockserver.web.app import Stub
from tests.client import Client
from tests.conftest import Connect
from tests.server import ISSUE, THANX

JOB = "/partner/issuance_jobs/{}?merchant_id=k2lye10h32l5wzo"


def test_two_sessions_never_see_each_others_jobs_clock_scenario_or_journal(connect: Connect) -> None:
    ours, theirs = connect(), connect()
    ours.advance(100)
    ours.scenario("thanx", "rate_limited")
    assert ours.post("/partner/campaigns/issue", ISSUE).status == 429
    ours.scenario("thanx", None)
    job = ours.post("/partner/campaigns/issue", ISSUE).json["issuance_job"]["id"]

    assert theirs.get(JOB.format(job)).status == 404
    assert theirs.control("GET", "/jobs") == {"jobs": []}
    assert theirs.control("GET", "/clock") != ours.control("GET", "/clock")
    assert [entry["status"] for entry in theirs.control("GET", "/journal")["entries"]] == [404]
    assert [entry["status"] for entry in ours.control("GET", "/journal")["entries"]] == [429, 202]
    assert theirs.post("/partner/campaigns/issue", ISSUE).status == 202


def test_the_same_requests_in_another_session_give_the_same_bytes(connect: Connect) -> None:
    first, second = (client.post("/partner/campaigns/issue", ISSUE).content for client in (connect(), connect()))
    assert first == second


def test_a_header_names_the_session_as_well_as_a_path(stub: Stub, thanx: Client) -> None:
    job = thanx.post("/partner/campaigns/issue", ISSUE).json["issuance_job"]["id"]
    name = thanx.base.split("/")[1][1:]
    by_header = Client(stub, "thanx", headers={**THANX, "x-mock-session": name})
    assert by_header.get(JOB.format(job)).status == 200
    assert Client(stub, "thanx", headers=THANX).get(JOB.format(job)).status == 404


@pytest.mark.parametrize("path", ["/~/thanx/x", "/~a b/thanx", "/~%2e%2e%2f/thanx", f"/~{'n' * 101}/thanx"])
def test_a_session_name_that_is_none_is_refused(stub: Stub, path: str) -> None:
    answer = Client(stub).get(path)
    assert (answer.status, answer.json["title"]) == (400, "No session name")


def test_nobody_lives_at_an_unknown_prefix(stub: Stub) -> None:
    answer = Client(stub).get("/thank/partner/campaigns")
    assert answer.status == 404
    assert "/thanx/" in answer.json["detail"]


def test_the_root_says_who_lives_where(stub: Stub) -> None:
    assert Client(stub).get("/").json["providers"] == {"thanx": "/thanx", "elastic_path": "/elastic_path"}


def test_one_provider_alone_lives_at_the_root() -> None:
    client = Client(build(Options(rate=0, providers=("thanx",))), headers=THANX)
    assert client.get(JOB.format("job_xyz789")).status == 200
    assert client.get("/_mock/health").json == {"status": "ok", "providers": ["thanx"]}


def test_every_response_carries_its_journal_number(thanx: Client) -> None:
    numbers = [thanx.get("/nowhere").headers["x-mock-journal"] for _ in range(3)]
    assert numbers == ["1", "2", "3"]


def test_a_body_above_the_limit_is_413_and_of_the_limit_is_read(thanx: Client) -> None:
    assert thanx.post("/partner/campaigns/issue", content=b" " * (app.MAX_BODY + 1)).status == 413
    whole = thanx.request(
        "POST", "/partner/campaigns/issue", content=b" " * app.MAX_BODY, headers={"content-type": "application/json"}
    )
    assert whole.status == 400


class TestControl:
    """The control API is for loopback, or for those who know the token."""

    @staticmethod
    def ask(stub: Stub, address: str, token: str | None = None) -> int:
        headers = {"x-mock-token": token} if token else {}
        return Client(stub, headers=headers, address=address).get("/_mock/health").status

    def test_loopback_may_and_others_may_not(self, stub: Stub) -> None:
        assert self.ask(stub, "127.0.0.1") == 200
        assert self.ask(stub, "::1") == 200
        assert self.ask(stub, "192.0.2.7") == 403

    def test_with_a_token_it_is_asked_of_everybody(self) -> None:
        stub = build(Options(rate=0, providers=("thanx",), token="s3cret"))
        assert self.ask(stub, "192.0.2.7", "s3cret") == 200
        assert self.ask(stub, "192.0.2.7", "wrong") == 403
        assert self.ask(stub, "127.0.0.1") == 403
