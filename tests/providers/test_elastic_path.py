"""The stub plays Elastic Path's jobs as its pages describe them: listing, creating, living, being cancelled."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.client import Client, Response
from tests.curl import curl
from tests.providers.conftest import Connect
from tests.providers.elastic_path import (
    AUTOMATIC,
    FULL,
    HEADERS,
    PENDING,
    PROMOTION,
    RUN,
    SECOND,
    accepted,
    all_codes,
    cancel,
    codes,
    create,
    export,
    exported,
    generate,
    generated,
    job,
    jobs,
    path,
    wanted,
)
from tests.specs.documents import example

PRINTED_LIST = r"""
curl -X GET https://useast.api.elasticpath.com/v2/promotions/{promotionID}/jobs \
     -H "Authorization: Bearer {token}" \
     -H "content-type: application/json" \
"""
PRINTED_CREATE = r"""
curl -X POST https://useast.api.elasticpath.com/v2/promotions/{promotionID}/jobs \
     -H "Authorization: Bearer {token}" \
     -H "content-type: application/json" \
     -d '{
        "data": {
            "type": "promotion_job",
            "job_type": "code_generate",
            "name": "summer sale job ",
            "parameters": {
                "number_of_codes": 1,
                "max_uses_per_code": 1,
                "consume_unit": "per_cart",
                "code_prefix": "Summer-",
                "code_length": 10
            }
        }
     }'
