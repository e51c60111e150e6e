"""The stub's codes and files of Elastic Path, as its pages describe them; the file's columns are the stub's own."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.web.app import Stub
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
    all_codes,
    cancel,
    codes,
    export,
    exported,
    file,
    generate,
    generated,
    jobs,
    path,
)
from tests.specs.documents import at

LETTERS = "[a-z0-9]"


@pytest.fixture
def elastic(connect: Connect) -> Client:
    return connect("elastic_path", HEADERS)


def texts(client: Client, promotion: str = PROMOTION) -> list[str]:
    """Every code of a promotion."""
    return [code["code"] for code in all_codes(client, promotion)]


# Codes


def test_code_has_its_fields(elastic: Client) -> None:
    generated(elastic, 1, max_uses_per_code=3)
    response = codes(elastic)
    assert response.status == 200
    code = response.json["data"][0]
    times = {"created_at": "2026-01-01T00:00:02.000Z", "updated_at": "2026-01-01T00:00:02.000Z"}
    assert code == {
        "code": code["code"],
        "uses": 3,
        "max_uses": 3,
        "consume_unit": "per_cart",
        "created_by": "seller@elasticpath.com",
        "meta": {"timestamps": times},
    }
    generated(elastic, 1, SECOND)
    assert all_codes(elastic, SECOND)[0].keys() == code.keys() - {"uses", "max_uses"}
    schema = at("elastic_path", "/components/schemas/PromotionCode")
    assert set(schema["properties"]) == {*code, "user"}, "nobody was named who alone may use it"
    assert schema["required"] == ["code"]


@pytest.mark.parametrize("uses", [0, 1, 2_147_483_647])
def test_max_uses_limit_the_codes(elastic: Client, uses: int) -> None:
    generated(elastic, 3, max_uses_per_code=uses)
    assert [(code["uses"], code["max_uses"]) for code in all_codes(elastic)] == [(uses, uses)] * 3
    generated(elastic, 3)
    assert ["uses" in code or "max_uses" in code for code in all_codes(elastic)[3:]] == [False] * 3


@pytest.mark.parametrize(
    ("prefix", "start"),
    [("summer", "summer-"), ("promo-", "promo-"), ("Summer-", "Summer-"), ("a-b", "a-b-"), ("", ""), ("-", "-")],
)
def test_code_has_prefix_and_dash(elastic: Client, prefix: str, start: str) -> None:
    generated(elastic, 2, code_prefix=prefix)
    for code in texts(elastic):
        assert re.fullmatch(f"{start}{LETTERS}{{4}}-{LETTERS}{{4}}", code), code


@pytest.mark.parametrize("length", [None, *range(8, 17)])
def test_code_is_8_to_16_characters_grouped_by_four(elastic: Client, length: int | None) -> None:
    asked: dict[str, Any] = {} if length is None else {"code_length": length}
    generated(elastic, 5, **asked)
    groups = [4] * ((length or 8) // 4) + [rest for rest in [(length or 8) % 4] if rest]
    pattern = "-".join(f"{LETTERS}{{{size}}}" for size in groups)
    for code in texts(elastic):
        assert re.fullmatch(pattern, code), code


def test_codes_of_a_promotion_differ(elastic: Client) -> None:
    """However their lengths and prefixes are chosen: `x` and 12 letters could read like `x-…` and 8 letters."""
    generated(elastic, 300, code_length=12, code_prefix="x")
    prefix = texts(elastic)[0][:6]
    generated(elastic, 300, code_length=8, code_prefix=prefix)
    generated(elastic, 300)
    cancelled = generate(elastic, 100)
    elastic.advance(5)
    cancel(elastic, cancelled)
    generated(elastic, 100)
    assert len(set(texts(elastic))) == 1000
    assert len({re.sub("-", "", code)[-8:] for code in texts(elastic)}) == 1000


def test_codes_are_the_same_in_every_replay(connect: Connect, stub: Stub) -> None:
    again = Client(stub, "elastic_path", session="replay-of-codes", headers=HEADERS)
    clients = connect("elastic_path", HEADERS), again
    assert generated(clients[0], 10) == generated(clients[1], 10)
    assert texts(clients[0]) == texts(clients[1])
    generated(again, 10, SECOND)
    assert not set(texts(again)) & set(texts(again, SECOND)), "promotions have codes of their own"


def test_codes_are_paged_like_jobs(elastic: Client) -> None:
    generated(elastic, 30, code_prefix="first")
    listed = texts(elastic)
    generated(elastic, 40, code_prefix="second")
    assert texts(elastic)[:30] == listed
    assert [code.partition("-")[0] for code in texts(elastic)] == ["first"] * 30 + ["second"] * 40
    page = codes(elastic, limit=20, offset=20).json
    assert [code["code"] for code in page["data"]] == texts(elastic)[20:40]
    assert page.keys() == jobs(elastic).json.keys()
    assert page["meta"] == {"page": {"limit": 20, "offset": 20, "current": 2, "total": 4}, "results": {"total": 70}}
    base = f"http://stub.test{elastic.base}{path(PROMOTION, 'codes')}?page[offset]="
    assert page["links"] == {
        "current": f"{base}20&page[limit]=20",
        "first": f"{base}0&page[limit]=20",
        "last": f"{base}60&page[limit]=20",
        "prev": f"{base}0&page[limit]=20",
        "next": f"{base}40&page[limit]=20",
    }


def test_seeded_promotions_hold_what_they_say(elastic: Client) -> None:
    assert [len(texts(elastic, promotion)) for promotion in (PROMOTION, SECOND, AUTOMATIC, FULL)] == [0, 0, 0, 1000]
    assert len(lines(elastic, FULL_EXPORT, FULL)) == 1000


# Files


def lines(client: Client, identifier: str, promotion: str = PROMOTION) -> list[dict[str, str]]:
    """The lines of an export's file, read as CSV."""
    return list(csv.DictReader(io.StringIO(download(client, identifier, promotion).text, newline="")))


