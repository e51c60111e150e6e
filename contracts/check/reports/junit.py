"""JUnit XML, as build servers read it: one suite per kind of check, one case per check and operation."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from contracts.check.reports import again, confirmation, shortened, steps
from contracts.check.verdict import Result, Status, Verdict
from contracts.target.breach import Breach

SUITES = {"check": "responses and requests", "lifecycle": "life cycle", "law": "laws"}
# What XML 1.0 cannot hold, escaped or not.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(verdict: Verdict) -> str:
    root = ET.Element("testsuites", name=f"contracts check {verdict.subject.name}", time=f"{verdict.seconds:.3f}")
    told: set[int] = set()
    for kind, title in SUITES.items():
        results = [result for result in verdict.results if result.kind == kind]
        if results:
            _suite(root, title, results, verdict, told)
    # A finding that belongs to no case listed would otherwise be lost.
    for finding in verdict.findings:
        if id(finding) not in told:
            suite = ET.SubElement(root, "testsuite", name="findings", tests="1", failures="1")
            _failure(_case(suite, finding.check, finding.operation, 0.0), verdict, finding)
    if verdict.incomplete:
        suite = ET.SubElement(root, "testsuite", name="run", tests="1", failures="0", skipped="1")
        ET.SubElement(_case(suite, "judged to the end", "", 0.0), "skipped", message=_clean(verdict.incomplete))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, title: str, results: list[Result], verdict: Verdict, told: set[int]) -> None:
    suite = ET.SubElement(root, "testsuite", name=title, tests=str(len(results)))
    failures = 0
    for result in results:
        case = _case(suite, result.name, result.operation, result.seconds)
        mine = [f for f in verdict.findings if f.check == result.name and result.operation in ("", f.operation)]
        for finding in mine if result.status is Status.BROKEN else ():
            if id(finding) not in told:
                told.add(id(finding))
                failures += 1
                _failure(case, verdict, finding)
        if result.status in (Status.SKIPPED, Status.UNFINISHED):
            ET.SubElement(case, "skipped", message=_clean(result.why))
    suite.set("failures", str(failures))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))


def _case(suite: ET.Element, name: str, operation: str, seconds: float) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", classname=operation or suite.get("name", ""), name=name, time=f"{seconds:.3f}"
    )


def _failure(case: ET.Element, verdict: Verdict, finding: Breach) -> None:
    location = verdict.subject.location(finding.promise)
    lines = [finding.message, f"promised at {location}", *steps(verdict, finding)]
    if finding.exchanges:
        lines.append(shortened(finding.exchanges[-1].response.body))
    lines += filter(None, [confirmation(finding)])
    lines.append(f"again with {again(verdict, finding)}")
    ET.SubElement(case, "failure", message=_clean(finding.message), type=finding.check).text = _clean("\n".join(lines))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
