"""A stand-in has the form of its word, is the same each time, and is never the word."""

from __future__ import annotations

import re
import unicodedata

import jsonschema_rs
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.redaction.stand_ins import StandIns

WORDS = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Lo", "Pd", "Pc")), min_size=1, max_size=40)


def shape(text: str) -> str:
    """Letters, digits and everything else, each as its kind."""
    return "".join("9" if "0" <= one <= "9" else "a" if one.isalnum() else one for one in text)


@given(WORDS)
def test_a_stand_in_has_the_form_of_its_word_and_is_not_the_word(word: str) -> None:
    assume(any(character.isalnum() for character in word))
    stand_in = StandIns(b"key").word(word)
    assert stand_in != word
    assert len(stand_in) == len(word)
    assert [one.isascii() for one in stand_in] == [one.isascii() for one in word]
    if word.isascii():
        assert shape(stand_in) == shape(word)
        assert [unicodedata.category(one) for one in stand_in] == [unicodedata.category(one) for one in word]


@given(WORDS, WORDS)
def test_the_same_word_has_the_same_stand_in_and_another_word_another(one: str, other: str) -> None:
    assume(len(one) > 2 and len(other) > 2)
    assume(any(character.isalnum() for character in one) and any(character.isalnum() for character in other))
    stand_ins = StandIns(b"key")
    assert (stand_ins.word(one) == stand_ins.word(other)) == (one == other)
    assert StandIns(b"key").word(one) == StandIns(b"key").word(one)


def test_another_key_gives_another_stand_in() -> None:
    assert StandIns(b"one").word("jane-smith") != StandIns(b"other").word("jane-smith")


@given(st.uuids(), st.emails(), st.from_regex(r"[0-9a-f]{24}", fullmatch=True))
def test_identifiers_and_addresses_stay_what_they_are(uuid: object, email: str, identifier: str) -> None:
    assume(not identifier.isdecimal() and not identifier.isalpha() and email.isascii())
    stand_ins = StandIns(b"key")
    for value, format_ in ((str(uuid), "uuid"), (email, "email")):
        schema = jsonschema_rs.Draft202012Validator({"format": format_}, validate_formats=True)
        assert schema.is_valid(stand_ins.word(value)) or not schema.is_valid(value)
    assert re.fullmatch(r"[0-9a-f]{24}", stand_ins.word(identifier))


def test_a_pattern_of_the_contract_is_kept_where_a_candidate_keeps_it() -> None:
    fits = jsonschema_rs.Draft202012Validator({"pattern": "^camp_[a-z0-9]+$"}).is_valid
    stand_in = StandIns(b"key", [fits]).word("camp_abc123")
    assert fits(stand_in)
    assert stand_in != "camp_abc123"


def test_bytes_become_as_many_other_bytes() -> None:
    assert len(StandIns(b"key").data(b"\xff\x00\xfe")) == 3
    assert StandIns(b"key").data(b"\xff\x00\xfe") != b"\xff\x00\xfe"
