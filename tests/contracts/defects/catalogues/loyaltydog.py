"""LoyaltyDog: gift cards issued at once or by a task, their CSV, and the login."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contracts.defects import behaviours as g
from contracts.defects.defect import Answer, Ask, Asked, Defect, Kind, Memory
from tests.contracts.defects import provider_behaviours as p

ISSUE, CSV, LOGIN = "issueMultipleGiftCards", "downloadCardsCsv", "loginForAccessToken"
POLL = "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get"
KEY = "idempotency-key"
CREDENTIALS = {"authorization": "Bearer test-token"}
CONFLICT = p.json_answer(409, {"detail": "Idempotency key was already used with a different request body"})
NOT_READY = p.json_answer(409, {"detail": "The CSV is not ready yet"})


def in_state(*states: str) -> g.Edit:
    """Whether a task is in one of these states."""
    return lambda task: task.get("status") in states


def key_of(asked: Asked) -> str:
    return asked.header(KEY)


def without_key(asked: Asked) -> Asked:
    return asked.with_header(KEY, None)


def cards_asked(asked: Asked) -> int:
    """How many cards a request is about; 0 when that cannot be read."""
    recipients, count = asked.fields.get("recipients"), asked.fields.get("count")
    return len(recipients) if isinstance(recipients, list) else count if isinstance(count, int) else 0


def unfinished(task: Any) -> Any:
    """A finished task as it was before."""
    if task["status"] not in ("completed", "failed"):
        return task
    nothing = dict.fromkeys(name for name in task if name not in ("taskId", "status"))
    return {"taskId": task["taskId"], "status": "processing", **nothing}


def one_card_less(answer: Any) -> Any:
    """One card is lost between the counter and the list."""
    if not isinstance(answer, dict) or not answer.get("cards"):
        return answer
    return {**answer, "cards": answer["cards"][:-1]}


def same_number(value: Any) -> Any:
    """Two cards with one number."""
    cards = value.get("cards") if isinstance(value, dict) else None
    if not cards or len(cards) < 2:
        return value
    shared = {name: cards[0][name] for name in ("cardNumber", "lastFourDigits")}
    return {**value, "cards": [*cards[:-1], {**cards[-1], **shared}]}


async def replay_of_the_present(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Answer a repeated key with the task's status as it is now."""
    answer = await ask(asked)
    if asked.operation != ISSUE or not key_of(asked) or answer.status != 202:
        return answer
    look = replace(asked, method="GET", path=f"{asked.path}/{answer.json['taskId']}", body=b"", operation=POLL)
    status = (await ask(look)).json["status"]
    return answer.with_json({**answer.json, "status": status}) if status != "pending" else answer


