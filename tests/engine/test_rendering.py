"""Bodies of jobs from the contract: a state's own schema beside a reference, and the error of a failed job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import Submitted
from mockserver.engine.jobs import job_at
from mockserver.engine.playing import load_document
from mockserver.engine.provider import Provider

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
    return load_document(tmp_path / "openapi.yaml").provider


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


FLAT = """
openapi: 3.1.0
info: {title: Jobs, version: '1'}
paths: {}
components:
  schemas:
    Job:
      type: object
      required: [id, state, finished, said]
      properties:
        id: {type: string}
        state: {enum: [running, done]}
        finished: {type: [string, 'null']}
        said: {type: [string, 'null']}
        aside: {type: string}
        failed:
          type: array
          items: {type: object}
        kind: {const: print}
      x-lifecycle:
        id: id
        state: state
        initial: running
        transitions: {running: [done]}
        instants: {finished: finished}
        failures: {at: failed, index: number, reason: because}
"""


def flat(folder: Path, document: str) -> Provider:
    (folder / "openapi.yaml").write_text(document)
    facts = "    facts: {said: /body/said, aside: /body/aside}\n"
    (folder / "simulation.yaml").write_text(SIMULATION.replace(", failure: failed", "") + facts)
    return load_document(folder / "openapi.yaml").provider


def body_of(provider: Provider, now: int, facts: dict[str, Any], failures: tuple[Failure, ...] = ()) -> dict[str, Any]:
    plan = Plan((Step("running", 0), Step("done", 10)), 4, 4, "running", failures)
    return provider.renders["job"](job_at(provider.kinds["job"], [Submitted(0, "1", "job", "", plan, facts)], now))


def test_what_is_required_and_unknown_is_null_and_what_is_optional_is_left_out(tmp_path: Path) -> None:
    provider = flat(tmp_path, FLAT)
    running = {"id": "1", "state": "running", "finished": None, "said": None, "kind": "print"}
    assert body_of(provider, 0, {}) == running
    assert body_of(provider, 0, {"said": "a", "aside": "b"}) == {**running, "said": "a", "aside": "b"}
    done = {**running, "state": "done", "finished": "1970-01-01T00:00:00Z"}
    assert body_of(provider, 10, {}) == done
    failed = [{"number": 2, "colour": "red", "because": "no ink"}]
    assert body_of(provider, 10, {}, (Failure(2, "no ink", (("colour", "red"),)),)) == {**done, "failed": failed}


def test_a_list_of_failures_that_is_required_may_be_empty(tmp_path: Path) -> None:
    provider = flat(tmp_path, FLAT.replace("finished, said]", "finished, said, failed]"))
    assert body_of(provider, 10, {})["failed"] == []


def test_names_of_a_document_are_never_code(tmp_path: Path) -> None:
    """Bodies are written out as Python; what a document calls its properties stands there as a literal."""
    name = "a'}, __import__('os').abort(), {'"
    provider = flat(tmp_path, FLAT.replace("kind: {const", f'"{name}": {{const'))
    assert body_of(provider, 0, {})[name] == "print"
