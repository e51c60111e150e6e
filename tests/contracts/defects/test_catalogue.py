"""The catalogues, the generic one and those of our own stubs: enough of every kind, each name once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts.defects.catalogue import ROWS, CatalogueError, defects_of, selected
from contracts.defects.defect import Answer, Asked, Defect, Kind, Memory
from contracts.target.subject import load_subject
from openapi.contract import load_contract
from tests.contracts.defects.catalogues import CATALOGUES
from tests.contracts.defects.servers import SPECS

# What every provider can get wrong; the others depend on what it offers.
EVERYWHERE = {
    Kind.SCHEMA,
    Kind.STATUS,
    Kind.HEADERS,
    Kind.LIFECYCLE,
    Kind.COUNTS,
    Kind.TIME,
    Kind.TENANCY,
    Kind.AUTH,
    Kind.LIMITS,
    Kind.LEAKS,
}
WHERE_OFFERED = {
    "thanx": {Kind.IDEMPOTENCY, Kind.PAGING, Kind.FILTERS},
    "loyaltydog": {Kind.IDEMPOTENCY, Kind.FILES},
    "capillary": {Kind.IDEMPOTENCY, Kind.PAGING, Kind.FILTERS},
    "elastic_path": {Kind.PAGING, Kind.FILTERS, Kind.FILES},
}


JSON = {"content-type": "application/json"}
# Bodies that no operation takes.
ODD = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b'"x"',
    b'{"data": 1, "identifiers": null, "count": "x", "recipients": 5, "txnId": "x", "variant_id": null}',
    b'{"data": null, "identifiers": {"a": 1}, "count": null, "recipients": null, "requestId": 5, "quantity": "x"}',
    b'{"data": {"parameters": 1, "name": null}, "identifiers": [1], "eventDateTime": null, "mobile": 1}',
    b'{"data": {"parameters": {"number_of_codes": null, "code_prefix": 1}, "name": 5}, "initialValue": null}',
    b'{"data": {"job_type": 7, "parameters": {"number_of_codes": 2.5}}, "expiresAt": 1, "requestId": ""}',
)


@pytest.mark.parametrize("provider", CATALOGUES)
def test_at_least_25_defects_of_all_kinds(provider: str) -> None:
    defects = CATALOGUES[provider]
    assert len(defects) >= 25
    assert {defect.kind for defect in defects} >= EVERYWHERE | WHERE_OFFERED[provider]


def test_none_of_our_own_is_lost() -> None:
    assert sum(map(len, CATALOGUES.values())) == 305


@pytest.mark.parametrize("provider", CATALOGUES)
def test_names_and_stories_are_unique_and_readable(provider: str) -> None:
    for defects in (CATALOGUES[provider], defects_of(load_subject(provider))):
        for texts in ([defect.name for defect in defects], [defect.story for defect in defects]):
            assert [text for text, times in Counter(texts).items() if times > 1] == []
        for defect in defects:
            assert defect.name == defect.name.lower().replace(" ", "-").replace("_", "-")
            assert "|" not in defect.story, "it is a cell of a table"


def test_every_provider_with_a_contract_has_a_catalogue() -> None:
    assert set(CATALOGUES) == {path.parent.name for path in SPECS.glob("*/openapi.yaml")}


@pytest.mark.parametrize("provider", CATALOGUES)
@pytest.mark.parametrize("body", [b'{"status": {"code": 1}, "error": {}, "errors": [{}]}', b"{", b"[null]"])
@pytest.mark.parametrize("status", [200, 400])
def test_every_generic_defect_survives_any_answer(provider: str, body: bytes, status: int) -> None:
    check_odd_requests(provider, defects_of(load_subject(provider)), Answer(status, JSON, body))


@pytest.mark.parametrize("provider", CATALOGUES)
def test_every_defect_leaves_other_operations_and_odd_requests_alone(provider: str) -> None:
    refusal = b'{"status": {"code": 1}, "error": {}, "errors": [{}]}'
    check_odd_requests(provider, CATALOGUES[provider], Answer(400, JSON, refusal))


def check_odd_requests(provider: str, defects: Sequence[Defect], answer: Answer) -> None:
    """A defect meets whatever Schemathesis makes up, and must not fall over it."""
    contract = load_contract(SPECS / provider / "openapi.yaml")

    async def sound(_: Asked) -> Answer:
        return answer

    async def ask_all(defect: Defect) -> None:
        memory: Memory = {"at": 0.0}
        for operation in ("", *(operation.id for operation in contract.operations)):
            for body in ODD:
                asked = Asked("POST", "/x", "page=x&page[limit]=&filter=", {}, body, operation, {}, 0.0)
                await defect.behaviour(asked, sound, memory)

    for defect in defects:
        asyncio.run(ask_all(defect))


# A document that has nothing but a success without a body.
BARE = """
openapi: 3.1.0
info: {title: Bare, version: '1'}
paths: {/ping: {get: {operationId: ping, responses: {'204': {description: Alive}}}}}
"""


def test_a_contract_is_spared_what_it_has_no_room_for(tmp_path: Path) -> None:
    document = tmp_path / "bare.yaml"
    document.write_text(BARE, encoding="utf-8")
    kinds = {defect.kind for defect in defects_of(load_subject(str(document)))}
    assert kinds == {Kind.STATUS, Kind.HEADERS, Kind.PAGING, Kind.LEAKS}


def test_a_contract_with_jobs_keys_and_lists_has_room_for_all_kinds() -> None:
    assert {row.kind for row in ROWS} == set(Kind) - {Kind.FILTERS, Kind.LIMITS, Kind.FILES}
    assert {defect.kind for defect in defects_of(load_subject("thanx"))} == {row.kind for row in ROWS}


def test_what_does_not_exist_is_said_with_the_nearest_name() -> None:
    with pytest.raises(CatalogueError, match=r"no defect 'key-ignord'.*key-ignored"):
        selected(CATALOGUES, ["key-ignord"])


def test_only_selects_in_the_order_of_the_catalogue() -> None:
    found = selected(CATALOGUES, ["key-race", "property-renamed"])
    assert {provider: [defect.name for defect in defects] for provider, defects in found.items()} == {
        "thanx": ["property-renamed", "key-race"],
        "loyaltydog": ["key-race"],
        "capillary": ["key-race"],
    }
