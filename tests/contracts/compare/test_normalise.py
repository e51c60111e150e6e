"""What is taken out of an answer before it is compared, and what stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from contracts.compare.cases import altered, drawing, translated, translation
from contracts.compare.normalise import Mark, Names, Words, normalise
from contracts.target.subject import load_subject


def normal(value: Any, names: Names | None = None) -> Any:
    return normalise(value, names or Names(), "label", lambda way, one: False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id": "a1"}, {"id": "b2"}),
        ({"jobId": "a1", "parent_id": "a1"}, {"jobId": "z", "parent_id": "z"}),
        ({"created_at": "2025-06-15T10:30:00Z"}, {"created_at": "2026-01-01T00:00:00.5+01:00"}),
        ({"code": "AB12-CD34"}, {"code": "9ZX1-0QQ7"}),
        ({"name": "one"}, {"name": "another one"}),
        ({"total": 3}, {"total": 4}),
    ],
)
def test_alike(one: Any, other: Any) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"jobId": "a1", "parent_id": "a1"}, {"jobId": "z", "parent_id": "y"}),
        ({"created_at": "2025-06-15T10:30:00Z"}, {"created_at": "15 June"}),
        ({"code": "AB12-CD34"}, {"code": "AB12CD34"}),
        ({"code": "NOT_FOUND"}, {"code": "BAD_REQUEST"}),
        ({"total": 3}, {"total": "3"}),
        ({"done": True}, {"done": 1}),
    ],
)
def test_not_alike(one: Any, other: Any) -> None:
    assert normal(one) != normal(other)


def test_what_was_sent_has_one_name_on_both_sides() -> None:
    left, right = Names(), Names()
    left.teach([("camp_1", "data 0")])
    right.teach([("camp_9", "data 0")])
    assert normal({"campaign_id": "camp_1"}, left) == normal({"campaign_id": "camp_9"}, right)
    assert normal({"campaign_id": "camp_1"}, left) == {"campaign_id": Mark("id", "data 0")}


def test_the_words_of_the_contract_are_found_behind_references_and_unions() -> None:
    subject = load_subject("thanx")
    response = subject.operation("getIssuanceJob").responses["200"]
    schema = response.address / "content" / "application/json" / "schema"
    words = Words(subject)
    assert words.at(schema, ("issuance_job", "state")) == {
        "pending",
        "processing",
        "completed",
        "failed",
        "revoking",
        "revoked",
    }
    assert words.at(schema, ("issuance_job", "summary", "failures", 3, "identifier_type")) == {"email", "phone"}
    assert words.at(schema, ("issuance_job", "id")) == frozenset()


def test_the_other_side_gets_its_own_data() -> None:
    words = translation({"a": "x", "many": ["1", "2"], "only": "o"}, {"a": "y", "many": ["3"], "other": "p"})
    assert words == {"x": "y", "1": "3"}
    assert translated({"k": ["x", "2", {"m": "1"}], "n": 1}, words) == {"k": ["y", "2", {"m": "3"}], "n": 1}


def test_one_thing_is_altered() -> None:
    value = {"a": [1, 2], "b": {"c": 3}}
    assert altered(value, "/a/1", "set", None) == {"a": [1, None], "b": {"c": 3}}
    assert altered(value, "/b/c", "drop", None) == {"a": [1, 2], "b": {}}
    assert altered(value, "/a/0", "drop", None) == {"a": [2], "b": {"c": 3}}
    assert altered(value, "/a", "add", None) == {"a": [1, 2, 1, 2], "b": {"c": 3}}
    assert altered(value, "/b", "add", 0) == {"a": [1, 2], "b": {"c": 3, "unknown_property": 0}}


def test_the_same_seed_draws_the_same_and_another_others() -> None:
    numbers = st.integers(0, 10**9)
    assert drawing(numbers, 5, 1) == drawing(numbers, 5, 1)
    assert drawing(numbers, 5, 1) != drawing(numbers, 5, 2)
    assert drawing(st.nothing(), 5, 1) == []
