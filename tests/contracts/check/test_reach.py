"""What answers in the place of a provider is told apart from a provider that breaks its contract."""

from __future__ import annotations

import pytest

from contracts.check.exchange import Exchange, Request, Response
from contracts.check.reach import elsewhere, plausible
from contracts.check.subject import load_subject

THANX = load_subject("thanx")
PAGE, JSON = "text/html; charset=utf-8", "application/json"


def answer(operation: str, status: int, media: str = JSON, body: bytes = b"{}", location: str = "") -> Exchange:
    response = Response(status, {"content-type": media, "location": location}, body)
    return Exchange(1, Request("GET", "http://target.test/", {}), response, operation)


@pytest.mark.parametrize(
    ("status", "media", "location", "words"),
    [
        (302, PAGE, "https://login.test/", "redirects every request to https://login.test/"),
        (301, PAGE, "", "redirects every request"),
        (503, "text/plain", "", "answers 503 to every request"),
        (200, PAGE, "", "answers 200 with a page, text/html, to every request"),
        (404, JSON, "", "answers 404 to every request"),
    ],
)
def test_what_is_not_the_provider(status: int, media: str, location: str, words: str) -> None:
    answers = [answer(name, status, media, b"", location) for name in ("listCampaigns", "getCampaign")]
    assert not any(plausible(THANX, one) for one in answers)
    assert elsewhere(THANX, answers) == words


def test_answers_of_several_kinds_are_a_providers() -> None:
    assert elsewhere(THANX, [answer("listCampaigns", 503), answer("getCampaign", 500)]) == ""


def test_an_unknown_id_is_no_wrong_address() -> None:
    assert elsewhere(THANX, [answer("getCampaign", 404), answer("getIssuanceJob", 404)]) == ""


def test_a_contract_that_is_broken_is_a_providers() -> None:
    assert plausible(THANX, answer("listCampaigns", 200, body=b'{"other": 1}'))
    assert elsewhere(THANX, [answer("listCampaigns", 422), answer("getCampaign", 422)]) == ""
