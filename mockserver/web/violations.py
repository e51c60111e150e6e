"""Violations of the contract, as the journal and a refusal tell them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from openapi import pointer as json_pointer
from openapi.contract import Contract
from openapi.validators import Violation

# More reasons than anybody reads: each of 10,000 items may be wrong.
_MOST = 100


def invalid(contract: Contract, found: Iterable[Violation], about: Any = None) -> Refusal:
    """The refusal that tells what does not fit the contract, the first hundred reasons of it."""
    broken = tuple(islice(found, _MOST))
    return Refusal("invalid", reasons=reasons(contract, broken), about=about, violations=broken)


def reasons(contract: Contract, found: Iterable[Violation]) -> tuple[Reason, ...]:
    """Violations as the journal keeps them, with the line of the contract."""
    return tuple(
        Reason(
            violation.location,
            json_pointer.join(*violation.pointer),
            violation.message[:300],
            contract.position(violation.address),
            violation.keyword,
        )
        for violation in found
    )
