"""Unknown ids: refused by the sound stub, found out where they are answered with what was found last."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.check.verdict import Status, Verdict
from contracts.defects.catalogue import defects_of
from contracts.laws.unknown import laws, unknown
from contracts.target.subject import load_subject
from tests.contracts.laws.faults import judged

LAW = "unknown.refused"
READS = {
    "thanx": "getCampaign",
    "loyaltydog": "pollBulkIssuance_v2_giftcards_programs__programId__cards_bulk__taskId__get",
    "elastic_path": "listPromotionJobs",
}


def status(verdict: Verdict) -> Status:
    (result,) = (result for result in verdict.results if result.name == LAW)
    return result.status


@pytest.mark.parametrize("provider", READS)
def test_the_stub_knows_what_it_does_not_know(provider: str) -> None:
    verdict = judged(provider, LAW)
    assert [finding.message for finding in verdict.findings] == []
    assert status(verdict) is Status.KEPT


@pytest.mark.parametrize(("provider", "read"), READS.items())
def test_what_was_found_last_is_no_answer_to_an_unknown_id(provider: str, read: str) -> None:
    (defect,) = (one for one in defects_of(load_subject(provider)) if one.name == "unknown-is-found")
    verdict = judged(provider, LAW, fault=defect.behaviour)
    assert status(verdict) is Status.BROKEN
    (finding,) = verdict.findings
    assert (finding.check, finding.operation) == (LAW, read)
    assert [exchange.status for exchange in finding.exchanges[-2:]] == [200, 200]


def test_a_contract_that_documents_no_404_promises_none() -> None:
    assert laws(load_subject("capillary")) == []


@pytest.mark.parametrize(
    ("known", "nobody"),
    [
        ("camp_abc123", "camp_aaa000"),
        ("ad386702-e780-42c6-b190-0527ad768917", "ad386702-e780-42c6-b190-0000aa000000"),
        ("423931087", "999999999"),
        ("X-9fQ", "X-9aA"),
    ],
)
def test_an_unknown_id_looks_like_a_known_one(known: str, nobody: str) -> None:
    assert unknown(known) == nobody


@given(st.from_regex(r"[a-zA-Z_-][a-zA-Z0-9_-]*", fullmatch=True))
def test_an_unknown_id_has_the_form_of_the_known_one(known: str) -> None:
    def form(text: str) -> str:
        return re.sub("[a-z]", "a", re.sub("[A-Z]", "A", re.sub("[0-9]", "0", text)))

    assert form(unknown(known)) == form(known)
    assert unknown(unknown(known)) == unknown(known)
