"""Writes exchanges as HAR 1.2, one entry a line; what is of our own begins with `_`, as the format has it.

The shapes are those of harfile. The frame around them is ours: harfile has no room for fields of one's own, and what
is known at the end of a run goes behind the entries.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

import harfile
import orjson

from contracts.target.exchange import Exchange

CREATOR = {"name": "reward-contracts", "version": "1"}


@dataclass(slots=True)
class Writer:
    """A HAR file that is being written; `run` is what is known at the start, what the recorded run is to do."""

    file: IO[bytes]
    run: Mapping[str, Any]
    _separator: bytes = field(default=b"\n", init=False)

    def __post_init__(self) -> None:
        head = orjson.dumps({"version": harfile.HAR_VERSION, "creator": CREATOR, "_run": self.run})
        self.file.write(b'{"log": ' + head[:-1] + b', "entries": [')

    def add(self, exchange: Exchange) -> None:
        """Write one exchange that was just answered. Raises OSError."""
        started = datetime.now(UTC) - timedelta(seconds=exchange.response.seconds)
        self.file.write(self._separator + orjson.dumps(entry(exchange, started)))
        self._separator = b",\n"

    def close(self, verdict: Mapping[str, Any]) -> None:
        """Write what the recorded run came to. Raises OSError."""
        self.file.write(b'\n], "_verdict": ' + orjson.dumps(verdict) + b"}}\n")


def entry(exchange: Exchange, started: datetime) -> dict[str, Any]:
    """One exchange as an entry of `log.entries`."""
    milliseconds = exchange.response.seconds * 1000
    return {
        "startedDateTime": started.isoformat(),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=milliseconds, receive=0).asdict(),
        "_number": exchange.number,
        "_operation": exchange.operation,
        "_by": exchange.by,
        "_session": exchange.session,
        "_at": exchange.at,
    }


def _request(exchange: Exchange) -> dict[str, Any]:
    request = exchange.request
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    shape = harfile.Request(
        method=request.method,
        url=request.url,
        httpVersion="HTTP/1.1",
        headers=_records(request.headers.items()),
        queryString=_records(query),
        bodySize=len(request.body),
    ).asdict()
    if request.body:
        text, encoding = _text(request.body)
        shape["postData"] = harfile.PostData(mimeType=request.header("content-type"), text=text).asdict()
        shape["postData"] |= {"_encoding": encoding} if encoding else {}
    return shape


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    text, encoding = _text(response.body)
    phrases = {status.value: status.phrase for status in HTTPStatus}
    content = harfile.Content(
        size=len(response.body), mimeType=exchange.header("content-type"), text=text, encoding=encoding or None
    )
    return harfile.Response(
        status=response.status,
        statusText=phrases.get(response.status, ""),
        httpVersion="HTTP/1.1",
        headers=_records(response.headers.items()),
        content=content,
        redirectURL=exchange.header("location"),
        bodySize=len(response.body),
    ).asdict()


def _records(pairs: Any) -> list[harfile.Record]:
    return [harfile.Record(name=name, value=value) for name, value in pairs]


def _text(body: bytes) -> tuple[str, str]:
    """A body as text, and its encoding: `base64`, or "" for text as it is."""
    try:
        return body.decode(), ""
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), "base64"
