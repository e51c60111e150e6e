"""Thanx: a job issues rewards to many identifiers; campaigns are listed by pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contracts.defects import behaviours as g
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Defect, Kind, Memory
from tests.contracts.defects import provider_behaviours as p

ISSUE, GET, REVOKE, LIST, CAMPAIGN = (
    "issueRewards",
    "getIssuanceJob",
    "revokeIssuanceJob",
    "listCampaigns",
    "getCampaign",
)
JOB = "/issuance_job"
KEY = "x-idempotency-key"
CREDENTIALS = {"authorization": "Bearer test-token", "x-clientid": "test-client"}
MISMATCH = p.json_answer(
    422, {"error": {"code": "BAD_REQUEST", "message": "This idempotency key was used with a different request body."}}
)
NOT_FINISHED = p.json_answer(422, {"error": {"code": "BAD_REQUEST", "message": "This issuance job is not finished."}})
DAY = 86400


def in_state(*states: str) -> g.Edit:
    """Whether a job is in one of these states."""
    return lambda job: job["state"] in states


def changed(**members: Any) -> g.Edit:
    """An object with other values of some members."""
    return lambda value: {**value, **members}


def unfinished(job: Any) -> Any:
    """A completed job as it was before."""
    if job["state"] != "completed":
        return job
    rest = {name: value for name, value in job.items() if name != "summary"}
    return {**rest, "state": "processing", "completed_at": None}


def key_of(asked: Asked) -> str:
    return asked.header(KEY)


def without_key(asked: Asked) -> Asked:
    return asked.with_header(KEY, None)


def merchant_of(asked: Asked) -> str:
    return asked.parameter("merchant_id") or str(asked.fields.get("merchant_id", ""))


def as_merchant(asked: Asked, merchant: str) -> Asked:
    """The same request of another merchant."""
    if asked.method == "GET":
        return asked.with_parameter("merchant_id", merchant)
    return asked.with_json({**asked.fields, "merchant_id": merchant})


def open_to_everybody(*operations: str) -> Behaviour:
    """Look a job up by its id alone, whoever asks."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if asked.operation == ISSUE and answer.status == 202:
            memory[answer.json["issuance_job"]["id"]] = merchant_of(asked)
        owner = memory.get(asked.arguments.get("id"))
        if asked.operation in operations and answer.status == 404 and owner:
            return await ask(as_merchant(asked, owner))
        return answer

    return behave