def download(client: Client, identifier: str, promotion: str = PROMOTION) -> Response:
    """The file of an export, fetched without a token."""
    href = file(client, identifier, promotion).json["href"]
    return Client(client.stub).follow(href)


def test_file_of_completed_export_has_a_bare_href(elastic: Client) -> None:
    response = file(elastic, exported(elastic))
    assert response.status == 200
    assert list(response.json) == ["href"]
    address = urlsplit(response.json["href"])
    assert address.scheme
    assert address.path.endswith(".csv")
    assert parse_qs(address.query).keys() == {"Expires", "Signature", "Key-Pair-Id"}


@pytest.mark.parametrize("status", ["pending", "processing", "cancelling", "cancelled", "failed"])
def test_unfinished_export_has_no_file(elastic: Client, status: str) -> None:
    if status == "failed":
        elastic.scenario("elastic_path", "total_failure")
    identifier = export(elastic)
    elastic.advance({"pending": 0, "failed": 8}.get(status, PENDING))
    if status.startswith("cancel"):
        cancel(elastic, identifier)
        elastic.advance(2 if status == "cancelled" else 0)
    response = file(elastic, identifier)
    detail = f"Job has no file to download. Job status: {status}"
    assert response.status == 422
    assert response.json == {"errors": [{"status": "422", "title": "Unprocessable Entity", "detail": detail}]}


def test_generation_has_no_file(elastic: Client) -> None:
    response = file(elastic, generated(elastic))
    assert response.status == 422
    assert response.json["errors"][0]["detail"] == "Job has no file to download. Job status: completed"
    assert response.json["errors"][0]["status"] == "422"


def test_href_leads_to_the_csv(elastic: Client) -> None:
    generated(elastic, 2)
    identifier = exported(elastic)
    href = file(elastic, identifier).json["href"]
    assert href.startswith(f"http://stub.test{elastic.base}{path(PROMOTION, 'jobs', identifier, 'codes.csv')}?")
    response = Client(elastic.stub).follow(href)
    assert (response.status, response.headers["content-type"]) == (200, "text/csv")
    without = Client(elastic.stub).follow(href.partition("?")[0])
    assert without.status == 400


