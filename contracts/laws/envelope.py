"""What holds for the errors of every provider: a request that is no request of the contract gets a documented refusal.

Schemathesis sends undeclared methods and media types, but does not look at the body of such a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.laws.context import Context
from contracts.laws.law import Law
from contracts.target.exchange import Exchange, Request
from contracts.target.subject import Subject
from openapi.contract import Operation
from openapi.media_types import documented_as, is_json


def laws(subject: Subject) -> list[Law]:
    """One law; none for a contract whose operations document no error with a body."""
    operation = next((o for o in subject.contract.operations if any(s >= "4" for s in o.responses)), None)
    if operation is None:
        return []
    title = "Every refusal has the media type and the shape of the documented errors"
    return [Law("envelope.refusals", title, operation.id, refusals, writes=False)]


def refusals(context: Context) -> None:
    """Without credentials, with an unacceptable Accept, with a body that is no JSON: the documented envelope."""
    for operation in context.subject.contract.operations:
        for exchange in _refused(context, operation):
            if exchange.status < 400:
                continue
            documented = operation.response(exchange.status)
            context.expect(
                documented is not None,
                f"{exchange.status} is not documented for {operation.id}",
                exchange,
                promise=f"{operation.address.pointer}/responses",
            )
            assert documented is not None
            media = exchange.media_type
            known = documented_as(media, documented.media)
            context.expect(
                not documented.media or known is not None,
                f"the refusal {exchange.status} is {media or 'of no media type'}, not {', '.join(documented.media)}",
                exchange,
                promise=documented.address.pointer,
            )
            validator = documented.media[known] if known and is_json(media) else None
            context.expect(
                validator is None or validator.is_valid(exchange.json),
                f"the refusal {exchange.status} has another shape than is documented",
                exchange,
                promise=documented.address.pointer,
            )


def _refused(context: Context, operation: Operation) -> Iterator[Exchange]:
    writes = operation.method != "GET"
    if writes and not context.client.target.writes:
        return
    try:
        sound = context.client.request(context.base, operation)
    except LookupError:
        return  # nothing says what a sound request is; generated ones cover this operation
    if operation.security and {} not in operation.security:
        yield context.send(context.client.request(context.base, operation, credential=None))
    if "406" in operation.responses:
        yield context.send(_with(sound, "Accept", "application/x-nothing"))
    if operation.body is not None:
        yield context.send(Request(sound.method, sound.url, sound.headers, b"{"))


def _with(request: Request, name: str, value: str) -> Request:
    headers = {key: old for key, old in request.headers.items() if key.lower() != name.lower()}
    return Request(request.method, request.url, {**headers, name: value}, request.body)
