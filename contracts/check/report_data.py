"""Everything a run knows, under stable names: `contracts/schemas/report.schema.json` describes it."""

from __future__ import annotations

from typing import Any

from contracts.check.coverage import Keyword
from contracts.check.evidence import again, shortened, steps
from contracts.check.verdict import Verdict
from contracts.findings import Location
from contracts.target.breach import Breach
from contracts.target.exchange import Exchange

VERSION = 2


def as_data(verdict: Verdict) -> dict[str, Any]:
    return {
        "version": VERSION,
        "provider": verdict.subject.name,
        "target": verdict.target.url,
        "seeds": list(verdict.seeds),
        "kept": verdict.kept,
        "summary": verdict.summary,
        "incomplete": verdict.incomplete,
        "requests": verdict.requests,
        "seconds": round(verdict.seconds, 3),
        "findings": [_finding(verdict, finding) for finding in verdict.findings],
        "checks": [
            {
                "kind": result.kind,
                "name": result.name,
                "title": result.title,
                "operation": result.operation,
                "status": str(result.status),
                "count": result.count,
                "why": result.why,
                "seconds": round(result.seconds, 3),
            }
            for result in verdict.results
        ],
        "coverage": {
            "percent": round(verdict.percent, 1),
            **{
                kind: {"seen": share.seen, "all": share.all, "missed": list(share.missed)}
                for kind, share in verdict.coverage.items()
            },
        },
        "keywords": [_keyword(verdict, keyword) for keyword in verdict.keywords if keyword.lacks],
        "unjudged": [_unjudged(verdict, keyword) for keyword in verdict.keywords if keyword.unjudged],
        "statuses": [
            {"operation": operation, "status": int(status), "count": count}
            for (operation, status), count in sorted(verdict.statuses.items())
        ],
    }


def _finding(verdict: Verdict, finding: Breach) -> dict[str, Any]:
    return {
        "check": finding.check,
        "operation": finding.operation,
        "message": finding.message,
        "times": finding.times,
        "seed": finding.seed,
        "again": again(verdict, finding),
        "promise": _promise(verdict.subject.location(finding.promise), verdict.subject.statement(finding.promise)),
        "steps": steps(verdict, finding),
        "seen_again": finding.seen_again,
        "exchanges": [_exchange(exchange) for exchange in finding.exchanges],
    }


def _keyword(verdict: Verdict, keyword: Keyword) -> dict[str, Any]:
    return {**_place(verdict, keyword), "lacks": sorted(keyword.lacks)}


def _unjudged(verdict: Verdict, keyword: Keyword) -> dict[str, Any]:
    return {**_place(verdict, keyword), "why": keyword.unjudged}


def _place(verdict: Verdict, keyword: Keyword) -> dict[str, Any]:
    location = verdict.subject.location(keyword.address)
    return {
        "operation": keyword.operation,
        "side": keyword.side,
        "file": location.file,
        "line": location.line,
        "pointer": keyword.address.pointer,
    }


def _promise(location: Location, statement: str) -> dict[str, Any]:
    return {"file": location.file, "line": location.line, "pointer": location.pointer, "statement": statement}


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "method": exchange.request.method,
        "url": exchange.request.url,
        "request_body": shortened(exchange.request.body),
        "status": exchange.status,
        "response_headers": dict(exchange.response.headers),
        "response_body": shortened(exchange.response.body),
    }
