"""What the Elastic Path contract itself has to say, against the pages that it was written from."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from openapi.contract import Operation
from openapi.lifecycle import Lifecycle
from tests.specs import documents

CONTRACT = documents.contract("elastic_path")
at = partial(documents.at, "elastic_path")
example = partial(documents.example, "elastic_path")
accepts = partial(documents.accepts, "elastic_path")

# As printed on get-jobs, create-a-job and cancel-a-job.
PROMOTION = "ad386702-e780-42c6-b190-0527ad768917"
PAGE = f"https://useast.api.elasticpath.com/v2/promotions/{PROMOTION}/jobs?page[offset]=0&page[limit]=25"


def printed_job(identifier: str, number: int, status: str, created: str, updated: str, **rest: Any) -> dict[str, Any]:
    """A job as the jobs list page prints it."""
    parameters = {"consume_unit": "per_cart", "max_uses_per_code": 1, "code_length": 8, "code_prefix": "promo-"}
    return {
        "type": "promotion_job",
        "id": identifier,
        "promotion_id": PROMOTION,
        "job_type": "code_generate",
        "name": "job",
        "parameters": {"number_of_codes": number, **parameters},
        "status": status,
        "meta": {"timestamps": {"created_at": f"2023-12-06T{created}Z", "updated_at": f"2023-12-06T{updated}Z"}},
        **rest,
    }


def printed_list(*jobs: dict[str, Any]) -> dict[str, Any]:
    """A page as the jobs list page prints it."""
    return {
        "data": list(jobs),
        "links": dict.fromkeys(("current", "first", "last", "prev", "next"), PAGE),
        "meta": {"page": {"limit": 25, "offset": 0, "current": 1, "total": 1}, "results": {"total": len(jobs)}},
    }


PRINTED = {
    "processing": printed_list(
        printed_job("84d86114-a92d-4c34-92f1-3e36ef6cabeb", 100, "processing", "13:52:29.587", "13:52:49.133"),
        printed_job(
            *("a7a54f06-b760-4f79-84cc-10eb899b3d14", 1000, "completed", "13:51:59.179", "13:52:06.835"),
            result={"generated": 1000, "deleted": 1000},
        ),
    ),
    "failed": printed_list(
        printed_job(
            *("84d86114-a92d-4c34-92f1-3e36ef6cabeb", 1000, "failed", "13:52:29.587", "13:54:49.133"),
            error="codes limit exceeded",
        )
    ),
    "generate": {
        "data": {
            "type": "promotion_job",
            "job_type": "code_generate",
            "name": "summer sale job ",
            "parameters": {
                "number_of_codes": 1,
                "max_uses_per_code": 1,
                "consume_unit": "per_cart",
                "code_prefix": "Summer-",
                "code_length": 10,
            },
        }
    },
    "pending": {
        "data": {
            "type": "promotion_job",
            "id": "f890bc57-5e08-4f04-95e7-36bd8aab1095",
            "promotion_id": "19c08913-cc8c-47d8-a211-450c9e945970",
            "job_type": "code_generate",
            "name": "summer sale job ",
            "parameters": {
                "number_of_codes": 1,
                "consume_unit": "per_cart",
                "max_uses_per_code": 1,
                "code_length": 10,
                "code_prefix": "Summer-",
            },
            "status": "pending",
            "meta": {"timestamps": dict.fromkeys(("created_at", "updated_at"), "2023-08-01T22:46:50.006975613Z")},
        }
    },
    "cancelled": {
        "data": {
            "type": "promotion_job",
            "id": "cf437c4b-0905-45e8-b4a7-05646b6cc853",
            "promotion_id": "c2690b21-fdf9-41aa-9523-aaca21e6cd84",
            "job_type": "code_generate",
            "name": "Test cancel job ",
            "parameters": {
                "number_of_codes": 100,
                "consume_unit": "per_cart",
                "max_uses_per_code": 1,
                "code_length": 10,
                "code_prefix": "Summer-",
            },
            "status": "cancelled",
            "meta": {
                "timestamps": {"created_at": "2023-11-17T19:15:19.831Z", "updated_at": "2023-11-17T19:15:41.752Z"}
            },
        }
    },
}


def operation(identifier: str) -> Operation:
    found = CONTRACT.operation(identifier)
    assert found is not None
    return found


def lifecycle() -> Lifecycle:
    [found] = CONTRACT.lifecycles.values()
    return found


def test_path_parameters_are_as_printed() -> None:
    for found in CONTRACT.operations:
        names = ["promotionID", "jobID"] if "{jobID}" in found.path else ["promotionID"]
        in_path = [parameter for parameter in found.parameters if parameter.location == "path"]
        assert found.path == "/oauth/access_token" or [parameter.name for parameter in in_path] == names
        assert all(parameter.required for parameter in in_path)
    assert operation("listPromotionJobs").path == "/v2/promotions/{promotionID}/jobs"
    assert at("/components/schemas/Id")["type"] == "string"


@pytest.mark.parametrize("name", PRINTED)
def test_printed_examples_keep_their_values(name: str) -> None:
    assert example(name) == PRINTED[name]


def test_servers_are_the_documented_hosts() -> None:
    hosts = [server["url"] for server in at("/servers")]
    assert hosts == ["https://useast.api.elasticpath.com", "https://euwest.api.elasticpath.com"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2023-12-06T13:52:29.587Z", True),
        ("2023-08-01T22:46:50.006975613Z", True),
        ("2023-12-06T13:52:29Z", False),
        ("2023-12-06T13:52:29.58Z", False),
        ("2023-12-06T13:52:29.0069756131Z", False),
        ("2023-12-06T13:52:29.587+00:00", False),
        ("2023-13-06T13:52:29.587Z", False),
    ],
)
def test_timestamps_have_a_fraction(text: str, fits: bool) -> None:
    assert accepts("Timestamp", text) is fits


def test_filter_examples_are_as_printed() -> None:
    values = {name: row["value"] for name, row in at("/components/parameters/JobFilter/examples").items()}
    assert values["by_type"] == "eq(job_type, code_export)"
    assert values["by_status"] == "eq(status, complete)"
    assert all(accepts("JobFilter", value) for value in values.values())


def test_filter_is_bounded() -> None:
    ten = ":".join(["eq(job_type,             code_generate)"] * 10)
    assert accepts("JobFilter", ten)
    assert len(ten) < 1024
    assert not accepts("JobFilter", "eq(status," + " " * 1024 + "failed)")


@pytest.mark.parametrize(
    ("schema", "accepted", "refused"),
    [
        ("Uses", (0, 2_147_483_647), (-1, 2_147_483_648, 0.5)),
        (
            "CodeParameters",
            tuple({"number_of_codes": n} for n in (1, 1000)),
            tuple({"number_of_codes": n} for n in (0, 1001)),
        ),
        ("JobName", ("", "x" * 50), ("x" * 51, None)),
        ("Credential", ("x" * 255,), ("", "x" * 256)),
        ("EpochSeconds", (0, 9_999_999_999), (-1, 10**10)),
    ],
)
def test_integers_and_texts_sent_are_bounded(schema: str, accepted: tuple[Any, ...], refused: tuple[Any, ...]) -> None:
    assert [accepts(schema, value) for value in accepted] == [True] * len(accepted)
    assert [accepts(schema, value) for value in refused] == [False] * len(refused)


@pytest.mark.parametrize(("length", "fits"), [(50, True), (51, False)])
def test_a_prefix_is_bounded(length: int, fits: bool) -> None:
    assert accepts("CodeParameters", {"number_of_codes": 1, "code_prefix": "x" * length}) is fits


@pytest.mark.parametrize("listing", ["listPromotionJobs", "listPromotionCodes"])
def test_pages_are_bounded(listing: str) -> None:
    """By the offset, 10,000 and one page more can be listed; what is beyond is exported."""
    bounds = {p.name: CONTRACT.library.value(p.address)["schema"] for p in operation(listing).parameters}
    assert bounds["page[offset]"] == {"type": "integer", "minimum": 0, "maximum": 10_000, "default": 0}
    assert bounds["page[limit]"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}
    assert "10,000" in at("/paths/~1v2~1promotions~1{promotionID}~1codes/get/description")


def test_cancelling_leads_to_cancelled_only() -> None:
    assert lifecycle().transitions["cancelling"] == ("cancelled",)
    assert not lifecycle().follows("cancelling", "completed")
    assert lifecycle().commands == {"cancelPromotionJob": {"pending": "cancelled", "processing": "cancelling"}}


def test_file_example_is_as_printed() -> None:
    address = example("file")["href"]
    assert address.startswith("https://d1devz1tpljobd.cloudfront.net/85ea6cac-589a-4141-80d0-42b91aae73a7/")
    assert ".csv?Expires=1694476263&Signature=" in address
    assert address.endswith("&Key-Pair-Id=K30ZMBZPDF8NWA")


def test_security_has_no_scopes() -> None:
    assert at("/components/securitySchemes/clientCredentials/flows/clientCredentials/scopes") == {}
    alternatives = [found.security for found in CONTRACT.operations]
    assert set(map(len, alternatives)) == {0, 1}
    assert {scopes for option in alternatives for scheme in option for scopes in scheme.values()} == {()}
    opened = [found.id for found in CONTRACT.operations if not found.security]
    assert opened == ["createAccessToken", "downloadPromotionCodes"]


def test_conflict_is_not_used() -> None:
    assert [found.id for found in CONTRACT.operations if "409" in found.responses] == []


def test_server_error_has_a_request_id() -> None:
    [error] = example("server_error")["errors"]
    assert (error["status"], bool(error["request_id"])) == (500, True)


@pytest.mark.parametrize(
    ("status", "change", "fits"),
    [
        ("completed", {}, True),
        ("completed", {"result": None}, False),
        ("completed", {"error": "x"}, False),
        ("processing", {"result": None}, True),
        ("processing", {}, False),
        ("pending", {}, False),
        ("failed", {"error": "codes limit exceeded"}, True),
        ("failed", {}, False),
        ("cancelled", {"result": None}, True),
        ("cancelling", {}, True),
        ("complete", {}, False),
    ],
)
def test_a_state_has_what_belongs_to_it(status: str, change: dict[str, Any], fits: bool) -> None:
    """A change to None leaves a property out of a job with a result."""
    job = {**PRINTED["processing"]["data"][1], "status": status, **change}
    assert accepts("PromotionJob", {name: value for name, value in job.items() if value is not None}) is fits


def test_what_belongs_to_generations_is_theirs_alone() -> None:
    export = example("pending_export")["data"]
    assert accepts("PromotionJob", export)
    assert not accepts("PromotionJob", {**export, "parameters": {"number_of_codes": 1}})
    assert not accepts("PromotionJob", {**export, "status": "completed", "result": {"generated": 1}})
    assert not accepts("PromotionJob", {**export, "job_type": "code_generate"})
