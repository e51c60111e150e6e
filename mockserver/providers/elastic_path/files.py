"""The files of exports: signed addresses, and what is behind them."""

from __future__ import annotations

import csv
import io

from mockserver.core import identity
from mockserver.core.clock import SECOND
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.providers.elastic_path.codes import codes_between, stock_before
from mockserver.providers.elastic_path.promotion import job_of

_COLUMNS = ("code", "uses", "max_uses", "consume_unit", "user", "created_by")


def get_file(call: Call) -> Answer:
    """The signed address of a completed export's codes."""
    job = job_of(call)
    if job.facts["job_type"] != "code_export" or job.state != "completed":
        raise call.refuse("no_file", f"Job has no file to download. Job status: {job.state}")
    expires = call.now // SECOND + call.setting("file_lifetime")
    signed = f"Expires={expires}&Signature={_signature(call, expires)}&Key-Pair-Id=STUB"
    base = f"{call.url}/v2/promotions/{job.record.group}/jobs/{job.id}/codes.csv"
    return Answer(200, {"href": f"{base}?{signed}"}, job=job.id)


def download_codes(call: Call) -> Answer:
    """The codes that the promotion held when the export ran, as CSV (RFC 4180)."""
    job, expires = job_of(call), call.query["Expires"]
    if call.query["Signature"] != _signature(call, expires) or call.now >= expires * SECOND:
        raise call.refuse("signature_refused")
    stock = stock_before(job)
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(codes_between(call, stock, 0, stock.codes))
    return Answer(200, text.getvalue(), media_type="text/csv", job=job.id)


def _signature(call: Call, expires: int) -> str:
    return identity.base36(24, call.seed, *(call.session.name, "file", call.path["jobID"], expires))
