"""A second server for Thanx, written from `specs/thanx/facts.md` alone; the numbers beside the code are its facts.

It shares no code with the stub and has no control API. Its time is that of the clock it is given, `speed` times as
fast: at 100, the 15 seconds of a job (T50) take 0.15 seconds. What one server could get wrong is a method of its own,
so that a test breaks exactly that.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import Draft202012Validator
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

STARTED, COMPLETED, REVOKED = 5, 15, 10  # T50; how long revoking takes is nobody's promise
LARGEST_BODY = 8_000_000
CODES = {401: "AUTHENTICATION_GENERIC", 403: "FORBIDDEN", 404: "RESOURCE_NOT_FOUND", 429: "GENERIC_ERROR"}  # T102-T108
ROUTES = {
    re.compile(r"/partner/campaigns"): ("GET", "list_campaigns"),
    re.compile(r"/partner/campaigns/issue"): ("POST", "issue_rewards"),
    re.compile(r"/partner/campaigns/(?P<id>[^/]+)"): ("GET", "get_campaign"),
    re.compile(r"/partner/issuance_jobs/(?P<id>[^/]+)"): ("GET", "get_job"),
    re.compile(r"/partner/issuance_jobs/(?P<id>[^/]+)/revoke"): ("POST", "revoke_job"),
}
EMAIL = Draft202012Validator({"type": "string", "format": "email", "maxLength": 254}, validate_formats=True)  # T15
PHONE = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)  # T10
UNKNOWN_USERS = ("unregistered@example.com", "+14155551234")
FAILS_AS_A_WHOLE = "total_failure@example.com"
# The campaigns of each merchant with their variants; a variant without a template is a control (T82).
MERCHANTS: Mapping[str, Mapping[str, Mapping[str, str | None]]] = {
    "k2lye10h32l5wzo": {"camp_abc123": {"var_treat1": "abc123def456", "var_ctrl1": None}},
    "0therm3rch4nt000": {"camp_other1": {"var_bagel1": "bagel0000001"}},
    "m4nyc4mp41gns0000": {f"camp_many{n:02}": {f"var_many{n:02}": f"many{n:08}"} for n in range(1, 13)},
}


class RefusedError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, message: str = "An error occurred.", **headers: str) -> None:
        super().__init__(status)
        self.status, self.message, self.headers = status, message, headers


@dataclass(slots=True)
class Job:
    """One issuance job: what was asked for, and when."""

    id: str
    request: Mapping[str, Any]
    created: float
    revoked: float | None = None

    @property
    def values(self) -> list[str]:
        return [one["value"] for one in self.request["identifiers"]]


class ThanxServer:
    """The server: an ASGI application."""

    def __init__(self, *, speed: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        self.speed, self.clock, self.origin = speed, clock, clock()
        self.jobs: dict[str, Job] = {}
        self.answers: dict[str, tuple[Any, Any]] = {}  # by idempotency key: the body, and what it got
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        with self.lock:
            try:
                status, value = self.answer(request, body)
                response = self.response(status, value)
            except RefusedError as refused:
                error = {"code": CODES.get(refused.status, "BAD_REQUEST"), "message": refused.message}
                response = JSONResponse({"error": error}, refused.status, refused.headers)  # T99
        await response(scope, receive, send)

    def response(self, status: int, value: Any) -> JSONResponse:
        return JSONResponse(value, status)

    def now(self) -> float:
        return self.origin + (self.clock() - self.origin) * self.speed

    def answer(self, request: Request, body: bytes) -> tuple[int, Any]:
        path = request.scope["raw_path"].decode("ascii")
        found = next(((match, *route) for pattern, route in ROUTES.items() if (match := pattern.fullmatch(path))), None)
        if found is None:
            raise RefusedError(404)
        match, method, name = found
        if request.method != method:
            raise RefusedError(405, Allow=method)
        self.admit(request)
        identity = unquote(match.groupdict().get("id", "-"))
        if len(identity) > 255:
            raise RefusedError(400)
        sent = self.body(request, body) if method == "POST" else None
        status, value = getattr(self, name)(identity, request, sent)
        return status, value

    def admit(self, request: Request) -> None:
        """T87-T92, T104."""
        token, client = request.headers.get("authorization"), request.headers.get("x-clientid")
        if token not in ("Bearer test-token", "Bearer test-token-no-scope") or client != "test-client":
            raise RefusedError(401)
        if token == "Bearer test-token-no-scope":
            raise RefusedError(403)
        if request.headers.get("accept-version") != "v4.0":
            raise RefusedError(400)
        kinds = {kind.split(";")[0].strip() for kind in request.headers.get("accept", "*/*").split(",")}
        if not kinds & {"*/*", "application/*", "application/json"}:
            raise RefusedError(406)

    def body(self, request: Request, content: bytes) -> Any:
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise RefusedError(415)
        if len(content) > LARGEST_BODY:
            raise RefusedError(413)
        try:
            sent = json.loads(content, parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise RefusedError(400) from None
        if not isinstance(sent, dict):
            raise RefusedError(400)
        return sent

    # Campaigns, T72-T84

    def list_campaigns(self, _: str, request: Request, _sent: Any) -> tuple[int, Any]:
        query = request.query_params
        campaigns = list(MERCHANTS[merchant(once(query, "merchant_id"))].items())
        page, size = whole(query, "page", 1, 1_000_000), whole(query, "per_page", 10, 100)
        some = campaigns[(page - 1) * size : page * size]
        about = {"current_page": page, "per_page": size, "total_pages": -(-len(campaigns) // size)}
        return 200, {"campaigns": [self.campaign(*one) for one in some], "pagination": about}

    def get_campaign(self, identity: str, *_: Any) -> tuple[int, Any]:
        everything = {name: variants for known in MERCHANTS.values() for name, variants in known.items()}
        if identity not in everything:
            raise RefusedError(404)
        return 200, {"campaign": self.campaign(identity, everything[identity])}

    def campaign(self, name: str, variants: Mapping[str, str | None]) -> dict[str, Any]:
        return {
            "id": name,
            "name": f"Campaign {name}",
            "start_at": "2025-06-01T00:00:00Z",
            "end_at": "2025-08-31T23:59:59Z",
            "redeemable_from": "2025-06-01T00:00:00Z",
            "redeemable_to": "2025-09-30T23:59:59Z",
            "time_zone": "America/Los_Angeles",
            "variants": [{"id": one, "name": one, "reward_template_id": code} for one, code in variants.items()],
        }

    # Issue, T1-T27

    def issue_rewards(self, _: str, request: Request, sent: dict[str, Any]) -> tuple[int, Any]:
        key = request.headers.get("x-idempotency-key", "")
        if len(key) > 255 or not sound(sent):
            raise RefusedError(400)
        known = self.remembered(key)
        if known is not None:
            if known[0] != sent:
                raise RefusedError(422)
            return 202, known[1]
        variants = MERCHANTS[merchant(sent["merchant_id"])].get(sent["campaign_id"])
        if variants is None or sent["variant_id"] not in variants:
            raise RefusedError(404)
        job = Job(f"job{next(self.numbers)}", sent, self.now())
        self.jobs[job.id] = job
        answer = {"issuance_job": self.show(job)}
        if key:
            self.answers[key] = (sent, answer)
        return 202, answer

    def remembered(self, key: str) -> tuple[Any, Any] | None:
        return self.answers.get(key) if key else None

    # Jobs, T28-T71

    def get_job(self, identity: str, request: Request, _sent: Any) -> tuple[int, Any]:
        return 200, {"issuance_job": self.show(self.job(identity, once(request.query_params, "merchant_id")))}

    def revoke_job(self, identity: str, _request: Request, sent: dict[str, Any]) -> tuple[int, Any]:
        job = self.job(identity, sent.get("merchant_id"))
        if not self.revocable(job):
            raise RefusedError(422)
        job.revoked = self.now()
        return 202, {"issuance_job": self.show(job)}

    def job(self, identity: str, owner: Any) -> Job:
        job = self.jobs.get(identity)
        if merchant(owner) and (job is None or job.request["merchant_id"] != owner):
            raise RefusedError(404)
        assert job is not None
        return job

    def revocable(self, job: Job) -> bool:
        return self.state(job) in ("completed", "failed")

    def state(self, job: Job) -> str:
        if job.revoked is not None:
            return "revoking" if self.now() < job.revoked + REVOKED else "revoked"
        age = self.now() - job.created
        if age < STARTED:
            return "pending"
        if age < COMPLETED:
            return "processing"
        return "failed" if FAILS_AS_A_WHOLE in job.values else "completed"

    def processed(self, job: Job, state: str) -> int:
        if state == "pending" or FAILS_AS_A_WHOLE in job.values:
            return 0
        share = (self.now() - job.created - STARTED) / (COMPLETED - STARTED) if state == "processing" else 1.0
        return int(len(job.values) * share)

    def failures(self, job: Job, done: int) -> list[dict[str, Any]]:
        return [
            {"identifier_index": index, "identifier_type": one["type"], "error": "User not found"}
            for index, one in enumerate(job.request["identifiers"][:done])
            if one["value"] in UNKNOWN_USERS
        ]

    def show(self, job: Job) -> dict[str, Any]:
        state = self.state(job)
        done = self.processed(job, state)
        failures = self.failures(job, done)
        counts = {"success_count": done - len(failures), "failure_count": len(failures)}
        shown = {
            "id": job.id,
            "campaign_id": job.request["campaign_id"],
            "variant_id": job.request["variant_id"],
            "state": state,
            "total_count": len(job.values),
            "processed_count": done,
            **counts,
            "progress_percent": 100 * done // len(job.values),
            "created_at": instant(job.created),
            "started_at": None if state == "pending" else instant(job.created + STARTED),
            "completed_at": None if state in ("pending", "processing") else instant(job.created + COMPLETED),
        }
        if state == "completed":
            shown["summary"] = {**counts, "failures": failures}  # T54: an empty list is as good as none
        return shown


def instant(seconds: float) -> str:
    """T45."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def merchant(value: Any) -> str:
    """A merchant that opted in (T95, T96)."""
    if not isinstance(value, str) or not 1 <= len(value) <= 255:
        raise RefusedError(400)
    if value not in MERCHANTS:
        raise RefusedError(404)
    return value


