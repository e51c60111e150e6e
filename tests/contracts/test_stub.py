"""The stub as a target in this process: as a server would serve it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import requests

from contracts.stub import INSIDE, Inside, Receive, Scope, Send

CALLERS = 4


class Meeting:
    """An application that answers nobody before all are there, and keeps the threads that it ran in."""

    def __init__(self) -> None:
        self.all = asyncio.Barrier(CALLERS)
        self.threads: set[int] = set()

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        self.threads.add(threading.get_ident())
        async with asyncio.timeout(10):
            await self.all.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def test_requests_from_several_threads_meet_in_one_as_at_a_server() -> None:
    """A handler is never interrupted between two awaits, and two of them can wait for each other."""
    app = Meeting()
    wire = Inside(app)
    request = requests.Request("GET", INSIDE).prepare()
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(lambda _: wire.send(request, 1.0), range(CALLERS)))
    assert [answer.status_code for answer in answers] == [204] * CALLERS
    assert len(app.threads) == 1
