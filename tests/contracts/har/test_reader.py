"""Any HAR can be read, whoever wrote it, and what cannot is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.har.reader import HarError, exchange, read
from contracts.har.writer import Writer, entry
from contracts.target.exchange import Exchange, Request, Response


def har(entries: list[Any]) -> bytes:
    return orjson.dumps({"log": {"version": "1.2", "entries": entries}})


def simple(**response: Any) -> dict[str, Any]:
    """An entry with as little as can be judged."""
    return {"request": {"method": "get", "url": "https://a.test/x"}, "response": {"status": 200, **response}}


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "some.har"
    path.write_bytes(data)
    return path


def one(value: dict[str, Any]) -> Exchange:
    found = exchange(value, 1)
    assert isinstance(found, Exchange)
    return found


def test_little_is_enough() -> None:
    found = one(simple())
    assert (found.request.method, found.status, found.response.body) == ("GET", 200, b"")


def test_what_browsers_and_proxies_write_is_read() -> None:
    value = simple(content={"mimeType": "image/png", "text": "/wA=", "encoding": "base64", "size": 2})
    value["request"] |= {
        "headers": [{"name": ":authority", "value": "a.test"}, {"name": "X-A", "value": "1"}],
        "cookies": [{"name": "sid", "value": "7"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "c&d"}]},
    }
    found = one(value)
    assert found.request.headers == {"X-A": "1", "Content-Type": "application/x-www-form-urlencoded", "Cookie": "sid=7"}
    assert found.request.body == b"a+b=c%26d"
    assert found.response.body == b"\xff\x00"
    assert found.header("content-type") == "image/png"


def test_headers_of_one_name_are_together() -> None:
    found = one(simple(headers=[{"name": "Link", "value": "a"}, {"name": "link", "value": "b"}]))
    assert "b" in found.header("link")


def test_what_cannot_be_judged_is_named(tmp_path: Path) -> None:
    entries = [simple(status=0), simple(content={"size": 12}), simple()]
    found = read(written(tmp_path, har(entries)))
    assert found.unread == ("entry 1 got no answer", "entry 2 has no body in the file")
    assert len(found.exchanges) == 1


def test_entries_are_in_the_order_of_sending(tmp_path: Path) -> None:
    entries = [{**simple(), "startedDateTime": f"2026-01-01T00:00:0{second}Z", "_at": second} for second in (2, 1)]
    assert [found.at for found in read(written(tmp_path, har(entries))).exchanges] == [1, 2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"log": \n}', "some.har:2:1: is not JSON"),
        (b"[]", "is no HAR: what has 'log' must be an object"),
        (b'{"log": {}}', "is no HAR: 'entries' is missing"),
        (har([simple(), {"request": {}}]), "entry 2: 'response' is missing"),
        (har([{"request": {"url": "/"}, "response": {"status": 200}}]), "entry 1: 'method' is missing"),
        (har([simple(status="200")]), "entry 1: 'status' must be a whole number"),
        (har([simple(headers=[{"value": "x"}])]), "entry 1: 'name' is missing"),
        (har([simple(content={"text": "?", "encoding": "base64"})]), "entry 1: response.content.text is no Base64"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(HarError) as raised:
        read(written(tmp_path, data))
    assert words in str(raised.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(HarError, match="cannot read the recording"):
        read(Path("nothing.har"))


NAMES = st.from_regex(r"[a-z][a-z-]{0,9}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
EXCHANGES = st.builds(
    Exchange,
    number=st.integers(1, 99),
    request=st.builds(
        Request,
        method=st.sampled_from(["GET", "POST"]),
        url=st.just("https://a.test/x?y=1"),
        headers=st.dictionaries(NAMES, VALUES).map(lambda headers: {**headers, "content-type": "a/b"}),
        body=st.binary() | st.text().map(str.encode),
    ),
    response=st.builds(
        Response,
        status=st.integers(100, 599),
        headers=st.dictionaries(NAMES, VALUES).map(lambda headers: {**headers, "content-type": "a/b"}),
        body=st.binary() | st.text().map(str.encode),
    ),
    operation=st.sampled_from(["", "getJob"]),
    by=st.text(max_size=5),
    session=st.text(max_size=5),
)


@settings(max_examples=30)
@given(st.lists(EXCHANGES, max_size=4), st.integers(0, 3))
def test_what_is_written_is_read_again_and_as_far_as_it_was_written(exchanges: list[Exchange], whole: int) -> None:
    path = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path.cwd()
    path /= "written.har"
    try:
        with path.open("wb") as file:
            writer = Writer(file, {"seed": 7})
            for found in exchanges:
                writer.add(found)
            writer.close({"incomplete": "x"})
        har = read(path)
        assert [(one.request, one.response.body, one.status, one.by) for one in har.exchanges] == [
            (one.request, one.response.body, one.status, one.by) for one in exchanges
        ]
        assert (har.run, har.verdict, har.breaks_off) == ({"seed": 7}, {"incomplete": "x"}, False)
        lines = path.read_bytes().splitlines(keepends=True)
        if whole < len(exchanges) - 1:
            path.write_bytes(b"".join(lines[: whole + 2]) + b'{"half')
            cut = read(path)
            assert len(cut.exchanges) == whole + 1
            assert cut.breaks_off
    finally:
        path.unlink()


def test_an_entry_has_what_har_asks_for() -> None:
    made = entry(one(simple()), datetime(2026, 1, 1, tzinfo=UTC))
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= made.keys()
    assert {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"} <= set(
        made["request"]
    )
    assert {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"} <= set(
        made["response"]
    )