"""
COMMON = {"type", "id", "promotion_id", "job_type", "status", "meta"}
STATUSES = ["pending", "processing", "completed", "failed", "cancelling", "cancelled"]


@pytest.fixture
def elastic(connect: Connect) -> Client:
    return connect("elastic_path", HEADERS)


def error(response: Response, status: int) -> dict[str, Any]:
    """The one error of a refusal."""
    assert (response.status, len(response.json["errors"])) == (status, 1), response.text
    found: dict[str, Any] = response.json["errors"][0]
    return found


def states(client: Client, identifier: str, seconds: int = 20) -> list[str]:
    """The statuses that a job runs through from now on, each once."""
    found = []
    for _ in range(seconds):
        found.append(job(client, identifier)["status"])
        client.advance(1)
    return list(dict.fromkeys(found))


# Jobs in a list


def test_list_has_data_links_and_meta(elastic: Client) -> None:
    identifier = generate(elastic)
    response = jobs(elastic)
    assert response.status == 200
    assert list(response.json) == ["data", "links", "meta"]
    assert response.json["data"][0]["id"] == identifier


def test_printed_list_request_works(elastic: Client) -> None:
    response = curl(elastic, PRINTED_LIST, promotionID=PROMOTION, token="test-token")
    printed, failed = example("elastic_path", "processing"), example("elastic_path", "failed")
    assert response.status == 200
    # The job that is printed as processing is printed as failed two minutes later, and that was years ago.
    assert response.json["data"] == [failed["data"][0], printed["data"][1]]
    assert list(response.json["data"][1]) == list(printed["data"][1])
    assert response.json["meta"] == printed["meta"]
    base = f"http://stub.test{elastic.base}"
    links = {name: link.replace("https://useast.api.elasticpath.com", base) for name, link in printed["links"].items()}
    assert response.json["links"] == links


def test_single_job_cannot_be_read(elastic: Client) -> None:
    assert error(elastic.get(path(PROMOTION, "jobs", generate(elastic))), 404)["title"] == "Not Found"


@pytest.mark.parametrize("way", [generate, export])
def test_job_has_its_common_fields(elastic: Client, way: Any) -> None:
    identifier = way(elastic)
    for seconds in (0, PENDING, RUN):
        elastic.advance(seconds)
        found = job(elastic, identifier)
        assert found.keys() >= COMMON
        assert (found["type"], found["promotion_id"]) == ("promotion_job", PROMOTION)
        assert str(UUID(found["id"])) == found["id"] == identifier
        assert found["meta"]["timestamps"].keys() == {"created_at", "updated_at"}


def test_list_is_newest_first(elastic: Client) -> None:
    made = [generated(elastic) for _ in range(4)]
    listed = jobs(elastic).json["data"]
    assert [found["id"] for found in listed[:4]] == made[::-1]
    times = [found["meta"]["timestamps"]["created_at"] for found in listed]
    assert all(newer > older for newer, older in pairwise(times))


def test_timestamps_have_the_printed_precision(elastic: Client) -> None:
    elastic.advance(0.123456789)
    created = accepted(create(elastic))
    exact = "2026-01-01T00:00:00.123456789Z"
    assert created["meta"]["timestamps"] == {"created_at": exact, "updated_at": exact}
    listed = {"created_at": "2026-01-01T00:00:00.123Z", "updated_at": "2026-01-01T00:00:00.123Z"}
    assert job(elastic, created["id"])["meta"]["timestamps"] == listed
    elastic.advance(1)
    cancelled = cancel(elastic, created["id"]).json["data"]["meta"]["timestamps"]
    assert cancelled == {"created_at": "2026-01-01T00:00:00.123Z", "updated_at": "2026-01-01T00:00:01.123Z"}


# Create


def test_creation_answers_201_with_a_pending_job(elastic: Client) -> None:
    response = create(elastic)
    assert response.status == 201
    assert list(response.json) == ["data"]
    assert response.json["data"]["status"] == "pending"


def test_printed_creation_gets_the_printed_job(elastic: Client) -> None:
    response = curl(elastic, PRINTED_CREATE, promotionID=SECOND, token="test-token")
    printed, got = example("elastic_path", "pending")["data"], accepted(response)
    assert list(got) == list(printed)
    own = {name: got[name] for name in ("id", "meta")}
    assert got == printed | own


@pytest.mark.parametrize("body", [{}, {"data": None}, wanted()["data"]])
def test_body_without_data_is_422(elastic: Client, body: Any) -> None:
    found = error(elastic.post(path(PROMOTION, "jobs"), body), 422)
    assert found == {"status": 422, "title": "Unprocessable Entity", "detail": "The data field is required"}


@pytest.mark.parametrize("field", ["type", "job_type"])
@pytest.mark.parametrize("value", [None, "", "code_import", 1])
def test_creation_requires_type_and_job_type(elastic: Client, field: str, value: Any) -> None:
    data = wanted()["data"]
    assert create(elastic).status == 201
    without = {name: said for name, said in data.items() if name != field}
    missing = error(elastic.post(path(SECOND, "jobs"), {"data": without}), 400)
    assert (missing["source"], missing["title"]) == (f"data.{field}", "required")
    wrong = error(elastic.post(path(SECOND, "jobs"), {"data": data | {field: value}}), 400)
    assert wrong["source"] == f"data.{field}"


def test_both_job_types_are_accepted(elastic: Client) -> None:
    assert job(elastic, generated(elastic))["job_type"] == "code_generate"
    assert job(elastic, export(elastic))["job_type"] == "code_export"


def test_name_is_optional_and_has_at_most_50_characters(elastic: Client) -> None:
    assert "name" not in accepted(create(elastic, promotion=SECOND))
    found = accepted(create(elastic, name="ü" * 50))
    assert found["name"] == job(elastic, found["id"])["name"] == "ü" * 50
    assert error(create(elastic, name="x" * 51), 400)["source"] == "data.name"


def test_number_of_codes_is_required_and_1_to_1000(elastic: Client) -> None:
    body = wanted()
    del body["data"]["parameters"]["number_of_codes"]
    missing = error(elastic.post(path(PROMOTION, "jobs"), body), 400)
    assert missing == example("elastic_path", "field_missing")["errors"][0]
    without = {"data": {"type": "promotion_job", "job_type": "code_generate"}}
    assert error(elastic.post(path(PROMOTION, "jobs"), without), 400)["source"] == "data.parameters"
    assert error(create(elastic, 0), 400)["source"] == "data.parameters.number_of_codes"
    for number, promotion in ((1, PROMOTION), (1000, SECOND)):
        assert accepted(create(elastic, number, promotion))["parameters"] == {"number_of_codes": number}


@pytest.mark.parametrize("number", [1001, 10**6, 10**30])
def test_too_many_codes_is_400(elastic: Client, number: int) -> None:
    body = b'{"data":{"type":"promotion_job","job_type":"code_generate","parameters":{"number_of_codes":%d}}}' % number
    response = elastic.request(
        "POST", path(PROMOTION, "jobs"), content=body, headers={"content-type": "application/json"}
    )
    assert error(response, 400) == {
        "status": 400,
        "source": "data.parameters.number_of_codes",
        "title": "Too many promotion codes",
        "detail": "Only 1000 promotion codes are allowed per promotion",
    }


@pytest.mark.parametrize(
    ("parameters", "source"),
    [
        ({"consume_unit": "per_day"}, "data.parameters.consume_unit"),
        ({"code_length": 7}, "data.parameters.code_length"),
        ({"code_length": 17}, "data.parameters.code_length"),
        ({"code_length": "8"}, "data.parameters.code_length"),
        ({"max_uses_per_code": -1}, "data.parameters.max_uses_per_code"),
        ({"max_uses_per_code": None}, "data.parameters.max_uses_per_code"),
        ({"max_uses_per_code": 1.5}, "data.parameters.max_uses_per_code"),
        ({"code_prefix": "x" * 51}, "data.parameters.code_prefix"),
        ({"name": 1}, "data.name"),
    ],
)
def test_malformed_creation_is_400_with_source(elastic: Client, parameters: dict[str, Any], source: str) -> None:
    found = error(create(elastic, **parameters), 400)
    assert (found["status"], found["source"], found["title"]) == (400, source, "invalid")
    assert found["detail"].startswith(source)


def test_every_fault_of_a_creation_is_named(elastic: Client) -> None:
    body = wanted(code_length=3, consume_unit="per_day")
    del body["data"]["type"]
    response = elastic.post(path(PROMOTION, "jobs"), body)
    sources = {found["source"] for found in response.json["errors"]}
    assert (response.status, sources) == (
        400,
        {"data.type", "data.parameters.code_length", "data.parameters.consume_unit"},
    )


def test_consume_unit_is_per_item_or_per_cart(elastic: Client) -> None:
    assert error(create(elastic, consume_unit="per_day"), 400)["source"] == "data.parameters.consume_unit"
    for unit, promotion in (("per_item", PROMOTION), ("per_cart", SECOND)):
        generated(elastic, 1, promotion, consume_unit=unit)
        assert all_codes(elastic, promotion)[0]["consume_unit"] == unit


def test_generation_shows_its_parameters_as_sent(elastic: Client) -> None:
    said = {
        "number_of_codes": 3,
        "consume_unit": "per_item",
        "max_uses_per_code": 0,
        "code_length": 9,
        "code_prefix": "p",
    }
    for parameters, promotion in ((said, PROMOTION), ({}, SECOND)):
        identifier = generate(elastic, 3, promotion, **parameters)
        for _ in range(5):
            assert job(elastic, identifier, promotion)["parameters"] == {"number_of_codes": 3, **parameters}
            elastic.advance(2)
    assert job(elastic, generate(elastic, 1, FULL), FULL)["parameters"] == {"number_of_codes": 1}
    elastic.advance(RUN)
    failed = jobs(elastic, FULL).json["data"][0]
    assert (failed["status"], failed["parameters"]) == ("failed", {"number_of_codes": 1})


def test_export_has_no_parameters_and_no_result(elastic: Client) -> None:
    body = {"data": {"type": "promotion_job", "job_type": "code_export"}}
    created = accepted(elastic.post(path(PROMOTION, "jobs"), body))
    assert created.keys() == COMMON
    for seconds in (0, PENDING, RUN):
        elastic.advance(seconds)
        assert job(elastic, created["id"]).keys() == COMMON
    elastic.advance(RUN)
    cancelled = export(elastic)
    elastic.advance(PENDING + 1)
    assert cancel(elastic, cancelled).json["data"].keys() == COMMON


def test_unknown_properties_are_ignored(elastic: Client) -> None:
    asked: dict[str, Any] = {"parameters": {"number_of_codes": 5000, "code_length": "many"}, "colour": "red"}
    assert job(elastic, export(elastic, **asked)).keys() == COMMON
    body = wanted(2, promotion_colour="red")
    body["data"]["colour"] = body["colour"] = "red"
    created = accepted(elastic.post(path(SECOND, "jobs"), body))
    assert created["parameters"] == {"number_of_codes": 2}
    assert created.keys() == COMMON | {"parameters"}


def test_automatic_promotion_takes_no_codes(elastic: Client) -> None:
    found = error(create(elastic, promotion=AUTOMATIC), 422)
    detail = "Cannot add codes to an automatic promotion"
    assert found == {"status": "422", "title": "No codes allowed", "detail": detail}
    assert jobs(elastic, AUTOMATIC).json["data"] == []
    assert job(elastic, exported(elastic, AUTOMATIC), AUTOMATIC)["status"] == "completed"


# Life cycle


def test_job_runs_through_its_statuses(elastic: Client) -> None:
    identifier = generate(elastic, 10)
    seen: dict[str, str] = {}
    for _ in range(100):
        found = job(elastic, identifier)
        updated = found["meta"]["timestamps"]["updated_at"]
        assert seen.setdefault(found["status"], updated) == updated, "updated_at moves with the status alone"
        elastic.advance(0.1)
    assert list(seen) == STATUSES[:3]
    assert list(seen.values()) == [f"2026-01-01T00:00:0{at}Z" for at in ("0.000", "2.000", "7.656")]
    assert states(elastic, generate(elastic, headers={"x-mock-scenario": "total_failure"})) == [*STATUSES[:2], "failed"]
    other = generate(elastic)
    elastic.advance(PENDING)
    cancel(elastic, other)
    assert states(elastic, other) == STATUSES[4:]


def test_job_moves_with_time_alone(elastic: Client) -> None:
    identifier = generate(elastic, 100)
    assert [job(elastic, identifier)["status"] for _ in range(5)] == ["pending"] * 5
    elastic.advance(10**6)
    assert job(elastic, identifier)["result"] == {"generated": 100}
    assert job(elastic, identifier)["meta"]["timestamps"]["updated_at"] == "2026-01-01T00:00:07.656Z"


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_finished_job_stays_as_it_is(elastic: Client, end: str) -> None:
    scenario = "total_failure" if end == "failed" else "success"
    identifier = generate(elastic, 4, headers={"x-mock-scenario": scenario})
    if end == "cancelled":
        elastic.advance(5)
        cancel(elastic, identifier)
    elastic.advance(RUN)
    before = job(elastic, identifier)
    assert before["status"] == end
    elastic.advance(10**6)
    cancel(elastic, identifier)
    generate(elastic, 4)
    assert job(elastic, identifier) == before


def test_second_job_waits_for_the_first(elastic: Client) -> None:
    body = wanted(3)
    first = accepted(elastic.post(path(PROMOTION, "jobs"), body))["id"]
    assert create(elastic, promotion=SECOND).status == 201, "other promotions are independent"
    detail = "Only 1 pending or processing job is allowed per promotion."
    for seconds in (0, PENDING, 5.655):
        elastic.advance(seconds)
        assert error(elastic.post(path(PROMOTION, "jobs"), body), 400) == {
            "status": "400",
            "title": "Too many jobs",
            "detail": detail,
        }
    assert create(elastic).status == 400
    elastic.advance(0.001)
    assert job(elastic, first)["status"] == "completed"
    second = accepted(elastic.post(path(PROMOTION, "jobs"), body))["id"]
    elastic.advance(RUN)
    assert second != first
    assert codes(elastic).json["meta"]["results"]["total"] == 6, "the same request again is another job"


def test_an_export_is_a_job_too(elastic: Client) -> None:
    export(elastic)
    assert create(elastic).status == 400


def test_cancelling_job_does_not_block(elastic: Client) -> None:
    identifier = generate(elastic, 1000)
    elastic.advance(PENDING + 1)
    assert cancel(elastic, identifier).json["data"]["status"] == "cancelling"
    second = generate(elastic, 1000)
    assert job(elastic, identifier)["status"] == "cancelling"
    elastic.advance(RUN)
    assert job(elastic, second)["result"] == {"generated": 1000}, "what is being deleted does not count"


def test_completed_generation_counts_its_codes(elastic: Client) -> None:
    identifier = generated(elastic, 123)
    assert job(elastic, identifier)["result"] == {"generated": 123}
    assert codes(elastic).json["meta"]["results"]["total"] == 123
    generated(elastic, 77)
    assert len(all_codes(elastic)) == 200


def test_codes_appear_as_they_are_generated(elastic: Client) -> None:
    generate(elastic, 1000)
    counts = []
    for _ in range(30):
        elastic.advance(0.3)
        counts.append(codes(elastic).json["meta"]["results"]["total"])
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 1000)
    assert len(set(counts)) > 10, "there are counts in between"


def test_unfinished_or_failed_job_has_no_result(elastic: Client) -> None:
    identifier = generate(elastic, 10)
    for seconds in (0, PENDING, 5):
        elastic.advance(seconds)
        assert "result" not in job(elastic, identifier)
    elastic.advance(RUN)
    failing = generate(elastic, 1000)
    elastic.advance(5)
    elastic.control("POST", f"/jobs/{failing}/fail", {"error": "out of ink"})
    found = job(elastic, failing)
    assert (found["status"], found["error"]) == ("failed", "out of ink")
    assert "result" not in found


def test_full_promotion_fails_with_codes_limit_exceeded(elastic: Client) -> None:
    identifier = accepted(create(elastic, 1, FULL))["id"]
    for status in ("pending", "processing"):
        found = job(elastic, identifier, FULL)
        assert found["status"] == status
        assert "error" not in found
        elastic.advance(PENDING)
    elastic.advance(RUN)
    found = job(elastic, identifier, FULL)
    assert (found["status"], found["error"]) == ("failed", "codes limit exceeded")
    done = job(elastic, generated(elastic))
    assert (done["status"], "error" in done) == ("completed", False)


def test_generation_beyond_the_limit_fails(elastic: Client) -> None:
    generated(elastic, 600)
    before = all_codes(elastic)
    beyond = generated(elastic, 401)
    assert job(elastic, beyond)["error"] == "codes limit exceeded"
    assert all_codes(elastic) == before
    assert job(elastic, generated(elastic, 400))["status"] == "completed"
    assert job(elastic, generated(elastic, 1))["status"] == "failed"
    assert len(all_codes(elastic)) == 1000


# Cancel


def test_pending_job_is_cancelled_at_once(elastic: Client) -> None:
    created = accepted(create(elastic, 5, name="Test cancel job "))
    elastic.advance(1)
    response = cancel(elastic, created["id"])
    assert response.status == 200
    assert list(response.json) == ["data"]
    found = response.json["data"]
    assert found["status"] == "cancelled"
    assert found.keys() == created.keys(), "no result"
    assert job(elastic, created["id"]) == found
    elastic.advance(RUN)
    assert job(elastic, created["id"]) == found
    assert all_codes(elastic) == []


def test_processing_job_is_cancelling_then_cancelled(elastic: Client) -> None:
    identifier = generate(elastic, 10)
    elastic.advance(PENDING)
    answered = cancel(elastic, identifier)
    assert (answered.status, answered.json["data"]["status"]) == (200, "cancelling")
    assert answered.json["data"] == job(elastic, identifier)
    elastic.advance(1.999)
    assert job(elastic, identifier)["status"] == "cancelling"
    elastic.advance(0.001)
    assert job(elastic, identifier)["status"] == "cancelled"


def test_cancelled_generation_deletes_its_codes(elastic: Client) -> None:
    generated(elastic, 7)
    before = all_codes(elastic)
    identifier = generate(elastic, 100)
    elastic.advance(PENDING + 5.656 / 2)
    assert len(all_codes(elastic)) == 57
    assert cancel(elastic, identifier).json["data"]["result"] == {"generated": 50, "deleted": 50}
    assert all_codes(elastic) == before
    elastic.advance(RUN)
    assert job(elastic, identifier)["result"] == {"generated": 50, "deleted": 50}
    assert all_codes(elastic) == before
    # One that was stopped before its first code has deleted none.
    early = generate(elastic, 100)
    elastic.advance(PENDING)
    assert cancel(elastic, early).json["data"]["result"] == {"generated": 0}


@pytest.mark.parametrize("content", [b"{}", b'{"data": {}}', b""])
def test_cancel_takes_an_empty_body_data_or_nothing(elastic: Client, content: bytes) -> None:
    identifier = generate(elastic)
    headers = {"content-type": "application/json"} if content else {}
    target = path(PROMOTION, "jobs", identifier, "cancel")
    assert elastic.request("POST", target, content=content, headers=headers).status == 200
    assert job(elastic, identifier)["status"] == "cancelled"


@pytest.mark.parametrize("body", [[], "cancel", 1, {"data": None}, {"data": []}, {"data": "x"}])
def test_malformed_cancel_is_400(elastic: Client, body: Any) -> None:
    identifier = generate(elastic)
    found = error(cancel(elastic, identifier, json=body), 400)
    assert found.get("source") == ("data" if isinstance(body, dict) else None)
    assert job(elastic, identifier)["status"] == "pending"


@pytest.mark.parametrize("status", ["completed", "failed", "cancelling", "cancelled"])
def test_finished_or_cancelling_job_cannot_be_cancelled(elastic: Client, status: str) -> None:
    scenario = "total_failure" if status == "failed" else "success"
    identifier = generate(elastic, 10, headers={"x-mock-scenario": scenario})
    if status.startswith("cancel"):
        elastic.advance(PENDING)
        cancel(elastic, identifier)
    elastic.advance({"cancelling": 1}.get(status, RUN))
    before = job(elastic, identifier)
    assert before["status"] == status
    detail = "Only pending or processing jobs can be cancelled"
    assert error(cancel(elastic, identifier), 422) == {
        "status": "422",
        "title": "Unprocessable Entity",
        "detail": detail,
    }
    assert job(elastic, identifier) == before
