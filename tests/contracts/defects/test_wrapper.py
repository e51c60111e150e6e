"""The wrapper: a request as the server gets it, an answer as the client gets it, sessions and time apart."""

from __future__ import annotations

import pytest
import requests

from contracts.defects.defect import Answer, Ask, Asked, Defect, Kind, Memory
from contracts.defects.wrapper import Wrapper
from contracts.stub import INSIDE, App, Inside, inside
from contracts.target.subject import load_subject

HEADERS = {"Authorization": "Bearer test-token", "X-ClientId": "test-client", "Accept-Version": "v4.0"}
JOB = "/partner/issuance_jobs/job_xyz789?merchant_id=k2lye10h32l5wzo"


class Spy:
    """A behaviour that notes what it is asked, and changes nothing."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.memories: list[Memory] = []

    async def __call__(self, asked: Asked, ask: Ask, memory: Memory) -> Answer:
        self.asked.append(asked)
        self.memories.append(memory)
        return await ask(asked)


@pytest.fixture
def spy() -> Spy:
    return Spy()


@pytest.fixture
def wire(spy: Spy) -> Inside:
    return inside("thanx", lambda app: Wrapper(app, load_subject("thanx"), Defect("spy", Kind.SCHEMA, "", spy)))[1]


def send(wire: Inside, method: str, path: str, **said: object) -> requests.Response:
    prepared = requests.Request(method, f"{INSIDE}{path}", **said).prepare()  # type: ignore[arg-type]  # passed through
    return wire.send(prepared, 1.0)


def test_a_request_is_read_as_the_contract_has_it(wire: Inside, spy: Spy) -> None:
    answer = send(wire, "GET", f"/~a{JOB}", headers=HEADERS)
    assert (answer.status_code, answer.json()["issuance_job"]["id"]) == (200, "job_xyz789")
    asked = spy.asked[0]
    assert (asked.operation, asked.arguments) == ("getIssuanceJob", {"id": "job_xyz789"})
    assert (asked.path, asked.query) == tuple(JOB.split("?"))
    assert asked.header("x-clientid") == "test-client"
    assert asked.parameter("merchant_id") == "k2lye10h32l5wzo"


def test_each_session_has_a_memory_and_a_time_of_its_own(wire: Inside, spy: Spy) -> None:
    for seconds in (20, 10):
        send(wire, "POST", "/~a/_mock/clock/advance", json={"seconds": seconds})
    for session in ("a", "b", "a"):
        send(wire, "GET", f"/~{session}{JOB}", headers=HEADERS)
    assert [asked.at for asked in spy.asked] == [30, 0, 30]
    first, second, third = spy.memories
    assert first is third
    assert first is not second


def test_the_control_api_passes_through(wire: Inside, spy: Spy) -> None:
    assert send(wire, "GET", "/_mock/health").json()["providers"] == ["thanx"]
    assert send(wire, "GET", "/~a/_mock/clock").status_code == 200
    assert spy.asked == []


def test_without_a_change_the_answer_is_the_stub_s(wire: Inside) -> None:
    plain = inside("thanx")[1]
    for method, path in (("GET", JOB), ("GET", "/partner/nothing"), ("PUT", JOB), ("HEAD", JOB), ("GET", "/~%ff/x")):
        broken, sound = send(wire, method, path, headers=HEADERS), send(plain, method, path, headers=HEADERS)
        assert (broken.status_code, broken.content) == (sound.status_code, sound.content)
        assert dict(broken.headers) == dict(sound.headers)


def test_another_body_has_another_length() -> None:
    async def shorter(asked: Asked, ask: Ask, _memory: Memory) -> Answer:
        answer = await ask(asked)
        return answer.with_json({"gone": True})

    defect = Defect("shorter", Kind.SCHEMA, "", shorter)
    wire = inside("thanx", lambda app: Wrapper(app, load_subject("thanx"), defect))[1]
    answer = send(wire, "GET", JOB, headers=HEADERS)
    assert answer.json() == {"gone": True}
    assert answer.headers["content-length"] == str(len(answer.content))


def test_changes_are_counted() -> None:
    async def deaf(asked: Asked, ask: Ask, _memory: Memory) -> Answer:
        return await ask(asked.with_header("x-clientid", None))

    wrappers = []

    def wrap(app: App) -> Wrapper:
        wrappers.append(Wrapper(app, load_subject("thanx"), Defect("deaf", Kind.AUTH, "", deaf)))
        return wrappers[0]

    wire = inside("thanx", wrap)[1]
    assert send(wire, "GET", JOB, headers=HEADERS).status_code == 401
    send(wire, "GET", JOB, headers={name: value for name, value in HEADERS.items() if name != "X-ClientId"})
    assert (wrappers[0].asked, wrappers[0].changed) == (2, 1)
