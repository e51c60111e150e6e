"""What answers in the place of a provider is told apart from a provider that breaks its contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.check.preflight import elsewhere, plausible, reach
from contracts.target.client import RefusedError
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject
from contracts.target.target import bare_target

THANX = load_subject("thanx")
PAGE, JSON = "text/html; charset=utf-8", "application/json"


def answer(operation: str, status: int, media: str = JSON, body: bytes = b"{}", location: str = "") -> Exchange:
    response = Response(status, {"content-type": media, "location": location}, body)
    return Exchange(1, Request("GET", "http://target.test/", {}), response, operation)


TARGET = bare_target("thanx", "http://a")


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


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        ((200, 0, 0), "listCampaigns"),
        ((404, 200, 0), "getCampaign"),
        ((404, 422, 200), "getIssuanceJob"),
        ((401, 404, 404), ""),
    ],
)
def test_the_first_answer_that_tells_is_the_one(statuses: tuple[int, ...], found: str) -> None:
    bodies = {404: b'{"error": {"code": "RESOURCE_NOT_FOUND", "message": "no"}}', 422: b"", 401: b""}
    given = dict(zip(("listCampaigns", "getCampaign", "getIssuanceJob"), statuses, strict=True))
    told = reach(THANX, TARGET, lambda one: answer(one.id, given[one.id], body=bodies.get(given[one.id], b'{"a": 1}')))
    assert (told.operation if told else "") == found


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        # The provider's own answer to a path that it does not know.
        (404, b'{"error": {"code": "RESOURCE_NOT_FOUND", "message": "no"}}', "http://a answers 404 to every request"),
        (403, b'{"error": {"code": "FORBIDDEN", "message": "no"}}', "refuses our credentials: 403 for getIssuanceJob"),
    ],
)
def test_a_target_that_is_none_is_refused(status: int, body: bytes, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        reach(THANX, TARGET, lambda one: answer(one.id, status, body=body))


def test_who_gave_no_credentials_is_told_what_to_write() -> None:
    target = replace(TARGET, credentials={})
    with pytest.raises(RefusedError, match=r"none were given: 401 for \w+; name the target .*credentials\.default"):
        reach(THANX, target, lambda one: answer(one.id, 401, body=b'{"error": {"code": "A", "message": "no"}}'))


def test_nothing_to_ask_for_refuses_nobody() -> None:
    assert reach(THANX, TARGET, lambda one: None) is None
