"""What one request costs in process, without a socket: `python -m benchmarks.inprocess`.

Request and response validation, state, session and journal are on; the store is memory. Prints microseconds per
request: the median of several rounds, and the quickest.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from mockserver.app import Options, build, settle

ROUNDS, REQUESTS = 9, 4_000
HEADERS = [
    (b"host", b"localhost:8080"),
    (b"user-agent", b"bench/1.0"),
    (b"accept", b"*/*"),
    (b"x-clientid", b"test-client"),
    (b"accept-version", b"v4.0"),
    (b"authorization", b"Bearer test-token"),
]
BODY = (
    b'{"campaign_id":"camp_abc123","merchant_id":"k2lye10h32l5wzo","variant_id":"var_treat1","identifiers":'
    b'[{"type":"email","value":"jane.smith@example.com"},{"type":"phone","value":"+14155551234"}]}'
)


def scope(method: str, path: str, query: bytes = b"", body: bytes = b"") -> dict[str, Any]:
    """An ASGI scope as uvicorn makes it."""
    sent = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())] if body else []
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": HEADERS + sent,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }


def cases(prefix: str = "/thanx") -> dict[str, tuple[dict[str, Any], bytes]]:
    """Thanx: a finished job is polled, a job is submitted."""
    get = scope("GET", f"{prefix}/partner/issuance_jobs/job_xyz789", b"merchant_id=k2lye10h32l5wzo")
    post = scope("POST", f"{prefix}/partner/campaigns/issue", body=BODY)
    return {"GET job": (get, b""), "POST job": (post, BODY)}


async def measure(app: Callable[..., Awaitable[None]], request: dict[str, Any], body: bytes) -> list[float]:
    """Microseconds per request, one figure per round."""
    statuses: set[int] = set()

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if "status" in message:
            statuses.add(message["status"])

    figures = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(REQUESTS):
            await app(request, receive, send)
        figures.append((time.perf_counter() - start) / REQUESTS * 1e6)
    assert statuses <= {200, 202}, statuses
    return figures


def main() -> None:
    for name, (request, body) in cases().items():
        stub = build(Options())
        settle()
        figures = asyncio.run(measure(stub, request, body))
        print(f"{name:10} {statistics.median(figures):6.1f} µs (quickest round {min(figures):.1f})")


if __name__ == "__main__":
    main()
