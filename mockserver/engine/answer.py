"""What the engine answers, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from mockserver.core.journal import Reason
from openapi.validators import Violation

JSON = "application/json"
PROBLEM = "application/problem+json"
# Statuses whose responses have no content (RFC 9110, 15.3.5, 15.3.6, 15.4.5), whatever a document shows.
WITHOUT_CONTENT = frozenset({204, 205, 304})
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Answer(NamedTuple):
    """A response. `value` is JSON data, or `str` for another media type; `content` overrides it with exact bytes.

    `job` is the id of the job it is about, and `problem` the refusal it is where one leaves something behind; both are
    for the journal.
    """

    status: int
    value: Any = None
    headers: Mapping[str, str] = NO_HEADERS
    media_type: str = JSON
    content: bytes | None = None
    job: str = ""
    problem: str = ""


def encoded(answer: Answer) -> bytes:
    """The bytes of an answer's body."""
    if answer.status in WITHOUT_CONTENT:
        return b""
    if answer.content is not None:
        return answer.content
    if answer.value is None:
        return b""
    if isinstance(answer.value, str) and "json" not in answer.media_type:
        return answer.value.encode()
    return orjson.dumps(answer.value)


class Malformed(NamedTuple):
    """Why a body is not well-formed, and at which character (from 0) where that is known."""

    message: str
    position: int | None


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The request is not accepted. `problem` is a name in the provider's table of problems.

    `detail` is put where the table says; `reasons` go to the journal and to the provider's own error body. `violations`
    are the same reasons before they became text. `about` is the body that is `invalid`, or where it is `malformed`.
    """

    def __init__(
        self,
        problem: str,
        detail: str = "",
        *,
        reasons: tuple[Reason, ...] = (),
        headers: Mapping[str, str] = NO_HEADERS,
        about: Any = None,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail
        self.reasons = reasons
        self.headers = headers
        self.about = about
        self.violations = violations


def json_problem(status: int, title: str, detail: str) -> Answer:
    """The stub's own word, outside any provider's envelope (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answer(status, body, {}, PROBLEM)
