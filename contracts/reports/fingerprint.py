"""The same finding keeps its identity while lines move: rule, file, pointer and key (or text), but no line."""

from __future__ import annotations

import hashlib

from contracts.findings import Finding


def fingerprint(finding: Finding) -> str:
    """A hexadecimal digest; GitHub and GitLab tell by it which findings are new."""
    parts = (finding.rule, finding.location.file, finding.location.pointer, finding.key or finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
