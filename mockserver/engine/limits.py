"""Documented rate limits, for scenarios that enforce them: so many requests in so many seconds of virtual time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.core.records import Noted
from mockserver.engine.answer import Refusal
from mockserver.engine.instants import seconds
from mockserver.engine.session import Session


def enforce(session: Session, who: str, limits: Iterable[Mapping[str, Any]], now: int) -> None:
    """Count a request of `who`. Raises Refusal `rate_limited` if any window is full; it then does not count.

    Each limit is `{requests, seconds}`.
    """
    stream = f"rate/{who}"
    with session.transaction():
        seen = session.read(stream)
        for limit in limits:
            allowed, window = limit["requests"], seconds(limit["seconds"])
            if len(seen) >= allowed and now - seen[-allowed].at < window:
                wait = seen[-allowed].at + window - now
                raise Refusal("rate_limited", headers={"Retry-After": str(-(-wait // seconds(1)))})
        session.append(stream, Noted(now, None))
