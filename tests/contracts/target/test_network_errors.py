"""Why there is no answer: real servers that misbehave, and the words for it."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
import urllib3

from contracts.target.network import Network
from contracts.target.network_errors import reason

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def saying(answer: bytes | None) -> Iterator[int]:
    """A server that says this to whoever comes and hangs up; with None it says nothing. Its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                connection.recv(65536)
                if answer is None:
                    done.wait(10)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            done.set()
            thread.join()


def asked(url: str, timeout: float = 10) -> requests.RequestException:
    with pytest.raises(requests.RequestException) as caught:
        Network().send(requests.Request("GET", url).prepare(), timeout)
    return caught.value


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "what it says is not HTTP: 'SSH-2.0-OpenSSH_9.2'"),
        (b"\x1b[31mred\r\n", "what it says is not HTTP: '\\u001b[31mred'"),
        (b"HTTP/9.9 200 OK\r\n\r\n", "what it says is not HTTP: 'HTTP/9.9'"),
        (b"", "it closes the connection without an answer"),
        (OK + b"Content-Length: 5000\r\n\r\n{}", "its answer breaks off: 4998 bytes are missing"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "its answer breaks off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhel", "its answer breaks off in the middle of a chunk"),
        (
            OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
            "its answer cannot be decoded as its Content-Encoding says",
        ),
        (OK + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello", "its answer has several lengths"),
        (OK + b"a: b\r\n" * 200 + b"\r\n", "the head of its answer cannot be read"),
        (OK + b"a: " + b"x" * 70000 + b"\r\n\r\n", "a line of its answer's head is too long"),
    ],
)
def test_what_is_no_answer(answer: bytes, said: str) -> None:
    with saying(answer) as port:
        assert reason(asked(f"http://127.0.0.1:{port}/")) == said


def test_tls_where_there_is_none() -> None:
    with saying(OK + b"\r\n") as port:
        assert reason(asked(f"https://127.0.0.1:{port}/")) == "it does not speak TLS: is its URL http://?"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert reason(asked(f"http://127.0.0.1:{port}/")) == "connection refused"
    assert reason(asked("http://nothing.invalid/")) in ("no such host is known", "temporary failure in name resolution")


def test_no_answer_in_time() -> None:
    with saying(None) as port:
        assert reason(asked(f"http://127.0.0.1:{port}/", timeout=0.05)) == "timed out"


def test_a_certificate() -> None:
    below = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1006)")
    below.verify_message = "self-signed certificate"
    error = requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(urllib3.HTTPConnectionPool("t"), "/", below))
    assert reason(error) == "its certificate cannot be trusted: self-signed certificate"
    other = ssl.SSLError(1, "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure (_ssl.c:1006)")
    assert reason(requests.exceptions.SSLError(other)) == "no TLS connection comes about: the handshake fails"


@pytest.mark.parametrize("kind", [requests.ConnectionError, requests.Timeout, requests.RequestException])
def test_words_are_left_as_they_are(kind: type[requests.RequestException]) -> None:
    for words in ("its answer breaks off: 5 bytes are missing", "timed out", "the answer does not end"):
        assert reason(kind(words)) == words
    assert reason(kind()) == "nothing says why"


def test_no_names_of_libraries() -> None:
    below = urllib3.exceptions.ProtocolError("Connection aborted.", OSError(113, "No route to host"))
    error = requests.ConnectionError(below)
    assert not re.search(r"[()_]|Error|Pool", reason(error))
    assert reason(error) == "no route to host"
