"""Lists: pages, links and filters."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.elastic_path.base import (
    CODES,
    JOBS,
    LAWS,
    STATUSES,
    TYPES,
    driver_of,
    exporting,
    finished,
    generation,
    promotion,
    refused,
    whole,
)
from contracts.laws.elastic_path.jobs import _cancelled
from contracts.target.exchange import Exchange, Request


def filled(context: Context) -> Context:
    """A session whose promotion has jobs in several statuses, and codes; nothing runs any more."""
    driver = driver_of(context)
    finished(driver, generation({"number_of_codes": 30 if context.control else 2}))
    finished(driver, exporting())
    for _ in range(4 if context.control else 1):
        _cancelled(driver.context, promotion(driver.context), exporting())
    return driver.context


@LAWS.law("E54", needs=("promotionID",))
def pages_are_the_list(context: Context) -> None:
    """Pages of any size and offset are the list, in its order; position, totals and links are true."""
    own = filled(context)
    lists = {operation: whole(own, operation) for operation in (JOBS, CODES)}

    def examine(asked: tuple[str, int, int]) -> None:
        operation, limit, offset = asked
        everything = lists[operation]
        page = own.call(operation, query={"page[limit]": limit, "page[offset]": offset})
        own.expect(page.status == 200, f"a page is {page.status}", page)
        wanted = everything[offset : offset + limit]
        own.expect(page.json["data"] == wanted, "the page is another part of the list", page, promise="E59")
        total = page.json["meta"]["results"]["total"]
        own.expect(total == len(everything), f"{total} records, not {len(everything)}", page)
        position = page.json["meta"]["page"]
        pages = -(-len(everything) // limit)
        right = {"limit": limit, "offset": offset, "current": offset // limit + 1, "total": pages}
        own.expect(position == right, f"the page says {position}, it is {right}", page, promise="E53")
        _links(own, page, everything, limit, offset)

    sizes = st.integers(1, 40) | st.just(100)
    context.search(st.tuples(st.sampled_from([JOBS, CODES]), sizes, st.integers(0, 40)), examine)


def _links(context: Context, page: Exchange, everything: list[Any], limit: int, offset: int) -> None:
    last = max(0, len(everything) - 1) // limit * limit
    following = offset + limit < len(everything)
    places = {
        "current": offset,
        "first": 0,
        "last": last,
        "prev": max(0, offset - limit) if offset <= last else None,
        "next": offset + limit if following else None,
    }
    headers = page.request.headers
    for name, place in places.items():
        link = page.json["links"][name]
        if place is None or link is None:
            at_end = (name == "prev" and offset == 0) or (name == "next" and not following)
            context.expect(place is None or at_end, f"there is no link {name}", page, promise="E51")
            continue
        led = context.send(Request("GET", link, headers))
        context.expect(led.status == 200, f"the link {name} is {led.status}", page, led, promise="E48")
        wanted = everything[place : place + limit]
        context.expect(led.json["data"] == wanted, f"the link {name} leads elsewhere", page, led, promise="E48")


@LAWS.law("E57", needs=("promotionID",))
def a_page_has_twenty_five(context: Context) -> None:
    """Without position and limit, it is the first page, of 25."""
    own = filled(context)
    for operation in (JOBS, CODES):
        plain = own.call(operation)
        said = own.call(operation, query={"page[offset]": 0, "page[limit]": 25})
        own.expect(plain.json["data"] == said.json["data"], "the default is not the first 25", said, plain)
        limit = plain.json["meta"]["page"]["limit"]
        own.expect(limit == 25, f"the default limit is {limit}", plain)


@LAWS.law("E37", needs=("promotionID",))
def a_filter_is_sound_and_complete(context: Context) -> None:
    """A filter shows exactly the jobs of the unfiltered list that meet all its conditions, page by page."""
    own = filled(context)
    everything = whole(own, JOBS)
    statuses = st.tuples(st.just("status"), st.sampled_from((*STATUSES, "complete")))
    types = st.tuples(st.just("job_type"), st.sampled_from(TYPES))

    def examine(asked: tuple[list[tuple[str, str]], str, int]) -> None:
        conditions, space, limit = asked
        text = ":".join(f"eq({field},{space}{value})" for field, value in conditions)
        wanted = [job for job in everything if all(job[field] == value for field, value in conditions)]
        found: list[Any] = []
        for offset in range(0, len(wanted) + 1, limit):
            page = own.call(JOBS, query={"filter": text, "page[limit]": limit, "page[offset]": offset})
            own.expect(page.status == 200, f"the filter {text} is {page.status}", page, promise="E40")
            found += page.json["data"]
            total = page.json["meta"]["results"]["total"]
            words = f"{total} jobs are said to pass {text}, {len(wanted)} do"
            own.expect(total == len(wanted), words, page, promise="E54")
            current = own.send(Request("GET", page.json["links"]["current"], page.request.headers))
            same = current.json["data"] == page.json["data"]
            own.expect(same, "the link to this page loses its filter", page, current, promise="E48")
        words = f"{text} shows {len(found)} jobs, {len(wanted)} meet it"
        own.expect(found == wanted, words, page, promise="E36" if "job_type" in text else "E37")

    # A status that no job has, few among many, several at once: a few draws may miss them.
    some: list[tuple[str, str]]
    for some in ([("status", "complete")], [("job_type", TYPES[0])], [("job_type", TYPES[1]), ("status", "cancelled")]):
        examine((some, " ", 2))
    conditions = st.lists(statuses | types, min_size=1, max_size=3)
    context.search(st.tuples(conditions, st.sampled_from(["", " "]), st.sampled_from([2, 25])), examine)


@LAWS.law("E45", writes=False, needs=("promotionID",))
def a_malformed_filter_is_refused(context: Context) -> None:
    """Ten conditions are read; more, another operator, another field or no filter at all is the documented 400."""
    for text, promise in (
        ("eq(status,completed", "E45"),
        ("status=completed", "E45"),
        ("", "E45"),
        ("like(status,*completed*)", "E44"),
        ("eq(name,job)", "E46"),
        ("eq(job_type,code_delete)", "E46"),
        (":".join(["eq(status,failed)"] * 11), "E42"),
    ):
        exchange = context.call(JOBS, query={"filter": text})
        refused(context, exchange, 400, promise, detail="Could not parse the supplied filter", status=None)
    ten = context.call(JOBS, query={"filter": ":".join(["eq(status,failed)"] * 10)})
    context.expect(ten.status == 200, f"ten conditions are {ten.status}", ten, promise="E41")
