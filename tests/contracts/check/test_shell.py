"""Lines for a shell, run by a real one with a `curl` that says what it was given, or against a server."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.check.shell import curl
from contracts.target.exchange import Request
from tests.contracts.check.pasted import ran

URL = "http://target.test/"


def sent(line: str, environ: Mapping[str, str] | None = None) -> bytes:
    """The body that a shell gives to curl, as an argument or to read."""
    said = ran(line, environ)
    at = said.index(b"--data-binary")
    return b"\0".join(said[at + 3 :]) if said[at + 1] == b"@-" else said[at + 1]


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.binary(min_size=1, max_size=40), st.text(min_size=1, max_size=20).map(str.encode)))
@example(b"\0")
@example(b"-n\\%d 100%\0")
@example(b"@/etc/passwd")
@example(b"\x1b]0;owned\x07\xc2\x9b31m")
@example(b'it\'s `id` $(id) $HOME "!"\n')
@example(b"\x017")
@example(b"x" * 140_000)
def test_a_body_is_sent_as_it_was_and_shows_nothing_that_a_terminal_obeys(body: bytes) -> None:
    line = curl(Request("POST", URL, {"Content-Type": "text/plain"}, body))
    assert line.isprintable()
    assert sent(line) == body


def test_a_body_of_text_stays_readable() -> None:
    line = curl(Request("POST", URL, {"Content-Type": "application/json"}, '{"name": "Zoë"}'.encode()))
    assert line == f"""curl -sS -X POST -H 'Content-Type: application/json' --data-binary '{{"name": "Zoë"}}' {URL}"""


def test_a_long_row_of_spaces_is_not_written_out() -> None:
    body = b'{"a": 100}' + b" " * 9_000_000
    line = curl(Request("POST", URL, {"Content-Type": "a/b"}, body))
    assert line.startswith("""printf '{"a": 100}%9000000s' '' | curl -sS -X POST """)
    assert sent(line) == body


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"), min_size=1, max_size=20))
@example("\x1b[2J")
@example('it\'s `id` $HOME "!" \\')
def test_a_header_is_sent_as_it_was(value: str) -> None:
    line = curl(Request("GET", URL, {"X-Odd": value}))
    assert line.isprintable()
    assert line.isascii()
    said = ran(line)
    assert said[said.index(b"-H") + 1] == b"X-Odd: " + value.encode("latin-1")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Bearer $THX_TOKEN", "Bearer t0k3n"),
        ("$THX_TOKEN.$THX_TOKEN", "t0k3n.t0k3n"),
        ("${x}$THX_TOKENs", "${x}t0k3ns"),
        ('$THX_TOKEN and $HOME, `id`, $(id), "it\'s" \\!', 't0k3n and $HOME, `id`, $(id), "it\'s" \\!'),
        ("$THX_TOKEN\xe9\x1b", "t0k3n\xe9\x1b"),
    ],
)
def test_placeholders_are_expanded_and_nothing_else_is(value: str, wanted: str) -> None:
    environ = {"THX_TOKEN": "t0k3n", "x": "wrong", "HOME": "wrong"}
    known = {"$THX_TOKEN", "$OTHER"}
    line = curl(Request("GET", URL, {"Authorization": value}), known)
    assert ran(line, environ)[4] == f"Authorization: {wanted}".encode("latin-1")
    for body, printed in ((value, False), (f"\n{value}", True)):
        line = curl(Request("POST", URL, {}, body.encode()), known)
        assert line.startswith("printf") is (printed or not body.isprintable())
        assert sent(line, environ) == body.replace(value, wanted).encode()


def test_a_placeholder_may_be_a_command() -> None:
    basic = """$(printf %s "$U:$P" | base64 | tr -d '\\n')"""
    line = curl(Request("GET", URL, {"Authorization": f"Basic {basic}"}), {basic})
    password = "it's " + "long " * 20
    encoded = base64.b64encode(f"till:{password}".encode())
    assert ran(line, {"U": "till", "P": password})[4] == b"Authorization: Basic " + encoded


@dataclass
class Heard:
    """A server that keeps the last request."""

    server: HTTPServer
    last: tuple[str, str, dict[str, str], bytes] = ("", "", {}, b"")
    thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    class Handler(BaseHTTPRequestHandler):
        def __getattr__(self, name: str) -> Callable[[], None]:
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self.answer

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.last = (self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(200)
            self.send_header("Content-Length", "9")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"something")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Heard(server)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "request_",
    [
        Request("HEAD", "/", {}),
        Request("GET", "/?page[limit]=1&ids={a,b}&x=[1-3]", {}),
        Request("DELETE", "/one?a=b&c=d", {"X-Empty": "", "X-Odd": "é"}),
        Request("POST", "/", {"content-type": "application/json"}, b'{"a": "\\u00e9"}'),
        Request("POST", "/", {}, b"\0\xff"),
        Request("POST", "/", {}, b"@/etc/passwd"),
        Request("POST", "/", {}, b"x" * 200_000),
    ],
    ids=lambda request: f"{request.method} {request.url}",
)
def test_curl_sends_what_was_sent(heard: Heard, request_: Request, tmp_path: Path) -> None:
    heard.last = ("", "", {}, b"")
    line = curl(Request(request_.method, heard.url + request_.url, request_.headers, request_.body))
    subprocess.run(["sh"], input=f"{line} -m 5\n".encode(), cwd=tmp_path, capture_output=True, check=True)
    method, url, headers, body = heard.last
    assert (method, url, body) == (request_.method, request_.url, request_.body)
    assert headers.get("content-type") == request_.headers.get("content-type")
    assert {name: headers[name.lower()] for name in request_.headers if name.startswith("X-")} == {
        name: value for name, value in request_.headers.items() if name.startswith("X-")
    }


def test_no_quotes_where_none_are_needed() -> None:
    request = Request("POST", f"{URL}?a=b&c", {"Content-Type": "application/json", "X-Empty": ""}, b'{"it": "\'s"}')
    line = curl(request)
    assert line.startswith("curl -sS -X POST -H 'Content-Type: application/json' -H 'X-Empty;'")
    assert line.endswith(f"'{URL}?a=b&c'")
    assert curl(Request("GET", URL, {})) == f"curl -sS -X GET {URL}"
