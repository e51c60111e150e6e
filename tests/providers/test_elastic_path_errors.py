"""The stub's tokens and refusals of Elastic Path: who may ask, and how it says no, whatever comes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.web.app import MAX_BODY, Stub
from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.elastic_path import (
    AUTOMATIC,
    FULL,
    FULL_EXPORT,
    HEADERS,
    PENDING,
    PROMOTION,
    SECOND,
    UNKNOWN,
    cancel,
    codes,
    create,
    file,
    generate,
    generated,
    jobs,
    path,
    wanted,
)
from tests.specs.documents import accepts

CLIENT = {"grant_type": "client_credentials", "client_id": "test-client", "client_secret": "test-secret"}
JSON = {"content-type": "application/json"}


@pytest.fixture
def elastic(connect: Connect) -> Client:
    return connect("elastic_path", HEADERS)


@pytest.fixture
def anonymous(connect: Connect) -> Client:
    return connect("elastic_path")


def token(client: Client, **changes: str) -> Response:
    """POST a request for a token, with these fields changed."""
    return client.request("POST", "/oauth/access_token", form=CLIENT | changes)


def is_refused(response: Response, status: int) -> bool:
    """Whether this is a refusal in the provider's envelope, which names the status if it names one."""
    body = response.json
    said = {str(error.get("status", status)) for error in body["errors"]}
    kind = response.headers["content-type"]
    return (response.status, said, kind) == (status, {str(status)}, "application/json") and accepts(
        "elastic_path", "ErrorBody", body
    )


# Tokens


def test_token_has_its_fields(anonymous: Client) -> None:
    anonymous.advance(0.5)
    response = token(anonymous)
    assert response.status == 200
    access = response.json["access_token"]
    assert response.json == {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 3600,
        "expires": 1_767_225_600 + 3600,
        "identifier": "client_credentials",
    }
    anonymous.headers = bearer(access)
    assert jobs(anonymous).status == 200


def bearer(access: str) -> dict[str, str]:
    return {"authorization": f"Bearer {access}"}


def test_token_request_knows_two_grants(anonymous: Client) -> None:
    assert token(anonymous).json["identifier"] == "client_credentials"
    implicit = anonymous.request(
        "POST", "/oauth/access_token", form={"grant_type": "implicit", "client_id": "test-client"}
    )
    assert (implicit.status, implicit.json["identifier"]) == (200, "implicit")
    for grant in ("password", "authorization_code", ""):
        assert is_refused(token(anonymous, grant_type=grant), 400)


@pytest.mark.parametrize("form", [{"client_secret": "wrong"}, {"client_id": "nobody"}])
def test_wrong_credentials_are_401(anonymous: Client, form: dict[str, str]) -> None:
    response = token(anonymous, **form)
    detail = "client_id or client_secret is not valid"
    assert response.status == 401
    assert response.json == {"errors": [{"status": "401", "title": "Unauthorized", "detail": detail}]}
    malformed = token(anonymous, grant_type="").json["errors"]
    assert [(error["status"], error["title"]) for error in malformed] == [("400", "Bad Request")]


@pytest.mark.parametrize("field", ["grant_type", "client_id", "client_secret"])
def test_malformed_token_request_is_400(anonymous: Client, field: str) -> None:
    form = {name: value for name, value in CLIENT.items() if name != field}
    for response in (
        anonymous.request("POST", "/oauth/access_token", form=form),
        anonymous.request("POST", "/oauth/access_token", form=form | {field: ""}),
        anonymous.request("POST", "/oauth/access_token", form=form | {field: "x" * 256}),
    ):
        assert is_refused(response, 400)
        assert [(e["status"], e["title"]) for e in response.json["errors"]] == [("400", "Bad Request")]


def requests(client: Client) -> list[Response]:
    """The answers to a good request of each operation that needs a token."""
    identifier = FULL_EXPORT
    return [
        jobs(client),
        create(client),
        cancel(client, identifier, FULL),
        file(client, identifier, FULL),
        codes(client),
    ]


@pytest.mark.parametrize(
    "said", [None, "", "Bearer", "Bearer nonsense", "Basic dGVzdDp0ZXN0", "Bearer test-token-expired"]
)
def test_missing_or_expired_token_is_401(connect: Connect, said: str | None) -> None:
    client = connect("elastic_path", {} if said is None else {"authorization": said})
    for response in requests(client):
        assert is_refused(response, 401)
        assert response.json == {"errors": [{"status": 401, "title": "Unable to validate access token"}]}


