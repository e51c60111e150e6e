"""Schemathesis: the one package that knows its interface (4.32.5, pinned).

The engine's event stream (`schemathesis.engine.from_schema`) is importable but not documented as public; it is the only
way to all phases, with every check of every case, in one process. The verdict comes from the events: the exit codes of
its command line call a dead server and an empty selection failures, and a phase without links a usage error.
"""

from contracts.check.schemathesis.configuration import ACCEPTED, SAFE, Settings, business_rules, configuration
from contracts.check.schemathesis.runner import GENERATED, GONE, PHASES, Outcome, names, run

__all__ = [
    "ACCEPTED",
    "GENERATED",
    "GONE",
    "PHASES",
    "SAFE",
    "Outcome",
    "Settings",
    "business_rules",
    "configuration",
    "names",
    "run",
]