def test_csv_has_one_line_per_code(elastic: Client) -> None:
    generated(elastic, 120, max_uses_per_code=2, consume_unit="per_item")
    generated(elastic, 3)
    text = download(elastic, exported(elastic)).text
    assert text.startswith("code,uses,max_uses,consume_unit,user,created_by\r\n")
    listed = list(csv.reader(io.StringIO(text, newline="")))[1:]
    seller = "seller@elasticpath.com"
    usual = [[code, "2", "2", "per_item", "", seller] for code in texts(elastic)[:120]]
    assert listed == usual + [[code, "", "", "per_cart", "", seller] for code in texts(elastic)[120:]]


@pytest.mark.parametrize("prefix", ['comma, "quoted"', "two\nlines", "=1+1", "Größe", ",", '"'])
def test_csv_quotes_what_needs_it(elastic: Client, prefix: str) -> None:
    generated(elastic, 3, code_prefix=prefix)
    assert [line["code"] for line in lines(elastic, exported(elastic))] == texts(elastic)


def test_export_has_the_codes_of_its_time(elastic: Client) -> None:
    before = exported(elastic)
    generated(elastic, 5)
    between = exported(elastic)
    listed = texts(elastic)
    generated(elastic, 5)
    assert lines(elastic, before) == []
    assert [line["code"] for line in lines(elastic, between)] == listed
    assert len(lines(elastic, exported(elastic))) == 10


def test_expired_or_forged_address_is_403(elastic: Client) -> None:
    first, second = exported(elastic), exported(elastic)
    href: str = file(elastic, first).json["href"]
    expires = parse_qs(urlsplit(href).query)["Expires"][0]
    signature = parse_qs(urlsplit(href).query)["Signature"][0]
    refusal = {"status": 403, "title": "Forbidden", "detail": "The address is not signed or has expired"}
    for forged in (
        href.replace(signature, "x" * 24),
        href.replace(f"Expires={expires}", f"Expires={int(expires) + 1}"),
        href.replace(first, second),
    ):
        response = elastic.follow(forged)
        assert (response.status, response.json) == (403, {"errors": [refusal]})
    for malformed, source in (
        (href.replace(expires, "soon"), "Expires"),
        (href.replace(signature, "a.b"), "Signature"),
        (href.replace("Signature=", "Sign="), "Signature"),
    ):
        response = elastic.follow(malformed)
        assert (response.status, response.json["errors"][0]["source"]) == (400, source)
    elastic.advance(3599)
    assert elastic.follow(href).status == 200
    elastic.advance(1)
    assert elastic.follow(href).json == {"errors": [refusal]}
    assert elastic.follow(file(elastic, first).json["href"]).status == 200


def test_an_address_of_another_session_is_403(elastic: Client) -> None:
    identifier = exported(elastic)
    href: str = file(elastic, identifier).json["href"]
    other = Client(elastic.stub, "elastic_path", session="another-session", headers=HEADERS)
    assert exported(other) == identifier
    assert elastic.follow(href.replace(elastic.base, other.base)).status == 403


# However jobs follow each other


step = st.one_of(
    st.tuples(st.just("generate"), st.integers(1, 400)),
    st.tuples(st.just("advance"), st.sampled_from([1, 3, 8])),
    st.tuples(st.just("cancel"), st.just(0)),
    st.tuples(st.just("export"), st.just(0)),
)


@given(steps=st.lists(step, max_size=12))
def test_codes_are_those_of_the_jobs_that_kept_them(stub: Stub, steps: list[tuple[str, int]]) -> None:
    client = Client(stub, "elastic_path", session="history", headers=HEADERS)
    client.control("POST", "/reset")
    for name, amount in steps:
        newest = jobs(client, SECOND).json["data"][:1]
        if name == "advance":
            client.advance(amount)
        elif name == "cancel" and newest:
            cancel(client, newest[0]["id"], SECOND)
        elif name in ("generate", "export") and not (newest and newest[0]["status"] in ("pending", "processing")):
            generate(client, amount, SECOND) if name == "generate" else export(client, SECOND)
        listed = texts(client, SECOND)
        assert len(listed) == len(set(listed)) == codes(client, SECOND).json["meta"]["results"]["total"] <= 1000
    client.advance(20)
    kept: list[dict[str, Any]] = [found.get("result", {}) for found in jobs(client, SECOND, limit=100).json["data"]]
    assert sum(result.get("generated", 0) - result.get("deleted", 0) for result in kept) == len(texts(client, SECOND))
