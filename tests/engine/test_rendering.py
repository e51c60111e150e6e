"""Bodies of jobs from the contract: a state's own schema beside a reference, and the error of a failed job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.core.plan import Plan, Step
from mockserver.core.records import Submitted
from mockserver.engine.jobs import job_at
from mockserver.engine.provider import Provider, load_document

DOCUMENT = """
openapi: 3.1.0
info: {title: Jobs, version: '1'}
paths: {}
components:
  schemas:
    Job:
      oneOf:
        - $ref: '#/components/schemas/Running'
        - $ref: '#/components/schemas/Done'
        - $ref: '#/components/schemas/Failed'
      x-lifecycle:
        id: id
        state: state
        initial: running
        transitions: {running: [done, failed]}
        counts: {succeeded: result/made}
        error: why
    AnyState:
      type: object
      required: [id, state]
      properties: {id: {type: string}, result: {properties: {made: {type: integer}}}}
    Running:
      $ref: '#/components/schemas/AnyState'
      properties: {state: {const: running}, result: false}
    Done:
      $ref: '#/components/schemas/AnyState'
      required: [result]
      properties: {state: {const: done}}
    Failed:
      $ref: '#/components/schemas/AnyState'
      required: [why]
      properties: {state: {const: failed}, why: {type: string}, result: false}
"""
SIMULATION = """
jobs:
  job:
    schema: Job
    id: {form: hex}
    durations: {running: 1}
    outcomes: {success: done, failure: failed}
    work: running
"""


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    (tmp_path / "simulation.yaml").write_text(SIMULATION)
    return load_document(tmp_path / "openapi.yaml")


@pytest.mark.parametrize(
    ("end", "now", "body"),
    [
        ("done", 0, {"id": "1", "state": "running"}),
        ("done", 10, {"id": "1", "state": "done", "result": {"made": 4}}),
        ("failed", 9, {"id": "1", "state": "running"}),
        ("failed", 10, {"id": "1", "state": "failed", "why": "no paper"}),
    ],
)
def test_body_has_what_its_state_has(provider: Provider, end: str, now: int, body: dict[str, Any]) -> None:
    plan = Plan((Step("running", 0), Step(end, 10)), 4, 4, "running", error="no paper" if end == "failed" else "")
    job = job_at(provider.kinds["job"], [Submitted(0, "1", "job", "", plan, {})], now)
    assert provider.renders["job"](job) == body
