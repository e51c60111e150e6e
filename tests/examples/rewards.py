"""A small client as a team would write it: submits rewards, polls until the job is at rest, sorts out what failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx


class RewardsError(RuntimeError):
    """The provider refused, or the job failed as a whole, or took too long."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an issuance ended: how many got their reward, and who did not, with the reason."""

    issued: int
    failed: dict[str, str]


class RewardsClient:
    """`wait` is called between two polls: in production it sleeps, in a test it moves the stub's clock."""

    def __init__(self, http: httpx.Client, wait: Callable[[float], None]) -> None:
        self._http = http
        self._wait = wait

    def issue(self, merchant: str, campaign: str, variant: str, emails: Sequence[str], key: str) -> Outcome:
        """Issue a variant's reward to users. Repeating the call with the same key issues nothing twice."""
        body = {
            "merchant_id": merchant,
            "campaign_id": campaign,
            "variant_id": variant,
            "identifiers": [{"type": "email", "value": email} for email in emails],
        }
        response = self._http.post("/partner/campaigns/issue", json=body, headers={"X-Idempotency-Key": key})
        job = self._finished(merchant, _job(response))
        if job["state"] != "completed":
            raise RewardsError(f"job {job['id']} is {job['state']} after {job['processed_count']} identifiers")
        failures = job["summary"].get("failures", [])
        failed = {emails[failure["identifier_index"]]: failure["error"] for failure in failures}
        return Outcome(job["summary"]["success_count"], failed)

    def _finished(self, merchant: str, job: dict[str, Any], patience: int = 20) -> dict[str, Any]:
        pause = 1.0
        for _ in range(patience):
            if job["state"] not in ("pending", "processing"):
                return job
            self._wait(pause)
            pause = min(pause * 2, 30)
            job = _job(self._http.get(f"/partner/issuance_jobs/{job['id']}", params={"merchant_id": merchant}))
        raise RewardsError(f"job {job['id']} is still {job['state']}")


def _job(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        error = response.json()["error"]
        raise RewardsError(f"{response.status_code} {error['code']}: {error['message']}")
    job: dict[str, Any] = response.json()["issuance_job"]
    return job
