"""A broken promise, with its evidence; and equal ones folded into one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from contracts.target.exchange import Exchange
from openapi.library import Address


@dataclass(frozen=True, slots=True)
class Breach:
    """One time that the target did not keep what the contract promises.

    `check` is the name of the check or law; `promise` is what `Subject.location` takes; `exchanges` are the evidence
    in the order of sending, the last one being the answer that breaks it. `key` tells equal breaches: the same check,
    operation and key are one finding, `times` counts them. `seen_again` says whether the exchanges came out the same
    when they were sent once more, alone; None when that was not tried.
    """

    check: str
    operation: str
    promise: str | Address
    message: str
    exchanges: tuple[Exchange, ...]
    seed: int
    key: str = ""
    times: int = 1
    seen_again: bool | None = None


def fold(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    """Equal breaches as one, the one with the smallest evidence, in the order of their first occurrence."""
    found: dict[tuple[str, str, str], Breach] = {}
    for breach in breaches:
        identity = (breach.check, breach.operation, breach.key or general(breach.message))
        known = found.get(identity)
        if known is None:
            found[identity] = breach
        else:
            least = min(known, breach, key=_size)
            found[identity] = replace(least, times=known.times + breach.times)
    return tuple(found.values())


def general(message: str) -> str:
    """A message without what differs from case to case: quoted texts and numbers."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|`[^`]*`|\d+", "…", message.splitlines()[0] if message else "")


def _size(breach: Breach) -> tuple[int, int]:
    return len(breach.exchanges), sum(len(e.request.url) + len(e.request.body) for e in breach.exchanges)
