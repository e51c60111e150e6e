"""Whatever a client sends, LoyaltyDog answers in its own envelope, and never with a 5xx."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.web.app import MAX_BODY, Stub
from tests.client import Client, Response
from tests.providers.conftest import Connect
from tests.providers.hostile import anything, embedded, header_text, malformed
from tests.providers.loyaltydog import FOREIGN_PROGRAM, HEADERS, PROGRAM, SEEDED, body, bulk, emails, issue, submit
from tests.specs.documents import accepts

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
TASK = f"{bulk()}/{SEEDED}"


@pytest.fixture
def dog(connect: Connect) -> Client:
    return connect("loyaltydog", HEADERS)


def is_error(response: Response, status: int) -> bool:
    """Whether this is an error of LoyaltyDog with that status."""
    assert response.headers["content-type"] == "application/json"
    assert accepts("loyaltydog", "HTTPValidationError" if response.status == 422 else "HTTPError", response.json)
    assert list(response.json) == ["detail"]
    return response.status == status


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v2",
        "/v2/",
        "/v2/token/",
        "/V2/token",
        "//",
        "/api/v2/token",
        f"{bulk()}/",
        f"{TASK}/",
        f"{TASK}/xlsx",
        f"{TASK}/csv/",
        "/v2/giftcards/programs",
        "/v2/%2e%2e/token",
        "/v2/token%00",
        f"{bulk()}/%ff",
        "/v2/giftcards/programs/%ff/cards/bulk",
        "/v2/" + "a" * 5000,
        "/token",
        "/v2/token/mfa/verify",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_is_404(dog: Client, path: str, method: str) -> None:
    response = dog.request(method, path)
    assert is_error(response, 404)
    assert response.json == {"detail": "Not Found"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", bulk(), "POST"),
        ("HEAD", bulk(), "POST"),
        ("DELETE", bulk(), "POST"),
        ("GET", "/v2/token", "POST"),
        ("POST", TASK, "GET"),
        ("OPTIONS", TASK, "GET"),
        ("TRACE", TASK, "GET"),
        ("QUERY", TASK, "GET"),
        ("PUT", f"{TASK}/csv", "GET"),
        ("BREW", f"{TASK}/csv", "GET"),
    ],
)
def test_unknown_method_is_405_with_allow(dog: Client, method: str, path: str, allow: str) -> None:
    response = dog.request(method, path)
    assert (response.status, response.headers["allow"]) == (405, allow)
    if method != "HEAD":  # the server cuts its body off
        assert is_error(response, 405)
        assert response.json == {"detail": "Method Not Allowed"}


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0"])
def test_accept_without_json_is_406(dog: Client, accept: str) -> None:
    said = {"accept": accept}
    for response in (dog.get(TASK, headers=said), submit(dog, headers=said)):
        assert is_error(response, 406)


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/csv;q=0, */*"])
def test_accept_without_csv_is_406(dog: Client, accept: str) -> None:
    assert is_error(dog.get(f"{TASK}/csv", headers={"accept": accept}), 406)


@pytest.mark.parametrize("accept", ["*/*", "text/*", "text/csv", "application/json, text/csv;q=0.1", ""])
def test_accept_with_csv_is_served(dog: Client, accept: str) -> None:
    assert dog.get(f"{TASK}/csv", headers={"accept": accept}).status == 200


@pytest.mark.parametrize(("path", "said"), [(bulk(), JSON), ("/v2/token", FORM)])
def test_body_over_the_limit_is_413(dog: Client, path: str, said: dict[str, str]) -> None:
    assert is_error(dog.request("POST", path, content=b" " * (MAX_BODY + 1), headers=said), 413)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json;charset=utf-16",
        "json",
        "",
        ";",
        "application/",
        "application/jsonx",
        "\x00",
    ],
)
def test_other_media_type_is_415(dog: Client, media_type: str) -> None:
    for path in (bulk(), "/v2/token"):
        response = dog.request("POST", path, content=b"{}", headers={"content-type": media_type})
        assert is_error(response, 415)


def test_form_is_no_json_and_json_no_form(dog: Client) -> None:
    assert is_error(dog.request("POST", bulk(), content=b"initialValue=25&count=1", headers=FORM), 415)
    assert is_error(dog.post("/v2/token", {"username": "sandbox@example.com", "password": "sandbox"}), 415)


GOOD = body()
MALFORMED = malformed("initialValue", GOOD)


@pytest.mark.parametrize("key", [None, "a key"])
@pytest.mark.parametrize("content", MALFORMED.values(), ids=list(MALFORMED))
def test_malformed_json_is_422(dog: Client, content: bytes, key: str | None) -> None:
    headers = JSON | ({"idempotency-key": key} if key else {})
    response = dog.request("POST", bulk(), content=content, headers=headers)
    assert is_error(response, 422)
    (found,) = response.json["detail"]
    assert (found["type"], found["loc"][0]) == ("json_invalid", "body")
    assert dog.reason(response)["reasons"]


@pytest.mark.parametrize("depth", range(245, 256))
def test_no_depth_breaks_the_error_that_shows_it(dog: Client, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for content in (deep, b'{"initialValue":1,"recipients":' + deep + b"}", b'{"initialValue":' + deep + b"}"):
        assert is_error(dog.request("POST", bulk(), content=content, headers=JSON), 422)
    kept = JSON | {"idempotency-key": "deep"}
    assert dog.request("POST", bulk(), content=embedded(GOOD, deep), headers=kept).status in (201, 422)


@pytest.mark.parametrize("content", [b"username=\xff&password=1", b"&" * 2000, b"username=%ff&password=1"])
def test_malformed_form_is_422(dog: Client, content: bytes) -> None:
    response = dog.request("POST", "/v2/token", content=content, headers=FORM)
    assert is_error(response, 422)
    assert response.json["detail"][0]["loc"][0] == "body"


@pytest.mark.parametrize(
    "content", [b"username=a&username=b&password=c", b"", b"username=&password=", b"username=a&password=%00"]
)
def test_form_that_does_not_fit_is_refused(dog: Client, content: bytes) -> None:
    response = dog.request("POST", "/v2/token", content=content, headers=FORM)
    assert is_error(response, 401 if b"%00" in content else 422)


@pytest.mark.parametrize("query", ["cardId=%ff", "cardId", "cardId=", "cardId=a&cardId=b", "cardId=null", "&" * 2000])
def test_malformed_query_is_422(dog: Client, query: str) -> None:
    response = dog.get(f"{TASK}?{query}")
    assert is_error(response, 422) or (query.startswith("&") and response.status == 200)
    if response.status == 422:
        assert response.json["detail"][0]["loc"][0] == "query"


@pytest.mark.parametrize("host", ["a b", "<script>", "a/b", "user@host", "[::1", "host:port", "", "\xff", "x" * 300])
def test_link_is_a_url_whatever_the_host_header(dog: Client, host: str) -> None:
    issued = issue(dog, headers={"host": host})
    assert urlsplit(issued["csvDownloadUrl"]).path.startswith(dog.base)
    assert accepts("loyaltydog", "CsvDownloadUrl", issued["csvDownloadUrl"])


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "stub.example.com"])
def test_link_has_the_host_that_the_client_named(dog: Client, host: str) -> None:
    assert urlsplit(issue(dog, headers={"host": host})["csvDownloadUrl"]).netloc == host


def test_refusal_says_where_and_why(dog: Client) -> None:
    entry = dog.reason(submit(dog, emails("ada@example.com", "no address")))
    assert (entry["operation"], entry["verdict"], entry["status"]) == ("issueMultipleGiftCards", "refused", 422)
    (reason,) = entry["reasons"]
    assert (reason["location"], reason["pointer"]) == ("body", "/recipients/1/customerEmail")
    assert reason["contract"].startswith("openapi.yaml:")


# Anything at all: valid requests, and requests that are wrong in one place or in many.

addresses = st.sampled_from(
    ["ada@example.com", "unreachable@example.com", "stuck@example.com", "total_failure@example.com", None]
)
recipients = st.fixed_dictionaries({}, optional={"customerEmail": addresses, "customerName": st.text(max_size=300)})
values = st.sampled_from([0.01, 25, "50.00", 5000.005, 10000.0, "10000"]) | st.floats(0.01, 10_000)
instants = st.sampled_from(["2027-05-01T00:00:00Z", "2016-12-31t23:59:60z", "0000-01-01T00:00:00+23:59"])
bodies = (
    st.fixed_dictionaries(
        {"initialValue": values | anything},
        optional={
            "count": st.integers(-1, 60) | st.sampled_from([2.0, 10_000, 10_001]) | anything,
            "recipients": st.lists(recipients | anything, max_size=3) | anything,
            "expiresAt": instants | st.datetimes().map(lambda instant: f"{instant.isoformat()}Z") | anything,
            "designTemplate": st.sampled_from(["partial_failure", "total_failure", "per_poll"]) | anything,
            "isPhysical": st.booleans() | anything,
            "note": anything,
        },
    )
    | st.builds(body, st.integers(1, 60), initialValue=values, expiresAt=instants)
    | anything
)
forms = st.fixed_dictionaries(
    {},
    optional={
        "username": st.sampled_from(["sandbox@example.com", "mfa@example.com"]) | st.text(max_size=9),
        "password": st.just("sandbox") | st.text(max_size=9),
        "grant_type": st.just("password") | st.text(max_size=9),
        "scope": st.text(max_size=9),
    },
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.sampled_from(["Bearer test-token-other", "Bearer test-token-expired", "Basic Og=="])
        | header_text,
        "accept": st.sampled_from(["*/*", "application/json", "text/csv", "text/html"]) | header_text,
        "content-type": st.sampled_from([JSON, FORM]).map(lambda said: said["content-type"]) | header_text,
        "host": header_text,
        "idempotency-key": st.sampled_from(["a", "b"]) | header_text,
        "x-eposn-customer-token": header_text,
        "x-mock-scenario": st.sampled_from(["instant", "per_poll", "total_failure", "partial_failure", "stuck"]),
        "prefer": st.sampled_from(["code=429", "respond-async"]) | header_text,
    },
)
queries = st.fixed_dictionaries(
    {},
    optional={
        "cardId": st.just(PROGRAM) | st.text(max_size=24),
        "signature": st.text(max_size=40),
        "other": st.text(max_size=9),
    },
)
programs = st.sampled_from([PROGRAM, PROGRAM, FOREIGN_PROGRAM, "0" * 24]) | st.text(min_size=1, max_size=26)
tasks = st.sampled_from([SEEDED, "e2a7d6c4-8f19-4b3e-95d0-1c6b4a8f7e23", "new", "new"]) | st.text(
    min_size=1, max_size=260
)
targets = st.sampled_from(["login", "issue", "issue", "poll", "csv"])


class Visitor:
    """Asks for anything, and remembers the last task that it was given."""

    def __init__(self, stub: Stub) -> None:
        self.client = Client(stub, "loyaltydog", session="any-dog", headers=HEADERS)
        self.task = SEEDED

    def ask(self, target: str, program: str, task: str, **options: Any) -> Response:
        path = bulk(quote(program, safe=""))
        identifier = self.task if task == "new" else quote(task, safe="")
        match target:
            case "login":
                return self.client.request("POST", "/v2/token", **options)
            case "issue":
                response = self.client.request("POST", path, **options)
                self.task = response.json.get("taskId", self.task) if response.status == 202 else self.task
                return response
            case _:
                suffix = "/csv" if target == "csv" else ""
                kept = {name: options[name] for name in ("query", "headers")}
                return self.client.request("GET", f"{path}/{identifier}{suffix}", **kept)


@pytest.fixture(scope="module")
def visitor(stub: Stub) -> Visitor:
    return Visitor(stub)


@settings(max_examples=400)
@given(
    target=targets,
    program=programs,
    task=tasks,
    said=bodies,
    form=forms,
    query=queries,
    changes=headers,
    raw=st.none() | st.binary(max_size=30),
)
def test_no_request_is_answered_with_a_5xx(
    visitor: Visitor,
    target: str,
    program: str,
    task: str,
    said: Any,
    form: Any,
    query: Any,
    changes: Any,
    raw: bytes | None,
) -> None:
    """Each response was held against the contract on its way out: a breach would be a 500 that says so."""
    content = raw
    if raw is None:
        content = urlencode(form).encode() if target == "login" else json.dumps(said).encode()
    first = FORM if target == "login" else JSON
    response = visitor.ask(target, program, task, query=query, headers={**first, **changes}, content=content)
    assert response.status < 500, response.text
    if response.headers["content-type"] == "application/problem+json":
        assert changes.get("prefer"), "only a wish for an example that there is not is answered by the stub itself"
    elif response.headers["content-type"] == "text/csv":
        assert (target, response.status) == ("csv", 200)
    else:
        assert response.headers["content-type"] == "application/json"
        assert response.status < 300 or list(response.json) == ["detail"]
    if response.status < 300:
        visitor.client.advance(3)
