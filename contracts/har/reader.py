"""Reads a HAR file of whoever wrote it, and says what cannot be read: the file, the number of the entry, what is wrong.

Bodies are as the file has them: decompressed, no longer in pieces, in Base64 where they are no text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from contracts.findings import shown
from contracts.target.exchange import Exchange, Request, Response

# What separates two entries of a file of ours, which can be read as far as it was written.
_BETWEEN = b",\n"


class HarError(ValueError):
    """A file that cannot be read as HAR; the text says where and what is wrong."""


@dataclass(frozen=True, slots=True)
class Har:
    """What a file holds, in the order of sending.

    `unread` says of each entry that cannot be judged why. `run` and `verdict` are what a recording of ours says of
    itself, or empty. `breaks_off`: the writer was killed, or the file cut.
    """

    exchanges: tuple[Exchange, ...]
    unread: tuple[str, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)
    verdict: Mapping[str, Any] = field(default_factory=dict)
    breaks_off: bool = False


def read(path: Path) -> Har:
    """Read a HAR file. Raises HarError."""
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise HarError(f"cannot read the recording {shown(path)}: {error.strerror}") from None
    document, breaks_off = _parsed(data, shown(path))
    try:
        log = _member(document, "log", dict)
        entries = _member(log, "entries", list)
    except HarError as error:
        raise HarError(f"{shown(path)} is no HAR: {error}") from None
    exchanges, unread = [], []
    for number, value in enumerate(entries, 1):
        try:
            found = exchange(value, number)
        except HarError as error:
            raise HarError(f"{shown(path)}: entry {number}: {error}") from None
        if isinstance(found, str):
            unread.append(f"entry {number} {found}")
        else:
            exchanges.append((_started(value), found))
    if "_run" not in log and all(started is not None for started, _ in exchanges):
        exchanges.sort(key=lambda pair: pair[0] or 0.0)  # proxies write an entry when it is over
    run, verdict = (log[name] if isinstance(log.get(name), dict) else {} for name in ("_run", "_verdict"))
    return Har(tuple(one for _, one in exchanges), tuple(unread), run, verdict, breaks_off)


def exchange(entry: Any, number: int) -> Exchange | str:
    """One entry as an exchange, or why there is nothing to judge. Raises HarError."""
    request, response = (_member(entry, name, dict) for name in ("request", "response"))
    status = _member(response, "status", int)
    if not 100 <= status <= 599:
        return "got no answer"
    content = _member(response, "content", dict, {})
    headers = {name.lower(): value for name, value in _headers(response).items()}
    if content.get("mimeType") and "content-type" not in headers:
        headers["content-type"] = str(content["mimeType"])
    body = _body(content, "response.content")
    size = content.get("size", 0)
    if body is None and isinstance(size, (int, float)) and size > 0:
        return "has no body in the file"
    return Exchange(
        number=number,
        request=_request(request),
        response=Response(status, headers, body or b"", _seconds(entry)),
        operation=str(entry.get("_operation", "")),
        by=str(entry.get("_by", "")),
        session=str(entry.get("_session", "")),
        at=float(entry.get("_at", 0.0)),
    )


def _request(request: Mapping[str, Any]) -> Request:
    headers, data = _headers(request), _member(request, "postData", dict, {})
    names = {name.lower() for name in headers}
    body = _body(data, "request.postData")
    if body is None and isinstance(data.get("params"), list):
        pairs = [(str(one.get("name", "")), str(one.get("value", ""))) for one in data["params"]]
        body = urlencode(pairs).encode()
    if body and data.get("mimeType") and "content-type" not in names:
        headers["Content-Type"] = str(data["mimeType"])
    cookies = [one for one in _member(request, "cookies", list, []) if isinstance(one, dict)]
    if cookies and "cookie" not in names:
        headers["Cookie"] = "; ".join(f"{one.get('name', '')}={one.get('value', '')}" for one in cookies)
    return Request(_member(request, "method", str).upper(), _member(request, "url", str), headers, body or b"")


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a message, those of one name together, without the pseudo headers of HTTP/2."""
    found: dict[str, str] = {}
    for header in _member(message, "headers", list, []):
        name, value = _member(header, "name", str), _member(header, "value", str, "")
        if not name.startswith(":"):
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _body(content: Mapping[str, Any], place: str) -> bytes | None:
    text = content.get("text")
    if not isinstance(text, str):
        return None
    if (content.get("encoding") or content.get("_encoding")) != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise HarError(f"{place}.text is no Base64") from None


def _parsed(data: bytes, name: str) -> tuple[Any, bool]:
    """The document, and whether its end is missing."""
    try:
        return orjson.loads(data), False
    except orjson.JSONDecodeError as error:
        whole, separator, _ = data.rpartition(_BETWEEN)
        try:
            return orjson.loads(whole + b"]}}"), bool(separator)
        except orjson.JSONDecodeError:
            raise HarError(f"{name}:{error.lineno}:{error.colno}: is not JSON: {error.msg}") from None


def _member(value: Any, name: str, kind: type[Any], default: Any = None) -> Any:
    """A member of an object. Raises HarError where it is missing and has no default, or is of another kind."""
    words = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}[kind]
    if not isinstance(value, dict):
        raise HarError(f"what has '{name}' must be an object")
    found = value.get(name, default)
    if found is None and default is not None:
        return default
    if not isinstance(found, kind):
        raise HarError(f"'{name}' is missing" if name not in value else f"'{name}' must be {words}")
    return found


def _started(entry: Mapping[str, Any]) -> float | None:
    try:
        return datetime.fromisoformat(str(entry.get("startedDateTime"))).timestamp()
    except ValueError:
        return None


def _seconds(entry: Mapping[str, Any]) -> float:
    time = entry.get("time")
    return time / 1000 if isinstance(time, (int, float)) and time > 0 else 0.0