def test_token_expires_with_the_virtual_clock(connect: Connect) -> None:
    client = connect("elastic_path")
    client.headers = bearer(token(client).json["access_token"])
    client.advance(3599.999)
    assert jobs(client).status == 200
    client.advance(0.001)
    assert jobs(client).json == {"errors": [{"status": 401, "title": "Unable to validate access token"}]}


def test_implicit_token_is_403(connect: Connect) -> None:
    client = connect("elastic_path")
    minted = token(client, grant_type="implicit").json["access_token"]
    for access in (minted, "test-token-implicit"):
        client.headers = bearer(access)
        for response in requests(client):
            assert (response.status, response.json) == (403, {"errors": [{"status": 403, "title": "Forbidden"}]})
        assert create(client, code_length=1).status == 403, "who may not ask is not told what is wrong"


# Refusals


def refusals(client: Client, anonymous: Client) -> list[tuple[int, Any, Response]]:
    """One of each documented refusal that a request can bring about: HTTP status, printed status, answer."""
    done = generated(client, 1, SECOND)
    pending = generate(client, 10)
    unknown_job = path(PROMOTION, "jobs", UNKNOWN, "file")
    download = path(FULL, "jobs", FULL_EXPORT, "codes.csv")
    return [
        (400, None, jobs(client, filter="eq(status")),
        (400, 400, jobs(client, limit=0)),
        (400, 400, create(client, 1001)),
        (400, 400, create(client, code_length=1)),
        (400, "400", create(client)),
        (400, "400", token(anonymous, grant_type="none")),
        (401, 401, jobs(anonymous)),
        (401, "401", token(anonymous, client_secret="none")),
        (403, 403, client.get(download, query={"Expires": 1, "Signature": "x"})),
        (404, 404, jobs(client, UNKNOWN)),
        (404, 404, client.get(unknown_job)),
        (404, 404, client.get("/v2/nothing")),
        (405, 405, client.request("DELETE", path(PROMOTION, "jobs"))),
        (406, 406, client.get(path(PROMOTION, "jobs"), headers={"accept": "text/html"})),
        (
            415,
            415,
            client.request("POST", path(PROMOTION, "jobs"), content=b"x", headers={"content-type": "text/plain"}),
        ),
        (422, "422", create(client, promotion=AUTOMATIC)),
        (422, 422, client.post(path(PROMOTION, "jobs"), {})),
        (422, "422", cancel(client, done, SECOND)),
        (422, "422", file(client, pending)),
    ]


def test_every_error_has_the_envelope(elastic: Client, anonymous: Client) -> None:
    for status, _, response in refusals(elastic, anonymous):
        assert is_refused(response, status), response.text
        assert response.json.keys() == {"errors"}
        for error in response.json["errors"]:
            assert {"title"} <= error.keys() <= {"status", "source", "title", "detail", "request_id"}


def test_error_status_is_as_printed(elastic: Client, anonymous: Client) -> None:
    for _, printed, response in refusals(elastic, anonymous):
        assert response.json["errors"][0].get("status") == printed, response.text


@pytest.mark.parametrize("promotion", [UNKNOWN, UNKNOWN.upper()])
def test_unknown_promotion_is_404(elastic: Client, promotion: str) -> None:
    for response in (
        jobs(elastic, promotion),
        create(elastic, promotion=promotion),
        cancel(elastic, FULL_EXPORT, promotion),
        file(elastic, FULL_EXPORT, promotion),
        codes(elastic, promotion),
    ):
        assert response.status == 404
        assert response.json == {"errors": [{"status": 404, "title": "Not Found", "detail": "promotion not found"}]}


def test_unknown_job_is_404(elastic: Client) -> None:
    of_another = generate(elastic, 1, SECOND)
    for identifier in (UNKNOWN, of_another):
        for response in (
            cancel(elastic, identifier),
            file(elastic, identifier),
            elastic.get(path(PROMOTION, "jobs", identifier, "codes.csv"), query={"Expires": 1, "Signature": "x"}),
        ):
            assert response.status == 404
            assert response.json == {"errors": [{"status": 404, "title": "Not Found", "detail": "job not found"}]}


def test_id_that_is_no_uuid_is_400(elastic: Client) -> None:
    for identifier in ("x", "%00", "%C3%A9", UNKNOWN + "0"):
        assert is_refused(elastic.get(f"/v2/promotions/{identifier}/jobs"), 400)
        response = elastic.get(path(PROMOTION, "jobs", identifier, "file"))
        assert (response.status, response.json["errors"][0]["source"]) == (400, "jobID")


