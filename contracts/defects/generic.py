"""Ways to break that are the same for every provider: behaviours made from JSON Pointers, operationIds and headers.

A pointer here is a JSON Pointer whose token `*` stands for every member of an array; a place that an answer does not
have is left alone. `status` is the beginning of a status: `2` stands for every success, `404` for itself. Without
operations a behaviour is about all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson

from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from openapi.pointer import resolve, split

# From the value at a pointer to the one that takes its place; GONE takes the member away.
Edit = Callable[[Any], Any]
Change = Callable[[Asked, Answer, Memory], Answer]
When = Callable[[Asked], bool]


# A pointer's token for every member of an array.
EACH = "*"


class Gone:
    """The value of a member that is to be left out."""


GONE = Gone()


def always(_: Any) -> bool:
    return True


def edited(value: Any, pointer: str, edit: Edit) -> Any:
    """A JSON value with an edit at every place of a pointer; the value itself is changed."""
    return _edited(value, split(pointer), edit)


def _edited(value: Any, tokens: tuple[str, ...], edit: Edit) -> Any:
    if not tokens:
        return edit(value)
    for key in _keys(value, tokens[0]):
        new = _edited(value[key], tokens[1:], edit)
        if new is GONE:
            del value[key]
        else:
            value[key] = new
    return value


def _keys(value: Any, token: str) -> list[Any]:
    if isinstance(value, list):
        indexes = list(range(len(value)))
        return indexes if token == EACH else [index for index in indexes if str(index) == token]
    return [token] if isinstance(value, dict) and token in value else []


def meant(asked: Asked, operations: tuple[str, ...]) -> bool:
    """Whether a request is of one of these operations, of any one when none is named."""
    return asked.operation in operations if operations else bool(asked.operation)


def counted(memory: Memory, what: str) -> int:
    """How often this was counted in a session, this time included."""
    memory[what] = memory.get(what, 0) + 1
    return int(memory[what])


# Of answers


def answers(change: Change, *operations: str, status: str = "2", when: When = always) -> Behaviour:
    """Change what comes back."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if not meant(asked, operations) or not str(answer.status).startswith(status) or not when(asked):
            return answer
        return change(asked, answer, memory)

    return behave


def bodies(change: Callable[[Any], Any], *operations: str, status: str = "2", when: When = always) -> Behaviour:
    """Change the JSON that comes back; a body that stays as it is keeps its very bytes."""

    def rewrite(_asked: Asked, answer: Answer, _memory: Memory) -> Answer:
        before, value = answer.json, answer.json
        after = change(value)
        return answer if after == before else answer.with_json(after)

    return answers(rewrite, *operations, status=status, when=when)


def values(pointer: str, edit: Edit, *operations: str, status: str = "2", when: When = always) -> Behaviour:
    """Change the values at a pointer."""
    return bodies(lambda value: edited(value, pointer, edit), *operations, status=status, when=when)


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


def later(value: Any, seconds: float) -> Any:
    """An ISO 8601 instant moved; anything else as it is."""
    if not isinstance(value, str):
        return value
    moved = datetime.fromisoformat(value) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="milliseconds" if "." in value else "seconds").replace("+00:00", "Z")


def with_status(new: int, *operations: str, status: str = "2", when: When = always) -> Behaviour:
    """Another status with the same body."""
    return answers(lambda asked, answer, memory: replace(answer, status=new), *operations, status=status, when=when)


def with_header(name: str, value: str | None, *operations: str, status: str = "", when: When = always) -> Behaviour:
    """Another value of a header; None leaves it out. Also of requests that are none of the contract's."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if (operations and asked.operation not in operations) or not str(answer.status).startswith(status):
            return answer
        return answer.with_header(name, value) if when(asked) and name in answer.headers else answer

    return behave


def with_body(body: bytes, media: str, *operations: str, status: str) -> Behaviour:
    """Another body altogether, as of the proxy in front."""
    headers = {"content-type": media}
    return answers(lambda asked, answer, memory: Answer(answer.status, headers, body), *operations, status=status)


def failing(when: Callable[[Asked, Memory], bool], *operations: str, status: int = 500) -> Behaviour:
    """A failure of the server for some requests, which are not carried out."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        if meant(asked, operations) and when(asked, memory):
            return Answer(status, {"content-type": "text/plain"}, b"Internal Server Error")
        return await ask(asked)

    return behave


def refusing(refusal: Answer, *operations: str, when: When = always) -> Behaviour:
    """Refuse requests in the documented way, though nothing speaks against them."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        return refusal if meant(asked, operations) and 200 <= answer.status < 300 and when(asked) else answer

    return behave


# Of requests


def requests(change: Callable[[Asked], Asked], *operations: str) -> Behaviour:
    """Read the request as if it were another one. A GET that is refused is refused still: only its meaning is lost."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        if asked.method == "GET" and meant(asked, operations):
            answer = await ask(asked)
            return await ask(change(asked)) if answer.status == 200 else answer
        return await ask(change(asked) if meant(asked, operations) else asked)

    return behave


def sent_values(pointer: str, edit: Edit, *operations: str) -> Behaviour:
    """Read the values at a pointer of the JSON body as others."""

    def change(asked: Asked) -> Asked:
        before, value = asked.json, asked.json
        after = edited(value, pointer, edit)
        return asked if after == before else asked.with_json(after)

    return requests(change, *operations)


def deaf_to_header(name: str, *operations: str) -> Behaviour:
    """Ignore a header of the request."""
    return requests(lambda asked: asked.with_header(name, None) if asked.header(name) else asked, *operations)


def deaf_to_parameter(name: str, *operations: str) -> Behaviour:
    """Ignore a query parameter."""
    return reading_parameter(name, lambda value: None, *operations)


def reading_parameter(name: str, read: Callable[[str], str | None], *operations: str) -> Behaviour:
    """Read a query parameter as another value; None: as if it were not there."""

    def change(asked: Asked) -> Asked:
        sent = dict(parse_qsl(asked.query, keep_blank_values=True))
        new = read(sent[name]) if name in sent else None
        return asked.with_parameter(name, new) if name in sent and new != sent[name] else asked

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


# Of files


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


# With a memory


def stale(*operations: str, lag: int = 1, every: int = 1) -> Behaviour:
    """A replica that lags: a read shows what was to be seen `lag` reads before."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        answer = await ask(asked)
        if not meant(asked, operations) or answer.status != 200:
            return answer
        seen = memory.setdefault("seen", {}).setdefault((asked.path, asked.query), [])
        seen.append(answer)
        old = seen[max(0, len(seen) - 1 - lag)]
        return old if counted(memory, "reads") % every == 0 else answer

    return behave


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


def worn_out(requests: int, *operations: str, status: int = 500) -> Behaviour:
    """A server that fails once it has answered so many requests: a pool that is never given back."""
    return failing(lambda asked, memory: counted(memory, "served") > requests, *operations, status=status)


def hiccup(every: int, *operations: str, status: int = 502) -> Behaviour:
    """A server that fails once in so many requests: one bad instance behind the balancer."""
    return failing(lambda asked, memory: counted(memory, "served") % every == 0, *operations, status=status)


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
