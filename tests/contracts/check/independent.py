"""A second server for Thanx, written from specs/thanx/facts.md alone: it shares nothing with the stub, and has no
control API. Its time is real time, and short. The numbers beside the code are those of the facts."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from jsonschema_rs import Draft202012Validator

from contracts.stub import Receive, Scope, Send

MERCHANTS = {"k2lye10h32l5wzo": ["camp_abc123"], "0therm3rch4nt000": ["camp_other1"], "m4nyc4mp41gns0000": []}
VARIANTS = {"camp_abc123": ["var_treat1", "var_ctrl1"], "camp_other1": ["var_bagel1"]}
MANY = [f"camp_many{number:02}" for number in range(1, 13)]
UNKNOWN = {"unregistered@example.com", "+14155551234"}
# Seconds of real time: pending, then processing, then at rest; revoking lasts as long as pending.
PENDING, PROCESSING = 0.1, 0.2
CODES = {401: "AUTHENTICATION_GENERIC", 403: "FORBIDDEN", 404: "RESOURCE_NOT_FOUND", 429: "GENERIC_ERROR"}
PHONE = re.compile(r"\+[1-9][0-9]{1,14}\Z")

Answer = tuple[int, Any, dict[str, str]]


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A request that is answered with this status."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Job:
    """One issuance job; what it shows depends on when it is asked."""

    def __init__(self, number: int, sent: dict[str, Any]) -> None:
        self.id, self.sent, self.at = f"job{number}", sent, time.time()
        self.revoked_at: float | None = None

    @property
    def state(self) -> str:
        if self.revoked_at is not None:  # T70
            return "revoked" if time.time() >= self.revoked_at + PENDING else "revoking"
        passed = time.time() - self.at
        if passed < PENDING:
            return "pending"
        if passed < PENDING + PROCESSING:
            return "processing"
        fails = any(entry["value"] == "total_failure@example.com" for entry in self.sent["identifiers"])
        return "failed" if fails else "completed"

    def shown(self) -> dict[str, Any]:  # T2, T38-T58
        state, identifiers = self.state, self.sent["identifiers"]
        done = {"pending": 0, "processing": len(identifiers) // 2, "failed": 0}.get(state, len(identifiers))
        if any(entry["value"] == "total_failure@example.com" for entry in identifiers):
            done = 0
        failures = [
            {"identifier_index": index, "identifier_type": entry["type"], "error": "User not found"}
            for index, entry in enumerate(identifiers[:done]) if entry["value"] in UNKNOWN
        ]  # fmt: skip
        started = None if state == "pending" else stamp(self.at + PENDING)
        ended = None if state in ("pending", "processing") else stamp(self.at + PENDING + PROCESSING)
        job = {
            "id": self.id, "campaign_id": self.sent["campaign_id"], "variant_id": self.sent["variant_id"],
            "state": state, "total_count": len(identifiers), "processed_count": done,
            "success_count": done - len(failures), "failure_count": len(failures),
            "progress_percent": 100 * done // len(identifiers), "created_at": stamp(self.at),
            "started_at": started, "completed_at": ended,
        }  # fmt: skip
        if state == "completed":
            job["summary"] = {"success_count": done - len(failures), "failure_count": len(failures)}
            if failures:
                job["summary"]["failures"] = failures
        return {"issuance_job": job}


class Server:
    """The whole server: an ASGI application. `disturb` may answer before it does."""

    def __init__(self, disturb: Callable[[], Answer | None] = lambda: None, *, keys: bool = True) -> None:
        self.jobs: dict[str, Job] = {}
        self.keys: dict[str, tuple[str, Any]] = {}
        self.remembers_keys = keys
        self.disturb = disturb
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        with self.lock:
            status, value, extra = self.disturb() or self.answer(scope, headers, body)
        content = json.dumps(value).encode()
        sent = {"content-type": "application/json", "content-length": str(len(content)), **extra}
        pairs = [(name.encode(), text.encode()) for name, text in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    def answer(self, scope: Scope, headers: dict[str, str], body: bytes) -> Answer:
        try:
            status, value = self.route(scope, headers, body)
        except Refused as refused:
            code = CODES.get(refused.status, "BAD_REQUEST")
            return refused.status, {"error": {"code": code, "message": "no"}}, refused.headers
        return status, value, {}

    def route(self, scope: Scope, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        path = [unquote(part) for part in scope["raw_path"].decode().split("/")[1:]]
        play: tuple[str, Callable[..., tuple[int, Any]]] | None = {
            ("partner", "campaigns"): ("GET", self.campaigns), ("partner", "campaigns", "issue"): ("POST", self.issue),
        }.get(tuple(path))  # fmt: skip
        if play is None and len(path) == 3 and path[:2] == ["partner", "campaigns"]:
            play = ("GET", self.campaign)
        if play is None and path[:2] == ["partner", "issuance_jobs"]:
            play = {3: ("GET", self.get), 4: ("POST", self.revoke)}.get(len(path))
        if play is None:
            raise Refused(404)
        if scope["method"] != play[0]:
            raise Refused(405, allow=play[0])
        self.admit(headers, body if play[0] == "POST" else b"")
        if path[1] == "issuance_jobs" and not 1 <= len(path[2]) <= 255:
            raise Refused(400)
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        said = {name: values[0] if len(values) == 1 else "" for name, values in query.items()}
        return play[1](path, said, headers, self.json(headers, body) if play[0] == "POST" else None)

    def admit(self, headers: dict[str, str], body: bytes) -> None:
        if headers.get("authorization") == "Bearer test-token-no-scope":  # T104
            raise Refused(403)
        if (
            headers.get("authorization") != "Bearer test-token" or headers.get("x-clientid") != "test-client"
        ):  # T87, T88
            raise Refused(401)
        if headers.get("accept-version") != "v4.0":  # T91
            raise Refused(400)
        accepted = [part.split(";")[0].strip() for part in headers.get("accept", "*/*").split(",")]
        if not {"*/*", "application/*", "application/json"} & set(accepted):
            raise Refused(406)
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        if body and kind != "application/json":  # T92
            raise Refused(415)

    def json(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        try:
            value = json.loads(body)
        except ValueError:
            raise Refused(400) from None
        if not isinstance(value, dict):
            raise Refused(400)
        return value

    def campaigns(self, path: list[str], query: dict[str, str], *_: Any) -> tuple[int, Any]:  # T72-T77
        number, size = whole(query, "page", 1, 1_000_000), whole(query, "per_page", 10, 100)
        merchant = merchant_of(query)
        ids = MANY if merchant == "m4nyc4mp41gns0000" else MERCHANTS[merchant]
        pages = -(-len(ids) // size)
        shown = [campaign(one) for one in ids[(number - 1) * size : number * size]]
        return 200, {
            "campaigns": shown, "pagination": {"current_page": number, "per_page": size, "total_pages": pages},
        }  # fmt: skip

    def campaign(self, path: list[str], *_: Any) -> tuple[int, Any]:
        if not 1 <= len(path[2]) <= 255:
            raise Refused(400)
        if path[2] not in {*VARIANTS, *MANY}:  # T107
            raise Refused(404)
        return 200, {"campaign": campaign(path[2])}

    def issue(self, path: list[str], query: Any, headers: dict[str, str], sent: Any) -> tuple[int, Any]:
        key = headers.get("x-idempotency-key", "")
        if len(key) > 255 or not sound(sent):
            raise Refused(400)
        known = self.keys.get(key) if key and self.remembers_keys else None  # T20-T27
        text = json.dumps(sent, sort_keys=True)
        if known is not None:
            if known[0] != text:
                raise Refused(422)
            return 202, known[1]
        if sent["campaign_id"] not in MERCHANTS.get(sent["merchant_id"], ()):  # T7, T96, T107
            raise Refused(404)
        if sent["variant_id"] not in VARIANTS[sent["campaign_id"]]:
            raise Refused(404)
        job = Job(next(self.numbers), sent)
        self.jobs[job.id] = job
        answer = job.shown()
        if key:
            self.keys[key] = (text, answer)
        return 202, answer

    def get(self, path: list[str], query: dict[str, str], *_: Any) -> tuple[int, Any]:
        return 200, self.job(path[2], merchant_of(query)).shown()

    def revoke(self, path: list[str], query: Any, headers: Any, sent: dict[str, Any]) -> tuple[int, Any]:  # T63-T69
        if path[3] != "revoke":
            raise Refused(404)
        merchant = sent.get("merchant_id")
        if not isinstance(merchant, str) or not 1 <= len(merchant) <= 255:
            raise Refused(400)
        job = self.job(path[2], merchant)
        if job.state not in ("completed", "failed"):
            raise Refused(422)
        job.revoked_at = time.time()
        return 202, job.shown()

    def job(self, name: str, merchant: str) -> Job:
        job = self.jobs.get(name)
        if job is None or job.sent["merchant_id"] != merchant:  # T62, T107
            raise Refused(404)
        return job


def merchant_of(query: dict[str, str]) -> str:
    merchant = query.get("merchant_id", "")
    if not 1 <= len(merchant) <= 255:
        raise Refused(400)
    if merchant not in MERCHANTS:
        raise Refused(404)
    return merchant


def whole(query: dict[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text) or int(text) > most:
        raise Refused(400)
    return int(text)


def sound(sent: dict[str, Any]) -> bool:  # T6, T8-T10, T14
    ids = [sent.get(name) for name in ("campaign_id", "merchant_id", "variant_id")]
    if not all(isinstance(one, str) and 1 <= len(one) <= 255 for one in ids):
        return False
    identifiers = sent.get("identifiers")
    return isinstance(identifiers, list) and 1 <= len(identifiers) <= 10_000 and all(map(identifies, identifiers))


def identifies(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("value"), str):
        return False
    value = entry["value"]
    if entry.get("type") == "phone":
        return bool(PHONE.match(value))
    return entry.get("type") == "email" and len(value) <= 254 and is_email(value)


def is_email(value: str) -> bool:
    """As JSON Schema's format has it (RFC 5321, 4.1.2): local parts may be quoted, domains may be literals."""
    return Draft202012Validator({"format": "email"}, validate_formats=True).is_valid(value)


def campaign(name: str) -> dict[str, Any]:  # T79-T84
    variants = VARIANTS.get(name, [f"{name}_variant"])
    return {
        "id": name, "name": "Free Coffee", "start_at": "2025-06-01T00:00:00Z", "end_at": "2025-08-31T23:59:59Z",
        "redeemable_from": "2025-06-01T00:00:00Z", "redeemable_to": "2025-09-30T23:59:59Z",
        "time_zone": "America/Los_Angeles",
        "variants": [{"id": one, "name": one, "reward_template_id": None} for one in variants],
    }  # fmt: skip
