"""A broken promise, with its evidence; and equal ones folded into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from contracts.target.exchange import Exchange
from openapi.library import Address


@dataclass(frozen=True, slots=True)
class Key:
    """What tells the breaches of one check and operation apart. What a check does not give, it does not tell apart.

    `promise` is the keyword of the contract, or the fact, that is broken; `route` leads to that keyword from the
    schema that was validated, so without any index of the value. `subject` is what the check itself distinguishes:
    the name of a header, the states of a job, the code of a failure.
    """

    promise: str | Address = ""
    status: int | None = None
    media_type: str = ""
    route: tuple[str | int, ...] = ()
    subject: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Breach:
    """One time that the target did not keep what the contract promises.

    `check` is the name of the check or law; `promise` is what `Subject.location` takes; `exchanges` are the evidence
    in the order of sending, the last one being the answer that breaks it. Breaches of the same check, operation and
    `key` are one finding, `times` counts them; the message is for people and tells nothing apart. `seen_again` says
    whether the exchanges came out the same when they were sent once more, alone; None when that was not tried.
    """

    check: str
    operation: str
    promise: str | Address
    message: str
    exchanges: tuple[Exchange, ...]
    seed: int
    key: Key = Key()
    times: int = 1
    seen_again: bool | None = None


class BrokenError(AssertionError):
    """A law does not hold; `breach` says what was promised and what came back instead."""

    def __init__(self, breach: Breach) -> None:
        super().__init__(breach.message)
        self.breach = breach


def fold(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    """Equal breaches as one, the one with the smallest evidence, in the order of their first occurrence."""
    found: dict[tuple[str, str, Key], Breach] = {}
    for breach in breaches:
        identity = (breach.check, breach.operation, breach.key)
        known = found.get(identity)
        if known is None:
            found[identity] = breach
        else:
            least = min(known, breach, key=_size)
            found[identity] = replace(least, times=known.times + breach.times)
    return tuple(found.values())


def _size(breach: Breach) -> tuple[int, int]:
    return len(breach.exchanges), sum(len(e.request.url) + len(e.request.body) for e in breach.exchanges)
