"""The limit: uvicorn with uvloop and httptools, and an application that answers constant bytes. `bare.py PORT`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]

JOB = (
    b'{"issuance_job":{"id":"job_xyz789","campaign_id":"camp_abc123","variant_id":"var_treat1","state":"%s",'
    b'"total_count":2,"processed_count":0,"success_count":0,"failure_count":0,"progress_percent":0,'
    b'"created_at":"2025-06-15T10:30:00Z","started_at":null,"completed_at":null}}'
)
BODIES = {"GET": (200, JOB % b"completed"), "POST": (202, JOB % b"pending")}
STARTS: dict[str, Message] = {
    method: {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
    }
    for method, (status, body) in BODIES.items()
}
ENDS: dict[str, Message] = {
    method: {"type": "http.response.body", "body": body} for method, (_, body) in BODIES.items()
}


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answers without looking at anything but the method, and does not even read the body."""
    method = scope["method"]
    await send(STARTS[method])
    await send(ENDS[method])


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_level="warning",
    )
