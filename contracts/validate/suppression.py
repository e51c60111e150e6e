"""Switches a rule off for one place, with a reason: `x-contracts-ignore: {rule-name: why}`.

It stands in an object of the document, and holds for that object and what is inside it. One that says no reason,
names no rule, or suppresses nothing is a finding itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.rules import RULES
from openapi.library import Address
from openapi.source import nearest

KEY = "x-contracts-ignore"
_OWN = "suppression-"


@dataclass(slots=True)
class _Suppression:
    rule: str
    at: Address
    file: str
    scope: str
    used: bool = field(default=False)

    def covers(self, finding: Finding) -> bool:
        place = finding.location
        inside = place.pointer == self.scope or place.pointer.startswith(f"{self.scope}/")
        return finding.rule == self.rule and place.file == self.file and inside


def apply(document: Document, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that stay, and those about suppressions."""
    sound: list[_Suppression] = []
    for node in document.nodes.values():
        if isinstance(node.value, dict) and KEY in node.value:
            yield from _read(document, node.address, node.value[KEY], sound)
    for finding in findings:
        covering = [suppression for suppression in sound if suppression.covers(finding)]
        for suppression in covering:
            suppression.used = True
        if not covering:
            yield finding
    for suppression in sound:
        if not suppression.used:
            message = f"nothing here breaks {suppression.rule}"
            yield document.finding("suppression-unused", suppression.at, message, "remove it", key=True)


def _read(document: Document, owner: Address, value: object, sound: list[_Suppression]) -> Iterator[Finding]:
    at = owner / KEY
    if not isinstance(value, dict):
        yield document.finding("suppression-unexplained", at, f"{KEY} is an object: rule name, then the reason")
        return
    for rule, reason in value.items():
        if rule not in RULES or rule.startswith(_OWN):
            names = [name for name in RULES if not name.startswith(_OWN)]
            message = f"there is no rule '{rule}' to switch off"
            yield document.finding("suppression-unknown", at / rule, message, nearest(rule, names), key=True)
        elif not isinstance(reason, str) or not reason.strip():
            yield document.finding("suppression-unexplained", at / rule, f"{rule} is switched off without a reason")
        else:
            file = document.location(owner).file
            sound.append(_Suppression(rule, at / rule, file, owner.pointer))
