"""Is it the provider that answers? A wrong base URL, a proxy's page and a server that is down are no findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.target.client import RefusedError
from contracts.target.conformance import judge
from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from contracts.target.target import Target
from openapi.contract import Operation


def reach(subject: Subject, target: Target, ask: Callable[[Operation], Exchange | None]) -> Exchange | None:
    """The first answer that may be the provider's to what only reads. `ask` gives None where it has nothing to send.

    Raises RefusedError when our credentials are refused everywhere, or something else answers.
    """
    answers = []
    for operation in subject.contract.operations:
        if operation.method == "GET" and (answer := ask(operation)) is not None:
            # The provider itself says 404 of a path that it does not know.
            if answer.status not in (401, 403, 404) and plausible(subject, answer):
                return answer
            answers.append(answer)
    if answers and all(answer.status in (401, 403) for answer in answers):
        refused = answers[-1]
        if target.credentials:
            raise RefusedError(f"the target refuses our credentials: {refused.status} for {refused.operation}")
        hint = "name the target in a targets file, with [NAME.credentials.default] (docs/check.md)"
        answered = f"{refused.status} for {refused.operation}"
        raise RefusedError(f"the target asks for credentials, and none were given: {answered}; {hint}")
    if strange := elsewhere(subject, answers):
        raise RefusedError(f"{target.url} {strange}: is it the base URL of {subject.name}?")
    return None


def plausible(subject: Subject, exchange: Exchange) -> bool:
    """Whether this can be the provider, keeping its contract or breaking it."""
    return not any(judge(subject, exchange, seed=0)) or (exchange.status < 300 and _is_json(exchange))


def elsewhere(subject: Subject, answers: Sequence[Exchange]) -> str:
    """What a server does that is not the provider, in words after its URL; "" where it may be.

    `answers` are those to one request for each operation that only reads, none of which tells that it is.
    """
    if len({(answer.status, answer.media_type) for answer in answers}) != 1:
        return ""
    status, media, location = answers[0].status, answers[0].media_type, answers[0].header("location")
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


def _is_json(exchange: Exchange) -> bool:
    try:
        return exchange.json is not None
    except NotJsonError:
        return False
