"""A HAR is held against contract and life cycle; a recording says what its run said, and shows nobody's data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
import requests

from contracts import reports
from contracts.check.offline import REQUESTS, judge_har
from contracts.check.plan import Plan
from contracts.check.recorder import Recorder
from contracts.check.report import as_report
from contracts.check.run import Run
from contracts.check.verdict import Verdict
from contracts.cli import main
from contracts.defects.wrapper import Wrapper
from contracts.har.reader import HarError
from contracts.stub import inside, serving
from contracts.target.subject import load_subject
from contracts.target.transport import Wire
from tests.contracts.defects.servers import defect as defect_of

SUBJECT = load_subject("thanx")
BASE = "https://api.thanx.com"
JOB = {
    "id": "job_1",
    "state": "pending",
    "total_count": 1,
    "processed_count": 0,
    "success_count": 0,
    "failure_count": 0,
    "progress_percent": 0,
    "campaign_id": "camp_1",
    "created_at": "2026-01-01T00:00:00Z",
    "started_at": None,
    "completed_at": None,
}


def answered(body: Any, *, path: str = "/partner/issuance_jobs/job_1?merchant_id=m", status: int = 200) -> Any:
    """An entry of a read of a job."""
    headers = [{"name": name, "value": "x"} for name in ("Authorization", "X-ClientId")]
    headers.append({"name": "Accept-Version", "value": "v4.0"})
    content = {"mimeType": "application/json", "text": orjson.dumps(body).decode()}
    return {
        "request": {"method": "GET", "url": BASE + path, "headers": headers},
        "response": {"status": status, "content": content},
    }


def judged(tmp_path: Path, *entries: Any, base: str = "") -> Verdict:
    path = tmp_path / "some.har"
    path.write_bytes(orjson.dumps({"log": {"entries": entries}}))
    return judge_har(SUBJECT, path, base)


def test_an_answer_that_is_not_as_documented_is_found(tmp_path: Path) -> None:
    verdict = judged(tmp_path, answered({"issuance_job": {**JOB, "total_count": "one"}}))
    assert "response_schema_conformance" in {finding.check for finding in verdict.findings}
    assert verdict.requests == 1
    assert verdict.judged


def test_a_job_that_goes_back_is_found(tmp_path: Path) -> None:
    states = [{"issuance_job": {**JOB, "state": state}} for state in ("completed", "processing")]
    verdict = judged(tmp_path, *map(answered, states))
    assert "lifecycle.arrows" in {finding.check for finding in verdict.findings}


def test_a_wrong_request_that_is_accepted_is_found(tmp_path: Path) -> None:
    verdict = judged(tmp_path, answered({"issuance_job": JOB}, path="/partner/campaigns?page=none&merchant_id=m"))
    assert REQUESTS in {finding.check for finding in verdict.findings}


def test_what_is_not_of_the_contract_is_counted_and_named(tmp_path: Path) -> None:
    foreign = {**answered({}), "request": {"method": "GET", "url": "https://cdn.test/x.js"}}
    verdict = judged(tmp_path, answered({"issuance_job": JOB}), foreign, answered({}, path="/nothing"))
    (result,) = [result for result in verdict.results if result.name == "entries"]
    assert result.why.startswith("2 entries are not of this contract")
    assert verdict.requests == 1


def test_nothing_of_the_contract_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"has nothing of .* but of api.thanx.com; say --target BASE-URL"):
        judged(tmp_path, answered({}), base="https://proxy.test/v1")


@dataclass
class Listening:
    """A wire that remembers what went over it."""

    wire: Wire
    heard: list[tuple[requests.PreparedRequest, requests.Response]] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, timeout: float, /) -> requests.Response:
        response = self.wire.send(request, timeout)
        self.heard.append((request, response))
        return response


def personal(value: Any, pinned: set[str]) -> set[str]:
    """Every text in JSON that no schema pins and no date is."""
    if isinstance(value, dict):
        return {text for member in value.values() for text in personal(member, pinned)}
    if isinstance(value, list):
        return {text for member in value for text in personal(member, pinned)}
    plain = not isinstance(value, str) or len(value) < 6 or value in pinned or re.match(r"\d{4}-\d\d-\d\dT", value)
    return set() if plain else {value}


def test_no_output_of_a_run_has_a_secret_or_a_value_that_was_sent_or_answered(tmp_path: Path) -> None:
    defect = defect_of("thanx", "number-as-text")
    target, wire = inside("thanx", lambda app: Wrapper(app, SUBJECT, defect))
    secrets = {"test-token": "$THANX_TOKEN", "test-client": "$THANX_CLIENT"}
    target = replace(target, published=False, secrets=secrets)
    listening, path = Listening(wire), tmp_path / "run.har"
    plan = Plan(seed=5, max_examples=1, requests=220, only=("lifecycle.walk", "lifecycle.still", "schemathesis"))
    run = Run(SUBJECT, target, plan, listening)
    recorder = Recorder.open(path, run.redactor, target, plan.seed)
    run.transport.observers.append(recorder)
    verdict = run.execute()
    recorder.close(verdict)
    assert verdict.findings
    outputs = [path.read_text(), *(reports.render(as_report(verdict), name) for name in reports.FORMATS)]
    offline = judge_har(SUBJECT, path)
    assert {finding.check for finding in verdict.findings} == {finding.check for finding in offline.findings}
    outputs += [reports.render(as_report(offline), name) for name in reports.FORMATS]
    values = {"test-token", "test-client", "Bearer test"}
    for request, response in listening.heard:
        if "/_mock/" in (request.url or ""):
            continue  # the stub's own control API
        for body in (request.body, response.content):
            try:
                values |= personal(
                    orjson.loads(body if isinstance(body, (str, bytes)) else b""), run.redactor.vocabulary.pinned
                )
            except orjson.JSONDecodeError:
                continue
    assert len(values) > 40
    text = re.sub(r"(.)\1{50,}", "", "\n".join(outputs))
    text += unquote(text)
    assert {value for value in values if value in text} == set()


def test_a_recording_says_what_the_run_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "run.har")
    only = ("--only", "the-first-page-has-ten", "--only", "lifecycle.still", "--quiet")
    with serving("thanx") as url:
        assert main(["check", "thanx", "--target", url, "--seed", "3", *only, "--record", path]) == 0
    first = capsys.readouterr().out
    assert main(["check", "thanx", "--har", path]) == 0
    second = capsys.readouterr().out
    assert re.findall(r"(?m)^(operations|statuses|states): .*", first) == re.findall(
        r"(?m)^(operations|statuses|states): .*", second
    )
    assert orjson.loads(Path(path).read_bytes())["log"]["_verdict"]["results"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--har", "nothing.har"], "cannot read the recording"),
        (["--har", "a.har", "--seed", "0", "--only", "lifecycle"], "leave out --seed, --only"),
        (["--har", "a.har", "--target", "sandbox"], "--target is the base URL"),
        (["--target", "https://api.test", "--no-redact"], "--no-redact is for a target on this machine"),
        (["--target", "http://127.0.0.1:1", "--profile", "ci", "--record", "a.har"], "a recording is of one seed"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "thanx", *arguments, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_recording_that_cannot_be_written_is_told_before_the_target_is_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving("thanx") as url:
        arguments = ["--target", url, "--seed", "1", "--record", "no/such/folder", "--quiet"]
        assert main(["check", "thanx", *arguments]) == 2
    error = capsys.readouterr().err
    assert "cannot write the recording" in error
    assert error.count("\n") == 1
