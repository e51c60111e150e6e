"""A server for tests of defects: what it was asked, and an answer that is always the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.defects.defect import Answer, Asked, Behaviour, Defect, Memory
from tests.contracts.defects import provider_behaviours as p
from tests.contracts.defects.catalogues import CATALOGUES

SPECS = Path(__file__).resolve().parents[3] / "specs"


@dataclass(slots=True)
class Sound:
    """Answers every request with `answer`, or as `answers` says one after the other; `asked` is what it got."""

    answer: Answer
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.answers.pop(0) if self.answers else self.answer


def sound(value: Any = None, status: int = 200) -> Sound:
    """A server that answers with this JSON."""
    return Sound(p.json_answer(status, value))


def asking(operation: str = "read", **changes: Any) -> Asked:
    """A request of an operation."""
    said = {"method": "GET", "path": "/jobs/1", "query": "", "headers": {}, "body": b"", "arguments": {}, "at": 0.0}
    return Asked(operation=operation, **{**said, **changes})


def behave(behaviour: Behaviour, server: Sound, asked: Asked | None = None, memory: Memory | None = None) -> Answer:
    """What a broken server answers."""
    return asyncio.run(_await(behaviour, server, asked or asking(), {"at": 0.0} if memory is None else memory))


async def _await(behaviour: Behaviour, server: Sound, asked: Asked, memory: Memory) -> Answer:
    return await behaviour(asked, server, memory)


def defect(provider: str, name: str) -> Defect:
    """A defect of one of our own stubs."""
    return next(found for found in CATALOGUES[provider] if found.name == name)