async def replay_of_the_present(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Answer a repeated key with the job as it is now."""
    answer = await ask(asked)
    if asked.operation != ISSUE or not key_of(asked) or answer.status != 202:
        return answer
    job = answer.json["issuance_job"]["id"]
    look = replace(
        asked,
        method="GET",
        path=f"/partner/issuance_jobs/{job}",
        query=f"merchant_id={merchant_of(asked)}",
        body=b"",
        operation=GET,
    )
    return replace(await ask(look), status=202)


async def keys_kept_for_a_day(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Forget a key after 24 hours."""
    if asked.operation == ISSUE and key_of(asked):
        first = memory.setdefault(("first", key_of(asked)), asked.at)
        if asked.at - first > DAY:
            return await ask(without_key(asked))
    return await ask(asked)


async def keys_taken_by_refusals(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Remember the refusal of a key as well."""
    if asked.operation != ISSUE or not key_of(asked):
        return await ask(asked)
    known = memory.get(("answer", key_of(asked)))
    if known is not None and known.status >= 400:
        return known if isinstance(known, Answer) else await ask(asked)
    answer = await ask(asked)
    memory.setdefault(("answer", key_of(asked)), answer)
    return answer


async def revoked_while_running(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Accept a revocation at any time."""
    answer = await ask(asked)
    if asked.operation == ISSUE and answer.status == 202:
        memory[answer.json["issuance_job"]["id"]] = answer.json["issuance_job"]
    job = memory.get(asked.arguments.get("id"))
    if asked.operation != REVOKE or answer.status != 422 or job is None:
        return answer
    instant = job["created_at"]
    return p.json_answer(
        202, {"issuance_job": {**job, "state": "revoking", "started_at": instant, "completed_at": instant}}
    )


async def revoked_in_vain(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Accept a revocation, and forget it."""
    if asked.operation == REVOKE:
        look = replace(
            asked,
            method="GET",
            path=asked.path.removesuffix("/revoke"),
            query=f"merchant_id={merchant_of(asked)}",
            body=b"",
            operation=GET,
        )
        answer = await ask(look)
        job = (answer.json or {}).get("issuance_job", {})
        if job.get("state") in ("completed", "failed"):
            job.pop("summary", None)
            return p.json_answer(202, {"issuance_job": {**job, "state": "revoking"}})
    return await ask(asked)


def forgetting(jobs: int) -> Behaviour:
    """Keep so many jobs; older ones are gone."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        kept = memory.setdefault("kept", [])
        gone = memory.setdefault("gone", set())
        if asked.arguments.get("id") in gone and asked.operation in (GET, REVOKE):
            return await ask(replace(asked, path=asked.path.replace(asked.arguments["id"], "gone")))
        answer = await ask(asked)
        if asked.operation == ISSUE and answer.status == 202:
            kept.append(answer.json["issuance_job"]["id"])
            gone.update(kept[:-jobs])
        return answer

    return behave


async def counts_of_the_neighbour(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A cache whose key has only the last digits of an id: after many jobs one shows another's counts."""
    answer = await ask(asked)
    if asked.operation == ISSUE and answer.status == 202:
        memory.setdefault("totals", []).append(answer.json["issuance_job"]["total_count"])
    totals = memory.get("totals", [])
    if asked.operation != GET or answer.status != 200 or len(totals) <= 16:
        return answer
    return answer.with_json(g.edited(answer.json, f"{JOB}/total_count", lambda value: totals[-1]))


def identifiers(asked: Asked) -> list[Any]:
    sent = asked.fields.get("identifiers")
    return sent if isinstance(sent, list) else []


async def ended_campaigns_listed(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """List campaigns that are over as well."""
    answer = await ask(asked)
    if asked.operation != LIST or answer.status != 200 or not answer.json["campaigns"]:
        return answer
    ended = await ask(replace(asked, path="/partner/campaigns/camp_ended1", query="", operation=CAMPAIGN))
    value = answer.json
    value["campaigns"] = [*value["campaigns"], ended.json["campaign"]][:100]
    return answer.with_json(value)


async def campaigns_of_all_merchants(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """List the campaigns of another merchant as well."""
    answer = await ask(asked)
    if asked.operation != LIST or answer.status != 200:
        return answer
    other = await ask(as_merchant(asked, "0therm3rch4nt000"))
    value = answer.json
    value["campaigns"] = [*value["campaigns"], *other.json["campaigns"]][:100]
    return answer.with_json(value)


async def border_twice(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Begin a page with the last campaign of the one before."""
    answer = await ask(asked)
    number = asked.parameter("page")
    if asked.operation != LIST or answer.status != 200 or not number.isdecimal() or int(number) < 2:
        return answer
    before = await ask(asked.with_parameter("page", str(int(number) - 1)))
    value = answer.json
    if value["campaigns"] and before.json["campaigns"]:
        value["campaigns"] = [before.json["campaigns"][-1], *value["campaigns"][:-1]]
    return answer.with_json(value)


async def total_rounded_down(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Count full pages only."""
    answer = await ask(asked)
    if asked.operation != LIST or answer.status != 200 or answer.json["pagination"]["total_pages"] < 2:
        return answer
    said = answer.json["pagination"]
    last = await ask(asked.with_parameter("page", str(said["total_pages"])))
    full = len(last.json["campaigns"]) == said["per_page"]
    return answer if full else answer.with_json(g.edited(answer.json, "/pagination/total_pages", lambda old: old - 1))


def last_page_short(value: Any) -> Any:
    """Lose the last campaign of the last page."""
    said = value["pagination"]
    if said["total_pages"] > 1 and said["current_page"] == said["total_pages"]:
        value["campaigns"] = value["campaigns"][:-1]
    return value


DEFECTS = (
    # Schema
    Defect(
        "property-renamed",
        Kind.SCHEMA,
        "A release writes one property in another style",
        p.renamed(f"{JOB}/campaign_id", "campaignId", GET),
    ),
    Defect(
        "null-left-out",
        Kind.SCHEMA,
        "The serializer leaves null properties out",
        p.left_out_when_null(f"{JOB}/started_at", GET, ISSUE),
    ),
    Defect("number-as-text", Kind.SCHEMA, "A count comes as text", p.as_text(f"{JOB}/total_count", GET)),
    Defect("envelope-lost", Kind.SCHEMA, "A job comes without its envelope", p.unwrapped("issuance_job", GET)),
    Defect(
        "summary-early",
        Kind.SCHEMA,
        "The summary is there while the job is processing",
        p.members(JOB, in_state("processing"), changed(summary={"success_count": 0, "failure_count": 0}), GET),
    ),
    Defect(
        "campaign-without-variants",
        Kind.SCHEMA,
        "A campaign whose variants were archived has none",
        p.values("/campaign/variants", lambda _: [], CAMPAIGN),
    ),
    Defect(
        "template-id-missing",
        Kind.SCHEMA,
        "A control variant has no template id instead of null",
        p.left_out_when_null("/campaigns/*/variants/*/reward_template_id", LIST),
    ),
    Defect(
        "error-envelope-lost",
        Kind.SCHEMA,
        "Errors of one service come as plain text in JSON",
        g.bodies(lambda value: {"message": value["error"]["message"]}, GET, status="404"),
    ),
    Defect(
        "error-code-reworded",
        Kind.SCHEMA,
        "The static code of an error is reworded",
        p.values("/error/code", lambda _: "NOT_FOUND", status="404"),
    ),
    # Status
    Defect("accepted-as-ok", Kind.STATUS, "Issuing answers 200 instead of 202", g.with_status(200, ISSUE)),
    Defect("created-not-accepted", Kind.STATUS, "Revoking answers 201 instead of 202", g.with_status(201, REVOKE)),
    Defect(
        "unknown-job-is-422",
        Kind.STATUS,
        "An unknown job is unprocessable instead of not found",
        g.with_status(422, REVOKE, status="404"),
    ),
    Defect(
        "unknown-job-is-400",
        Kind.STATUS,
        "An unknown job is a bad request instead of not found",
        g.with_status(400, GET, status="404"),
    ),
    Defect(
        "malformed-is-500",
        Kind.STATUS,
        "A malformed body makes the server fail",
        g.with_status(500, ISSUE, status="400"),
    ),
    Defect(
        "mismatch-is-409",
        Kind.STATUS,
        "A reused key is a conflict instead of unprocessable",
        g.with_status(409, ISSUE, status="422"),
    ),
    # Headers
    Defect(
        "refusal-as-html",
        Kind.HEADERS,
        "The gateway's 401 is a page",
        g.with_body(b"<html>401 Authorization Required</html>", "text/html", GET, status="401"),
    ),
    Defect(
        "media-type-missing",
        Kind.HEADERS,
        "A list comes without Content-Type",
        g.with_header("content-type", None, LIST, status="200"),
    ),
    Defect(
        "json-as-text",
        Kind.HEADERS,
        "A job comes as text/plain",
        g.with_header("content-type", "text/plain; charset=utf-8", GET, status="200"),
    ),
    Defect(
        "allow-missing", Kind.HEADERS, "405 does not say what is allowed", g.with_header("allow", None, status="405")
    ),
    # Life cycle
    Defect(
        "born-processing",
        Kind.LIFECYCLE,
        "A new job is processing at once",
        p.members(
            JOB, in_state("pending"), lambda job: {**job, "state": "processing", "started_at": job["created_at"]}, ISSUE
        ),
    ),
    Defect(
        "state-goes-back",
        Kind.LIFECYCLE,
        "A worker that restarts shows a finished job as processing again",
        p.flapping(JOB, unfinished, GET),
    ),
    Defect(
        "never-finishes",
        Kind.LIFECYCLE,
        "The last message is lost: a job stays in processing",
        p.values(JOB, unfinished, GET),
    ),
    Defect("revoked-while-running", Kind.LIFECYCLE, "An unfinished job can be revoked", revoked_while_running),
    Defect("revoked-in-vain", Kind.LIFECYCLE, "Revoking is accepted and never done", revoked_in_vain),
    Defect(
        "revoking-never-ends",
        Kind.LIFECYCLE,
        "A job stays in revoking",
        p.translated(f"{JOB}/state", {"revoked": "revoking"}, GET),
    ),
    Defect(
        "revoked-back-to-completed",
        Kind.LIFECYCLE,
        "A revoked job is shown as completed, as before",
        p.members(
            JOB,
            in_state("revoked"),
            lambda job: (
                {**job, "state": "completed", "summary": {"success_count": job["success_count"], "failure_count": 0}}
                if not job["failure_count"]
                else job
            ),
            GET,
        ),
    ),
    Defect(
        "completed-cannot-be-revoked",
        Kind.LIFECYCLE,
        "Revoking a finished job is refused",
        p.refusing(NOT_FINISHED, REVOKE),
    ),
    # Counts
    Defect(
        "one-too-many-processed",
        Kind.COUNTS,
        "The count of processed identifiers is one ahead",
        p.members(JOB, in_state("processing"), lambda job: {**job, "processed_count": job["processed_count"] + 1}, GET),
    ),
    Defect(
        "failures-count-as-successes",
        Kind.COUNTS,
        "Every processed identifier counts as a success",
        p.members(JOB, g.always, lambda job: {**job, "success_count": job["processed_count"]}, GET),
    ),
    Defect(
        "percent-as-fraction",
        Kind.COUNTS,
        "Progress is a share of one, not of a hundred",
        p.values(f"{JOB}/progress_percent", lambda value: int(value / 100), GET),
    ),
    Defect(
        "percent-rounded-up",
        Kind.COUNTS,
        "Progress is rounded up",
        p.members(
            JOB,
            in_state("processing"),
            lambda job: {**job, "progress_percent": -(-100 * job["processed_count"] // job["total_count"])},
            GET,
        ),
    ),
    Defect(
        "summary-disagrees",
        Kind.COUNTS,
        "The summary counts retries, the job does not",
        p.added(f"{JOB}/summary/success_count", 1, GET),
    ),
    Defect(
        "index-from-one",
        Kind.COUNTS,
        "Failed identifiers are counted from 1",
        p.added(f"{JOB}/summary/failures/*/identifier_index", 1, GET),
    ),
    Defect(
        "failure-not-listed",
        Kind.COUNTS,
        "The list of failures ends one too early",
        p.values(f"{JOB}/summary/failures", lambda value: value[:-1] if len(value) > 1 else value, GET),
    ),
    Defect(
        "failure-of-wrong-type",
        Kind.COUNTS,
        "Every failed identifier is called an email address",
        p.values(f"{JOB}/summary/failures/*/identifier_type", lambda _: "email", GET),
    ),
    Defect(
        "duplicates-dropped",
        Kind.COUNTS,
        "A repeated identifier is counted once",
        p.sent_values(
            "/identifiers",
            lambda some: (
                [one for place, one in enumerate(some) if one not in some[:place]] if isinstance(some, list) else some
            ),
            ISSUE,
        ),
    ),
    Defect(
        "counts-lost-when-revoked",
        Kind.COUNTS,
        "Revoking sets the successes to 0",
        p.members(
            JOB,
            in_state("revoked"),
            lambda job: {**job, "failure_count": job["processed_count"], "success_count": 0},
            GET,
        ),
    ),
    # Time
    Defect("finished-now", Kind.TIME, "completed_at is the time of the look", p.moving(f"{JOB}/completed_at", GET)),
    Defect(
        "started-before-created",
        Kind.TIME,
        "Two servers' clocks differ: a job starts before it was created",
        p.shifted(f"{JOB}/started_at", -3600, GET),
    ),
    Defect(
        "no-time-zone",
        Kind.TIME,
        "Instants come without a time zone",
        p.values(f"{JOB}/created_at", lambda value: value.removesuffix("Z"), GET, ISSUE),
    ),
    Defect("created-moves", Kind.TIME, "created_at is the row's last change", p.moving(f"{JOB}/created_at", GET)),
    Defect(
        "finished-early",
        Kind.TIME,
        "completed_at is set while the job is processing",
        p.members(JOB, in_state("processing"), lambda job: {**job, "completed_at": job["started_at"]}, GET),
    ),
    Defect(
        "campaign-ends-before-it-starts",
        Kind.TIME,
        "start_at is in local time, end_at is not",
        p.values("/campaigns/*/start_at", lambda _: "2099-01-01T00:00:00Z", LIST),
    ),
    # Idempotency
    Defect("key-ignored", Kind.IDEMPOTENCY, "The idempotency key is not looked at", g.deaf_to_header(KEY, ISSUE)),
    Defect(
        "key-of-any-body",
        Kind.IDEMPOTENCY,
        "A known key gets its answer, whatever the body",
        p.blind_to_bodies(key_of, 422, ISSUE),
    ),
    Defect(
        "key-by-bytes",
        Kind.IDEMPOTENCY,
        "The same body with its properties in another order is another one",
        p.byte_wise(key_of, MISMATCH, ISSUE),
    ),
    Defect(
        "key-race",
        Kind.IDEMPOTENCY,
        "Two requests with one key at the same time are both carried out",
        p.racing(key_of, without_key, ISSUE),
    ),
    Defect(
        "key-cut",
        Kind.IDEMPOTENCY,
        "Keys are stored with 64 characters",
        g.requests(lambda asked: asked.with_header(KEY, key_of(asked)[:64]) if key_of(asked) else asked, ISSUE),
    ),
    Defect(
        "key-without-case",
        Kind.IDEMPOTENCY,
        "Keys are compared without their case",
        g.requests(lambda asked: asked.with_header(KEY, key_of(asked).lower()) if key_of(asked) else asked, ISSUE),
    ),
    Defect("key-kept-for-a-day", Kind.IDEMPOTENCY, "A key is forgotten after 24 hours", keys_kept_for_a_day),
    Defect("key-taken-by-refusal", Kind.IDEMPOTENCY, "A refused request takes its key", keys_taken_by_refusals),
    Defect("key-gets-the-present", Kind.IDEMPOTENCY, "A repeated key gets the job as it is now", replay_of_the_present),
    Defect(
        "empty-key-is-a-key",
        Kind.IDEMPOTENCY,
        "An empty key is a key like others",
        g.requests(lambda asked: asked.with_header(KEY, "empty") if asked.headers.get(KEY) == "" else asked, ISSUE),
    ),
    # Paging
    Defect("total-pages-one-short", Kind.PAGING, "total_pages is rounded down", total_rounded_down),
    Defect("page-ignored", Kind.PAGING, "Every page is the first", g.deaf_to_parameter("page", LIST)),
    Defect(
        "page-from-zero",
        Kind.PAGING,
        "Pages are counted from 0",
        g.reading_parameter("page", lambda page: str(int(page) + 1) if page.isdecimal() else page, LIST),
    ),
    Defect(
        "item-twice-at-the-border",
        Kind.PAGING,
        "The last campaign of a page is also the first of the next",
        border_twice,
    ),
    Defect("last-item-lost", Kind.PAGING, "The last page lacks its last campaign", g.bodies(last_page_short, LIST)),
    Defect(
        "default-size-twenty",
        Kind.PAGING,
        "A page has 20 campaigns unless said",
        p.assuming_parameter("per_page", "20", LIST),
    ),
    Defect(
        "largest-page-fails",
        Kind.PAGING,
        "A page of 100 makes the server fail",
        g.failing(lambda asked, memory: asked.parameter("per_page") == "100", LIST),
    ),
    # Filters
    Defect("ended-campaigns-listed", Kind.FILTERS, "Campaigns that are over are listed", ended_campaigns_listed),
    # Tenancy
    Defect("jobs-open-to-merchants", Kind.TENANCY, "A job is found by its id, whoever asks", open_to_everybody(GET)),
    Defect("revoke-open-to-merchants", Kind.TENANCY, "Another merchant can revoke a job", open_to_everybody(REVOKE)),
    Defect(
        "lists-of-all-merchants", Kind.TENANCY, "A list shows another merchant's campaigns", campaigns_of_all_merchants
    ),
    Defect(
        "any-variant",
        Kind.TENANCY,
        "The variant of another campaign is taken",
        p.sent_values("/variant_id", lambda _: "var_treat1", ISSUE),
    ),
    # Auth
    Defect(
        "expired-token-accepted",
        Kind.AUTH,
        "The expiry of a token is not checked",
        p.opened(CREDENTIALS, when=lambda asked: "expired" in asked.header("authorization")),
    ),
    Defect(
        "scope-ignored", Kind.AUTH, "One operation does not check the scope", p.opened(CREDENTIALS, GET, status="403")
    ),
    Defect(
        "client-not-checked",
        Kind.AUTH,
        "The client id is not needed",
        p.opened({"x-clientid": "test-client"}, LIST, status="401"),
    ),
    Defect(
        "read-without-token",
        Kind.AUTH,
        "A campaign can be read without credentials",
        p.opened(CREDENTIALS, CAMPAIGN, when=lambda asked: not asked.header("authorization")),
    ),
    Defect(
        "refused-before-found",
        Kind.AUTH,
        "Missing credentials are 403 instead of 401",
        g.with_status(403, status="401"),
    ),
    # Limits
    Defect(
        "ten-thousand-refused",
        Kind.LIMITS,
        "Exactly 10,000 identifiers are too many",
        g.failing(lambda asked, memory: len(identifiers(asked)) == 10_000, ISSUE, status=413),
    ),
    Defect(
        "more-than-ten-thousand-taken",
        Kind.LIMITS,
        "More than 10,000 identifiers are taken, and cut off",
        p.sent_values("/identifiers", lambda some: some[:10_000] if isinstance(some, list) else some, ISSUE),
    ),
    Defect(
        "six-identifiers-fail",
        Kind.LIMITS,
        "A batch of more than five identifiers makes a worker fail",
        g.failing(lambda asked, memory: len(identifiers(asked)) > 5, ISSUE),
    ),
    # Leaks
    Defect(
        "thirty-third-id-repeats", Kind.LEAKS, "The 33rd job has the id of the first", p.same_id(f"{JOB}/id", 32, ISSUE)
    ),
    Defect("old-jobs-forgotten", Kind.LEAKS, "Only the last 24 jobs can be read", forgetting(24)),
    Defect(
        "counts-of-the-neighbour", Kind.LEAKS, "After 16 jobs one shows the counts of another", counts_of_the_neighbour
    ),
    Defect("stale-reads", Kind.LEAKS, "A read shows what was to be seen one read before", g.stale(GET)),
    Defect("one-in-fifty-fails", Kind.LEAKS, "One request in fifty meets an instance that is down", g.hiccup(50)),
    Defect("worn-out", Kind.LEAKS, "After 40 requests every one fails until the restart", g.worn_out(40)),
)