def once(query: QueryParams, name: str) -> str | None:
    """A parameter that is sent exactly once."""
    values = query.getlist(name)
    return values[0] if len(values) == 1 else None


def whole(query: QueryParams, name: str, default: int, most: int) -> int:
    """A positive whole number (T75-T77, T114)."""
    if name not in query:
        return default
    text = once(query, name) or ""
    if not re.fullmatch("[1-9][0-9]{0,6}", text, re.ASCII) or int(text) > most:
        raise RefusedError(400)
    return int(text)


def sound(sent: Mapping[str, Any]) -> bool:
    """T5-T10, T14, T15."""
    names = [sent.get(name) for name in ("campaign_id", "merchant_id", "variant_id")]
    identifiers = sent.get("identifiers")
    if not all(isinstance(name, str) and 1 <= len(name) <= 255 for name in names) or not isinstance(identifiers, list):
        return False
    return 1 <= len(identifiers) <= 10_000 and all(map(identifies, identifiers))


def identifies(one: Any) -> bool:
    """T9, T10, T15."""
    if not isinstance(one, dict) or not isinstance(one.get("value"), str):
        return False
    if one.get("type") == "phone":
        return PHONE.fullmatch(one["value"]) is not None
    return one.get("type") == "email" and EMAIL.is_valid(one["value"])


def _refuse(constant: str) -> Any:
    raise ValueError(constant)  # NaN is no JSON
