"""The codes of a promotion: how many there are, which, and how they read.

A promotion has one job at a time that is pending or processing. So its newest job alone may still change, and every
job can keep, as a fact, what the promotion held before it (`Stock`): no request has to look at all jobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.core import identity
from mockserver.engine import instants
from mockserver.engine.answer import Answer
from mockserver.engine.call import Call
from mockserver.engine.jobs import Job
from mockserver.providers.elastic_path.pages import page, position
from mockserver.providers.elastic_path.promotion import JOB, promotion_of

_CANCELLED = ("cancelling", "cancelled")
_SHORTEST = 8
_SPACE = len(identity.CODE_ALPHABET) ** _SHORTEST
# Coprime to _SPACE, so that `number * _STRIDE % _SPACE` never repeats; its golden section, so that it jumps about.
_STRIDE = 174_551_052_973


@dataclass(frozen=True, slots=True)
class Stock:
    """How many codes a promotion holds, and the newest job that made any of them (`""`: none did)."""

    codes: int = 0
    maker: str = ""


def stock_before(job: Job) -> Stock:
    """What the job's promotion held when the job was created."""
    return Stock(**job.facts.get("stock", {}))


def stock_after(newest: Job | None) -> Stock:
    """What a promotion holds whose newest job this is."""
    if newest is None:
        return Stock()
    before = stock_before(newest)
    # A generation that failed has added none, and what a job that is being cancelled made is deleted.
    made = 0 if newest.state == "failed" else newest.status.succeeded - deleted_of(newest)
    return Stock(before.codes + made, newest.id) if made else before


def deleted_of(job: Job) -> int:
    """Codes that are gone again. A seeded job may say so itself: the printed one is completed, and has none left."""
    deleted: int = job.status.succeeded if job.state in _CANCELLED else job.facts.get("deleted", 0)
    return deleted


def list_codes(call: Call) -> Answer:
    """A page of a promotion's codes, in the order in which they were made."""
    promotion = promotion_of(call)["id"]
    stock = stock_after(next(call.jobs(JOB, promotion), None))
    offset, limit = position(call)
    return Answer(200, page(call, "codes", codes_between(call, stock, offset, offset + limit), stock.codes))


def codes_between(call: Call, stock: Stock, start: int, stop: int) -> list[dict[str, Any]]:
    """The codes of a promotion from the `start`-th up to the `stop`-th, found from the newest job back."""
    pieces = []
    while stock.maker and stock.codes > start:
        job = call.job(JOB, stock.maker)
        assert job is not None
        before = stock_before(job)
        places = range(max(start, before.codes) - before.codes, min(stop, stock.codes) - before.codes)
        pieces.append([_code_body(call, job, place) for place in places])
        stock = before
    return [code for piece in reversed(pieces) for code in piece]


def _code_body(call: Call, job: Job, place: int) -> dict[str, Any]:
    parameters = job.facts["parameters"]
    uses = parameters.get("max_uses_per_code")
    began = job.status.at(("processing",))
    assert began is not None
    made = instants.text(began, 3)
    return {
        "code": _code(call.seed, job, place),
        **({} if uses is None else {"uses": uses, "max_uses": uses}),
        "consume_unit": parameters.get("consume_unit", "per_cart"),
        "created_by": call.setting("created_by"),
        "meta": {"timestamps": {"created_at": made, "updated_at": made}},
    }


def _code(seed: int, job: Job, place: int) -> str:
    """`summer-aa2b-3c4d`. The last eight letters are another number for every code of a promotion, so codes differ."""
    parameters, promotion = job.facts["parameters"], job.record.group
    prefix, length = parameters.get("code_prefix", ""), parameters.get("code_length", _SHORTEST)
    number = job.facts.get("series", 0) * 1000 + place
    scrambled = (number * _STRIDE + identity.digest(seed, "codes", promotion)) % _SPACE
    head = identity.spell(identity.digest(seed, "code", promotion, number), identity.CODE_ALPHABET, length - _SHORTEST)
    letters = head + identity.spell(scrambled, identity.CODE_ALPHABET, _SHORTEST)
    groups = "-".join(letters[at : at + 4] for at in range(0, length, 4))
    return groups if not prefix else f"{prefix}{groups}" if prefix.endswith("-") else f"{prefix}-{groups}"
