"""Ways to break that are the same for every provider: behaviours made from JSON Pointers, operationIds and headers.

A pointer here is a JSON Pointer whose token `*` stands for every member of an array; a place that an answer does not
have is left alone. `status` is the beginning of a status: `2` stands for every success, `404` for itself. Without
operations a behaviour is about all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Memory
from openapi.pointer import split

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


# Of requests


def requests(change: Callable[[Asked], Asked], *operations: str) -> Behaviour:
    """Read the request as if it were another one. A GET that is refused is refused still: only its meaning is lost."""

    async def behave(asked: Asked, ask: Ask, memory: Memory) -> Answer:
        if asked.method == "GET" and meant(asked, operations):
            answer = await ask(asked)
            return await ask(change(asked)) if answer.status == 200 else answer
        return await ask(change(asked) if meant(asked, operations) else asked)

    return behave


def deaf_to_header(name: str, *operations: str) -> Behaviour:
    """Ignore a header of the request."""
    return requests(lambda asked: asked.with_header(name, None) if asked.header(name) else asked, *operations)


def reading_parameter(name: str, read: Callable[[str], str | None], *operations: str) -> Behaviour:
    """Read a query parameter as another value; None: as if it were not there."""

    def change(asked: Asked) -> Asked:
        sent = dict(parse_qsl(asked.query, keep_blank_values=True))
        new = read(sent[name]) if name in sent else None
        return asked.with_parameter(name, new) if name in sent and new != sent[name] else asked

    return requests(change, *operations)


def deaf_to_parameter(name: str, *operations: str) -> Behaviour:
    """Ignore a query parameter."""
    return reading_parameter(name, lambda value: None, *operations)


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


def worn_out(requests: int, *operations: str, status: int = 500) -> Behaviour:
    """A server that fails once it has answered so many requests: a pool that is never given back."""
    return failing(lambda asked, memory: counted(memory, "served") > requests, *operations, status=status)


def hiccup(every: int, *operations: str, status: int = 502) -> Behaviour:
    """A server that fails once in so many requests: one bad instance behind the balancer."""
    return failing(lambda asked, memory: counted(memory, "served") % every == 0, *operations, status=status)
