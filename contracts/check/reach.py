"""Is it the provider that answers? A wrong base URL, a proxy's page and a server that is down are no findings."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.check.conformance import judge
from contracts.check.exchange import Exchange, NotJsonError
from contracts.check.subject import Subject


def plausible(subject: Subject, exchange: Exchange) -> bool:
    """Whether this can be the provider, keeping its contract or breaking it."""
    return not any(judge(subject, exchange, seed=0)) or (exchange.status < 300 and _is_json(exchange))


def elsewhere(subject: Subject, answers: Sequence[Exchange]) -> str:
    """What a server does that is not the provider, in words after its URL; "" where it may be.

    `answers` are implausible ones, to one request for each operation that only reads.
    """
    if len({(answer.status, _media(answer)) for answer in answers}) != 1:
        return ""
    status, media, location = answers[0].status, _media(answers[0]), answers[0].header("location")
    if 300 <= status < 400:
        return f"redirects every request{f' to {location}' if location else ''}"
    if status >= 500:
        return f"answers {status} to every request"
    if media == "text/html":
        return f"answers {status} with a page, text/html, to every request"
    # An id that the target does not know is 404 too; a list is not.
    if status == 404 and any("{" not in subject.operation(answer.operation).path for answer in answers):
        return "answers 404 to every request"
    return ""


def _media(exchange: Exchange) -> str:
    return exchange.header("content-type").partition(";")[0].strip().lower()


def _is_json(exchange: Exchange) -> bool:
    try:
        return exchange.json is not None
    except NotJsonError:
        return False
