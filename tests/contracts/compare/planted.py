"""Servers for Thanx that differ from the stub in one way each."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.contracts.independent.thanx_server import COMPLETED, STARTED, Job, RefusedError, ThanxServer


class Shown(ThanxServer):
    """Shows its jobs differently."""

    changes: tuple[str, Any]

    def show(self, job: Job) -> dict[str, Any]:
        name, value = self.changes
        return {**super().show(job), name: value}


class NoPercent(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        return {name: value for name, value in super().show(job).items() if name != "progress_percent"}


class More(Shown):
    changes = ("note", "thank you")


class TextCount(Shown):
    changes = ("total_count", "2")


class NullVariant(Shown):
    changes = ("variant_id", None)


class OtherCampaign(Shown):
    changes = ("campaign_id", "camp_other1")


class PlainInstant(Shown):
    changes = ("created_at", "15 June 2025")


class Early(ThanxServer):
    """Jobs finish before they start."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"completed_at": shown["created_at"]} if shown["completed_at"] else {})


class Miscounts(ThanxServer):
    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"success_count": shown["success_count"] + 1} if shown["state"] == "completed" else {})


class Done(ThanxServer):
    """Calls completed jobs done."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "done"} if shown["state"] == "completed" else {})


class Resets(ThanxServer):
    """A job is pending again before it is completed."""

    def state(self, job: Job) -> str:
        state = super().state(job)
        return "pending" if state == "processing" and self.now() - job.created > STARTED + 2 else state


class Fails(ThanxServer):
    def state(self, job: Job) -> str:
        state = super().state(job)
        return "failed" if state == "completed" else state


class FailsOddly(Fails):
    """Its jobs fail, and do not say when."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"completed_at": None} if shown["state"] == "failed" else {})


class Conflict(ThanxServer):
    def revoke_job(self, *arguments: Any) -> tuple[int, Any]:
        try:
            return super().revoke_job(*arguments)
        except RefusedError as refused:
            raise RefusedError(409 if refused.status == 422 else refused.status) from None


class Missing(ThanxServer):
    """Answers 404 where it should say 403."""

    def admit(self, request: Request) -> None:
        try:
            super().admit(request)
        except RefusedError as refused:
            raise RefusedError(404 if refused.status == 403 else refused.status) from None


