"""Jobs in real time: how long one is waited for, and what is said of one that does not end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.check.plan import Plan
from contracts.check.run import Run
from contracts.check.verdict import Result, Status, Verdict
from contracts.stub import INSIDE, Inside, Receive, Scope, Send
from contracts.target.subject import load_subject
from contracts.target.target import bare_target

JOBS = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
paths:
  /jobs:
    post:
      operationId: createJob
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [items]
              properties: {items: {type: array, minItems: 1, items: {type: string, minLength: 1}}}
      responses:
        "202":
          description: Accepted.
          content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}
          links: {read: {operationId: getJob, parameters: {id: $response.body#/id}}}
        "400": {description: Not understood.}
  /jobs/{id}:
    get:
      operationId: getJob
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: The job., content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}}
        "404": {description: None.}
components:
  schemas:
    Job:
      type: object
      required: [id, state]
      properties: {id: {type: string}, state: {enum: [pending, done]}}
      x-lifecycle: {id: id, state: state, initial: pending, transitions: {pending: [done]}}
"""


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def server(done: Callable[[float], bool], clock: Time) -> Inside:
    """Jobs that are done at an age."""
    begun: dict[str, float] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        name = scope["path"].removeprefix("/jobs").strip("/")
        status = 404
        if scope["method"] == "POST" and not name:
            status = 202 if b'"items"' in message["body"] else 400
            name = f"j{len(begun)}"
            begun[name] = clock.now
        elif name in begun:
            status = 200
        state = "done" if name in begun and done(clock.now - begun[name]) else "pending"
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": f'{{"id": "{name}", "state": "{state}"}}'.encode()})

    return Inside(app)


def judged(tmp_path: Path, done: Callable[[float], bool], longest_job: float | None = None) -> Verdict:
    path = tmp_path / "openapi.yaml"
    path.write_text(JOBS)
    clock = Time()
    target = replace(bare_target("jobs", INSIDE), control=False, longest_job=longest_job)
    run = Run(load_subject(str(path)), target, Plan(seed=3, seconds=100, only=("lifecycle",)), server(done, clock))
    run.transport.pause, run.transport.budget.clock = clock.sleep, clock
    run.transport.budget.started = 0.0
    return run.execute()


def rest(verdict: Verdict) -> Result:
    return next(result for result in verdict.results if result.name == "lifecycle.rest.Job")


def test_a_document_without_an_example_of_the_body_has_its_life_cycle_judged(tmp_path: Path) -> None:
    verdict = judged(tmp_path, lambda age: age > 3)
    assert verdict.kept
    assert rest(verdict).status is Status.KEPT


def test_a_job_without_an_end_leaves_time_for_the_rest(tmp_path: Path) -> None:
    verdict = judged(tmp_path, lambda age: False)
    assert verdict.kept
    assert rest(verdict).status is Status.UNFINISHED
    assert "longest_job" in rest(verdict).why
    walked = next(result for result in verdict.results if result.name == "lifecycle.walk.Job")
    assert walked.status is Status.KEPT


@pytest.mark.parametrize(("longest", "broken"), [(20.0, True), (90.0, False)])
def test_a_job_that_takes_longer_than_any_may_is_a_finding(tmp_path: Path, longest: float, broken: bool) -> None:
    verdict = judged(tmp_path, lambda age: age > 40, longest)
    assert (rest(verdict).status is Status.BROKEN) is broken
    assert ("it never comes to rest" in " ".join(finding.message for finding in verdict.findings)) is broken
