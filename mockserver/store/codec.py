"""Records and journal entries as JSON text, for stores that keep bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import orjson

from mockserver.core.clock import Clock
from mockserver.core.journal import Entry, Reason
from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import ClockSet, Commanded, Held, Noted, Polled, Record, Released, SettingSet, Submitted


def encode(record: Record) -> bytes:
    """`["Held", {"at": 5}]`."""
    return orjson.dumps([type(record).__name__, record])


def decode(text: bytes) -> Record:
    """The record that `encode` wrote."""
    name, value = orjson.loads(text)
    return _DECODERS[name](value)


def _submitted(value: dict[str, Any]) -> Submitted:
    return Submitted(**{**value, "plan": _plan(value["plan"])})


def _plan(value: dict[str, Any]) -> Plan:
    steps = tuple(Step(**step) for step in value["steps"])
    failures = tuple(
        Failure(failure["index"], failure["reason"], tuple((name, detail) for name, detail in failure["about"]))
        for failure in value["failures"]
    )
    return Plan(**{**value, "steps": steps, "failures": failures})


def _commanded(value: dict[str, Any]) -> Commanded:
    arrows = {state: tuple(Step(**step) for step in steps) for state, steps in value["arrows"].items()}
    return Commanded(**{**value, "arrows": arrows})


def _clock_set(value: dict[str, Any]) -> ClockSet:
    return ClockSet(value["at"], Clock(**value["clock"]))


_DECODERS: dict[str, Callable[[dict[str, Any]], Record]] = {
    "Submitted": _submitted,
    "Commanded": _commanded,
    "Held": lambda value: Held(**value),
    "Released": lambda value: Released(**value),
    "Polled": lambda value: Polled(**value),
    "ClockSet": _clock_set,
    "SettingSet": lambda value: SettingSet(**value),
    "Noted": lambda value: Noted(**value),
}


def encode_entry(entry: Entry) -> bytes:
    """The body goes as base64: it is whatever bytes the client sent."""
    value = entry._asdict()
    value["body"] = base64.b64encode(entry.body).decode()
    return orjson.dumps(value)


def decode_entry(text: bytes) -> Entry:
    """The entry that `encode_entry` wrote."""
    value = orjson.loads(text)
    value["body"] = base64.b64decode(value["body"])
    value["reasons"] = tuple(Reason(**reason) for reason in value["reasons"])
    return Entry(**value)