class OtherEnvelope(ThanxServer):
    def get_job(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().get_job(*arguments)
        return status, {"job": value["issuance_job"]}


class OtherMedia(ThanxServer):
    def response(self, status: int, value: Any) -> JSONResponse:
        return JSONResponse(value, status, media_type="application/hal+json")


class Waits(ThanxServer):
    def response(self, status: int, value: Any) -> JSONResponse:
        return JSONResponse(value, status, {"retry-after": "1"})


class NegativePages(ThanxServer):
    def list_campaigns(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().list_campaigns(*arguments)
        value["pagination"]["total_pages"] = -1
        return status, value


class Queued(ThanxServer):
    """Calls pending jobs queued."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "queued"} if shown["state"] == "pending" else {})


class Waiting(ThanxServer):
    """Between pending and processing a job waits, and shows what a job in processing does."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "waiting"} if shown["state"] == "processing" and not shown["processed_count"] else {})


class Archived(ThanxServer):
    """A completed job is archived, after a while in which it is packed."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        packed = self.now() - job.created < COMPLETED + 8
        return shown | ({"state": "packed" if packed else "archived"} if shown["state"] == "completed" else {})


class Undoing(ThanxServer):
    """Calls jobs that are being revoked undone, and leaves them so."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "undone"} if shown["state"] in ("revoking", "revoked") else {})


class Ignores(ThanxServer):
    """Accepts to revoke a job, and does nothing."""

    def revoke_job(self, identity: str, request: Request, sent: dict[str, Any]) -> tuple[int, Any]:
        status, value = super().revoke_job(identity, request, sent)
        self.jobs[identity].revoked = None
        return status, value


class Lags(ThanxServer):
    """A job that is to be revoked stays completed a little longer."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"state": "completed"} if job.revoked and self.now() < job.revoked + 3 else {})


class Hangs(ThanxServer):
    """Its jobs are processed for ever."""

    def state(self, job: Job) -> str:
        state = super().state(job)
        return "processing" if state == "completed" else state


class Circles(ThanxServer):
    """A job is passed to and fro between two states that are nobody's."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        turn = "left", "right"
        return shown | ({"state": turn[int(self.now()) // 20 % 2]} if shown["state"] == "completed" else {})


class Fails500(ThanxServer):
    def get_campaign(self, *_: Any) -> tuple[int, Any]:
        raise RefusedError(500)


class Leaks(ThanxServer):
    """Says who asked, where a name should be."""

    def answer(self, request: Request, body: bytes) -> tuple[int, Any]:
        status, value = super().answer(request, body)
        if "campaign" in value:
            value["campaign"]["name"] = [request.headers["authorization"]]
        return status, value


class Cut(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render(content)[:-1]


class NoJson(ThanxServer):
    """Cuts its lists short."""

    def list_campaigns(self, *arguments: Any) -> tuple[int, Any]:
        status, value = super().list_campaigns(*arguments)
        return status, {"cut": value}

    def response(self, status: int, value: Any) -> JSONResponse:
        return Cut(value, status) if "cut" in value else super().response(status, value)


class OtherWord(ThanxServer):
    """Has a word of its own for the sort of an identifier."""

    def failures(self, job: Job, done: int) -> list[dict[str, Any]]:
        return [{**one, "identifier_type": "mail"} for one in super().failures(job, done)]


class Misjudges(ThanxServer):
    """Says that all is done while it is not."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        return shown | ({"progress_percent": 99} if shown["state"] == "processing" else {})


class Several(Queued):
    """Several at once: another first state, a field less, a field of another type."""

    def show(self, job: Job) -> dict[str, Any]:
        shown = super().show(job)
        del shown["progress_percent"]
        return {**shown, "total_count": str(shown["total_count"])}


JOB = ("issuance_job",)
# What differs, and who breaks the contract.
PLANTED: list[tuple[type[ThanxServer], str, tuple[str, ...], tuple[str, ...]]] = [
    (NoPercent, "field", (*JOB, "progress_percent"), ("right",)),
    (More, "field", (*JOB, "note"), ()),
    (TextCount, "type", (*JOB, "total_count"), ("right",)),
    (NullVariant, "null", (*JOB, "variant_id"), ("right",)),
    (OtherCampaign, "reference", (*JOB, "campaign_id"), ()),
    (PlainInstant, "shape", (*JOB, "created_at"), ("right",)),
    (Early, "order", (*JOB, "started_at"), ("right",)),
    (Miscounts, "count", (*JOB, "success_count"), ("right",)),
    (Done, "states", (), ("right",)),
    (Resets, "states", (), ("right",)),
    (Fails, "states", (), ()),
    (FailsOddly, "value", (*JOB, "completed_at"), ("right",)),
    (Conflict, "status", (), ("right",)),
    (Missing, "status", (), ()),
    (OtherEnvelope, "envelope", (), ("right",)),
    (OtherMedia, "header", ("content-type",), ("right",)),
    (Waits, "header", ("retry-after",), ()),
    (NegativePages, "value", ("pagination", "total_pages"), ("right",)),
    (Queued, "states", (), ("right",)),
    (Waiting, "states", (), ("right",)),
    (Archived, "states", (), ("right",)),
    (Undoing, "states", (), ("right",)),
    (Ignores, "states", (), ("right",)),
    (Hangs, "states", (), ("right",)),
    (Circles, "states", (), ("right",)),
    (Fails500, "status", (), ("right",)),
    (Leaks, "type", ("campaign", "name"), ("right",)),
    (NoJson, "envelope", (), ("right",)),
    (OtherWord, "enum", (*JOB, "summary", "failures", "*", "identifier_type"), ("right",)),
    (Misjudges, "value", (), ("right",)),
    (Several, "type", (*JOB, "total_count"), ("right",)),
]
# Of these no overlay admits everything, and the words that say why.
REFUSED = {
    Early: "it is what the life cycle means by its counts and instants",
    Miscounts: "it is what the life cycle means by its counts and instants",
    Misjudges: "it is what the life cycle means by its counts and instants",
    Hangs: "a job that is never at rest has no life cycle",
    Circles: "a job that is never at rest has no life cycle",
    Fails500: "nobody promises to fail",
    Leaks: "the answer repeats the credential Authorization",
    NoJson: "what is not JSON cannot be described as JSON",
}
