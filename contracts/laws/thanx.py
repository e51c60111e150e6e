"""What holds for Thanx across several requests; the numbers are those of `specs/thanx/facts.md`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from contracts.laws.context import Context
from contracts.laws.jobs import Driver, JobKind, drivers
from contracts.laws.law import Laws, Limit
from contracts.laws.snapshots import Snapshot
from contracts.target.exchange import Exchange

ISSUE, GET, REVOKE = "issueRewards", "getIssuanceJob", "revokeIssuanceJob"
LIST, CAMPAIGN = "listCampaigns", "getCampaign"
ISSUING = ("merchant_id", "campaign_id", "variant_id", "registered")
KEY = "X-Idempotency-Key"
DAY = 86400.0


def identifier(value: str) -> dict[str, str]:
    """An identifier of a request: a phone number begins with a plus."""
    return {"type": "phone" if value.startswith("+") else "email", "value": value}


def known(context: Context) -> list[str]:
    """Identifiers to issue to: registered ones where the target names them, otherwise the contract's examples."""
    values = context.data.get("registered")
    return list(values) if values else ["jane.smith@example.com"]


def bodies(context: Context) -> st.SearchStrategy[Any]:
    """Bodies that the target accepts: known and unknown identifiers, in any order, repeated or not."""
    values = [*known(context), *context.data.get("unregistered", ())]
    return st.lists(st.sampled_from(values), min_size=1, max_size=7).map(lambda some: body(context, some))


def body(context: Context, values: list[str], **changes: Any) -> dict[str, Any]:
    """A request to issue to these identifiers."""
    sample = context.client.sample(context.subject.operation(ISSUE))
    return {**sample, "identifiers": [identifier(value) for value in values], **changes}


LAWS = Laws(
    uses={"getCampaign.id": "campaign_id", "getIssuanceJob.id": "job_id", "revokeIssuanceJob.id": "job_id"},
    jobs={"IssuanceJob": JobKind(ISSUE, bodies, lambda sent: len(sent["identifiers"]))},
    limit=Limit("T109", 5, 1),
)


def driver_of(context: Context) -> Driver:
    """Drives issuance jobs in an untouched session."""
    return drivers(context, LAWS.jobs)[0].renewed()


def issue(context: Context, values: list[str] | None = None, key: str | None = None, **changes: Any) -> Exchange:
    """Issue to some known identifiers; the key is sent when there is one."""
    headers = {} if key is None else {KEY: key}
    return context.call(ISSUE, body=body(context, values or known(context)[:1], **changes), headers=headers)


def job_of(context: Context, exchange: Exchange) -> dict[str, Any]:
    """The job in an answer; an answer without one breaks the law."""
    value = exchange.json.get("issuance_job") if exchange.status < 300 else None
    context.expect(isinstance(value, dict), f"{exchange.status} without a job", exchange)
    return dict(value or {})


def finished(context: Context, values: list[str]) -> tuple[Driver, Exchange, list[Snapshot]]:
    """A job that has come to rest, with every look at it."""
    driver = driver_of(context)
    submitted, job = driver.submit(body(context, values))
    context.expect(job is not None, f"{submitted.status} instead of a job", submitted)
    assert job is not None
    return driver, submitted, driver.until_rest(submitted, job)


# Idempotency


@LAWS.law("T20", needs=ISSUING)
def same_key_and_body_get_the_first_answer(context: Context) -> None:
    """The same key and body get the first answer, and start no second job."""

    def examine(key: str) -> None:
        own = context.fresh()
        key = f"{key}-{context.seed}" if context.control is None else key
        first, again = issue(own, key=key), issue(own, key=key)
        own.expect(first.status == again.status, f"{first.status}, then {again.status}", first, again)
        own.expect(first.json == again.json, "the second answer differs from the first", first, again)

    keys = st.uuids().map(str) | st.text("abcXYZ019-_.:", min_size=1, max_size=40)
    context.search(keys, examine)


