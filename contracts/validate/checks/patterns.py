"""Regular expressions: they compile in the dialect the standard names, and do not blow up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regress

from contracts.findings import Finding
from contracts.validate.backtracking import MAX_STEPS, blow_up
from contracts.validate.document import Document
from contracts.validate.subject import Subject
from openapi.dialect import LEGACY
from openapi.library import Address


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    # ECMA-262; from JSON Schema 2020-12 (6.4) on with the `u` flag.
    unicode = document.version not in LEGACY
    for at, pattern, key in _patterns(document):
        problem = _problem(pattern, "u") if unicode else _problem(pattern, "")
        if problem and unicode and not _problem(pattern, ""):
            message = f"{pattern} is no ECMA-262 expression with the `u` flag: {problem}"
            yield document.finding("pattern-unicode", at, message, "a needless backslash?", key=key)
        elif problem:
            yield document.finding("pattern-invalid", at, f"{pattern} is no ECMA-262 expression: {problem}", key=key)
        elif proof := _blow_up(pattern):
            message = f"{pattern} takes a backtracking matcher more than {MAX_STEPS:,} steps on {proof}"
            hint = "write it so that no text can match in two ways"
            yield document.finding("pattern-backtracking", at, message, hint, key=key)


def _patterns(document: Document) -> Iterator[tuple[Address, str, bool]]:
    for node in document.of("schema"):
        if isinstance(node.value.get("pattern"), str):
            yield node.address / "pattern", node.value["pattern"], False
        properties = node.value.get("patternProperties")
        for pattern in properties if isinstance(properties, dict) else ():
            yield node.address / "patternProperties" / pattern, pattern, True


@cache
def _problem(pattern: str, flags: str) -> str:
    try:
        regress.Regex(pattern, flags)
    except regress.RegressError as error:
        return str(error)
    return ""


_blow_up = cache(blow_up)
