"""What a target repeats of what it was sent is on the disk in no encoding; what is nobody's is there as it was."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from contracts.check import tape
from contracts.check.recording import Player, Recorder
from contracts.check.redaction import Redaction
from contracts.check.tape import Asked, Tape
from contracts.target.exchange import Exchange, Response
from contracts.target.target import Credential, Target
from contracts.target.transport import as_answer, as_request, as_response

PHONE = "+442079460958"
ON_DISK = Redaction({}, personal=True)


def target(token: str, phone: str = PHONE) -> Target:
    credential = Credential("default", {"Authorization": f"Bearer {token}"})
    data = {"mobile": 919456430850, "registered": [phone, "jane.smith@corp.test"]}
    return Target("sandbox", "thanx", "https://api.test", {"default": credential}, data, secrets={token: "$TOKEN"})


def recorded(target: Target, answer: Response, sent: bytes = b"", recorder: Recorder | None = None) -> dict[str, Any]:
    """The line of one request of the judge and this answer."""

    class Answering:
        def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
            return as_answer(request, answer)

    recorder = recorder or Recorder(io.BytesIO(), Answering())
    recorder.wire = Answering()
    headers = recorder.veil.target(target).credentials["default"].headers
    request = requests.Request("POST", "https://api.test/", dict(headers), data=sent).prepare()
    got = recorder.send(request, 1.0)
    exchange = Exchange(1, as_request(request), as_response(got))
    return tape.answered(recorder.redaction.exchange(exchange), 0.0)


def entities(text: str) -> str:
    return "".join(f"&#{ord(one)};" for one in text)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "base64": b64,
    "base64 of the header": lambda text: b64(f"Bearer {text}"),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: b64(b64(text)),
    "percent": lambda text: "".join(f"%{one:02X}" for one in text.encode()),
    "percent in small letters": lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    "percent where it must be": lambda text: quote(text, safe=""),
    "entities": entities,
    "entities in hex": lambda text: "".join(f"&#x{ord(one):x};" for one in text),
    "escapes": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "some escapes": lambda text: text.replace("-", "\\u002d").replace(".", "\\u002E"),
}
# Where it stands: a header, or a body; in the body of JSON without being escaped once more.
PLACES: dict[str, Callable[[str], Response]] = {
    "a member": lambda text: Response(200, {}, f'{{"debug":["x","{text}"]}}'.encode()),
    "a sentence": lambda text: Response(400, {}, f'{{"detail":"not {text}, but:\\n{text}."}}'.encode()),
    "JSON in JSON": lambda text: Response(200, {}, json.dumps({"raw": f'{{"x": "{text}"}}'}).encode()),
    "a page": lambda text: Response(500, {"content-type": "text/html"}, f"<p title='{text}'>{text}</p>".encode()),
    "a table": lambda text: Response(200, {"content-type": "text/csv"}, f"id,by\r\n1,{text}\r\n".encode()),
    "a location": lambda text: Response(302, {"location": f"https://a.test/b/{text}/c?d={text}&e=1"}, b""),
    "a header of its own": lambda text: Response(200, {"x-debug": f"user {text}"}, b""),
    "a token header": lambda text: Response(200, {"x-amz-security-token": text}, b""),
    "a challenge": lambda text: Response(401, {"www-authenticate": f'Bearer realm="x", token="{text}"'}, b""),
    "a cookie": lambda text: Response(200, {"set-cookie": f"sid={text}; Path=/"}, b""),
}
TOKENS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~+-]{6,40}[A-Za-z0-9]", fullmatch=True).filter(
    lambda text: len(set(text)) > 4 and not text.startswith("redacted")
)
# Without an @, which the form alone gives away.
NUMBERS = st.from_regex(r"[1-9][0-9]{2} ?[2-9][0-9]{7}", fullmatch=True)


def line_of(line: dict[str, Any]) -> str:
    """What an answer says on the disk, in every reading of it."""
    text = orjson.dumps(line["response"]).decode()
    return text + text.replace("\\\\", "\\")


@given(TOKENS, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(sorted(PLACES)))
def test_a_secret_that_comes_back_is_not_on_the_disk(token: str, encoding: str, place: str) -> None:
    written = ENCODINGS[encoding](token)
    line = recorded(target(token), PLACES[place](written))
    assert written not in line_of(line)
    assert token not in line_of(line)


@given(TOKENS, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(sorted(PLACES)))
def test_a_secret_that_the_judge_made_up_is_not_on_the_disk(token: str, encoding: str, place: str) -> None:
    written = ENCODINGS[encoding](token)
    line = recorded(target("another-token"), PLACES[place](written), json.dumps({"password": token}).encode())
    assert token not in line_of(line) + orjson.dumps(line["request"]).decode()
    assert written not in line_of(line)


@given(st.sampled_from(sorted(ENCODINGS)), st.sampled_from(sorted(PLACES)), st.booleans())
def test_an_address_is_not_on_the_disk(encoding: str, place: str, made_up: bool) -> None:
    address = "some.body@else.test" if made_up else "jane.smith@corp.test"
    written = ENCODINGS[encoding](address)
    line = recorded(target("t0k3n-of-ours"), PLACES[place](written), json.dumps({"to": [address]}).encode())
    assert written not in line_of(line)
    assert "some.body" not in line_of(line)


SPELLINGS = (
    "(202) 555-0188",
    "202-555-0188",
    "202.555.0188",
    "1-202-555-0188",
    "+1 (202) 555-0188",
    "+1.202.555.0188",
    "+44 20 7946 0958",
    "+44 (0)20 7946 0958",
    "00442079460958",
    "00 44 20 7946 0958",
    "020 7946 0958",
    "2079460958",
    "02079460958",
    "20-7946-0958",
    "442079460958",
    "919456430850",
    "9456430850",
    "94564 30850",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_number_is_not_on_the_disk_however_it_is_spelt(spelling: str, place: str) -> None:
    for encoding in ("plain", "base64", "percent", "entities", "escapes"):
        written = ENCODINGS[encoding](spelling)
        line = line_of(recorded(target("t0k3n-of-ours"), PLACES[place](written)))
        assert written not in line
        assert spelling not in line


@pytest.mark.parametrize("number", ["12025550177", "2025550177", "0012025550177", "202 555 0177", "+1 202-555-0177"])
@pytest.mark.parametrize("place", sorted(PLACES))
def test_a_number_that_was_sent_is_not_on_the_disk_however_it_is_spelt(number: str, place: str) -> None:
    line = recorded(target("t0k3n-of-ours"), PLACES[place](number), b'{"to": ["+12025550177"]}')
    assert number not in line_of(line)
    assert "5550177" not in orjson.dumps(line).decode()


@pytest.mark.parametrize("number", ["2025550177", "12025550177", "2079460958"])
def test_a_number_in_json_stays_one(number: str) -> None:
    line = recorded(target("t0k3n-of-ours"), PLACES["a member"](f'", {number}, "'), b'{"to": ["+12025550177"]}')
    assert number not in line["response"]["body"]
    assert isinstance(orjson.loads(line["response"]["body"])["debug"][2], int)


CLEAN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(0, 10**12),
        st.integers(1_500_000_000, 1_900_000_000),
        st.integers(1_500_000_000_000, 1_900_000_000_000),
        st.floats(allow_nan=False, allow_infinity=False),
        st.uuids().map(str),
        st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
        st.dates().map(str),
        st.from_regex(r"[a-z]+_[a-zA-Z0-9]{6,20}", fullmatch=True),
        st.text(st.sampled_from('abc ÄÖ\n\t"\\é%&;<>=/.,')),
        st.integers(0, 10**9).map("{:012d}".format),
        st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3}){1,3}", fullmatch=True),
        st.from_regex(r"[A-Z]{2,4}-[0-9]{4}-[0-9]{4}-[0-9]{4}", fullmatch=True),
        st.from_regex(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}", fullmatch=True),
        st.sampled_from(["1 of 20 on 2024-01-02 10:30", "5 - 10", "page 1/12", "10.0.0.1:8080", "100% of 3 100"]),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc_", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(CLEAN, st.booleans())
def test_where_nothing_is_personal_a_recording_has_what_was_answered(value: Any, escaped: bool) -> None:
    body = json.dumps({"value": value}, ensure_ascii=escaped)
    headers = {
        "content-type": "application/json",
        "retry-after": "3",
        "date": "Tue, 21 Nov 2023 17:04:14 GMT",
        "link": '<https://api.test/?page=2>; rel="next"',
        "x-ratelimit-remaining": "1700000000",
        "etag": 'W/"abc-12"',
        "location": "/thanx/partner/issuance_jobs/job_50p1709xoprq",
        "www-authenticate": 'Bearer realm="thanx"',
    }
    line = recorded(target("t0k3n-of-ours"), Response(200, headers, body.encode()))
    assert line["response"]["body"] == body
    assert line["response"]["headers"] == headers


def test_headers_that_the_contract_documents_are_shown() -> None:
    recorder = Recorder(io.BytesIO(), cast("Any", None))
    recorder.veil.documented = frozenset({"x-stamps"})
    answer = Response(200, {"x-stamps": "5", "x-other": "5"}, b"")
    shown = recorded(target("t0k3n-of-ours"), answer, recorder=recorder)["response"]["headers"]
    assert shown["x-stamps"] == "5"
    assert shown["x-other"].startswith("redacted-")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Bearer", "Bearer"),
        (
            'Bearer realm="a b", error="invalid_token", error_description="no, it is not"',
            'Bearer realm="a b", error="invalid_token", error_description="no, it is not"',
        ),
        (
            'Digest realm="x", qop=auth, nonce="dcd98b71", opaque="5ccc", stale=FALSE',
            r'Digest realm="x", qop=auth, nonce="redacted-\w+", opaque="redacted-\w+", stale=FALSE',
        ),
        ("Negotiate oYGVMIGSoAMKAQ==", r"Negotiate redacted-\w+"),
    ],
)
def test_a_challenge_keeps_what_opens_nothing(said: str, shown: str) -> None:
    line = recorded(target("t0k3n-of-ours"), Response(401, {"www-authenticate": said}, b""))
    assert re.fullmatch(shown, line["response"]["headers"]["www-authenticate"])


@pytest.mark.parametrize("place", ["a member", "a sentence", "a location", "a page"])
@pytest.mark.parametrize("secret", ["made up & long", "pl4inword", 'with "quotes" in it'])
def test_the_judge_of_a_replay_sees_what_that_of_the_run_saw(place: str, secret: str) -> None:
    """What the judge made up stands in the file by another value, and is made up again."""
    sent = json.dumps({"password": secret, "to": "+12025550177", "by": "a.b@c.de"}).encode()
    texts = [json.dumps(one)[1:-1] if place != "a location" else quote(one) for one in (secret, "a.b@c.de")]
    for text in (*texts, "12025550177", "+12025550177", "(202) 555-0177"):
        answer = PLACES[place](text)
        recorder = Recorder(io.BytesIO(), cast("Any", None))
        line = recorded(target("t0k3n-of-ours"), answer, sent, recorder)
        request = requests.Request("POST", "https://api.test/", {"Authorization": "Bearer x"}, data=sent).prepare()
        seen = recorder.veil.response(answer, as_request(request))
        exchange = tape._exchange(line)
        player = Player(Tape(_head(), [Asked("", exchange.request, exchange, 0.0)]))
        player.redaction.request(as_request(request))
        assert player.redaction.restore(exchange.response) == seen


def _head() -> dict[str, Any]:
    return {
        "name": "",
        "provider": "",
        "url": "",
        "credentials": {},
        "data": {},
        "writes": True,
        "control": False,
        "control_token": "",
        "longest_job": None,
    }


@given(st.text(min_size=8).filter(lambda text: len(set(text)) > 2))
def test_a_form_that_is_repeated_in_json_is_json_as_before(secret: str) -> None:
    """What the judge made up comes back to it as it was written."""
    form = urlencode({"password": secret.encode("utf-8", "replace")})
    answer = Response(422, {}, json.dumps({"sent": f"a=1&{form}"}).encode())
    recorder = Recorder(io.BytesIO(), cast("Any", None))
    line = recorded(target("t0k3n-of-ours"), answer, form.encode(), recorder)
    request = requests.Request("POST", "https://api.test/", data=form).prepare()
    assert recorder.veil.response(answer, as_request(request)) == answer
    exchange = tape._exchange(line)
    player = Player(Tape(_head(), []))
    player.redaction.request(as_request(request))
    assert player.redaction.restore(exchange.response) == answer


def test_a_number_in_bare_digits_is_known_by_another_spelling_beside_it() -> None:
    line = recorded(target("t0k3n-of-ours"), PLACES["a member"]("+49 30 901820 or 4930901820 or 004930901820"))
    assert "901820" not in line_of(line)


def test_a_number_of_the_data_is_a_number_still() -> None:
    seen = Recorder(io.BytesIO(), cast("Any", None)).veil.target(target("t0k3n-of-ours"))
    assert isinstance(seen.data["mobile"], int)
    assert seen.data["mobile"] != 919456430850


@pytest.mark.parametrize("escape", ["\n", "\t", "\r", "é", '"'])
def test_an_escape_before_an_address_stays_one(escape: str) -> None:
    line = recorded(target("t0k3n-of-ours"), Response(200, {}, json.dumps({"to": f"{escape}x@corp.test"}).encode()))
    said = orjson.loads(line["response"]["body"])["to"]
    assert re.fullmatch(r"redacted-n[0-9]{7}@example\.com", said.removeprefix(escape))
    sent = ON_DISK.text(json.dumps({"to": f"{escape}x@corp.test"}))
    assert re.fullmatch(rf"({escape})?redacted-[0-9a-f]{{12}}@example\.com", orjson.loads(sent)["to"])


@pytest.mark.parametrize(
    "text",
    [
        "01234567-0890-4123-8123-012345678901",
        "aaaaaaaa-0000-4000-8000-000000000001",
        "1-800-202-555-0188-9",
        "5-202-555-0188",
        "2024-01-02 10:30:00",
        "1700000000",
        "0012345678901",
        "12 of 3456 7890",
    ],
)
def test_what_has_groups_and_is_no_number_stays(text: str) -> None:
    assert ON_DISK.text(text) == text


def test_what_follows_a_whole_number_is_none_of_it() -> None:
    assert re.fullmatch(r"\+1555000[0-9]{7} 100 points", ON_DISK.text("+12025550177 100 points"))
