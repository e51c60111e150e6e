"""The stub filters and pages Elastic Path's lists as its guides describe it."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.session import Session
from tests.client import Client
from tests.providers.conftest import Connect
from tests.providers.elastic_path import (
    AUTOMATIC,
    HEADERS,
    PENDING,
    cancel,
    codes,
    create,
    export,
    generate,
    generated,
    jobs,
    path,
)
from tests.specs.documents import accepts


@pytest.fixture
def elastic(connect: Connect) -> Client:
    return connect("elastic_path", HEADERS)


def found(client: Client, condition: str) -> list[str]:
    """The ids of the jobs that pass a filter."""
    response = jobs(client, filter=condition)
    assert response.status == 200, response.text
    return [job["id"] for job in response.json["data"]]


def some_jobs(client: Client, number: int, promotion: str = AUTOMATIC) -> list[str]:
    """So many finished jobs, the newest first; the automatic promotion has no other."""
    made = []
    for _ in range(number):
        made.append(export(client, promotion))
        cancel(client, made[-1], promotion)
    return made[::-1]


# Filter


@pytest.mark.parametrize("space", ["", " ", "   "])
def test_filter_by_job_type(elastic: Client, space: str) -> None:
    made, took = generated(elastic), export(elastic)
    assert found(elastic, f"eq(job_type,{space}code_export)") == [took]
    assert found(elastic, f"eq({space}job_type,{space}code_generate)")[0] == made
    everything = [job["id"] for job in jobs(elastic).json["data"]]
    assert {took, made} < set(everything)


def test_filter_by_status(elastic: Client) -> None:
    made = generated(elastic)
    cancelled = generate(elastic)
    cancel(elastic, cancelled)
    active = generate(elastic)
    assert found(elastic, "eq(status,pending)") == [active]
    assert found(elastic, "eq(status,cancelled)") == [cancelled]
    assert found(elastic, "eq(status,completed)")[0] == made
    elastic.advance(PENDING)
    assert found(elastic, "eq(status,pending)") == []
    assert found(elastic, "eq(status,processing)") == [active]


def test_filter_by_complete_finds_nothing(elastic: Client) -> None:
    generated(elastic)
    assert found(elastic, "eq(status,completed)") != []
    for unknown in ("complete", "canceled", "done"):
        response = jobs(elastic, filter=f"eq(status, {unknown})")
        assert (response.status, response.json["data"]) == (200, [])
        assert response.json["meta"]["results"]["total"] == 0


def test_filter_conditions_must_all_hold(elastic: Client) -> None:
    made = generated(elastic)
    took = export(elastic)
    assert found(elastic, "eq(job_type,code_export):eq(status,pending)") == [took]
    assert found(elastic, "eq(status,pending):eq(job_type,code_generate)") == []
    assert found(elastic, ":".join(["eq(status,completed)"] * 9 + ["eq(job_type, code_generate)"]))[0] == made
    response = jobs(elastic, filter=":".join(["eq(status,completed)"] * 11))
    assert response.status == 400
    assert response.json == {"errors": [{"title": "Bad Request", "detail": "Could not parse the supplied filter"}]}


@pytest.mark.parametrize(
    "condition",
    [
        *(f"{operator}(status,completed)" for operator in ("like", "in", "gt", "ge", "lt", "le", "is_null", "EQ")),
        *("eq(name,job)", "eq(created_at,2023-12-06)", "eq(job_type,code_import)", "eq(job_type, complete)"),
        *("", "status", "eq", "eq(status)", "eq(status,completed", "eq(status,completed):", ":eq(status,completed)"),
        *("eq(status,completed),eq(status,failed)", "eq(status,completed )", "eq(status,Completed)", "\x00"),
        "eq(status," + "a" * 2000 + ")",
    ],
)
def test_malformed_filter_is_400(elastic: Client, condition: str) -> None:
    response = jobs(elastic, filter=condition)
    assert response.status == 400
    assert response.json == {"errors": [{"title": "Bad Request", "detail": "Could not parse the supplied filter"}]}


def test_filtered_list_is_paged_after_the_filter(elastic: Client) -> None:
    made = [generated(elastic) for _ in range(3)]
    page = jobs(elastic, filter="eq(status,completed)", limit=2, offset=1).json
    assert [job["id"] for job in page["data"]] == made[1::-1]
    assert page["meta"]["results"]["total"] == 4  # three, and the seeded one
    assert elastic.follow(page["links"]["first"]).json["meta"]["results"]["total"] == 4, "links keep the filter"


# Pages


def places(client: Client, promotion: str = AUTOMATIC, **query: Any) -> dict[str, tuple[int, int]]:
    """Offset and limit of each link of a page."""
    base = f"http://stub.test{client.base}{path(promotion, 'jobs')}?page[offset]="
    read = {}
    for name, link in jobs(client, promotion, **query).json["links"].items():
        assert link.startswith(base)
        offset, limit = link.removeprefix(base).split("&page[limit]=")
        read[name] = (int(offset), int(limit))
    return read


def test_page_has_five_links(elastic: Client) -> None:
    some_jobs(elastic, 7)
    only = dict.fromkeys(("current", "first", "last", "prev", "next"), (0, 25))
    assert places(elastic) == only
    ends = {"first": (0, 3), "last": (6, 3)}
    assert places(elastic, limit=3) == {"current": (0, 3), "prev": (0, 3), "next": (3, 3), **ends}
    assert places(elastic, limit=3, offset=3) == {"current": (3, 3), "prev": (0, 3), "next": (6, 3), **ends}
    assert places(elastic, limit=3, offset=6) == {"current": (6, 3), "prev": (3, 3), "next": (6, 3), **ends}
    assert places(elastic, limit=3, offset=90) == {"current": (90, 3), "prev": (6, 3), "next": (6, 3), **ends}
    assert places(elastic, limit=3, offset=1)["prev"] == (0, 3)
    assert accepts("elastic_path", "PageLinkOrNull", None), "the provider may say null where there is no page"


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
def test_following_next_visits_every_job_once(elastic: Client, limit: int) -> None:
    made = some_jobs(elastic, 7)
    page = jobs(elastic, AUTOMATIC, limit=limit).json
    seen = [job["id"] for job in page["data"]]
    while page["links"]["next"] != page["links"]["current"]:
        page = elastic.follow(page["links"]["next"]).json
        seen += [job["id"] for job in page["data"]]
    assert seen == made
    assert page["links"]["current"] == page["links"]["last"]


def test_page_position_is_complete(elastic: Client) -> None:
    some_jobs(elastic, 7)
    for offset, current in ((0, 1), (3, 2), (6, 3)):
        response = jobs(elastic, AUTOMATIC, limit=3, offset=offset).json
        page = {"limit": 3, "offset": offset, "current": current, "total": 3}
        assert response["meta"] == {"page": page, "results": {"total": 7}}
    filtered = jobs(elastic, AUTOMATIC, limit=3, filter="eq(status,pending)").json["meta"]
    assert (filtered["page"]["total"], filtered["results"]["total"]) == (0, 0)


def test_empty_list_has_page_fields(elastic: Client) -> None:
    response = jobs(elastic, AUTOMATIC).json
    assert response["data"] == []
    assert response["meta"] == {"page": {"limit": 25, "offset": 0, "current": 1, "total": 0}, "results": {"total": 0}}
    assert set(places(elastic).values()) == {(0, 25)}


def test_page_limit_is_25_and_at_most_100(elastic: Client) -> None:
    generated(elastic, 130)
    assert len(codes(elastic).json["data"]) == codes(elastic).json["meta"]["page"]["limit"] == 25
    for limit in (1, 100):
        assert len(codes(elastic, limit=limit).json["data"]) == limit
    made = some_jobs(elastic, 26)
    assert [job["id"] for job in jobs(elastic, AUTOMATIC).json["data"]] == made[:25]
    assert codes(elastic, limit=101).status == jobs(elastic, limit=101).status == 400


def test_page_offset_counts_records(elastic: Client) -> None:
    made = some_jobs(elastic, 5)
    for offset in range(7):
        shown = [job["id"] for job in jobs(elastic, AUTOMATIC, offset=offset, limit=2).json["data"]]
        assert shown == made[offset : offset + 2]
    generated(elastic, 5)
    listed = [code["code"] for code in codes(elastic).json["data"]]
    for offset in range(7):
        shown = [code["code"] for code in codes(elastic, offset=offset, limit=2).json["data"]]
        assert shown == listed[offset : offset + 2]


@pytest.mark.parametrize("listing", [jobs, codes])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "page[limit]"),
        ({"limit": 101}, "page[limit]"),
        ({"limit": -1}, "page[limit]"),
        ({"limit": "ten"}, "page[limit]"),
        ({"limit": ""}, "page[limit]"),
        ({"limit": "9" * 500}, "page[limit]"),
        ({"offset": -1}, "page[offset]"),
        ({"offset": 10_001}, "page[offset]"),
        ({"offset": "1.5"}, "page[offset]"),
    ],
)
def test_malformed_page_is_400(elastic: Client, listing: Any, query: dict[str, Any], field: str) -> None:
    response = listing(elastic, **query)
    assert (response.status, response.json["errors"][0]["source"]) == (400, field)
    assert response.json["errors"][0]["status"] == 400
    assert listing(elastic, limit=1, offset=10_000).json["data"] == []


def test_a_page_costs_no_more_because_of_older_jobs(elastic: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a filter, the records of the jobs on the page are read, and no others."""
    some_jobs(elastic, 40)
    read: list[str] = []
    records = Session.records

    def counted(session: Session, kind: Any, identifier: str) -> Any:
        read.append(identifier)
        return records(session, kind, identifier)

    monkeypatch.setattr(Session, "records", counted)
    for offset in (0, 30):
        read.clear()
        shown = [job["id"] for job in jobs(elastic, AUTOMATIC, offset=offset, limit=5).json["data"]]
        assert read == shown
    read.clear()
    assert create(elastic).status == 201
    codes(elastic)
    assert len(read) < 5
