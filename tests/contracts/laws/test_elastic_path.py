"""Each law of Elastic Path holds on the sound stub, and fails on one that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
import requests as requests_

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.verdict import Status
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from contracts.laws.elastic_path import LAWS
from contracts.laws.snapshots import places
from contracts.stub import INSIDE, Inside
from contracts.target.subject import load_subject
from contracts.target.target import bare_target
from mockserver.app import Options, build
from tests.contracts.laws.faults import answers, judged, replays, requests

CREATE, JOBS, CANCEL = "createPromotionJob", "listPromotionJobs", "cancelPromotionJob"
FILE, DOWNLOAD, CODES, TOKEN = (
    "getPromotionJobFile",
    "downloadPromotionCodes",
    "listPromotionCodes",
    "createAccessToken",
)
FIRST, OTHER = "ad386702-e780-42c6-b190-0527ad768917", "19c08913-cc8c-47d8-a211-450c9e945970"


def each(change: Any) -> Any:
    """Change every record of a list."""

    def changed(value: Any) -> None:
        for record in value["data"]:
            change(record)

    return changed


def error(**members: Any) -> Any:
    """Change the first error."""
    return lambda value: value["errors"][0].update(members)


def asks_for(count: int, instead: int) -> Behaviour:
    def change(asked: Asked) -> Asked:
        body = asked.json
        if isinstance(body, dict) and body.get("data", {}).get("parameters", {}).get("number_of_codes") == count:
            body["data"]["parameters"]["number_of_codes"] = instead
            return asked.with_json(body)
        return asked

    return requests(CREATE, change)


def stands_still(job: Any) -> None:
    job["meta"]["timestamps"]["updated_at"] = job["meta"]["timestamps"]["created_at"]


def rough(value: Any) -> None:
    stamps = value["data"]["meta"]["timestamps"]
    for name, text in stamps.items():
        stamps[name] = f"{text[:23]}Z"


async def blocks_while_cancelling(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation == CANCEL:
        memory["cancelling"] = True
    if asked.operation == CREATE and "cancelling" in memory:
        return Answer(400).with_json({"errors": [{"title": "Too many jobs", "status": "400"}]})
    return answer


async def loses_a_line(asked: Asked, ask: Ask, _: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation != DOWNLOAD:
        return answer
    return Answer(answer.status, answer.headers, b"".join(answer.body.splitlines(keepends=True)[:-1]))


async def opens_anything(asked: Asked, ask: Ask, _: Memory) -> Answer:
    answer = await ask(asked)
    if asked.operation != DOWNLOAD or answer.status != 403:
        return answer
    return Answer(200, {"content-type": "text/csv"}, b"code,uses,max_uses,consume_unit,user,created_by\n")


def any_secret(asked: Asked) -> Asked:
    body = asked.body.replace(b"client_secret=wrong", b"client_secret=test-secret")
    return Asked(**{name: getattr(asked, name) for name in Asked.__slots__ if name != "body"}, body=body)


def of_first(asked: Asked) -> Asked:
    path = asked.path.replace(OTHER, FIRST)
    return Asked(**{name: getattr(asked, name) for name in Asked.__slots__ if name != "path"}, path=path)


def wrapped(asked: Asked) -> Asked:
    return asked if isinstance(asked.json, dict) and asked.json.get("data") else asked.with_json({"data": asked.json})


def as_default(header: str) -> Any:
    return lambda asked: (
        asked.with_header("authorization", "Bearer test-token") if asked.header("authorization") == header else asked
    )


def limit_of_twenty(asked: Asked) -> Asked:
    return asked if asked.parameter("page[limit]") else asked.with_parameter("page[limit]", "20")


FAULTS: dict[str, Behaviour] = {
    "a-generation-makes-its-codes": answers(CODES, each(lambda code: code.update(code=code["code"].upper()))),
    "codes-show-as-they-are-generated": answers(
        CODES, lambda value: value["meta"]["results"].update(total=len(value["data"]) + 41)
    ),
    "a-thousand-codes-and-no-more": asks_for(1001, 1000),
    "what-goes-beyond-the-limit-fails": asks_for(401, 400),
    "a-full-promotion-says-so": answers(JOBS, each(lambda job: job.update(error="full") if "error" in job else None)),
    "a-job-shows-what-was-sent": answers(CREATE, lambda value: value["data"].update(name="job")),
    "updated-at-moves-with-the-status": answers(JOBS, each(stands_still)),
    "lists-have-milliseconds": answers(CREATE, rough),
    "a-promotion-has-one-job-at-a-time": answers(CREATE, error(status=400), 400),
    "one-of-many-at-the-same-time": replays(CREATE, 400),
    "promotions-are-independent": requests(JOBS, of_first),
    "many-jobs-stay-apart": answers(JOBS, lambda value: value["data"].reverse()),
    "a-pending-job-is-cancelled-at-once": replays(CANCEL, 422),
    "cancelling-deletes-the-codes": answers(JOBS, each(lambda job: job.get("result", {}).pop("deleted", None))),
    "a-job-that-is-being-cancelled-blocks-nobody": blocks_while_cancelling,
    "a-finished-job-is-not-cancelled": answers(CANCEL, error(detail="No"), 422),
    "a-file-has-the-codes-of-the-list": loses_a_line,
    "only-a-completed-export-has-a-file": answers(FILE, error(detail="Job has no file to download."), 422),
    "a-signature-opens-one-file-for-a-while": opens_anything,
    "pages-are-the-list": answers(
        JOBS, lambda value: value["meta"]["page"].update(total=value["meta"]["results"]["total"])
    ),
    "a-page-has-twenty-five": requests(CODES, limit_of_twenty),
    "a-filter-is-sound-and-complete": requests(JOBS, lambda asked: asked.with_parameter("filter", None)),
    "a-malformed-filter-is-refused": answers(JOBS, error(status=400), 400),
    "an-automatic-promotion-takes-no-codes": answers(CREATE, error(title="No"), 422),
    "a-job-is-wrapped-in-data": requests(CREATE, wrapped),
    "what-is-unknown-is-404": answers(FILE, error(detail="promotion not found"), 404),
    "nothing-is-started-for-the-unknown": answers(CANCEL, error(detail="promotion not found"), 404),
    "another-grant-is-forbidden": requests(CODES, as_default("Bearer test-token-implicit")),
    "no-credential-no-answer": requests(CODES, as_default("Bearer test-token-expired")),
    "a-token-lasts-an-hour": answers(TOKEN, lambda value: value.update(expires=1700000000)),
    "a-token-needs-the-right-secret": requests(TOKEN, any_secret),
}


def test_every_law_holds_on_the_sound_stub() -> None:
    verdict = judged("elastic_path")
    assert [(finding.check, finding.message) for finding in verdict.findings] == []
    assert [(one.name, one.why) for one in verdict.results if one.status is not Status.KEPT] == []


def test_every_law_has_a_fault() -> None:
    assert set(FAULTS) == {law.name for law in LAWS.laws}


@pytest.mark.parametrize("law", FAULTS)
def test_a_fault_breaks_its_law(law: str) -> None:
    verdict = judged("elastic_path", law, fault=FAULTS[law])
    assert {finding.check for finding in verdict.findings} == {law}


def test_every_law_names_a_fact() -> None:
    subject = load_subject("elastic_path")
    for law in LAWS.laws:
        assert subject.statement(law.promise), law.name


def test_jobs_are_found_in_a_list_whose_items_stand_beside_a_reference() -> None:
    where = places(load_subject("elastic_path"))
    assert [place.way for place in where[JOBS, "200"]] == [("data", "*")]


class Unsessioned:
    """A wire that hides the control API: jobs move only while the judge waits."""

    def __init__(self) -> None:
        self.app = Inside(build(Options(providers=("elastic_path",), rate=0)))

    def send(self, request: requests_.PreparedRequest, timeout: float, /) -> requests_.Response:
        if "/_mock" in str(request.url):
            request.url = f"{INSIDE}/nothing"
        return self.app.send(request, timeout)

    def wait(self, seconds: float) -> None:
        body = {"seconds": seconds}
        self.app.send(requests_.Request("POST", f"{INSIDE}/_mock/clock/advance", json=body).prepare(), 1.0)


@pytest.mark.parametrize("filled", [False, True])
def test_the_limit_is_judged_without_sessions(*, filled: bool) -> None:
    """Also when another law has filled the promotion already."""
    wire = Unsessioned()
    only = (*["a-thousand-codes-and-no-more"] * filled, "what-goes-beyond-the-limit-fails")
    plan = Plan(seed=3, max_examples=2, seconds=3600, only=only)
    run = Run(load_subject("elastic_path"), bare_target("elastic_path", INSIDE), plan, wire)
    run.transport.sleep = wire.wait  # type: ignore[method-assign]  # its time passes by waiting, ours must not
    verdict = run.execute()
    assert run.connection.control is None
    assert [finding.message for finding in verdict.findings] == []
    laws = {result.name: result for result in verdict.results if result.name in only}
    assert {name: law.status for name, law in laws.items()} == dict.fromkeys(only, Status.KEPT)
