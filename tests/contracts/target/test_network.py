"""The network over real sockets: an answer has a time and a size, a connection is kept."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from contracts.target.network import Network

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def answering(*answers: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """A server of one connection, which gives one answer after the other; the event is set when the test is over."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.recv(65536)
                answer(connection, over)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        over.set()
        thread.join()
        listener.close()


def saying(text: bytes) -> Callable[[socket.socket, threading.Event], None]:
    return lambda connection, _: connection.sendall(text)


def trickling(start: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A byte now and then, never the last one: no single read takes long."""

    def trickle(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        try:
            while not over.wait(0.02):
                connection.sendall(b" ")
        except OSError:
            return  # the judge has hung up

    return trickle


def get(network: Network, url: str, timeout: float = 10.0) -> requests.Response:
    return network.send(requests.Request("GET", url).prepare(), timeout)


@pytest.mark.parametrize("start", [HEAD + b"Content-Length: 99999\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Endless: a"])
def test_an_answer_that_does_not_end_is_given_up(start: bytes) -> None:
    with answering(trickling(start)) as url:
        began = time.monotonic()
        with pytest.raises(requests.Timeout, match="timed out"):
            get(Network(), url, timeout=0.3)
        assert time.monotonic() - began < 5


def test_an_answer_that_is_too_large_is_given_up() -> None:
    with (
        answering(saying(HEAD + b"Content-Length: 101\r\n\r\n" + b" " * 101)) as url,
        pytest.raises(requests.RequestException, match="larger than 100 bytes"),
    ):
        get(Network(largest=100), url)


def test_an_answer_may_be_as_large_as_that() -> None:
    with answering(saying(HEAD + b"Content-Length: 100\r\n\r\n" + b" " * 100)) as url:
        assert len(get(Network(largest=100), url).content) == 100


def test_a_connection_is_kept_and_a_body_unpacked() -> None:
    packed = gzip.compress(b'"hello"')
    first = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    second = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
    with answering(saying(first), saying(second)) as url:
        network = Network()
        assert get(network, url).json() == "hello"
        assert get(network, url).json() == [1, 2]


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    with answering(saying(HEAD + b"Content-Length: 10\r\n\r\n123")) as url, pytest.raises(requests.RequestException):
        get(Network(), url)
