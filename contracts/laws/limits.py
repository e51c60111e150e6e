"""Too much: requests beyond a rate limit are 429, a body that is too large is 413, both as the contract documents them.

Only where the target has the control API: there a session of the judge's own keeps the limits when it is told to, its
clock stands still, and nobody is kept waiting. A sandbox that is shared is not pushed over its limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contracts.laws.context import Context
from contracts.laws.law import Law, Limit
from contracts.target.exchange import Exchange, Request
from contracts.target.subject import Subject
from contracts.target.transport import retry_after
from openapi.contract import Operation

# Where no limit is documented: so many requests at one instant are too many for anybody who has one.
MANY = 120
# Bytes that no documented request comes near.
LARGE = 9_000_000
WHY = "only a target with the control API is pushed over its limits"


def laws(subject: Subject, limit: Limit | None) -> list[Law]:
    """A law for each of the two refusals that the contract documents."""
    found = []
    for status, judge, promise, title in (
        ("429", partial(rate, limit), limit.promise if limit else "", "Requests beyond the rate limit are refused"),
        ("413", size, "", "A body that is too large is refused as documented"),
    ):
        documented = list(_documenting(subject, status))
        if documented:
            name = "limits.rate" if status == "429" else "limits.size"
            at = documented[0].responses[status].address.pointer
            found.append(Law(name, title, promise or at, judge))
    return found


def rate(limit: Limit | None, context: Context) -> None:
    """As many requests as are documented are served at one instant, the next is 429, and later it is served again."""
    own = context.fresh()
    if own.control is None:
        return own.spare(WHY)
    if not own.control.keep_limits(own.session, own.subject.name):
        return own.spare("the target keeps no rate limits, not even when its control API is asked to")
    requests = dict(_requests(own, "429"))
    first = next((name for name in requests if own.subject.operation(name).method == "GET"), next(iter(requests), ""))
    if not first:
        return own.spare("nothing says what a sound request is")
    with own.client.transport.impatient():
        over = _push(own, requests[first], limit)
        if over is None:
            return own.spare(f"{MANY} requests at one instant are not too many, and no limit is documented")
        for name, request in requests.items():
            if name != first:
                own.send(request)  # its answer is held against the contract as every other
        wait = retry_after(over.header("retry-after"))
        window = limit.seconds if limit else None
        fits = wait is None or (wait > 0 and (window is None or wait <= window))
        own.expect(fits, f"Retry-After says {wait:g} s" if wait is not None else "", over)
        pause = wait or window
        if pause:
            own.clock.wait(pause)
            later = own.send(requests[first])
            own.expect(later.status != 429, f"{pause:g} s later it is still 429", over, later)
    return None


def size(context: Context) -> None:
    """A body of nine million bytes is 413 where that is too large: nobody documents how many are."""
    own = context.fresh()
    if own.control is None:
        return own.spare(WHY)
    for name, request in _requests(own, "413"):
        if own.subject.operation(name).body is not None:
            exchange = own.send(Request(request.method, request.url, request.headers, _padded(request.body)))
            if exchange.status == 413:
                own.tally.judged += 1  # its answer is held against the contract as every other
            own.spare(f"{LARGE:,} bytes are {exchange.status}, and no limit is documented")
    return None


def _padded(body: bytes) -> bytes:
    """The same JSON, with more white space than anybody sends."""
    return body.ljust(LARGE)


def _push(context: Context, request: Request, limit: Limit | None) -> Exchange | None:
    """The first request beyond the limit; None when none is refused and none needs to be."""
    for number in range(1, (limit.requests if limit else MANY) + 1):
        exchange = context.send(request)
        if limit is None and exchange.status == 429:
            return exchange
        words = f"request {number} at one instant is {exchange.status}"
        context.expect(limit is None or exchange.status != 429, words, exchange)
    if limit is None:
        return None
    over = context.send(request)
    words = f"request {limit.requests + 1} at one instant is {over.status}, not 429"
    context.expect(over.status == 429, words, over)
    return over


def _documenting(subject: Subject, status: str) -> Iterator[Operation]:
    return (operation for operation in subject.contract.operations if status in operation.responses)


def _requests(context: Context, status: str) -> Iterator[tuple[str, Request]]:
    """A sound request of every operation that documents this status, where something says what one is."""
    for operation in _documenting(context.subject, status):
        try:
            yield operation.id, context.client.request(context.base, operation)
        except LookupError:
            continue
