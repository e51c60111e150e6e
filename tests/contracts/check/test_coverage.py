"""What was exercised, as the reports say it."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import orjson

from contracts.check.coverage import Share, share_of
from contracts.check.keywords import Keywords
from contracts.check.reports import render
from contracts.check.verdict import Verdict
from contracts.stub import inside
from contracts.target.subject import load_subject

SCHEMA = Path(__file__).parents[3] / "contracts" / "schemas" / "report.schema.json"


def capillary() -> Verdict:
    """A run without a request, of a contract that says `format: int64`."""
    subject = load_subject("capillary")
    keywords = Keywords(subject).all()
    coverage = {"states": Share(0, ()), "keywords": share_of(keywords)}
    every = {kind: Share(1, ("one",)) for kind in ("operations", "statuses", "arrows")} | coverage
    return Verdict(subject, inside("capillary")[0], (1,), (), (), every, keywords, {}, 0, 1.0)


def test_what_cannot_be_judged_counts_neither_way() -> None:
    verdict = capillary()
    share = verdict.coverage["keywords"]
    assert share.seen == 0
    assert len(share.unjudged) == sum(bool(keyword.unjudged) for keyword in verdict.keywords) > 6
    assert share.all + len(share.unjudged) == len(verdict.keywords)


def test_the_terminal_names_what_cannot_be_judged() -> None:
    verdict = capillary()
    lines = render(verdict, "text").splitlines()
    (line,) = [line for line in lines if line.startswith("keywords that cannot be judged")]
    assert line.startswith(f"keywords that cannot be judged: {len(verdict.coverage['keywords'].unjudged)}, ")
    assert "issueReward Id/format ('int64' is no format of the validator), " in line
    assert line.endswith(f" and {len(verdict.coverage['keywords'].unjudged) - 6} more")
    assert "operations: 0 of 1, not one" in lines


def test_the_json_report_and_the_page_list_what_cannot_be_judged() -> None:
    verdict = capillary()
    report = orjson.loads(render(verdict, "json"))
    jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA.read_bytes())).validate(report)
    assert len(report["unjudged"]) == len(verdict.coverage["keywords"].unjudged)
    assert len(report["keywords"]) == verdict.coverage["keywords"].all
    first = report["unjudged"][0]
    assert first["why"] == "'int64' is no format of the validator"
    assert first["pointer"].endswith("/format")
    html = render(verdict, "html")
    own = [keyword for keyword in verdict.keywords if keyword.operation == "issueReward"]
    unjudged = sum(bool(keyword.unjudged) for keyword in own)
    assert f"<td>0 of {len(own) - unjudged}</td>" in html
    assert f"{len(own) - unjudged} not exercised, {unjudged} cannot be judged" in html
    assert "&#39;int64&#39; is no format of the validator" in html
