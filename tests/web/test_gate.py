"""The way of a request: hostile bytes, media types, methods, what chooses the scenario, what the journal says."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.app import Options, build
from tests.client import Client
from tests.server import ISSUE, THANX

PATH = "/partner/campaigns/issue"
JSON = {"content-type": "application/json"}
HOSTILE = {
    "empty": b"",
    "half": b'{"campaign_id": ',
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 5_000 + b"]" * 5_000,
    "huge number": b'{"campaign_id": ' + b"9" * 5_000 + b"}",
    "infinite": b'{"campaign_id": 1e999}',
    "not a number": b'{"campaign_id": NaN}',
    "not UTF-8": b'{"campaign_id": "\xff\xfe"}',
    "surrogate": b'{"campaign_id": "\\ud800"}',
    "null": b"null",
    "a list": b"[]",
    "NUL": b"\x00",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_body_gets_the_providers_400(thanx: Client, body: bytes) -> None:
    answer = thanx.request("POST", PATH, content=body, headers=JSON)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["error"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "json", "", "application/json; charset=utf-16", ";;;", "a/b/c"]
)
def test_another_media_type_is_415(thanx: Client, content_type: str) -> None:
    answer = thanx.request("POST", PATH, content=orjson.dumps(ISSUE), headers={"content-type": content_type})
    assert answer.status == 415
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_json_by_any_of_its_names_is_read(thanx: Client, content_type: str) -> None:
    answer = thanx.request("POST", PATH, content=orjson.dumps(ISSUE), headers={"content-type": content_type})
    assert answer.status == 202


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*;q=0.1", 200),
        ("text/html, */*;q=0.1", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0, */*", 406),
        ("text/html;q=x", 200),
    ],
)
def test_accept_decides_by_its_most_specific_range(thanx: Client, accept: str, status: int) -> None:
    assert thanx.get("/partner/campaigns?merchant_id=k2lye10h32l5wzo", headers={"accept": accept}).status == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY", "NONSENSE", "GET"])
def test_another_method_is_405_and_says_which(thanx: Client, method: str) -> None:
    answer = thanx.request(method, PATH)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert "error" in answer.json


@given(st.text(max_size=60), st.sampled_from(["GET", "POST", "PUT"]), st.binary(max_size=60))
def test_no_bytes_get_a_5xx(path: str, method: str, body: bytes) -> None:
    client = Client(STUB, "thanx", headers={**THANX, **JSON})
    target = "/" + "".join(
        c if c.isalnum() and c.isascii() else f"%{b:02X}" for c in path for b in c.encode("utf-8", "replace")
    )
    answer = client.request(method, target, content=body)
    assert answer.status < 500
    assert answer.headers["content-type"] == "application/json"


STUB = build(Options(rate=0, providers=("thanx", "elastic_path")), wall=lambda: 0)


JOB = "/partner/issuance_jobs/job_xyz789?merchant_id=k2lye10h32l5wzo"
REPEATED = {
    "a poll": ("GET", JOB, {}, 200),
    "a poll with another id": ("GET", JOB.replace("789", "780"), {}, 404),
    "without credentials": ("GET", JOB, {"Authorization": None}, 401),
    "a parameter missing": ("GET", JOB.partition("?")[0], {}, 400),
    "a header that does not fit": ("GET", JOB, {"Accept-Version": "v3.0"}, 400),
    "an answer nobody makes": ("GET", JOB, {"accept": "text/html"}, 406),
    "another method": ("DELETE", JOB, {}, 405),
    "no path": ("GET", "/nowhere", {}, 404),
    "no text": ("GET", f"{JOB}&page=%ff", {}, 400),
    "a scenario": ("GET", JOB, {"x-mock-scenario": "not_found"}, 404),
    "an example": ("GET", JOB, {"prefer": "code=404"}, 404),
}


@pytest.mark.parametrize(("method", "path", "headers", "status"), REPEATED.values(), ids=REPEATED.keys())
def test_a_head_that_comes_again_gets_the_same_again(
    thanx: Client, method: str, path: str, headers: dict[str, str | None], status: int
) -> None:
    """Heads are read once and kept; another one in between makes no difference."""
    first = thanx.request(method, path, headers=headers)
    assert thanx.get(JOB).status == 200
    again = thanx.request(method, path, headers=headers)
    assert (first.status, first.content) == (again.status, again.content)
    assert first.status == status
    was, is_now = (dict(thanx.reason(answer)) for answer in (first, again))
    assert {**was, "id": 0, "at": ""} == {**is_now, "id": 0, "at": ""}


def test_a_head_that_is_kept_says_nothing_about_the_session(thanx: Client) -> None:
    """The same head is answered by what happened since: tokens expire, scenarios are chosen, jobs move."""
    assert thanx.get(JOB).status == 200
    thanx.scenario("thanx", "not_found")
    assert thanx.get(JOB).status == 404
    thanx.scenario("thanx", None)
    assert thanx.get(JOB).status == 200


class TestJournal:
    """What became of a request, and why."""

    def test_a_refused_body_names_pointer_and_line(self, thanx: Client) -> None:
        body = {**ISSUE, "identifiers": [{"type": "phone", "value": "12"}]}
        entry = thanx.reason(thanx.post(PATH, body))
        assert (entry["operation"], entry["verdict"], entry["status"]) == ("issueRewards", "refused", 400)
        (reason,) = entry["reasons"]
        assert (reason["location"], reason["pointer"]) == ("body", "/identifiers/0/value")
        file, line = reason["contract"].split(":")
        text = (STUB.engine.providers["thanx"].contract.library.folder / file).read_text().splitlines()
        assert "pattern" in text[int(line) - 1]

    def test_credentials_never_get_into_it(self, thanx: Client) -> None:
        thanx.post(PATH, ISSUE)
        text = orjson.dumps(thanx.control("GET", "/journal")).decode()
        assert "test-token" not in text
        assert "test-client" not in text

    @pytest.mark.parametrize(
        ("path", "options", "verdict", "problem"),
        [
            (PATH, {}, "accepted", ""),
            (PATH, {"headers": {"x-mock-scenario": "rate_limited"}}, "forced", ""),
            (PATH, {"headers": {"authorization": "Bearer x"}}, "refused", "unknown_credentials"),
            ("/nowhere", {}, "unmatched", "unknown_path"),
        ],
    )
    def test_its_verdict(
        self, thanx: Client, path: str, options: dict[str, dict[str, str]], verdict: str, problem: str
    ) -> None:
        entry = thanx.reason(thanx.post(path, ISSUE, **options))
        assert entry["verdict"] == verdict
        assert entry["problem"] == problem


def test_a_whole_number_may_be_written_with_a_point(thanx: Client) -> None:
    promotion = "/v2/promotions/ad386702-e780-42c6-b190-0527ad768917"
    elastic = Client(thanx.stub, "elastic_path", session="point", headers={"authorization": "Bearer test-token"})
    parameters = b'{"number_of_codes": 2.0, "code_length": 1e1}'
    body = b'{"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": %s}}' % parameters
    assert elastic.request("POST", f"{promotion}/jobs", content=body, headers=JSON).status == 201
    elastic.advance(3600)
    codes = elastic.get(f"{promotion}/codes").json["data"]
    assert [len(code["code"].replace("-", "")) for code in codes] == [10, 10]


def test_a_fault_of_the_stub_is_said_plainly_and_kept_in_the_journal(
    monkeypatch: pytest.MonkeyPatch, thanx: Client, caplog: pytest.LogCaptureFixture
) -> None:
    playing = thanx.stub.engine.playings["thanx"]
    monkeypatch.setattr(playing, "play", lambda call: 1 / 0)
    answer = thanx.post(PATH, ISSUE)
    assert (answer.status, answer.json["title"]) == (500, "The stub failed")
    assert "ZeroDivisionError" in answer.json["detail"]
    assert thanx.reason(answer)["verdict"] == "fault"
    assert "ZeroDivisionError" in caplog.text
