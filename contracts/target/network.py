"""The real network: an answer has a time to be there as a whole, and a size.

The time limit of requests is for each read from the socket: a byte every few seconds keeps it for ever.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# No answer of any contract is nearly as large, in bytes.
LARGEST = 64 * 2**20
_CHUNK = 65536


@dataclass(slots=True)
class Network:
    """Connections are kept, redirects are the caller's business."""

    largest: int = LARGEST
    adapter: HTTPAdapter = field(default_factory=lambda: _Adapter(pool_maxsize=16))

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        """The answer, read to its end. Raises requests.RequestException."""
        try:
            response = self.adapter.send(request, stream=True, timeout=timeout)
            response._content = self._body(response)
        except requests.ConnectionError as error:
            if error.args and isinstance(error.args[0], urllib3.exceptions.ReadTimeoutError):
                raise requests.ReadTimeout("timed out", request=request) from None
            raise
        return response

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self.largest:
                response.close()
                raise requests.RequestException(f"the answer is larger than {self.largest:,} bytes")
        return bytes(body)


class _Reader(io.RawIOBase):
    """Reads from a socket until an instant, of the monotonic clock."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self.connection, self.until = connection, until
        self.raw = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.connection.settimeout(left)
        return self.raw.readinto(buffer)

    def close(self) -> None:
        self.raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class _Socket:
    """What http.client takes for the socket of an answer."""

    connection: socket.socket
    until: float

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self.connection, self.until))


class _Response(http.client.HTTPResponse):
    """An answer whose time begins when it is waited for."""

    def __init__(self, connection: socket.socket, *args: Any, **kwargs: Any) -> None:
        until = time.monotonic() + (connection.gettimeout() or 0.0)
        super().__init__(_Socket(connection, until), *args, **kwargs)  # type: ignore[arg-type]  # it only makes a file


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
