"""A customer's issuals by pages and filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job
from mockserver.providers.capillary.issual import KIND, detail_of, entry_of, references

_LISTED = {"success": True, "code": 200, "message": "Reward issue transactions fetched successfully"}


def list_issuals(call: Call) -> Answer:
    """A page of a customer's issuals, newest first; without filters nothing but the page itself is looked at."""
    customer, page, size = call.path["customerId"], call.query.get("page", 0), call.query.get("size", 100)
    filters = [_FILTERS[name](value) for name, value in call.query.items() if name in _FILTERS]
    if filters or call.notes(late_stream(customer)):
        found = [
            (issual, detail) for issual, detail in _visible(call, customer) if all(fits(detail) for fits in filters)
        ]
        total, shown = len(found), found[page * size : (page + 1) * size]
    else:
        total = call.count_jobs(KIND, customer)
        jobs = zip(range(size), call.jobs(KIND, customer, page * size), strict=False)
        shown = [(issual, detail_of(call, issual)) for _, issual in jobs]
    with_references = "pointsRefIds" in call.query
    entries = [entry_of(call, issual, detail, with_references=with_references) for issual, detail in shown]
    return Answer(200, {"status": _LISTED, "rewardIssueTransactions": entries, "pagingDto": _paging(page, size, total)})


def late_stream(customer: str) -> str:
    """Where it is noted that a customer had an issue that did not get through at once."""
    return f"late/{customer}"


def _visible(call: Call, customer: str) -> Iterator[tuple[Job, dict[str, Any]]]:
    for issual in call.jobs(KIND, customer):
        if issual.state != "REQUESTED":
            yield issual, detail_of(call, issual)


def _paging(page: int, size: int, total: int) -> dict[str, Any]:
    return {
        "last": (page + 1) * size >= total,
        "totalElements": total,
        "totalPages": -(-total // size),
        "numberOfElements": max(0, min(size, total - page * size)),
        "first": page == 0,
        "size": size,
        "number": page,
    }


def _owner_type(text: str | None) -> str:
    """Lists say `Campaigns`, issues `CAMPAIGNS`."""
    return (text or "").casefold().replace("_", " ")


Fits = Callable[[Mapping[str, Any]], bool]

# Query parameter -> its value -> whether a detail fits.
_FILTERS: Mapping[str, Callable[[Any], Fits]] = {
    "status": lambda wanted: lambda detail: detail["status"]["success"] is wanted,
    "pointsRefIds": lambda wanted: lambda detail: not set(wanted).isdisjoint(references(detail)),
    "redemptionType": lambda wanted: lambda detail: detail["rewardDetails"]["redemptionType"] in wanted,
    "ownerType": lambda wanted: lambda detail: _owner_type(detail.get("ownerType")) == wanted.casefold(),
    "ownerId": lambda wanted: lambda detail: detail["ownerId"] == wanted,
    "groupName": lambda wanted: lambda detail: detail.get("groupName") == wanted,
    "rewardId": lambda wanted: lambda detail: detail["rewardDetails"]["rewardId"] == wanted,
}
