"""The command `mockserver serve` as a process of its own, on a free port of the loopback interface."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

THANX = {"Authorization": "Bearer test-token", "X-ClientId": "test-client", "Accept-Version": "v4.0"}
ISSUE = {
    "campaign_id": "camp_abc123",
    "merchant_id": "k2lye10h32l5wzo",
    "variant_id": "var_treat1",
    "identifiers": [{"type": "email", "value": "jane.smith@example.com"}],
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and its process group."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End every process of it at once, as `kill -9` does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def connect(self) -> HTTPConnection:
        return HTTPConnection(urlsplit(self.url).netloc, timeout=20)

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Status and JSON body of one request on a connection of its own."""
        with closing(self.connect()) as connection:
            return call(connection, method, path, body, headers)


MOCKSERVER = (sys.executable, "-m", "mockserver.cli")


@contextmanager
def running(*arguments: str, program: Sequence[str] = MOCKSERVER, **options: Any) -> Iterator[Server]:
    """Start `mockserver serve` with these arguments; it listens when this returns, and is gone afterwards.

    `options` are those of subprocess.Popen.
    """
    command = [*program, "serve", "--port", "0", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True, **options)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert " on http://" in line, line
        yield Server(line.split(" on ")[1].split()[0], process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert process.stderr is not None
        process.stderr.close()


def call(
    connection: HTTPConnection, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """One request on a connection: status and JSON body."""
    said = dict(headers or {})
    if body is not None:
        said["Content-Type"] = "application/json"
    connection.request(method, path, None if body is None else json.dumps(body), said)
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")
