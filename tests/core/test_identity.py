"""Ids and codes: the same in every replay, different for everything else."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core import identity

seeds = st.integers(0, 2**63)
parts = st.lists(st.text(max_size=5) | st.integers(0, 9_999), min_size=1, max_size=3)


@given(seeds, parts)
def test_forms(seed: int, said: list[str | int]) -> None:
    assert UUID(identity.uuid(seed, *said)).version == 4
    assert re.fullmatch("[0-9a-f]{24}", identity.hexadecimal(24, seed, *said))
    assert re.fullmatch("[0-9a-z]{24}", identity.base36(24, seed, *said))
    card = identity.card_number(seed, *said)
    assert re.fullmatch("6[0-9]{15}", card)
    assert luhn_sum(card) % 10 == 0


def luhn_sum(digits: str) -> int:
    """Every second digit from the right counts twice, by the sum of its digits (ISO/IEC 7812-1, annex B)."""
    doubled = "".join(str(int(d) * (1 + i % 2)) for i, d in enumerate(reversed(digits)))
    return sum(map(int, doubled))


@pytest.mark.parametrize(("digits", "check"), [("7992739871", 3), ("411111111111111", 1), ("37828224631000", 5)])
def test_luhn_of_known_numbers(digits: str, check: int) -> None:
    assert identity.luhn_digit(digits) == check


def test_replays_give_the_same_bytes() -> None:
    # Fixed for good: recordings are replayed against them, and replicas compared by them.
    assert identity.uuid(1, "job", 0) == "da09c65e-dacb-4a07-a4ca-2144e4cb9f53"
    assert identity.hexadecimal(24, 1, "job", 0) == "da09c65edacb7a0764ca2144"
    assert identity.base36(12, 1, "job", 0) == "ndw9ane9zze6"
    assert identity.card_number(1, "card", 0) == "6133080510791824"


@given(seeds)
def test_every_argument_counts(seed: int) -> None:
    made = [identity.base36(20, seed, "job", number) for number in range(50)]
    made += [identity.base36(20, seed, "code", number) for number in range(50)]
    made += [identity.base36(20, seed + 1, "job", number) for number in range(50)]
    assert len(set(made)) == len(made)


@given(st.integers(0, 36**6 - 1))
def test_spelling_is_one_to_one(number: int) -> None:
    assert int(identity.spell(number, identity.BASE36, 6)[::-1], 36) == number
