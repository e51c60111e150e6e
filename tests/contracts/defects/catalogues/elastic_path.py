"""Elastic Path: jobs generate, export and delete the codes of a promotion; jobs and codes are listed by pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from contracts.defects import behaviours as g
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Defect, Kind, Memory
from tests.contracts.defects import provider_behaviours as p

LIST, CREATE, CANCEL = "listPromotionJobs", "createPromotionJob", "cancelPromotionJob"
FILE, CSV, CODES, TOKEN = "getPromotionJobFile", "downloadPromotionCodes", "listPromotionCodes", "createAccessToken"
CREDENTIALS = {"authorization": "Bearer test-token"}
JOBS = "/data/*"
TOO_MANY_JOBS = p.json_answer(
    400,
    {
        "errors": [
            {
                "status": "400",
                "title": "Too many jobs",
                "detail": "Only 1 pending or processing job is allowed per promotion.",
            }
        ]
    },
)
NOT_CANCELLABLE = p.json_answer(
    422,
    {
        "errors": [
            {
                "status": "422",
                "title": "Unprocessable Entity",
                "detail": "Only pending or processing jobs can be cancelled",
            }
        ]
    },
)
NO_FILE = p.json_answer(
    422,
    {
        "errors": [
            {
                "status": "422",
                "title": "Unprocessable Entity",
                "detail": "Job has no file to download. Job status: completed",
            }
        ]
    },
)
HOUR = 3600


def in_state(*states: str) -> g.Edit:
    """Whether a job is in one of these states."""
    return lambda job: job.get("status") in states


def changed(**members: Any) -> g.Edit:
    """An object with other values of some members."""
    return lambda value: {**value, **members}


def unfinished(job: Any) -> Any:
    """A job made here that is completed, as it was before."""
    if job["status"] != "completed" or job["meta"]["timestamps"]["created_at"] < "2025":
        return job
    return {name: value for name, value in job.items() if name != "result"} | {"status": "processing"}


def generated(asked: Asked) -> int:
    """How many codes a request is to generate; 0 when it generates none."""
    data = asked.fields.get("data")
    parameters = data.get("parameters") if isinstance(data, dict) else None
    number = parameters.get("number_of_codes") if isinstance(parameters, dict) else None
    return number if isinstance(number, int) and data and data.get("job_type") == "code_generate" else 0


def filtered_page_only(asked: Asked, answer: Answer, memory: Memory) -> Answer:
    """Count all jobs, whatever the filter."""
    return answer.with_json(g.edited(answer.json, "/meta/results/total", lambda total: total + 1))


def first_condition(text: str) -> str:
    """The first of several conditions of a filter."""
    first, more, _ = text.partition("):")
    return f"{first})" if more else text


async def filter_after_paging(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Filter the page rather than the list: a page of a filtered list may hold fewer than there are."""
    answer = await ask(asked)
    size = asked.parameter("page[limit]")
    if asked.operation != LIST or not asked.parameter("filter") or answer.status != 200 or not size:
        return answer
    unfiltered = await ask(asked.with_parameter("filter", None))
    found = {job["id"] for job in answer.json["data"]}
    return answer.with_json({**answer.json, "data": [job for job in unfiltered.json["data"] if job["id"] in found]})


