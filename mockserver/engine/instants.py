"""Instants as text: RFC 3339 in UTC, with the fraction a provider prints."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from mockserver.core.clock import SECOND

PRECISION = {"seconds": 0, "milliseconds": 3, "nanoseconds": 9}
_TEXT = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)\Z")


@lru_cache(maxsize=4096)
def text(instant: int, digits: int = 0) -> str:
    """`text(0)` is `1970-01-01T00:00:00Z`; `digits` of the fraction are printed, the rest is cut off."""
    seconds, fraction = divmod(instant, SECOND)
    stem = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stem}.{fraction:09d}"[: len(stem) + 1 + digits] + "Z" if digits else f"{stem}Z"


def parse(written: str) -> int:
    """The instant in nanoseconds. Raises ValueError for anything but RFC 3339."""
    match = _TEXT.match(written)
    if match is None:
        raise ValueError(f"'{written}' is no RFC 3339 instant such as 2025-06-15T10:30:00Z")
    stem, fraction, zone = match.groups()
    whole = datetime.fromisoformat(stem.upper() + zone.upper().replace("Z", "+00:00"))
    return int(whole.timestamp()) * SECOND + int((fraction or "0").ljust(9, "0"))


def seconds(duration: float) -> int:
    """Nanoseconds of a duration in seconds, to the nanosecond."""
    return round(duration * SECOND)
