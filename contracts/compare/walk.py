"""The states that a job went through, and what of that its life cycle does not allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from openapi.library import Address
from openapi.lifecycle import Lifecycle

# So many states are shown of a way that goes round and round.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a life cycle does not allow: a first state, an arrow by time or by a command, or an end.

    `part` is what of `x-lifecycle` says otherwise. `state` and `later` are the ends of an arrow; `later` alone is a
    first state, and neither an end.
    """

    part: str
    message: str
    state: str = ""
    later: str = ""
    command: str = ""

    def address(self, job: Lifecycle) -> Address:
        at = job.address / "x-lifecycle" / self.part
        return at / self.command if self.command in job.commands else at


@dataclass(frozen=True, slots=True)
class Walk:
    """The states of one job in the order of being seen, from its start or from a command to its rest.

    `start` says what the first state is: `shown` by the answer that started the job, `found` a little later, or ""
    where the job was at rest before. `command` led away from the first state. `end` says how it ended otherwise than
    at rest.
    """

    states: tuple[str, ...]
    start: str = ""
    command: str = ""
    end: str = ""

    def __str__(self) -> str:
        long = len(self.states) > SHOWN
        shown = (*self.states[: SHOWN - 1], "…", self.states[-1]) if long else self.states
        return f"{' > '.join(shown)}{f', {self.end}' if self.end else ''}"

    def faults(self, job: Lifecycle) -> Iterator[Fault]:
        """What the life cycle does not allow, in the order of happening."""
        first = self.states[0]
        if self.start and first != job.initial and (self.start == "shown" or not job.follows(job.initial, first)):
            yield Fault("initial", f"a new job is {first}, not {job.initial}{_unknown(job, first)}", later=first)
        due = self.command
        for state, later in pairwise(self.states):
            if due and _commanded(job, due, state, later):
                due = ""
            elif state == later or not job.follows(state, later):
                # While the command has not led anywhere, it may be what led here.
                yield _wrong_arrow(job, state, later, due)
                due = ""
        if due and not _commanded(job, due, first, first):
            yield _wrong_arrow(job, first, first, due)
        if self.end:
            yield Fault("transitions", self.end)


def _commanded(job: Lifecycle, command: str, state: str, later: str) -> bool:
    """Whether the command can lead there, though time leads on before it and after it."""
    arrows = job.commands.get(command, {})
    return any(job.follows(state, source) and job.follows(target, later) for source, target in arrows.items())


def _wrong_arrow(job: Lifecycle, state: str, later: str, command: str) -> Fault:
    by = f" by {command}" if command else ""
    words = f"no arrow leads from {state} to {later}{by}{_unknown(job, state, later)}"
    if state == later:
        words = f"{command} is accepted, and the job stays {state}"
    return Fault("commands" if command else "transitions", words, state, later, command)


def _unknown(job: Lifecycle, *states: str) -> str:
    """A clause about states that are not the contract's."""
    unknown = [state for state in dict.fromkeys(states) if state not in job.states]
    return f"; {' and '.join(unknown)} {'is' if len(unknown) == 1 else 'are'} not in the contract" if unknown else ""