@LAWS.law("T21", needs=ISSUING)
def a_key_gets_the_first_answer_when_the_job_is_finished(context: Context) -> None:
    """The first answer stays the answer to its key when the job has come to rest, and much later."""
    driver = driver_of(context)
    own = driver.context
    key = f"late-{context.seed}"
    first = issue(own, key=key)
    job = driver.seen(first)
    own.expect(job is not None, f"{first.status} without a job", first)
    assert job is not None
    driver.until_rest(first, job)
    again = issue(own, key=key)
    own.expect(again.json == first.json and again.status == first.status, "another answer than the first", first, again)
    if own.clock.controlled:
        own.clock.wait(40 * DAY)
        later = issue(own, key=key)
        own.expect(later.json == first.json, "another answer after 40 days", first, later, promise="T24")


@LAWS.law("T22", needs=ISSUING)
def a_key_with_another_body_is_refused(context: Context) -> None:
    """The same key with another body is 422, and issues nothing."""
    own = context.fresh()
    values = known(own)

    def changed(change: dict[str, Any]) -> None:
        key = f"other-{context.seed}-{sorted(change)}-{len(change.get('identifiers', ()))}"
        first = issue(own, values[:1], key)
        second = own.call(ISSUE, body={**body(own, values[:1]), **change}, headers={KEY: key})
        own.expect(second.status == 422, f"another body gets {second.status}", first, second)
        again = issue(own, values[:1], key)
        own.expect(again.json == first.json, "the first body no longer gets its answer", first, second, again)

    changed({"identifiers": [identifier(value) for value in (values * 2)[:2]]})
    changed({"identifiers": [identifier("somebody.else@example.com")]})
    changed({"campaign_id": str(own.data.get("other_campaign_id", "camp_other"))})


@LAWS.law("T20", needs=ISSUING)
def one_key_at_the_same_time_starts_one_job(context: Context) -> None:
    """Requests with the same key and body at the same time start one job."""
    for number in range(3):
        own = context.fresh()
        key = f"together-{context.seed}-{number}"
        calls: list[Callable[[], Exchange]] = [lambda own=own, key=key: issue(own, key=key)] * 4  # type: ignore[misc]
        answers = own.together(calls)
        ids = {str(job_of(own, answer).get("id")) for answer in answers}
        own.expect(len(ids) == 1, f"{len(ids)} jobs were started", *answers)


@LAWS.law("T27", needs=ISSUING)
def equal_bodies_are_one_body(context: Context) -> None:
    """A body with its properties in another order, or with other white space, is the same body."""
    own = context.fresh()
    key, sent = f"order-{context.seed}", body(own, known(own)[:2])
    first = own.call(ISSUE, body=sent, headers={KEY: key})
    again = own.call(ISSUE, body=dict(reversed(sent.items())), headers={KEY: key})
    own.expect(again.status == first.status and again.json == first.json, "it counts as another body", first, again)


@LAWS.law("T25", needs=ISSUING)
def a_refused_request_leaves_its_key_free(context: Context) -> None:
    """A request that was refused may be repeated, corrected, with the same key."""
    own = context.fresh()
    key = f"refused-{context.seed}"
    refused = own.call(ISSUE, body={**body(own, known(own)[:1]), "identifiers": []}, headers={KEY: key})
    unknown = issue(own, key=key, campaign_id="nosuchcampaign")
    accepted = issue(own, key=key)
    own.expect(accepted.status == 202, f"the corrected request gets {accepted.status}", refused, unknown, accepted)


@LAWS.law("T19", needs=ISSUING)
def without_a_key_each_request_starts_a_job(context: Context) -> None:
    """Equal requests without a key, with an empty one, or with different ones, start a job each."""
    own = context.fresh()
    answers = [issue(own, key=key) for key in (None, None, "", "", f"a-{context.seed}", f"A-{context.seed}")]
    ids = [job_of(own, answer).get("id") for answer in answers]
    own.expect(len(set(ids)) == len(ids), "two requests share a job", *answers)


