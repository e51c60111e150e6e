"""The catalogues: enough defects of enough kinds, each under a name of its own, none twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from contracts.defects.catalogue import PROVIDERS, CatalogueError, checked, defects_of, selected
from contracts.defects.defect import Answer, Ask, Asked, Defect, Kind, Memory
from openapi.contract import load_contract
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


@pytest.mark.parametrize("provider", PROVIDERS)
def test_at_least_25_defects_of_all_kinds(provider: str) -> None:
    defects = defects_of(provider)
    assert len(defects) >= 25
    assert {defect.kind for defect in defects} >= EVERYWHERE | WHERE_OFFERED[provider]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_names_and_stories_are_unique_and_readable(provider: str) -> None:
    defects = defects_of(provider)
    for texts in ([defect.name for defect in defects], [defect.story for defect in defects]):
        assert [text for text, times in Counter(texts).items() if times > 1] == []
    for defect in defects:
        assert defect.name == defect.name.lower().replace(" ", "-").replace("_", "-")
        assert "|" not in defect.story, "it is a cell of a table"


def test_every_provider_with_a_contract_has_a_catalogue() -> None:
    assert set(PROVIDERS) == {path.parent.name for path in SPECS.glob("*/openapi.yaml")}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_defect_leaves_other_operations_and_odd_requests_alone(provider: str) -> None:
    """A defect meets whatever Schemathesis makes up, and must not fall over it."""
    contract = load_contract(SPECS / provider / "openapi.yaml")
    refusal = b'{"status": {"code": 1}, "error": {}, "errors": [{}]}'

    async def sound(_: Asked) -> Answer:
        return Answer(400, {"content-type": "application/json"}, refusal)

    async def ask_all(defect: Defect) -> None:
        memory: Memory = {"at": 0.0}
        for operation in ("", *(operation.id for operation in contract.operations)):
            for body in ODD:
                asked = Asked("POST", "/x", "page=x&page[limit]=&filter=", {}, body, operation, {}, 0.0)
                await defect.behaviour(asked, sound, memory)

    for defect in defects_of(provider):
        asyncio.run(ask_all(defect))


async def as_it_is(asked: Asked, ask: Ask, _memory: Memory) -> Answer:
    return await ask(asked)


def test_a_name_stands_for_one_defect() -> None:
    defect = Defect("twice", Kind.SCHEMA, "It is there twice", as_it_is)
    with pytest.raises(CatalogueError, match="two defects are called 'twice'"):
        checked([defect, defect])


def test_what_does_not_exist_is_said_with_the_nearest_name() -> None:
    with pytest.raises(CatalogueError, match=r"no defects for 'thank'.*thanx"):
        defects_of("thank")
    with pytest.raises(CatalogueError, match=r"no defect 'key-ignord'.*key-ignored"):
        selected(PROVIDERS, ["key-ignord"])


def test_only_selects_in_the_order_of_the_catalogue() -> None:
    found = selected(PROVIDERS, ["key-race", "property-renamed"])
    assert {provider: [defect.name for defect in defects] for provider, defects in found.items()} == {
        "thanx": ["property-renamed", "key-race"],
        "loyaltydog": ["key-race"],
        "capillary": ["key-race"],
    }
