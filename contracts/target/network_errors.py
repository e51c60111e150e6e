"""Why there was no answer, in words for people: after `does not answer: `."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator

import requests
import urllib3.exceptions

from contracts.findings import printable

# What a reader needs of what a server said instead.
_MOST = 80
Told = Callable[[BaseException], str]


def reason(error: requests.RequestException) -> str:
    """Why there was no answer. An error that no other is behind has its own words."""
    for one in _chain(error):
        for kind, told in _WORDS:
            if isinstance(one, kind) and not isinstance(one, requests.RequestException):
                return told(one)
    return _small(" ".join(str(error).split())[:200]) or "nothing says why"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies below it, the deepest first: it knows best."""
    inner = [error.reason] if isinstance(error, urllib3.exceptions.MaxRetryError) else list(error.args)
    for one in inner:
        if isinstance(one, BaseException):
            yield from _chain(one)
    cause = error.__cause__
    if cause is not None and cause not in inner:
        yield from _chain(cause)
    yield error


def _certificate(error: BaseException) -> str:
    why = getattr(error, "verify_message", "")
    return f"its certificate cannot be trusted{f': {why}' if why else ''}"


def _tls(error: BaseException) -> str:
    if getattr(error, "reason", None) in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "it does not speak TLS: is its URL http://?"
    name = (getattr(error, "reason", None) or "the handshake fails").lower().replace("_", " ")
    return f"no TLS connection comes about: {name}"


def _system(error: BaseException) -> str:
    return _small((error.strerror if isinstance(error, OSError) else "") or str(error))


def _unknown(error: BaseException) -> str:
    none = isinstance(error, OSError) and error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)
    return "no such host is known" if none else _system(error)


def _no_http(error: BaseException) -> str:
    line = str(error).strip().strip("'\"")
    return f"what it says is not HTTP: '{printable(line[:_MOST])}'"


def _missing(error: BaseException) -> str:
    # Of an answer in chunks only what is missing of one is known.
    missing = f": {error.expected} bytes are missing" if isinstance(error, urllib3.exceptions.IncompleteRead) else ""
    return f"its answer breaks off{missing}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _said(text: str) -> Told:
    return lambda error: text


# In the order of asking: an error is often of several kinds.
_WORDS: tuple[tuple[type[BaseException], Told], ...] = (
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _tls),
    (socket.gaierror, _unknown),
    (http.client.RemoteDisconnected, _said("it closes the connection without an answer")),
    (http.client.BadStatusLine, _no_http),
    (http.client.LineTooLong, _said("a line of its answer's head is too long")),
    (http.client.UnknownProtocol, _no_http),
    (urllib3.exceptions.InvalidChunkLength, _said("its answer breaks off in the middle of a chunk")),
    (http.client.IncompleteRead, _missing),
    (urllib3.exceptions.DecodeError, _said("its answer cannot be decoded as its Content-Encoding says")),
    (urllib3.exceptions.InvalidHeader, _said("its answer has several lengths")),
    (http.client.HTTPException, _said("the head of its answer cannot be read")),
    (ConnectionRefusedError, _said("connection refused")),
    (ConnectionResetError, _said("connection reset by peer")),
    (TimeoutError, _said("timed out")),
    (urllib3.exceptions.TimeoutError, _said("timed out")),
    (OSError, _system),
)