@pytest.mark.parametrize(("scenario", "allowed"), [("enforce_limits", 100), ("enforce_development_limits", 25)])
def test_rate_limit_is_429(elastic: Client, scenario: str, allowed: int) -> None:
    elastic.scenario("elastic_path", scenario)
    assert [codes(elastic, AUTOMATIC).status for _ in range(allowed)] == [200] * allowed
    refused = codes(elastic, AUTOMATIC)
    assert (refused.status, refused.json) == (429, {"errors": [{"status": 429, "title": "Too Many Requests"}]})
    elastic.advance(1)
    assert codes(elastic, AUTOMATIC).status == 200


def test_limits_are_off_by_default(elastic: Client) -> None:
    assert {codes(elastic, AUTOMATIC).status for _ in range(120)} == {200}


# HTTP


def test_media_types_and_size_are_checked(elastic: Client, anonymous: Client) -> None:
    target = path(PROMOTION, "jobs")
    for kind in ("text/plain", "application/xml", "nonsense", "application/json; charset=utf-16"):
        assert is_refused(elastic.request("POST", target, content=b"{}", headers={"content-type": kind}), 415)
    assert is_refused(elastic.request("POST", target, content=b"{}"), 415)
    assert is_refused(anonymous.request("POST", "/oauth/access_token", content=b"{}", headers=JSON), 415)
    for accept in ("text/html", "application/xml", "application/json;q=0"):
        assert is_refused(elastic.get(target, headers={"accept": accept}), 406)
        assert is_refused(elastic.post(target, wanted(), headers={"accept": accept}), 406)
    for accept in ("*/*", "application/*", "text/html, application/json;q=0.1"):
        assert elastic.get(target, headers={"accept": accept}).status == 200
    too_large = b" " * (MAX_BODY + 1)
    for at in (target, path(PROMOTION, "jobs", UNKNOWN, "cancel")):
        assert is_refused(elastic.request("POST", at, content=too_large, headers=JSON), 413)
    assert jobs(elastic).json["meta"]["results"]["total"] == 2, "nothing was accepted"


