"""Ways to break that only the catalogues of our own four stubs use; see `contracts/defects/behaviours.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from contracts.defects.behaviours import (
    GONE,
    Edit,
    When,
    always,
    answers,
    bodies,
    counted,
    edited,
    later,
    meant,
    requests,
)
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from openapi.pointer import resolve


def members(pointer: str, where: Edit, change: Edit, *operations: str) -> Behaviour:
    """Change the objects at a pointer for which `where` holds, as jobs of one state."""

    def edit(value: Any) -> Any:
        return change(value) if isinstance(value, dict) and where(value) else value

    return values(pointer, edit, *operations)


def renamed(pointer: str, name: str, *operations: str, status: str = "2") -> Behaviour:
    """Another name for a property."""
    parent, _, old = pointer.rpartition("/")

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {name if key == old else key: member for key, member in value.items()}
        return value

    return values(parent, rename, *operations, status=status)


def left_out(pointer: str, *operations: str, status: str = "2") -> Behaviour:
    """A property that is missing."""
    return values(pointer, lambda _: GONE, *operations, status=status)


def left_out_when_null(pointer: str, *operations: str) -> Behaviour:
    """A property that is missing where it should be null."""
    return values(pointer, lambda value: GONE if value is None else value, *operations)


def as_text(pointer: str, *operations: str) -> Behaviour:
    """A number in quotes."""
    return values(pointer, lambda value: str(value) if isinstance(value, (int, float)) else value, *operations)


def unwrapped(name: str, *operations: str) -> Behaviour:
    """The content of an envelope without the envelope."""
    return values("", lambda value: value[name] if isinstance(value, dict) and name in value else value, *operations)


def added(pointer: str, amount: float, *operations: str, when: When = always) -> Behaviour:
    """A number that is off by so much."""

    def add(value: Any) -> Any:
        return value + amount if isinstance(value, (int, float)) and not isinstance(value, bool) else value

    return values(pointer, add, *operations, when=when)


def translated(pointer: str, words: Mapping[Any, Any], *operations: str, when: When = always) -> Behaviour:
    """Other words for some values, as of a state."""

    def translate(value: Any) -> Any:
        return words.get(value, value) if isinstance(value, (str, int)) else value

    return values(pointer, translate, *operations, when=when)


def shifted(pointer: str, seconds: float, *operations: str) -> Behaviour:
    """An instant that is off by so many seconds."""
    return values(pointer, lambda value: later(value, seconds), *operations)


def refusing(refusal: Answer, *operations: str, when: When = always) -> Behaviour:
    """Refuse requests in the documented way, though nothing speaks against them."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        return refusal if meant(asked, operations) and 200 <= answer.status < 300 and when(asked) else answer

    return behave


def sent_values(pointer: str, edit: Edit, *operations: str) -> Behaviour:
    """Read the values at a pointer of the JSON body as others."""

    def change(asked: Asked) -> Asked:
        before, value = asked.json, asked.json
        after = edited(value, pointer, edit)
        return asked if after == before else asked.with_json(after)

    return requests(change, *operations)


def assuming_parameter(name: str, value: str, *operations: str) -> Behaviour:
    """Another default of a query parameter."""
    return requests(lambda asked: asked if asked.parameter(name) else asked.with_parameter(name, value), *operations)


def opened(credentials: Mapping[str, str], *operations: str, status: str = "401", when: When = always) -> Behaviour:
    """Let in whom the sound server refuses: ask again with other credentials (headers by lower-case name)."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if not meant(asked, operations) or not str(answer.status).startswith(status) or not when(asked):
            return answer
        again = asked
        for name, value in credentials.items():
            again = again.with_header(name, value)
        return await ask(again)

    return behave


def lines(change: Callable[[list[str]], list[str]], *operations: str) -> Behaviour:
    """Change the lines of a CSV, the first of which names the columns."""

    def rewrite(_asked: Asked, answer: Answer, _memory: Memory) -> Answer:
        text = answer.body.decode()
        end = "\r\n" if "\r\n" in text else "\n"
        return replace(answer, body=end.join([*change(text.splitlines()), ""]).encode())

    return answers(rewrite, *operations, status="200")


def column(number: int, change: Callable[[str], str], *operations: str) -> Behaviour:
    """Change one column of every line but the first."""

    def edit(line: str) -> str:
        cells = line.split(",")
        return ",".join([*cells[:number], change(cells[number]), *cells[number + 1 :]])

    return lines(lambda some: [*some[:1], *map(edit, some[1:])], *operations)


def racing(key: Callable[[Asked], str], forget: Callable[[Asked], Asked], *operations: str) -> Behaviour:
    """Look a key up before the request that brought it first is done: both are carried out."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        name = key(asked)
        if not meant(asked, operations) or not name:
            return await ask(asked)
        flying = memory.setdefault("flying", {})
        flying[name] = flying.get(name, 0) + 1
        # Long enough for a request sent at the same time to come in.
        await asyncio.sleep(0.03)
        alone = flying[name] == 1
        answer = await ask(asked if alone else forget(asked))
        await asyncio.sleep(0.03 * (not alone))
        flying[name] -= 1
        return answer

    return behave


def byte_wise(key: Callable[[Asked], str], refusal: Answer, *operations: str) -> Behaviour:
    """Compare the bodies of a repeated key by their bytes: other white space is another body."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        name = key(asked)
        if not meant(asked, operations) or not name:
            return await ask(asked)
        first = memory.setdefault(("body", name), asked.body)
        return await ask(asked) if first == asked.body else refusal

    return behave


def blind_to_bodies(key: Callable[[Asked], str], mismatch: int, *operations: str) -> Behaviour:
    """Answer a repeated key as the first time, whatever the body says now."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        name = key(asked)
        if not meant(asked, operations) or not name:
            return answer
        if 200 <= answer.status < 300:
            memory.setdefault(("answer", name), answer)
        first: Answer = memory.get(("answer", name), answer)
        return first if answer.status == mismatch else answer

    return behave


def json_answer(status: int, value: Any) -> Answer:
    """An answer of the broken server's own."""
    return Answer(status, {"content-type": "application/json"}, orjson.dumps(value))


def values(pointer: str, edit: Edit, *operations: str, status: str = "2", when: When = always) -> Behaviour:
    """Change the values at a pointer."""
    return bodies(lambda value: edited(value, pointer, edit), *operations, status=status, when=when)


def flapping(pointer: str, older: Edit, *operations: str) -> Behaviour:
    """Every second read shows an older value, as when two replicas take turns."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if not meant(asked, operations) or answer.status != 200 or counted(memory, asked.path) % 2:
            return answer
        before, value = answer.json, answer.json
        after = edited(value, pointer, older)
        return answer if after == before else answer.with_json(after)

    return behave


def same_id(pointer: str, after: int, *operations: str) -> Behaviour:
    """Ids from too small a counter: the one after so many is that of the first."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if not meant(asked, operations) or not 200 <= answer.status < 300:
            return answer
        if counted(memory, "made") <= after:
            memory.setdefault("first", answer)
            return answer
        first = resolve(memory["first"].json, pointer)
        return answer.with_json(edited(answer.json, pointer, lambda _: first))

    return behave


def moving(pointer: str, *operations: str) -> Behaviour:
    """An instant that is the time of the look rather than that of the event."""

    def move(asked: Asked, answer: Answer, memory: Memory) -> Answer:
        looks = counted(memory, asked.path)
        return answer.with_json(edited(answer.json, pointer, lambda value: later(value, looks - 1)))

    return answers(move, *operations)
