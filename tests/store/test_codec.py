"""What a store keeps as bytes comes back equal."""

from __future__ import annotations

from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.core.clock import LAST_INSTANT, Clock
from mockserver.core.journal import Entry
from mockserver.core.records import ClockSet, Held, JobRecord, Record
from mockserver.store.codec import decode, decode_entry, encode, encode_entry
from tests.store.samples import BY_TYPE, entries


def test_the_samples_know_every_record() -> None:
    assert set(get_args(Record)) == set(BY_TYPE)
    assert set(get_args(JobRecord)) <= set(BY_TYPE)


@pytest.mark.parametrize("kind", BY_TYPE, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_record_comes_back(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(BY_TYPE[kind])
    decoded = decode(encode(record))
    assert decoded == record
    assert type(decoded) is kind


@given(entries)
def test_a_journal_entry_comes_back(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == entry


def test_the_last_instant_fits() -> None:
    record = ClockSet(LAST_INSTANT, Clock(LAST_INSTANT, 2**62, 1))
    assert decode(encode(record)) == record


def test_the_text_is_plain_json() -> None:
    assert orjson.loads(encode(Held(5))) == ["Held", {"at": 5}]
