"""The judge of a recorded run sees stand-ins, and the target gets what they stand for."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs, urlsplit

import requests

from contracts.check.veil import Veil
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.target import Credential, Login, Target

TARGET = Target(
    "sandbox",
    "thanx",
    "https://api.test",
    {
        "default": Credential("default", {"Authorization": "Bearer t0k3n-of-ours", "Accept-Version": "v4.0"}),
        "till": Credential("till", {"Authorization": f"Basic {base64.b64encode(b'till-one:pa55word').decode()}"}),
        "login": Credential(
            "login",
            {"Authorization": "Bearer {token}"},
            Login("token", "/token", form={"grant_type": "password", "username": "a@b.co", "password": "pa55&word"}),
        ),
    },
    {"registered": ["jane@corp.test", "+12025551234"], "mobile": "919456430850", "externalId": "919456430850"},
    secrets={"t0k3n-of-ours": "$TOKEN"},
)


def sent(veil: Veil, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> requests.PreparedRequest:
    """What goes to the target when the judge sends this."""
    return veil.request(requests.Request(method, url, headers, data=body).prepare())


def body_of(request: requests.PreparedRequest) -> bytes:
    assert isinstance(request.body, bytes)
    return request.body


def test_the_judge_sees_no_secret_and_no_person() -> None:
    target = Veil().target(TARGET)
    login = target.credentials["login"].login
    assert login is not None
    text = f"{[dict(one.headers) for one in target.credentials.values()]} {login.form} {target.data} {target.secrets}"
    till = base64.b64decode(target.credentials["till"].headers["Authorization"][6:]).decode()
    for secret in ("t0k3n", "pa55", "a@b.co", "jane", "2025551234", "919456430850", "till-one"):
        assert secret not in text + till
    assert target.credentials["default"].headers["Accept-Version"] == "v4.0"
    assert target.data["mobile"] == target.data["externalId"]
    assert target.data["registered"][0].endswith("@example.com")
    assert target.data["registered"][1].startswith("+1555")
    assert "{token}" in target.credentials["login"].headers["Authorization"]


def test_the_target_gets_what_it_would_have_got() -> None:
    veil = Veil()
    seen = veil.target(TARGET)
    login = seen.credentials["login"].login
    assert login is not None
    assert login.form is not None
    for name in ("default", "till"):
        request = sent(veil, "GET", "https://api.test/", dict(seen.credentials[name].headers))
        assert request.headers["Authorization"] == TARGET.credentials[name].headers["Authorization"]
    form = requests.Request("POST", "https://api.test/", data=dict(login.form)).prepare()
    assert parse_qs(body_of(veil.request(form)).decode()) == {
        "grant_type": ["password"],
        "username": ["a@b.co"],
        "password": ["pa55&word"],
    }
    email, phone = seen.data["registered"]
    url = requests.Request("GET", "https://api.test/", params={"q": email, "p": phone}).prepare().url or ""
    assert parse_qs(urlsplit(sent(veil, "GET", url, {}).url or "").query) == {
        "q": ["jane@corp.test"],
        "p": ["+12025551234"],
    }
    body = json.dumps({"to": [email, phone, f"x{email}"]}).encode()
    request = sent(veil, "POST", "https://api.test/", {}, body)
    assert json.loads(body_of(request)) == {"to": ["jane@corp.test", "+12025551234", "xjane@corp.test"]}
    assert request.headers["Content-Length"] == str(len(body_of(request)))


def test_a_token_that_is_granted_opens_what_it_opens() -> None:
    veil = Veil()
    answer = veil.response(Response(200, {}, b'{"accessToken":"eyJhbGci.e30.c2ln","tokenType":"bearer"}'))
    assert b"eyJ" not in answer.body
    assert b'"tokenType":"bearer"' in answer.body
    shown = json.loads(answer.body)["accessToken"]
    request = sent(veil, "GET", "https://api.test/", {"Authorization": f"Bearer {shown}"})
    assert request.headers["Authorization"] == "Bearer eyJhbGci.e30.c2ln"
    again = veil.response(Response(200, {"location": "/x?t=eyJhbGci.e30.c2ln"}, b"<p>eyJhbGci.e30.c2ln</p>"))
    assert again == Response(200, {"location": f"/x?t={shown}"}, f"<p>{shown}</p>".encode())


def test_somebody_of_whom_the_target_tells_has_one_stand_in_everywhere() -> None:
    veil = Veil()
    first = veil.response(Response(200, {}, b'{"email":"customer@shop.test","mobile":"919825752814"}'))
    second = veil.response(Response(200, {}, b'["customer@shop.test"]'))
    assert b"customer" not in first.body
    assert b"919825752814" not in first.body
    assert json.loads(second.body) == [json.loads(first.body)["email"]]


def test_what_the_judge_made_up_comes_back_as_it_went() -> None:
    veil = Veil()
    body = b'{"email":"drawn@a.bc","password":"made up"}'
    assert sent(veil, "POST", "https://api.test/", {}, body).body == body
    assert veil.response(Response(422, {}, body)).body == body


def test_an_exchange_is_shown_as_it_was() -> None:
    veil = Veil()
    seen = veil.target(TARGET)
    answer = Response(200, {}, b'{"to":"jane@corp.test"}')
    request = Request("GET", "https://api.test/", dict(seen.credentials["till"].headers))
    shown = veil.lifted(Exchange(1, request, veil.response(answer)))
    assert shown.response == answer
    assert shown.request.headers["Authorization"] == TARGET.credentials["till"].headers["Authorization"]
