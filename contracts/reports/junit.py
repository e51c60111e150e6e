"""JUnit XML, as build servers read it. An error is a failure; what is less severe counts as skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from contracts.findings import Finding, Severity
from contracts.reports.model import Case, Report
from contracts.reports.text import lines

# What XML 1.0 cannot hold, escaped or not.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    root = ET.Element("testsuites", name=f"contracts {report.command} {report.title}")
    suites: dict[str, ET.Element] = {}
    for case in report.cases or _rules(report):
        if case.suite not in suites:
            suites[case.suite] = ET.SubElement(root, "testsuite", name=case.suite)
        _case(suites[case.suite], case)
    for element in (root, *suites.values()):
        cases = list(element.iter("testcase"))
        element.set("tests", str(len(cases)))
        element.set("failures", str(len(list(element.iter("failure")))))
        element.set("skipped", str(len(list(element.iter("skipped")))))
        element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _rules(report: Report) -> Iterator[Case]:
    """A case for every rule that ran."""
    for name in sorted(report.rules):
        found = tuple(finding for finding in report.findings if finding.rule == name)
        yield Case(report.command, name, findings=found)


def _case(suite: ET.Element, case: Case) -> None:
    about = _clean(case.subject or case.suite)
    element = ET.SubElement(suite, "testcase", classname=about, name=case.name, time=f"{case.seconds:.3f}")
    for finding in case.findings:
        _finding(element, finding)
    if case.skipped is not None:
        ET.SubElement(element, "skipped", message=_clean(case.skipped))


def _finding(case: ET.Element, finding: Finding) -> None:
    kind = "failure" if finding.severity is Severity.ERROR else "skipped"
    element = ET.SubElement(case, kind, message=_clean(finding.message), type=finding.rule)
    element.text = _clean("\n".join(lines(finding)))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