@LAWS.law("T23", needs=ISSUING)
def a_key_has_up_to_255_characters(context: Context) -> None:
    """Keys of 255 characters are taken, and differ in their last one."""
    own = context.fresh()
    keys = [f"{context.seed:0>254}{end}" for end in "ab"]
    first, second = (issue(own, key=key) for key in keys)
    own.expect(first.status == second.status == 202, f"{first.status} and {second.status}", first, second)
    same = job_of(own, first).get("id") == job_of(own, second).get("id")
    own.expect(not same, "keys that differ in the last of 255 characters share a job", first, second)


# What a job says about its request


@LAWS.law("T34", needs=ISSUING)
def a_job_is_about_its_request(context: Context) -> None:
    """Campaign, variant and number of identifiers are those of the request, and no identifier is shown."""

    def examine(sent: dict[str, Any]) -> None:
        own = context.fresh()
        first = own.call(ISSUE, body=sent)
        job = job_of(own, first)
        later = own.call(GET, path={"id": job["id"]}, query={"merchant_id": sent["merchant_id"]})
        for seen in (first, later):
            now = job_of(own, seen)
            for name in ("campaign_id", "variant_id"):
                own.expect(now.get(name) == sent[name], f"{name} is {now.get(name)!r}, not {sent[name]!r}", first, seen)
            total = len(sent["identifiers"])
            own.expect(now["total_count"] == total, f"{now['total_count']} of {total}", first, seen, promise="T38")
            for entry in sent["identifiers"]:
                shown = entry["value"].encode() in seen.response.body
                own.expect(not shown, "the job shows an identifier", first, seen, promise="T59")

    context.search(bodies(context), examine)


@LAWS.law("T56", needs=(*ISSUING, "unregistered"))
def exactly_the_unregistered_fail(context: Context) -> None:
    """A finished job lists exactly the unregistered identifiers, by position and type, with a reason."""
    unregistered = list(context.data["unregistered"])
    some = st.lists(st.sampled_from([*known(context), *unregistered]), max_size=5)

    def examine(values: list[str]) -> None:
        _, submitted, seen = finished(context, values)
        last = seen[-1]
        if last.state != "completed":
            context.spare(f"the job was {last.state}")
            return
        failures = last.value.get("summary", {}).get("failures") or []
        listed = {entry.get("identifier_index"): entry for entry in failures}
        wanted = {index for index, value in enumerate(values) if value in unregistered}
        words = f"failures at {sorted(map(str, listed))}, unregistered at {sorted(map(str, wanted))}"
        context.expect(set(listed) == wanted, words, submitted, last.exchange)
        for index, entry in listed.items():
            kind = identifier(values[index])["type"]
            context.expect(
                entry.get("identifier_type") == kind,
                f"the {kind} at {index} is called {entry.get('identifier_type')!r}",
                submitted,
                last.exchange,
                promise="T57",
            )
            context.expect(entry.get("error"), f"no error at {index}", submitted, last.exchange, promise="T58")

    # Both kinds every time: a list without a failure says nothing about failures.
    both = st.tuples(st.sampled_from(known(context)), st.sampled_from(unregistered), some)
    mixed = both.flatmap(lambda drawn: st.permutations([drawn[0], drawn[1], *drawn[2]]))
    context.search(mixed, examine, examples=context.examples if context.control else 1)


@LAWS.law("T42", needs=ISSUING)
def progress_is_the_share_processed(context: Context) -> None:
    """While a job runs, progress is the share of processed identifiers, rounded down; some are processed half-way."""
    own = driver_of(context)
    values = (known(context) * 7)[:7]
    submitted, job = own.submit(body(context, values))
    context.expect(job is not None, f"{submitted.status} instead of a job", submitted)
    assert job is not None
    for look in own.until_rest(submitted, job):
        total, done, percent = (look.value[name] for name in ("total_count", "processed_count", "progress_percent"))
        share = math.floor(100 * done / total)
        words = f"{percent} percent with {done} of {total} processed"
        context.expect(percent == share, words, submitted, look.exchange)


