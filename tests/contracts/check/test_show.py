"""The command line on a stub that is broken in one way: exit code 1, and a finding that names what is broken.

For each provider: a field of an answer with another name, an arrow of the life cycle the other way round, idempotency
keys that nobody keeps. Capillary has no jobs, Elastic Path no keys (E93).
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts.cli import main
from contracts.defects.defect import Answer, Ask, Asked, Behaviour, Defect, Kind, Memory
from contracts.defects.wrapper import Wrapper
from contracts.stub import serving
from contracts.target.subject import load_subject
from tests.contracts.defects.catalogues import CATALOGUES


def renamed(old: str, new: str) -> Behaviour:
    """Wherever an answer has the one field it has the other."""

    def rename(value: Any) -> Any:
        if isinstance(value, list):
            return [rename(member) for member in value]
        if isinstance(value, dict):
            return {new if key == old else key: rename(member) for key, member in value.items()}
        return value

    async def behave(asked: Asked, ask: Ask, _: Memory) -> Answer:
        answer = await ask(asked)
        return answer.with_json(rename(answer.json)) if answer.json and asked.operation else answer

    return behave


def known(provider: str, name: str) -> Behaviour:
    """A defect of the catalogue."""
    return next(defect.behaviour for defect in CATALOGUES[provider] if defect.name == name)


SCHEMA, ARROWS = "response_schema_conformance", "lifecycle.arrows"
WHOLE = pytest.mark.slow  # every check on every operation
SHOWS = [
    pytest.param(
        "thanx", renamed("progress_percent", "percent"), SCHEMA, "progress_percent", "openapi.yaml", marks=WHOLE
    ),
    pytest.param(
        "loyaltydog", renamed("issuedCount", "issued_count"), SCHEMA, "issuedCount", "openapi.yaml", marks=WHOLE
    ),
    pytest.param(
        "capillary", renamed("transactionId", "transaction"), SCHEMA, "transactionId", "openapi.yaml", marks=WHOLE
    ),
    pytest.param("elastic_path", renamed("job_type", "type_of_job"), SCHEMA, "job_type", "openapi.yaml", marks=WHOLE),
    ("thanx", known("thanx", "state-goes-back"), ARROWS, "completed -> processing", "openapi.yaml"),
    ("loyaltydog", known("loyaltydog", "finished-goes-back"), ARROWS, "completed -> processing", "openapi.yaml"),
    ("elastic_path", known("elastic_path", "completed-goes-back"), ARROWS, "completed -> processing", "openapi.yaml"),
    ("thanx", known("thanx", "key-ignored"), "same-key-and-body-get-the-first-answer", "differs", "facts.md"),
    ("loyaltydog", known("loyaltydog", "key-ignored"), "same-key-and-body-get-the-first-answer", "differs", "facts.md"),
    ("capillary", known("capillary", "key-ignored"), "the-same-request-gets-the-first-answer", "another", "facts.md"),
]


@pytest.mark.parametrize(("provider", "fault", "check", "words", "file"), SHOWS)
def test_what_is_broken_is_named(
    provider: str, fault: Behaviour, check: str, words: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = load_subject(provider)
    defect = Defect("fault", Kind.SCHEMA, "", fault)
    # A field is looked for everywhere; the others are one law's, which is quicker alone.
    only = () if check == SCHEMA else ("--only", "lifecycle.rest" if check == ARROWS else check)
    with serving(provider, lambda app: Wrapper(app, subject, defect)) as url:
        code = main(["check", provider, "--target", url, "--seed", "3", "--max-examples", "1", "--quiet", *only])
    out = capsys.readouterr().out
    assert code == 1
    found = re.search(rf"^(\S+?):\d+:\d+: error: (.*) \[{check}", out, re.MULTILINE)
    assert found is not None, out
    assert words in found[2]
    assert found[1] == f"specs/{provider}/{file}"
