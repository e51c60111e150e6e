"""Which promotion and which job a request is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.call import Call
from mockserver.engine.jobs import Job

JOB = "promotion_job"


def promotion_of(call: Call) -> Mapping[str, Any]:
    """The row of the promotion in the path. Raises Refusal."""
    row = call.row("promotions", id=call.path["promotionID"])
    if row is None:
        raise call.refuse("promotion_not_found")
    return row


def job_of(call: Call) -> Job:
    """The job in the path, if it is one of the promotion's. Raises Refusal."""
    promotion = promotion_of(call)["id"]
    job = call.job(JOB, call.path["jobID"])
    if job is None or job.record.group != promotion:
        raise call.refuse("job_not_found")
    return job
