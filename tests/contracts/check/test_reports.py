"""What a report shows of the requests of a finding."""

from __future__ import annotations

from dataclasses import replace

from contracts.check.evidence import steps
from contracts.check.plan import Plan
from contracts.check.redacted import redacted
from contracts.check.report import as_report
from contracts.check.run import check
from contracts.redaction.redactor import Redactor
from contracts.reports import FORMATS, render
from contracts.stub import inside
from contracts.target.breach import Breach
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import load_subject

HEADERS = {"Authorization": "Bearer gained-by-a-login", "X-ClientId": "cl13nt"}
SHOWS = Exchange(1, Request("GET", "http://t/jobs", HEADERS), Response(200, {}, b"{}"))


def test_a_token_that_a_login_gave_is_not_shown() -> None:
    target, wire = inside("thanx")
    verdict = check(load_subject("thanx"), target, Plan(seed=1, max_examples=1, only=("the-first-page-has-ten",)), wire)
    finding = Breach("odd", "listCampaigns", "listCampaigns", "is odd", (SHOWS,), 1)
    named = replace(target, published=False, secrets={"cl13nt": "$THANX_CLIENT"})
    verdict = replace(verdict, target=named, findings=(finding,))
    verdict = redacted(verdict, Redactor.of(verdict.subject, named), ())
    (finding,) = verdict.findings
    (line,) = steps(verdict, finding)
    assert '-H "X-ClientId: $THANX_CLIENT"' in line
    assert "Bearer $AUTHORIZATION" in line
    for name in FORMATS:
        assert "gained-by-a-login" not in render(as_report(verdict), name)