def test_content_type_is_read_as_http_has_it(elastic: Client) -> None:
    for kind, promotion in (("Application/JSON", PROMOTION), ("application/json; charset=UTF-8", SECOND)):
        assert elastic.post(path(promotion, "jobs"), wanted(), headers={"content-type": kind}).status == 201


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/v2",
        "/v2/promotions",
        f"/v2/promotions/{PROMOTION}",
        f"/v2/promotions/{PROMOTION}/jobs/",
        "/%FF",
        "/v2/%00",
    ],
)
def test_unknown_path_is_404(elastic: Client, target: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert is_refused(elastic.request(method, target), 404)


@pytest.mark.parametrize(
    ("target", "allow"),
    [
        (path(PROMOTION, "jobs"), "GET, POST"),
        (path(PROMOTION, "codes"), "GET"),
        (path(PROMOTION, "jobs", UNKNOWN, "cancel"), "POST"),
        (path(PROMOTION, "jobs", UNKNOWN, "file"), "GET"),
        ("/oauth/access_token", "POST"),
    ],
)
def test_undocumented_method_is_405_with_allow(elastic: Client, target: str, allow: str) -> None:
    for method in {"GET", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"} - set(allow.split(", ")):
        response = elastic.request(method, target)
        assert is_refused(response, 405)
        assert response.headers["allow"] == allow


HOSTILE = [
    b"{",
    b'{"data": ',
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"data": "\xff"}',
    b'{"data": {"name": "\\ud800"}}',
    b"[" * 20_000,
    b'{"data":' * 20_000 + b"1" + b"}" * 20_000,
    b'{"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": {"number_of_codes": '
    + b"9" * 5000
    + b"}}}",
    b'{"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": {"number_of_codes": 1e999}}}',
    b'{"data": {"type": "promotion_job", "job_type": "code_generate", "parameters": {"number_of_codes": NaN}}}',
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_body_is_400(elastic: Client, content: bytes) -> None:
    response = elastic.request("POST", path(PROMOTION, "jobs"), content=content, headers=JSON)
    assert is_refused(response, 400)
    assert elastic.reason(response)["verdict"] == "refused"


@pytest.mark.parametrize("content", HOSTILE[:10], ids=range(10))
def test_hostile_cancellation_is_400(elastic: Client, content: bytes) -> None:
    target = path(PROMOTION, "jobs", generate(elastic), "cancel")
    assert is_refused(elastic.request("POST", target, content=content, headers=JSON), 400)


@pytest.mark.parametrize(
    "content", [b"\xff", b"grant_type=%FF", b"a=1&" * 2000, b"grant_type=implicit&grant_type=implicit"]
)
def test_hostile_form_is_400(anonymous: Client, content: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert is_refused(anonymous.request("POST", "/oauth/access_token", content=content, headers=form), 400)


@pytest.mark.parametrize("query", ["filter=%FF", "page%5Blimit%5D=1&page%5Blimit%5D=2", "&".join(["a=1"] * 2000)])
def test_hostile_query_is_400(elastic: Client, query: str) -> None:
    assert is_refused(elastic.get(f"{path(PROMOTION, 'jobs')}?{query}"), 400)


def test_journal_says_why(elastic: Client) -> None:
    response = create(elastic, code_length=1)
    entry = elastic.reason(response)
    assert entry["operation"] == "createPromotionJob"
    reason = entry["reasons"][0]
    assert (reason["location"], reason["pointer"]) == ("body", "/data/parameters/code_length")
    assert re.fullmatch(r"openapi\.yaml:\d+", reason["contract"])


# Whatever comes, the answer is the provider's

ids = st.sampled_from([PROMOTION, SECOND, AUTOMATIC, FULL, UNKNOWN, FULL_EXPORT, "x", ""])
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 2000), st.text(max_size=60), st.floats())
parameters = st.fixed_dictionaries(
    {"number_of_codes": st.one_of(st.integers(1, 1000), scalars)},
    optional={
        "consume_unit": st.one_of(st.sampled_from(["per_item", "per_cart"]), scalars),
        "max_uses_per_code": st.one_of(st.integers(0, 5), scalars),
        "code_length": st.one_of(st.integers(7, 17), scalars),
        "code_prefix": st.text(max_size=51),
    },
)
data = st.fixed_dictionaries(
    {"type": st.sampled_from(["promotion_job", "promotion_job", "x"])},
    optional={
        "job_type": st.sampled_from(["code_generate", "code_generate", "code_export", "x"]),
        "name": st.one_of(st.text(max_size=51), scalars),
        "parameters": st.one_of(parameters, parameters, scalars),
    },
)
bodies = st.one_of(
    st.fixed_dictionaries({"data": st.one_of(data, data, scalars)}), scalars, st.lists(scalars, max_size=2)
)
queries = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.one_of(
            st.sampled_from(["eq(status, completed)", "eq(job_type,code_export)"]), st.text(max_size=40)
        ),
        "page[limit]": st.one_of(st.integers(0, 101), st.text(max_size=5)),
        "page[offset]": st.one_of(st.integers(0, 50), st.text(max_size=5)),
        "Expires": st.integers(0, 10**11),
        "Signature": st.text(max_size=10),
    },
)
forms = st.dictionaries(
    st.sampled_from([*CLIENT, "x"]), st.one_of(st.sampled_from([*CLIENT.values(), "implicit"]), st.text())
)
operations = st.sampled_from(["jobs", "codes", "create", "cancel", "file", "codes.csv", "token"])


@settings(max_examples=200)
@given(operation=operations, promotion=ids, job=ids, query=queries, body=bodies, form=forms, wait=st.integers(0, 4))
def test_whatever_comes_no_5xx_and_the_contract_holds(
    stub: Stub, operation: str, promotion: str, job: str, query: dict[str, Any], body: Any, form: Any, wait: int
) -> None:
    client = Client(stub, "elastic_path", session="whatever-comes", headers=HEADERS)
    client.advance(wait)
    if operation in ("create", "cancel"):
        target = path(promotion, "jobs") if operation == "create" else path(promotion, "jobs", job, "cancel")
        response = client.post(target, body)
    elif operation == "token":
        response = client.request("POST", "/oauth/access_token", form=form)
    elif operation in ("file", "codes.csv"):
        response = client.get(path(promotion, "jobs", job, operation), query=query)
    else:
        response = client.get(path(promotion, operation), query=query)
    assert response.status < 500, response.text
    assert response.status < 400 or is_refused(response, response.status)
    if response.status == 201:
        client.advance(PENDING)
        assert jobs(client, promotion).json["data"][0]["id"] == response.json["data"]["id"]
