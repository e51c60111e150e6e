"""A stub that is broken in one small way, to see that a law can fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.check.plan import Plan
from contracts.check.run import check
from contracts.check.verdict import Verdict
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Defect, Kind, Memory
from contracts.defects.wrapper import Wrapper
from contracts.laws import laws_of
from contracts.stub import inside
from contracts.target.subject import load_subject


def judged(provider: str, *only: str, fault: Behaviour | None = None, seed: int = 7) -> Verdict:
    """The provider's laws of these names, all of its own when none is named, on a sound or a broken stub."""
    subject = load_subject(provider)
    wanted = only or tuple(law.name for law in laws_of(provider).laws)
    defect = Defect("fault", Kind.SCHEMA, "", fault) if fault else None
    target, wire = inside(provider, lambda app: Wrapper(app, subject, defect))
    plan = Plan(seed=seed, max_examples=8, first=fault is not None, only=wanted)
    return check(subject, target, plan, wire)


def answers(operation: str, change: Callable[[Any], object], status: int = 0) -> Behaviour:
    """The JSON of an operation's answers (of one status) is changed in place."""

    async def behave(asked: Asked, ask: Ask, _: Memory) -> Answer:
        answer = await ask(asked)
        if asked.operation != operation or (status and answer.status != status) or not answer.json:
            return answer
        if not status and answer.status >= 400:
            return answer
        value = answer.json
        change(value)
        return answer.with_json(value)

    return behave


def requests(operation: str, change: Callable[[Asked], Asked]) -> Behaviour:
    """The server takes requests of an operation for others."""

    async def behave(asked: Asked, ask: Ask, _: Memory) -> Answer:
        return await ask(change(asked) if asked.operation == operation else asked)

    return behave


def replays(operation: str, status: int) -> Behaviour:
    """Where an operation would answer with this status, its last success is answered again."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if asked.operation != operation:
            return answer
        if answer.status < 300:
            memory["last"] = answer
        return memory.get("last", answer) if answer.status == status else answer

    return behave
