"""Of an exchange only what the contract pins is shown; everything else has a stand-in, the same one everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.redaction.redactor import Redactor
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject
from contracts.target.target import Credential, Target, bare_target

SECRET = "s3cr3t-t0k3n"
TARGET = Target(
    "sandbox",
    "thanx",
    "https://api.test/v1",
    {"default": Credential("default", {"Authorization": f"Bearer {SECRET}", "X-ClientId": "cl13nt"})},
    {"mobile": 919456430850},
    secrets={SECRET: "$TOKEN", "cl13nt": "$CLIENT"},
)
SUBJECT = load_subject("thanx")
JSON = {"content-type": "application/json"}


def redactor(target: Target = TARGET) -> Redactor:
    return Redactor.of(SUBJECT, target)


def answered(value: Any, redactor: Redactor | None = None) -> Any:
    """A body as it is shown."""
    return orjson.loads(answered_bytes(orjson.dumps(value), JSON, redactor))


def answered_bytes(body: bytes, headers: dict[str, str], shows: Redactor | None = None) -> bytes:
    exchange = Exchange(1, Request("GET", "https://api.test/v1/", {}), Response(200, headers, body))
    return (shows or redactor()).exchange(exchange).response.body


def requested(url: str, operation: str = "", **headers: str) -> Request:
    return redactor().request(Request("GET", url, headers), operation)


def test_what_the_schema_pins_stays() -> None:
    pinned = {
        "state": "completed",
        "total_count": 7,
        "created_at": "2026-01-02T03:04:05.678Z",
        "none": None,
        "on": True,
    }
    shown = answered({"issuance_job": pinned})["issuance_job"]
    for name in ("state", "total_count", "created_at"):
        assert shown[name] == pinned[name]
    assert None in shown.values()
    assert True in shown.values()


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd")), min_size=6, max_size=30))
def test_every_other_text_goes_wherever_it_stands(text: str) -> None:
    shows = redactor()
    if text in shows.vocabulary.pinned or text in shows.vocabulary.prose or text.isdecimal():
        return
    bodies = (
        orjson.dumps({"message": text, "identifiers": [{"value": f"to {text}!"}], f"x {text}": {"y": [text]}}),
        f'id,name\n1,"{text}"\n'.encode(),
        f"<p title='{text}'>{text}</p>".encode(),
        f'{{"message": "{text}'.encode(),
    )
    for body in bodies:
        assert text.encode() not in answered_bytes(body, {}, shows)
    assert text not in shows.message(f"the value is {text}, not '{text[:-1]}")


def test_an_id_has_one_stand_in_in_bodies_addresses_and_headers() -> None:
    shows = redactor()
    response = Response(200, {"location": "/partner/issuance_jobs/job_xyz789"}, b'{"id":"job_xyz789"}')
    request = Request("GET", "https://api.test/v1/partner/issuance_jobs/job_xyz789?merchant_id=job_xyz789", {})
    shown = shows.exchange(Exchange(1, request, response, "getIssuanceJob"))
    stand_in = orjson.loads(shown.response.body)["id"]
    assert stand_in != "job_xyz789"
    assert shown.response.headers["location"] == f"/partner/issuance_jobs/{stand_in}"
    assert shown.request.url == f"https://api.test/v1/partner/issuance_jobs/{stand_in}?merchant_id={stand_in}"


def test_numbers_of_parameters_stay_and_other_digits_go() -> None:
    shown = requested("https://api.test/v1/partner/campaigns?page=12&merchant_id=12345", "listCampaigns").url
    assert "page=12" in shown
    assert "12345" not in shown


def test_a_number_of_the_targets_own_data_goes() -> None:
    shown = answered({"mobile": 919456430850, "at": 1700000000000})
    assert 919456430850 not in shown.values()
    assert 1700000000000 in shown.values()


def test_headers_are_denied_by_default() -> None:
    headers = {"Retry-After": "3", "X-User": "Jane Smith", "Content-Type": "application/json", "ETag": '"Jane"'}
    shown = redactor().request(Request("GET", "https://api.test/v1/", headers)).headers
    assert shown["Retry-After"] == "3"
    assert shown["Content-Type"] == "application/json"
    assert "Jane" not in str(shown)


def test_credentials_are_names_for_a_shell() -> None:
    shows = redactor()
    headers = {"Authorization": f"Bearer {SECRET}", "X-ClientId": "cl13nt", "Cookie": "sid=s3cr3t"}
    shown = shows.request(Request("GET", "https://api.test/v1/", headers)).headers
    assert shown == {"Authorization": "Bearer $TOKEN", "X-ClientId": "$CLIENT", "Cookie": "$COOKIE"}
    other = shows.request(Request("GET", "https://api.test/v1/", {"Authorization": "Bearer from-a-login"})).headers
    assert other == {"Authorization": "Bearer $AUTHORIZATION"}
    assert {"$TOKEN", "$CLIENT", "$COOKIE", "$AUTHORIZATION"} <= shows.placeholders
    again = shows.request(Request("GET", "https://api.test/v1/", shown))
    assert again.headers == shown


def test_a_secret_is_no_part_of_another_word() -> None:
    """With the secret `status`, the JSON key `statuses` once became `$TOKENes`."""
    shows = redactor(replace(TARGET, secrets={"status": "$TOKEN"}))
    body = answered_bytes(b'{"statuses": 1, "state": "status"}', JSON, shows)
    assert b"$TOKENes" not in body
    assert b'"state": "$TOKEN"' in body
    assert (
        redactor(replace(TARGET, secrets={"status": "$TOKEN"})).message("statuses are 'status'")
        == "statuses are '$TOKEN'"
    )


def test_a_name_is_shown_as_another_spelling_of_one_of_the_contract() -> None:
    assert answered({"progressPercent": 1, "ProgressPercent": 2, "jane": 3}).keys() >= {
        "progressPercent",
        "ProgressPercent",
    }
    assert "jane" not in answered({"jane": 3})


def test_a_message_has_the_stand_ins_of_its_exchanges() -> None:
    shows = redactor()
    stand_in = answered({"id": "job_xyz789", "state": "pending"}, shows)["id"]
    message = "job_xyz789 is pending after 404, 'Jane Sm"
    assert shows.message(message).startswith(f"{stand_in} is pending after 404")
    assert shows.message('the state is "completed", not "Jane"').startswith('the state is "completed", not "')


def test_all_is_shown_of_a_stub_on_this_machine() -> None:
    local = bare_target("thanx", "http://127.0.0.1:1")
    assert redactor(local).raw
    assert not redactor(bare_target("thanx", "https://api.test")).raw
    assert not redactor(replace(local, published=False)).raw
    assert answered({"id": "jane"}, redactor(local)) == {"id": "jane"}


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"x" * 1_000_000, b"a." * 100_000, b"a=" + b"%20" * 100_000])
def test_bodies_of_any_kind_keep_their_length(body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    shown = answered_bytes(body, headers)
    assert shown != body
    assert len(shown) == len(body)


def test_a_multipart_body_keeps_its_boundary() -> None:
    body = b'--b0und\r\nContent-Disposition: form-data; name="state"\r\n\r\nJane\r\n--b0und--\r\n'
    shown = answered_bytes(body, {"content-type": "multipart/form-data; boundary=b0und"})
    assert shown.replace(shown.split(b"\r\n")[3], b"Jane") == body
    assert b"Jane" not in shown