async def border_twice(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Begin a page with the last record of the one before."""
    offset = asked.parameter("page[offset]")
    if asked.operation in (LIST, CODES) and offset.isdecimal() and int(offset) > 0:
        before = await ask(asked.with_parameter("page[offset]", str(int(offset) - 1)))
        answer = await ask(asked)
        if answer.status == 200 and answer.json["data"] and before.status == 200:
            return answer.with_json({**answer.json, "data": before.json["data"][: len(answer.json["data"])]})
        return answer
    return await ask(asked)


async def cancelled_in_vain(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Accept the cancellation of a running job, and let it run."""
    if asked.operation != CANCEL:
        return await ask(asked)
    path = asked.path.rpartition("/jobs/")[0] + "/jobs"
    jobs = await ask(replace(asked, method="GET", path=path, query="", body=b"", operation=LIST))
    for job in (jobs.json or {}).get("data") or []:
        if job["id"] == asked.arguments["jobID"] and job["status"] == "processing":
            return p.json_answer(200, {"data": {**job, "status": "cancelling"}})
    return await ask(asked)


async def codes_outlive_their_job(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Keep the codes of a cancelled job."""
    if asked.operation == CANCEL:
        path = asked.path.rpartition("/jobs/")[0] + "/codes"
        before = await ask(replace(asked, method="GET", path=path, query="page[limit]=100", body=b"", operation=CODES))
        answer = await ask(asked)
        if answer.status == 200 and before.status == 200:
            memory[path] = before.json["data"]
        return answer
    answer = await ask(asked)
    if asked.operation != CODES or answer.status != 200:
        return answer
    there = {code["code"] for code in answer.json["data"]}
    kept = [code for code in memory.get(asked.path, ()) if code["code"] not in there]
    return answer.with_json({**answer.json, "data": [*answer.json["data"], *kept][:100]}) if kept else answer


def same_code(value: Any) -> Any:
    """Two codes of a promotion that are equal."""
    codes = value["data"]
    return {**value, "data": [*codes[:-1], {**codes[-1], "code": codes[0]["code"]}]} if len(codes) > 2 else value


async def jobs_of_all_promotions(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Look a job up by its id alone, whatever the promotion in the path."""
    answer = await ask(asked)
    if asked.operation == CREATE and answer.status == 201:
        memory[answer.json["data"]["id"]] = asked.arguments["promotionID"]
    owner = memory.get(asked.arguments.get("jobID"))
    if asked.operation not in (CANCEL, FILE) or answer.status != 404 or owner is None:
        return answer
    return await ask(replace(asked, path=asked.path.replace(asked.arguments["promotionID"], owner)))


async def one_job_at_all(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Allow one job at a time over all promotions."""
    answer = await ask(asked)
    if asked.operation != CREATE or answer.status != 201:
        return answer
    busy = memory.get("until", 0.0) > asked.at and memory["promotion"] != asked.arguments["promotionID"]
    if busy:
        return TOO_MANY_JOBS
    memory["until"], memory["promotion"] = asked.at + 7, asked.arguments["promotionID"]
    return answer


async def tokens_for_ever(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Never expire a token."""
    answer = await ask(asked)
    if asked.operation == TOKEN and answer.status == 200 and answer.json["identifier"] == "client_credentials":
        memory[f"Bearer {answer.json['access_token']}"] = True
    if answer.status == 401 and memory.get(asked.header("authorization")):
        return await ask(asked.with_header("authorization", CREDENTIALS["authorization"]))
    return answer


def opened_again(known: Callable[[Asked, str], bool]) -> Behaviour:
    """Give a file out whose address is refused, where `known` says so of the request and the query that was signed."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if asked.operation == FILE and answer.status == 200:
            parts = urlsplit(answer.json["href"])
            path = re.sub(r"^/~[^/]+", "", parts.path)
            file = await ask(replace(asked, path=path, query=parts.query, operation=CSV).with_header("accept", "*/*"))
            memory[path] = (parts.query, file)
        query, file = memory.get(asked.path, ("", answer))
        return file if asked.operation == CSV and answer.status == 403 and known(asked, query) else answer

    return behave


DEFECTS = (
    # Schema
    Defect(
        "error-shown-empty",
        Kind.SCHEMA,
        "A job without an error shows an empty one",
        p.members(JOBS, in_state("processing", "completed"), changed(error=""), LIST),
    ),
    Defect(
        "result-while-processing",
        Kind.SCHEMA,
        "A processing job shows its result so far",
        p.members(
            JOBS,
            lambda job: job["status"] == "processing" and job["job_type"] == "code_generate",
            changed(result={"generated": 0}),
            LIST,
        ),
    ),
    Defect(
        "name-null",
        Kind.SCHEMA,
        "A job without a name shows null",
        p.values(JOBS, lambda job: job if "name" in job else {**job, "name": None}, LIST),
    ),
    Defect(
        "deleted-null",
        Kind.SCHEMA,
        "A result that deleted nothing says null",
        p.values(f"{JOBS}/result", lambda result: {"deleted": None, **result}, LIST),
    ),
    Defect(
        "parameters-of-an-export",
        Kind.SCHEMA,
        "An export shows parameters",
        p.members(JOBS, lambda job: job["job_type"] == "code_export", changed(parameters={"number_of_codes": 1}), LIST),
    ),
    Defect(
        "timestamps-flat",
        Kind.SCHEMA,
        "Timestamps stand in meta itself",
        p.values(f"{JOBS}/meta", lambda meta: meta.get("timestamps", meta), LIST),
    ),
    Defect(
        "status-complete",
        Kind.SCHEMA,
        "The status is spelled complete, as in the filter's example",
        p.translated(f"{JOBS}/status", {"completed": "complete"}, LIST),
    ),
    Defect("generated-as-text", Kind.SCHEMA, "A count comes as text", p.as_text(f"{JOBS}/result/generated", LIST)),
    Defect(
        "file-wrapped",
        Kind.SCHEMA,
        "The address of a file is wrapped in data",
        g.bodies(lambda value: {"data": value}, FILE),
    ),
    Defect(
        "one-error-unlisted",
        Kind.SCHEMA,
        "One error comes without the list",
        g.bodies(lambda value: {"error": value["errors"][0]}, LIST, CANCEL, status="404"),
    ),
    Defect(
        "error-status-of-another",
        Kind.SCHEMA,
        "The status in an error is not that of the answer",
        p.values("/errors/*/status", lambda _: 400, CANCEL, FILE, status="404"),
    ),
    # Status
    Defect("created-as-ok", Kind.STATUS, "A new job is answered with 200", g.with_status(200, CREATE, status="201")),
    Defect("cancel-accepted", Kind.STATUS, "A cancellation is answered with 202", g.with_status(202, CANCEL)),
    Defect(
        "second-job-is-409",
        Kind.STATUS,
        "A second job is a conflict",
        g.with_status(409, CREATE, status="400", when=lambda asked: generated(asked) > 0),
    ),
    Defect("no-file-is-404", Kind.STATUS, "A job without a file is not found", g.with_status(404, FILE, status="422")),
    Defect(
        "unknown-promotion-is-empty",
        Kind.STATUS,
        "An unknown promotion has an empty list",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                200,
                {
                    "data": [],
                    "links": dict.fromkeys(("current", "first", "last", "prev", "next"), "http://127.0.0.1/"),
                    "meta": {"page": {"limit": 25, "offset": 0, "current": 1, "total": 0}, "results": {"total": 0}},
                },
            ),
            LIST,
            status="404",
        ),
    ),
    Defect(
        "missing-data-is-400",
        Kind.STATUS,
        "A body without data is 400",
        g.answers(
            lambda asked, answer, memory: p.json_answer(400, {"errors": [{"status": 400, "title": "Bad Request"}]}),
            CREATE,
            status="422",
        ),
    ),
    Defect(
        "refused-client-is-403",
        Kind.STATUS,
        "Wrong credentials are 403 at the login",
        g.with_status(403, TOKEN, status="401"),
    ),
    # Headers
    Defect(
        "refusal-as-html",
        Kind.HEADERS,
        "The gateway's 401 is a page",
        g.with_body(b"<html>401</html>", "text/html", CODES, status="401"),
    ),
    Defect(
        "csv-as-json",
        Kind.HEADERS,
        "The CSV comes as application/json",
        g.with_header("content-type", "application/json", CSV, status="200"),
    ),
    Defect(
        "list-as-text",
        Kind.HEADERS,
        "A list comes as text/plain",
        g.with_header("content-type", "text/plain", LIST, status="200"),
    ),
    Defect(
        "allow-missing", Kind.HEADERS, "405 does not say what is allowed", g.with_header("allow", None, status="405")
    ),
    # Life cycle
    Defect(
        "born-processing",
        Kind.LIFECYCLE,
        "A new job is processing at once",
        p.translated("/data/status", {"pending": "processing"}, CREATE),
    ),
    Defect(
        "completed-goes-back",
        Kind.LIFECYCLE,
        "A completed job is shown as processing by another replica",
        p.flapping(JOBS, unfinished, LIST),
    ),
    Defect("never-finishes", Kind.LIFECYCLE, "A job stays in processing", p.values(JOBS, unfinished, LIST)),
    Defect(
        "completed-cancelled",
        Kind.LIFECYCLE,
        "A completed job can be cancelled",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                200,
                {
                    "data": {
                        "type": "promotion_job",
                        "id": asked.arguments["jobID"],
                        "promotion_id": asked.arguments["promotionID"],
                        "job_type": "code_export",
                        "status": "cancelled",
                        "meta": {
                            "timestamps": {
                                "created_at": "2026-01-01T00:00:00.000Z",
                                "updated_at": "2026-01-01T00:00:00.000Z",
                            }
                        },
                    }
                },
            ),
            CANCEL,
            status="422",
        ),
    ),
    Defect("cancelled-in-vain", Kind.LIFECYCLE, "Cancelling is accepted, and the job runs on", cancelled_in_vain),
    Defect("cancel-refused", Kind.LIFECYCLE, "A running job cannot be cancelled", p.refusing(NOT_CANCELLABLE, CANCEL)),
    Defect(
        "cancelling-never-ends",
        Kind.LIFECYCLE,
        "A job stays in cancelling",
        p.translated(f"{JOBS}/status", {"cancelled": "cancelling"}, LIST),
    ),
    Defect(
        "queue-forgotten",
        Kind.LIFECYCLE,
        "A promotion runs as many jobs as are asked for",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                201,
                {
                    "data": {
                        "type": "promotion_job",
                        "id": "00000000-1111-4000-8000-000000000001",
                        "promotion_id": asked.arguments["promotionID"],
                        "status": "pending",
                        **{
                            name: value
                            for name, value in asked.json["data"].items()
                            if name in ("job_type", "name", "parameters")
                        },
                        "meta": {
                            "timestamps": {
                                "created_at": "2026-01-01T00:00:00.000Z",
                                "updated_at": "2026-01-01T00:00:00.000Z",
                            }
                        },
                    }
                },
            ),
            CREATE,
            status="400",
            when=lambda asked: 0 < generated(asked) <= 1000,
        ),
    ),
    # Counts
    Defect(
        "one-code-less",
        Kind.COUNTS,
        "A job generates one code less than was asked for",
        p.sent_values(
            "/data/parameters/number_of_codes",
            lambda number: number - 1 if isinstance(number, int) and number > 1 else number,
            CREATE,
        ),
    ),
    Defect(
        "result-counts-wrong",
        Kind.COUNTS,
        "The result counts one code more than there is",
        p.added(f"{JOBS}/result/generated", 1, LIST),
    ),
    Defect(
        "result-of-nothing",
        Kind.COUNTS,
        "A completed job says that it generated nothing",
        p.members(f"{JOBS}/result", lambda result: "deleted" not in result, changed(generated=0), LIST),
    ),
    Defect("codes-outlive-their-job", Kind.COUNTS, "A cancelled job leaves its codes", codes_outlive_their_job),
    Defect("code-twice", Kind.COUNTS, "Two codes are equal", g.bodies(same_code, CODES)),
    Defect(
        "code-without-prefix",
        Kind.COUNTS,
        "The prefix is forgotten",
        p.sent_values("/data/parameters/code_prefix", lambda _: g.GONE, CREATE),
    ),
    Defect(
        "code-too-short",
        Kind.COUNTS,
        "Codes have eight characters, whatever is asked for",
        p.values("/data/*/code", lambda code: code[:-3], CODES),
    ),
    Defect(
        "uses-unlimited",
        Kind.COUNTS,
        "Codes can be used without limit",
        p.values(
            "/data/*",
            lambda code: {name: value for name, value in code.items() if name not in ("uses", "max_uses")},
            CODES,
        ),
    ),
    # Time
    Defect(
        "updated-before-created",
        Kind.TIME,
        "Two servers' clocks differ: a job was updated before it was created",
        p.shifted(f"{JOBS}/meta/timestamps/updated_at", -86400, LIST),
    ),
    Defect(
        "created-moves",
        Kind.TIME,
        "created_at is the time of the last change",
        p.moving(f"{JOBS}/meta/timestamps/created_at", LIST),
    ),
    Defect(
        "seconds-only",
        Kind.TIME,
        "Timestamps have no fraction",
        p.values(f"{JOBS}/meta/timestamps/updated_at", lambda at: f"{at[:19]}Z", LIST),
    ),
    Defect(
        "expires-in-the-past", Kind.TIME, "The time of expiry lacks the hour of life", p.added("/expires", -HOUR, TOKEN)
    ),
    # Paging
    Defect(
        "total-one-more",
        Kind.PAGING,
        "meta.results.total counts a deleted record",
        p.added("/meta/results/total", 1, LIST, CODES),
    ),
    Defect(
        "pages-rounded-down",
        Kind.PAGING,
        "The number of pages counts full ones only",
        p.values(
            "/meta",
            lambda meta: {**meta, "page": {**meta["page"], "total": meta["results"]["total"] // meta["page"]["limit"]}},
            LIST,
            CODES,
        ),
    ),
    Defect("offset-ignored", Kind.PAGING, "Every page is the first", g.deaf_to_parameter("page[offset]", LIST, CODES)),
    Defect(
        "offset-in-pages",
        Kind.PAGING,
        "The offset counts pages",
        g.reading_parameter(
            "page[offset]",
            lambda offset: str(int(offset) * 25) if offset.isdecimal() and len(offset) < 4 else offset,
            LIST,
            CODES,
        ),
    ),
    Defect(
        "limit-ignored", Kind.PAGING, "Every page has up to 25 records", g.deaf_to_parameter("page[limit]", LIST, CODES)
    ),
    Defect(
        "record-twice-at-the-border",
        Kind.PAGING,
        "The last record of a page is also the first of the next",
        border_twice,
    ),
    Defect(
        "next-is-current",
        Kind.PAGING,
        "The next page is this one",
        p.values("/links", lambda links: {**links, "next": links["current"]}, LIST, CODES),
    ),
    Defect(
        "largest-page-fails",
        Kind.PAGING,
        "A page of 100 makes the server fail",
        g.failing(lambda asked, memory: asked.parameter("page[limit]") == "100", LIST, CODES),
    ),
    Defect(
        "oldest-first", Kind.PAGING, "Jobs are listed oldest first", p.values("/data", lambda jobs: jobs[::-1], LIST)
    ),
    # Filters
    Defect("filter-ignored", Kind.FILTERS, "The filter is not looked at", g.deaf_to_parameter("filter", LIST)),
    Defect(
        "one-condition-only",
        Kind.FILTERS,
        "Only the first of several conditions holds",
        g.reading_parameter("filter", first_condition, LIST),
    ),
    Defect("filter-after-paging", Kind.FILTERS, "A page is filtered, not the list", filter_after_paging),
    Defect(
        "complete-is-completed",
        Kind.FILTERS,
        "The filter takes complete for completed",
        g.reading_parameter("filter", lambda text: text.replace("complete)", "completed)"), LIST),
    ),
    Defect(
        "spaces-count",
        Kind.FILTERS,
        "A space in a filter is part of the value",
        g.reading_parameter("filter", lambda text: text.replace(", ", ",x") if "status" in text else text, LIST),
    ),
    Defect(
        "filtered-total-of-all",
        Kind.FILTERS,
        "The total of a filtered list counts more than passes",
        g.answers(filtered_page_only, LIST, when=lambda asked: bool(asked.parameter("filter"))),
    ),
    # Tenancy
    Defect("jobs-of-all-promotions", Kind.TENANCY, "A job is found under another promotion", jobs_of_all_promotions),
    Defect("one-job-at-all", Kind.TENANCY, "A job of one promotion keeps another one waiting", one_job_at_all),
    # Auth
    Defect(
        "implicit-token-accepted",
        Kind.AUTH,
        "A token of the implicit grant opens promotions",
        p.opened(CREDENTIALS, status="403", when=lambda asked: asked.operation != CSV),
    ),
    Defect("expired-token-accepted", Kind.AUTH, "A token is good for ever", tokens_for_ever),
    Defect(
        "read-without-token",
        Kind.AUTH,
        "Codes can be listed without a token",
        p.opened(CREDENTIALS, CODES, when=lambda asked: not asked.header("authorization")),
    ),
    Defect("cancel-with-any-token", Kind.AUTH, "Cancelling does not check the token", p.opened(CREDENTIALS, CANCEL)),
    Defect(
        "any-secret",
        Kind.AUTH,
        "The secret is not checked",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                200,
                {
                    "access_token": "test-token",
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "expires": 1767229200,
                    "identifier": "client_credentials",
                },
            ),
            TOKEN,
            status="401",
        ),
    ),
    # Limits
    Defect(
        "thousand-refused",
        Kind.LIMITS,
        "Exactly 1,000 codes are too many",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                400, {"errors": [{"status": 400, "title": "Too many promotion codes"}]}
            ),
            CREATE,
            status="201",
            when=lambda asked: generated(asked) == 1000,
        ),
    ),
    Defect(
        "more-than-thousand-taken",
        Kind.LIMITS,
        "1,001 codes are taken, and 1,000 are generated",
        p.sent_values(
            "/data/parameters/number_of_codes",
            lambda number: min(number, 1000) if isinstance(number, int) else number,
            CREATE,
        ),
    ),
    Defect(
        "longest-name-fails",
        Kind.LIMITS,
        "A name of 50 characters makes the server fail",
        g.failing(
            lambda asked, memory: (
                isinstance(asked.fields.get("data"), dict) and len(str(asked.fields["data"].get("name", ""))) == 50
            ),
            CREATE,
        ),
    ),
    # Files
    Defect("csv-without-last-line", Kind.FILES, "The CSV lacks its last code", p.lines(lambda some: some[:-1], CSV)),
    Defect("csv-header-missing", Kind.FILES, "The CSV begins with the codes", p.lines(lambda some: some[1:], CSV)),
    Defect("csv-in-upper-case", Kind.FILES, "Codes are in upper case in the CSV", p.column(0, str.upper, CSV)),
    Defect(
        "csv-unsigned",
        Kind.FILES,
        "The signature of an address is not checked",
        opened_again(lambda asked, query: asked.query != query),
    ),
    Defect(
        "csv-for-ever",
        Kind.FILES,
        "A signed address never expires",
        opened_again(lambda asked, query: asked.query == query),
    ),
    Defect("file-refused", Kind.FILES, "The file of a completed export is not there", p.refusing(NO_FILE, FILE)),
    Defect(
        "file-of-a-running-job",
        Kind.FILES,
        "An export that is not finished has an address",
        g.answers(
            lambda asked, answer, memory: p.json_answer(200, {"href": "http://127.0.0.1/x.csv?Expires=1&Signature=x"}),
            FILE,
            status="422",
        ),
    ),
    # Leaks
    Defect("stale-list", Kind.LEAKS, "A list shows what was to be seen one read before", g.stale(LIST)),
    Defect("one-in-thirty-fails", Kind.LEAKS, "One request in thirty meets an instance that is down", g.hiccup(30)),
    Defect("worn-out", Kind.LEAKS, "After 25 requests every one fails until the restart", g.worn_out(25)),
    Defect("id-repeats", Kind.LEAKS, "The third job has the id of the first", p.same_id("/data/id", 2, CREATE)),
)