async def keys_of_all_programs(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Keep keys in one table for all programs."""
    answer = await ask(asked)
    if asked.operation != ISSUE or not key_of(asked) or not 200 <= answer.status < 300:
        return answer
    known: Answer = memory.setdefault(("first", key_of(asked)), answer)
    return known


async def keys_kept_while_running(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Forget a key when its task is finished, which is 15 seconds after it was submitted."""
    if asked.operation == ISSUE and key_of(asked):
        first = memory.setdefault(("first", key_of(asked)), asked.at)
        if asked.at - first >= 15:
            return await ask(without_key(asked))
    return await ask(asked)


async def tasks_of_all_programs(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Look a task up by its id alone, whatever the program in the path."""
    answer = await ask(asked)
    if asked.operation == ISSUE and answer.status == 202:
        memory[answer.json["taskId"]] = asked.arguments["programId"]
    owner = memory.get(asked.arguments.get("taskId"))
    if asked.operation != POLL or answer.status not in (403, 404) or owner is None:
        return answer
    there = replace(asked, path=asked.path.replace(asked.arguments["programId"], owner))
    return await ask(there.with_header("authorization", CREDENTIALS["authorization"]))


async def old_tasks_forgotten(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """Results of tasks are kept for an hour, as Celery's are: an older one is pending again."""
    answer = await ask(asked)
    if asked.operation == ISSUE and answer.status == 202:
        memory[answer.json["taskId"]] = asked.at
    began = memory.get(asked.arguments.get("taskId"))
    if asked.operation != POLL or answer.status != 200 or began is None or asked.at - began <= 3600:
        return answer
    return answer.with_json({**unfinished(answer.json), "status": "pending"})


async def numbers_come_round(asked: Asked, ask: Ask, memory: Memory) -> Answer:
    """A generator of card numbers that is seeded anew for each request."""
    answer = await ask(asked)
    if asked.operation != ISSUE or answer.status != 201 or not answer.json["cards"]:
        return answer
    card = answer.json["cards"][0]
    first = memory.setdefault("first", card)
    value = answer.json
    value["cards"][0] = {**card, "cardNumber": first["cardNumber"], "lastFourDigits": first["lastFourDigits"]}
    return answer.with_json(value) if first != card else answer


DEFECTS = (
    # Schema
    Defect(
        "property-in-snake-case",
        Kind.SCHEMA,
        "A release writes one property in snake_case",
        p.renamed("/issuedCount", "issued_count", POLL, ISSUE),
    ),
    Defect(
        "token-in-snake-case",
        Kind.SCHEMA,
        "The token comes as access_token, as RFC 6749 has it",
        p.renamed("/accessToken", "access_token", LOGIN),
    ),
    Defect("nulls-left-out", Kind.SCHEMA, "Null properties are left out", p.left_out_when_null("/failedCount", POLL)),
    Defect(
        "no-failures-is-zero",
        Kind.SCHEMA,
        "failedCount is 0 instead of null when every card was issued",
        p.values("/failedCount", lambda value: 0 if value is None else value, ISSUE),
    ),
    Defect(
        "number-as-number",
        Kind.SCHEMA,
        "Card numbers come as numbers",
        p.values("/cards/*/cardNumber", int, ISSUE, POLL),
    ),
    Defect(
        "security-code-shown",
        Kind.SCHEMA,
        "The security code of a card is shown",
        p.values("/cards/*", lambda card: {**card, "securityCode": "123"}, ISSUE),
    ),
    Defect(
        "cards-before-completion",
        Kind.SCHEMA,
        "A processing task shows the cards so far",
        p.members("", in_state("processing"), lambda task: {**task, "issuedCount": 0, "cards": []}, POLL),
    ),
    Defect(
        "unknown-state",
        Kind.SCHEMA,
        "A state of the queue shows through: STARTED",
        p.translated("/status", {"processing": "STARTED"}, POLL),
    ),
    Defect(
        "validation-as-text",
        Kind.SCHEMA,
        "422 carries a text instead of a list",
        p.values("/detail", lambda detail: "Unprocessable Entity", ISSUE, status="422"),
    ),
    Defect("location-left-out", Kind.SCHEMA, "422 does not say where", p.left_out("/detail/*/loc", status="422")),
    # Status
    Defect("task-with-201", Kind.STATUS, "A task is answered with 201", g.with_status(201, ISSUE, status="202")),
    Defect(
        "cards-with-200",
        Kind.STATUS,
        "Cards issued at once are answered with 200",
        g.with_status(200, ISSUE, status="201"),
    ),
    Defect("validation-is-400", Kind.STATUS, "A malformed request is 400", g.with_status(400, ISSUE, status="422")),
    Defect("unknown-task-is-403", Kind.STATUS, "An unknown task is 403", g.with_status(403, POLL, status="404")),
    Defect(
        "mismatch-is-422", Kind.STATUS, "A reused key is 422 instead of 409", g.with_status(422, ISSUE, status="409")
    ),
    Defect("wrong-password-is-403", Kind.STATUS, "A wrong password is 403", g.with_status(403, LOGIN, status="401")),
    Defect(
        "unready-csv-is-404",
        Kind.STATUS,
        "A CSV that is not ready is 404 instead of 409",
        g.with_status(404, CSV, status="409"),
    ),
    # Headers
    Defect(
        "challenge-missing",
        Kind.HEADERS,
        "401 has no WWW-Authenticate",
        g.with_header("www-authenticate", None, status="401"),
    ),
    Defect(
        "refusal-as-html",
        Kind.HEADERS,
        "The gateway's 401 is a page",
        g.with_body(b"<html>401</html>", "text/html", POLL, status="401"),
    ),
    Defect(
        "csv-as-octets",
        Kind.HEADERS,
        "The CSV comes as application/octet-stream",
        g.with_header("content-type", "application/octet-stream", CSV, status="200"),
    ),
    Defect(
        "allow-missing", Kind.HEADERS, "405 does not say what is allowed", g.with_header("allow", None, status="405")
    ),
    # Life cycle
    Defect(
        "finished-goes-back",
        Kind.LIFECYCLE,
        "A retried task is processing again after it was completed",
        p.flapping("", unfinished, POLL),
    ),
    Defect(
        "never-finishes",
        Kind.LIFECYCLE,
        "The worker's last message is lost: a task stays in processing",
        p.values("", unfinished, POLL),
    ),
    Defect(
        "born-processing",
        Kind.LIFECYCLE,
        "A new task is processing",
        p.translated("/status", {"pending": "processing"}, ISSUE),
    ),
    Defect(
        "failed-then-completed",
        Kind.LIFECYCLE,
        "A completed task was failed a moment before",
        p.flapping(
            "",
            lambda task: (
                {
                    **task,
                    "status": "failed",
                    "issuedCount": None,
                    "cards": None,
                    "csvDownloadUrl": None,
                    "failedCount": 1,
                    "error": "timeout",
                }
                if task["status"] == "completed"
                else task
            ),
            POLL,
        ),
    ),
    # Counts
    Defect("card-lost", Kind.COUNTS, "issuedCount counts a card that is not listed", g.bodies(one_card_less, POLL)),
    Defect(
        "card-lost-at-once",
        Kind.COUNTS,
        "issuedCount counts a card that is not listed, without a task",
        g.bodies(one_card_less, ISSUE),
    ),
    Defect(
        "issued-is-asked",
        Kind.COUNTS,
        "A partial failure counts the cards asked for as issued",
        p.members(
            "",
            lambda body: body.get("failedCount") and body.get("issuedCount") is not None,
            lambda body: {**body, "issuedCount": body["issuedCount"] + body["failedCount"]},
            ISSUE,
            POLL,
        ),
    ),
    Defect(
        "last-digits-of-another",
        Kind.COUNTS,
        "lastFourDigits are not the end of the number",
        p.values("/cards/*/lastFourDigits", lambda digits: digits[::-1], ISSUE, POLL),
    ),
    Defect(
        "one-card-more",
        Kind.COUNTS,
        "A loop runs once too often: one card more than asked for",
        p.sent_values("/count", lambda count: count + 1 if isinstance(count, int) and count < 50 else count, ISSUE),
    ),
    # Time
    Defect("finished-now", Kind.TIME, "completedAt is the time of the look", p.moving("/completedAt", POLL)),
    Defect(
        "no-time-zone",
        Kind.TIME,
        "completedAt comes without a time zone",
        p.values("/completedAt", lambda at: at.removesuffix("Z") if at else at, POLL),
    ),
    Defect(
        "expiry-ignored",
        Kind.TIME,
        "Cards expire in a year, whatever expiresAt says",
        p.sent_values("/expiresAt", lambda _: None, ISSUE),
    ),
    # Idempotency
    Defect("key-ignored", Kind.IDEMPOTENCY, "The idempotency key is not looked at", g.deaf_to_header(KEY, ISSUE)),
    Defect(
        "key-of-any-body",
        Kind.IDEMPOTENCY,
        "A known key gets its answer, whatever the body",
        p.blind_to_bodies(key_of, 409, ISSUE),
    ),
    Defect(
        "key-by-bytes",
        Kind.IDEMPOTENCY,
        "The same body in another order is another one",
        p.byte_wise(key_of, CONFLICT, ISSUE),
    ),
    Defect(
        "key-race",
        Kind.IDEMPOTENCY,
        "Two requests with one key at the same time are both carried out",
        p.racing(key_of, without_key, ISSUE),
    ),
    Defect(
        "key-gets-the-present", Kind.IDEMPOTENCY, "A repeated key gets the task's status of now", replay_of_the_present
    ),
    Defect(
        "key-until-the-end", Kind.IDEMPOTENCY, "A key is forgotten when its task is finished", keys_kept_while_running
    ),
    Defect(
        "key-of-tasks-only",
        Kind.IDEMPOTENCY,
        "Keys work for tasks, not for cards issued at once",
        g.requests(lambda asked: without_key(asked) if cards_asked(asked) <= 50 else asked, ISSUE),
    ),
    Defect(
        "key-of-all-programs", Kind.IDEMPOTENCY, "Keys are kept in one table for all programs", keys_of_all_programs
    ),
    # Tenancy
    Defect("task-of-any-program", Kind.TENANCY, "A task is found under another program too", tasks_of_all_programs),
    Defect(
        "program-of-any-merchant",
        Kind.TENANCY,
        "Another merchant's token opens the program",
        p.opened(CREDENTIALS, POLL, ISSUE, status="403"),
    ),
    Defect(
        "foreign-program-is-404",
        Kind.TENANCY,
        "Another merchant's program is 404 instead of 403",
        g.with_status(404, POLL, ISSUE, CSV, status="403"),
    ),
    # Auth
    Defect(
        "expired-token-accepted",
        Kind.AUTH,
        "The expiry of a token is not checked",
        p.opened(CREDENTIALS, when=lambda asked: "expired" in asked.header("authorization")),
    ),
    Defect(
        "poll-without-token",
        Kind.AUTH,
        "Polling needs no token",
        p.opened(CREDENTIALS, POLL, when=lambda asked: not asked.header("authorization")),
    ),
    Defect(
        "any-password",
        Kind.AUTH,
        "The password is compared by its length",
        g.answers(
            lambda asked, answer, memory: p.json_answer(
                200, {"accessToken": "test-token", "tokenType": "bearer", "mfaPending": False, "pendingToken": None}
            ),
            LOGIN,
            status="401",
        ),
    ),
    Defect(
        "token-that-opens-nothing",
        Kind.AUTH,
        "The login gives a token that is not stored",
        p.values("/accessToken", lambda token: token and token[::-1], LOGIN),
    ),
    # Limits
    Defect(
        "fifty-become-a-task",
        Kind.LIMITS,
        "50 cards become a task: less than instead of at most",
        g.answers(
            lambda asked, answer, memory: p.json_answer(202, {"taskId": "fifty", "status": "pending"}),
            ISSUE,
            status="201",
            when=lambda asked: cards_asked(asked) == 50,
        ),
    ),
    Defect(
        "fifty-one-fail",
        Kind.LIMITS,
        "51 cards make the server fail",
        g.failing(lambda asked, memory: cards_asked(asked) == 51, ISSUE),
    ),
    Defect(
        "ten-thousand-refused",
        Kind.LIMITS,
        "Exactly 10,000 cards are too many",
        g.failing(lambda asked, memory: cards_asked(asked) == 10_000, ISSUE, status=413),
    ),
    Defect(
        "least-value-refused",
        Kind.LIMITS,
        "A value of 0.01 is refused",
        g.failing(lambda asked, memory: asked.fields.get("initialValue") == 0.01, ISSUE, status=400),
    ),
    Defect(
        "more-than-ten-thousand-taken",
        Kind.LIMITS,
        "More than 10,000 cards are taken, and cut off",
        p.sent_values("/count", lambda count: min(count, 10_000) if isinstance(count, int) else count, ISSUE),
    ),
    # Files
    Defect("csv-without-last-line", Kind.FILES, "The CSV lacks its last card", p.lines(lambda some: some[:-1], CSV)),
    Defect("csv-header-missing", Kind.FILES, "The CSV begins with the cards", p.lines(lambda some: some[1:], CSV)),
    Defect(
        "csv-with-semicolons",
        Kind.FILES,
        "The CSV has semicolons",
        p.lines(lambda some: [line.replace(",", ";") for line in some], CSV),
    ),
    Defect(
        "csv-numbers-rounded",
        Kind.FILES,
        "Card numbers went through a spreadsheet",
        p.column(1, lambda number: f"{number[:-1]}0", CSV),
    ),
    Defect(
        "csv-value-of-another",
        Kind.FILES,
        "The CSV shows another value than was issued",
        p.column(3, lambda value: f"{float(value) + 1:g}", CSV),
    ),
    Defect("csv-for-anybody", Kind.FILES, "The CSV is there without signature and token", p.opened(CREDENTIALS, CSV)),
    Defect(
        "csv-before-completion",
        Kind.FILES,
        "There is an empty CSV before the task is completed",
        g.answers(
            lambda asked, answer, memory: Answer(
                200,
                {"content-type": "text/csv; charset=utf-8"},
                b"id,cardNumber,lastFourDigits,initialValue,expiresAt\r\n",
            ),
            CSV,
            status="409",
        ),
    ),
    Defect("csv-never-ready", Kind.FILES, "The CSV of a completed task is still refused", p.refusing(NOT_READY, CSV)),
    # Leaks
    Defect("numbers-come-round", Kind.LEAKS, "Card numbers are drawn anew from the same seed", numbers_come_round),
    Defect("number-twice", Kind.LEAKS, "Two cards of a large task have one number", g.bodies(same_number, POLL)),
    Defect(
        "result-expires",
        Kind.LEAKS,
        "The result of a task is gone after an hour: it is pending again",
        old_tasks_forgotten,
    ),
    Defect("stale-polls", Kind.LEAKS, "A poll shows what was to be seen three polls before", g.stale(POLL, lag=3)),
    Defect("one-in-forty-fails", Kind.LEAKS, "One request in forty meets an instance that is down", g.hiccup(40)),
    Defect("worn-out", Kind.LEAKS, "After 30 requests every one fails until the restart", g.worn_out(30)),
)
