"""What it takes to show a finding again: what made the things that its requests name, and the time in between.

A law's evidence are the answers that contradict the contract. Whoever wants to see them has to send more: the request
that started the job, the command that was given to it, the seconds that were let pass.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from urllib.parse import unquote, urlsplit

from contracts.target.control import advanced, advancing, moves
from contracts.target.exchange import Exchange
from contracts.target.subject import Subject
from contracts.target.target import Target
from openapi.paths import Template

# Bytes that are kept of what was sent; beyond them the oldest is forgotten. An exchange costs that much by itself.
MOST, EACH = 128 * 2**20, 2000
SAFE = ("GET", "HEAD", "OPTIONS")
# Shorter words are counts rather than names, except those that a path is filled with.
_WORD, _ANY = re.compile(r"[\w.~-]{5,}"), re.compile(r"[\w.~-]+")


@dataclass(slots=True)
class History:
    """An observer that keeps what was sent, for the findings at the end of a run."""

    most: int = MOST
    size: int = 0
    kept: deque[Exchange] = field(default_factory=deque)

    def __call__(self, exchange: Exchange) -> None:
        self.kept.append(exchange)
        self.size += _size(exchange)
        while self.size > self.most:
            self.size -= _size(self.kept.popleft())

    def sequences(self, subject: Subject, target: Target) -> Sequences:
        """What was kept, by session. What the contract and the target's data say was not made by an answer."""
        sessions: dict[str, list[Exchange]] = {}
        for exchange in self.kept:
            sessions.setdefault(exchange.session, []).append(exchange)
        documents = [source.root for source in subject.contract.library.sources.values()]
        known = _words(f"{documents} {target.data}")
        paths = {operation.id: operation.path for operation in subject.contract.operations}
        return Sequences({name: Session(tuple(kept), known, paths) for name, kept in sessions.items()})


@dataclass(frozen=True, slots=True)
class Sequences:
    sessions: dict[str, Session]

    def leading_to(self, evidence: tuple[Exchange, ...]) -> Iterator[tuple[Exchange, ...]]:
        """The evidence with what it takes to get it, in the order of sending; the least that may do first.

        What made the things that it names; in a session of the judge's own then everything that was written, and
        everything. Evidence of several sessions, or of one that is forgotten, stays as it is.
        """
        names = {exchange.session for exchange in evidence}
        session = self.sessions.get(names.pop()) if len(names) == 1 else None
        if session is None:
            yield evidence
            return
        yield session.naming(evidence)
        if evidence[0].session:
            yield session.before(evidence, lambda one: one.request.method not in SAFE)
            yield session.before(evidence, lambda one: True)


@dataclass(frozen=True)
class Session:
    """What was sent in one session, in the order of sending; `known` are the words that name nothing made there.

    `paths` are the paths of the operations, with their parameters.
    """

    exchanges: tuple[Exchange, ...]
    known: set[str]
    paths: Mapping[str, str]
    asked: dict[int, set[str]] = field(default_factory=dict)

    def naming(self, evidence: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """With the answers that gave the names it asks with, and what was written to the things of these names."""
        needed = {exchange.number: exchange for exchange in evidence}
        names = self._follow(needed)

        def written(one: Exchange) -> bool:
            return one.request.method not in SAFE and one.status < 400 and not names.isdisjoint(self._asked(one))

        return self.before(evidence, lambda one: one.number in needed or written(one))

    def before(self, evidence: tuple[Exchange, ...], wanted: Callable[[Exchange], bool]) -> tuple[Exchange, ...]:
        """With those before it that are wanted, and the time that was let pass."""
        last = max(exchange.number for exchange in evidence)
        before = (one for one in self.exchanges if one.number < last)
        chosen = (one for one in before if moves(one) or (one.operation and wanted(one)))
        return tuple(_in_time({one.number: one for one in (*chosen, *evidence)}.values()))

    def _follow(self, needed: dict[int, Exchange]) -> set[str]:
        """Add what made the names that are asked with, and what made the names in that; all of these names."""
        names: set[str] = set()
        waiting = list(needed.values())
        while waiting:
            exchange = waiting.pop()
            for word in self._asked(exchange) - names:
                maker = self.makers.get(word)
                if maker is None or maker.number >= exchange.number:
                    continue
                names.add(word)
                if maker.number not in needed:
                    needed[maker.number] = maker
                    waiting.append(maker)
        return names

    @cached_property
    def makers(self) -> dict[str, Exchange]:
        """For each name the first answer that had it, to a request that had not."""
        found: dict[str, Exchange] = {}
        for exchange in self.exchanges:
            if exchange.operation and exchange.status < 400:
                text = f"{exchange.header('location')} {exchange.response.body.decode(errors='replace')}"
                # What an answer to a read calls 7 is hardly what a path was filled with.
                words = _words(text, _WORD if exchange.request.method in SAFE else _ANY)
                for word in words - self.known - self._asked(exchange):
                    found.setdefault(word, exchange)
        return found

    def _asked(self, exchange: Exchange) -> set[str]:
        """The words of a request's address and body, and what its path is filled with; kept, as every finding asks."""
        if exchange.number not in self.asked:
            self.asked[exchange.number] = self._words_of(exchange)
        return self.asked[exchange.number]

    def _words_of(self, exchange: Exchange) -> set[str]:
        request, template = exchange.request, self.paths.get(exchange.operation, "")
        filled = set((Template(template).values_at_end(urlsplit(request.url).path) or {}).values())
        return filled | _words(f"{unquote(request.url)} {request.body.decode(errors='replace')}")


def _in_time(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """In the order of sending; waits in a row are one."""
    ordered = sorted(exchanges, key=lambda one: one.number)
    for waits, group in groupby(ordered, lambda one: advanced(one) is not None):
        members = list(group)
        if waits:
            yield advancing(members[-1], sum(advanced(one) or 0.0 for one in members))
        else:
            yield from members


def _words(text: str, word: re.Pattern[str] = _WORD) -> set[str]:
    return set(word.findall(text))


def _size(exchange: Exchange) -> int:
    return EACH + len(exchange.request.body) + len(exchange.response.body)