@LAWS.law("T16", needs=ISSUING)
def a_repeated_identifier_counts_each_time(context: Context) -> None:
    """An identifier that occurs twice counts twice."""
    value = known(context)[0]
    _, submitted, seen = finished(context, [value, value])
    last = seen[-1]
    if last.state == "completed":
        done = last.value["success_count"] + last.value["failure_count"]
        context.expect(done == 2, f"{done} of 2 are counted", submitted, last.exchange)


@LAWS.law("T67", needs=(*ISSUING, "failing"))
def a_failed_job_can_be_revoked(context: Context) -> None:
    """A job that failed as a whole has no summary, and can be revoked."""
    driver, submitted, seen = finished(context, [str(context.data["failing"]), known(context)[0]])
    last = seen[-1]
    context.expect(last.state == "failed", f"the job is {last.state}, not failed", submitted, last.exchange)
    for link in driver.commands(submitted):
        exchange = driver.command(link, submitted)
        context.expect(exchange.status == 202, f"revoking it is {exchange.status}", submitted, last.exchange, exchange)
        driver.until_rest(submitted, driver.seen(exchange) or last)


@LAWS.law("T71", needs=ISSUING)
def a_revoked_job_keeps_its_counts(context: Context) -> None:
    """Revoking changes the state of a job and takes its summary away, nothing else."""
    driver, submitted, seen = finished(context, known(context)[:2])
    before = seen[-1]
    for link in driver.commands(submitted):
        exchange = driver.command(link, submitted)
        revoking = driver.seen(exchange)
        context.expect(revoking is not None, f"revoking it is {exchange.status}", submitted, exchange, promise="T63")
        assert revoking is not None
        for look in driver.until_rest(submitted, revoking):
            rest = {name: value for name, value in before.value.items() if name not in ("state", "summary")}
            now = {name: value for name, value in look.value.items() if name not in ("state", "summary")}
            context.expect(now == rest, "more than the state has changed", before.exchange, exchange, look.exchange)
        again = driver.command(link, submitted)
        context.expect(again.status == 422, f"revoking it again is {again.status}", exchange, again, promise="T69")


@LAWS.law("T28", needs=ISSUING)
def many_jobs_stay_apart(context: Context) -> None:
    """Forty jobs have forty ids, and the first and the last are still there, with their own counts."""
    own = context.fresh()
    count = 40 if context.control else 5
    answers = [issue(own, (known(own) * 3)[: 1 + number % 3]) for number in range(count)]
    jobs = [job_of(own, answer) for answer in answers]
    own.expect(len({job["id"] for job in jobs}) == count, "two jobs have the same id", *answers[:2])
    for number in (0, count // 2, count - 1):
        seen = own.call(GET, path={"id": jobs[number]["id"]})
        now = job_of(own, seen)
        own.expect(now["id"] == jobs[number]["id"], "another job is shown", answers[number], seen)
        own.expect(now["total_count"] == 1 + number % 3, "the counts of another job", answers[number], seen)


# Limits


@LAWS.law("T8", needs=ISSUING)
def ten_thousand_identifiers_and_no_more(context: Context) -> None:
    """10,000 identifiers are taken, 10,001 are refused as malformed."""
    own = context.fresh()
    for count, wanted in ((10_000, 202), (10_001, 400)):
        exchange = issue(own, [f"user{number}@example.com" for number in range(count)])
        own.expect(exchange.status == wanted, f"{count} identifiers get {exchange.status}", exchange)
        if wanted == 202:
            total = job_of(own, exchange)["total_count"]
            own.expect(total == count, f"{total} of {count} are counted", exchange, promise="T38")


# Who may see what


@LAWS.law("T62", needs=(*ISSUING, "other_merchant_id"))
def a_job_belongs_to_its_merchant(context: Context) -> None:
    """Another merchant neither sees nor revokes a job."""
    driver = driver_of(context)
    own = driver.context
    submitted, job = driver.submit(body(own, known(own)[:1]))
    own.expect(job is not None, f"{submitted.status} instead of a job", submitted)
    assert job is not None
    other = str(own.data["other_merchant_id"])
    seen = own.call(GET, path={"id": job.id}, query={"merchant_id": other})
    own.expect(seen.status == 404, f"another merchant reads the job: {seen.status}", submitted, seen)
    driver.until_rest(submitted, job)
    revoked = own.call(REVOKE, path={"id": job.id}, body={"merchant_id": other})
    own.expect(revoked.status == 404, f"another merchant revokes the job: {revoked.status}", submitted, revoked)


@LAWS.law("T107", needs=(*ISSUING, "other_merchant_id", "other_campaign_id", "other_variant_id"))
def campaign_and_variant_belong_together(context: Context) -> None:
    """A campaign of another merchant, a variant of another campaign, and whatever nobody knows, are 404."""
    own = context.fresh()
    other = {name: str(own.data[f"other_{name}"]) for name in ("merchant_id", "campaign_id", "variant_id")}
    for changes, promise in (
        ({"variant_id": other["variant_id"]}, "T7"),
        ({"campaign_id": other["campaign_id"], "variant_id": other["variant_id"]}, "T107"),
        ({"merchant_id": other["merchant_id"]}, "T107"),
        ({"campaign_id": "nosuchcampaign"}, "T107"),
        ({"variant_id": "nosuchvariant"}, "T107"),
        ({"merchant_id": "nosuchmerchant"}, "T96"),
    ):
        sent = body(own, known(own)[:1], **changes)
        exchange = own.call(ISSUE, body=sent)
        own.expect(exchange.status == 404, f"{changes} gets {exchange.status}", exchange, promise=promise)


@LAWS.law("T104", writes=False, needs=("credential:no_scope",))
def a_credential_without_the_scope_is_refused(context: Context) -> None:
    """Every operation needs the scope: 403 with the documented code."""
    _refused(context, "no_scope", 403, "FORBIDDEN", "T105")


@LAWS.law("T102", writes=False, needs=("credential:expired",))
def an_expired_credential_is_refused(context: Context) -> None:
    """An expired token is 401 with the documented code."""
    _refused(context, "expired", 401, "AUTHENTICATION_GENERIC", "T102")


@LAWS.law("T88", writes=False)
def no_credential_no_answer(context: Context) -> None:
    """Without credentials, without the client id, or without the token: 401."""
    _refused(context, None, 401, "AUTHENTICATION_GENERIC", "T102")
    operation = context.subject.operation(LIST)
    for missing in ("X-ClientId", "Authorization"):
        exchange = context.send(context.client.request(context.base, operation, headers={missing: None}))
        context.expect(exchange.status == 401, f"without {missing}: {exchange.status}", exchange)
        exchange = context.send(context.client.request(context.base, operation, headers={missing: "Bearer nobody"}))
        context.expect(exchange.status == 401, f"with an unknown {missing}: {exchange.status}", exchange)


def _refused(context: Context, credential: str | None, status: int, code: str, promise: str) -> None:
    for operation in context.subject.contract.operations:
        if operation.method == "GET" or context.client.target.writes:
            exchange = context.call(operation.id, credential=credential)
            words = f"{operation.id} answers {exchange.status}, not {status}"
            context.expect(exchange.status == status, words, exchange)
            found = exchange.json.get("error", {}).get("code")
            context.expect(found == code, f"the code is {found!r}, not {code!r}", exchange, promise=promise)


@LAWS.law("T103", writes=False, needs=("merchant_id",))
def what_is_unknown_is_404(context: Context) -> None:
    """An unknown campaign or job is 404 with the documented code, an unknown merchant has no list."""
    for exchange in (
        context.call(CAMPAIGN, path={"id": "nosuchcampaign"}),
        context.call(GET, path={"id": "nosuchjob"}),
        context.call(LIST, query={"merchant_id": "nosuchmerchant"}),
    ):
        context.expect(exchange.status == 404, f"{exchange.operation} answers {exchange.status}", exchange)
        code = exchange.json.get("error", {}).get("code")
        context.expect(code == "RESOURCE_NOT_FOUND", f"the code is {code!r}", exchange)


# Campaigns


def page(context: Context, merchant: str, **query: int) -> Exchange:
    """One page of a merchant's campaigns."""
    return context.call(LIST, query={"merchant_id": merchant, **query})


def ids_of(context: Context, exchange: Exchange) -> list[str]:
    """The ids of a page; anything but a page breaks the law."""
    context.expect(exchange.status == 200, f"a page is {exchange.status}", exchange)
    return [campaign["id"] for campaign in exchange.json["campaigns"]]


@LAWS.law("T76", writes=False, needs=("paged_merchant_id",))
def pages_are_the_list(context: Context) -> None:
    """Pages of any size are disjoint and together the whole list, in its order; the numbers are true."""
    merchant = str(context.data["paged_merchant_id"])
    whole = page(context, merchant, per_page=100)
    everything = ids_of(context, whole)

    def examine(size: int) -> None:
        total = math.ceil(len(everything) / size)
        pages = [page(context, merchant, page=number + 1, per_page=size) for number in range(total + 1)]
        found = [ids_of(context, one) for one in pages]
        joined = [campaign for ids in found for campaign in ids]
        words = f"pages of {size} hold {len(joined)} campaigns, the list {len(everything)}"
        context.expect(joined == everything, words, whole, *pages)
        for number, (one, ids) in enumerate(zip(pages, found, strict=True), 1):
            said = one.json["pagination"]
            wanted = {"current_page": number, "per_page": size, "total_pages": total}
            context.expect(said == wanted, f"the page says {said}, it is {wanted}", one, promise="T74")
            full = size if number < total else len(everything) - size * (total - 1) if number == total else 0
            context.expect(len(ids) == full, f"page {number} holds {len(ids)}, not {full}", one, promise="T77")

    for size in (1, 3, max(1, len(everything) - 1)):
        examine(size)  # one a page, a last page that may not be full, and one with a single campaign
    context.search(st.integers(1, max(1, min(100, len(everything) + 2))), examine)


@LAWS.law("T75", writes=False, needs=("paged_merchant_id",))
def the_first_page_has_ten(context: Context) -> None:
    """Without page and per_page, it is the first page of ten."""
    merchant = str(context.data["paged_merchant_id"])
    plain, said = page(context, merchant), page(context, merchant, page=1, per_page=10)
    context.expect(plain.json == said.json, "the default is not page 1 of 10", said, plain)


@LAWS.law("T72", writes=False, needs=("merchant_id", "campaign_id"))
def a_list_shows_what_can_be_had(context: Context) -> None:
    """A merchant's list holds its own active campaigns, each as it is shown alone."""
    listed = page(context, str(context.data["merchant_id"]), per_page=100)
    ids = ids_of(context, listed)
    context.expect(context.data["campaign_id"] in ids, "the active campaign is missing from the list", listed)
    for name in ("other_campaign_id", "unlisted_campaign_id"):
        if name in context.data:
            context.expect(context.data[name] not in ids, f"the list holds {context.data[name]}", listed)
    for campaign in listed.json["campaigns"]:
        alone = context.call(CAMPAIGN, path={"id": campaign["id"]})
        context.expect(alone.status == 200, f"a listed campaign is {alone.status}", listed, alone, promise="T78")
        same = alone.json.get("campaign") == campaign
        context.expect(same, "a campaign looks different alone and in the list", listed, alone, promise="T78")


@LAWS.law("T81", writes=False, needs=("merchant_id",))
def a_campaign_begins_before_it_ends(context: Context) -> None:
    """The instants of a campaign are in order."""
    listed = page(context, str(context.data["merchant_id"]), per_page=100)
    for campaign in listed.json["campaigns"]:
        for first, then in (("start_at", "end_at"), ("redeemable_from", "redeemable_to")):
            ordered = campaign[first] <= campaign[then]
            context.expect(ordered, f"{first} {campaign[first]} is after {then} {campaign[then]}", listed)
