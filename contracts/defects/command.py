"""`contracts defects PROVIDER`: break the stub on purpose, one way after the other, and see that the judge notices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from contracts.check.subject import load_subject
from contracts.defects import reports
from contracts.defects.catalogue import CatalogueError, defects_of
from contracts.defects.run import QUICK, Outcome, UnsoundError, judge, sound
from contracts.reports import ReportError

SURVIVED, USAGE = 1, 2


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `defects` to the command `contracts`."""
    parser = subparsers.add_parser("defects", help="see how much the judge notices", description=__doc__)
    parser.add_argument("provider", metavar="PROVIDER", help="a provider that has a catalogue of defects")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this defect (repeatable)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="what drawn values derive from (default: 0)")
    parser.add_argument("--list", action="store_true", help="print the catalogue, and judge nothing")
    formats = ", ".join(reports.FORMATS)
    parser.add_argument("--report", action="append", default=[], type=reports.report_target, metavar="FORMAT=PATH",
                        help=f"also write a report: {formats}; PATH is a file or - (repeatable)")  # fmt: skip
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit codes: 0 every defect was caught, 1 one survived or the sound stub was not kept, 2 wrong usage."""
    try:
        defects = defects_of(options.provider, options.only)
    except CatalogueError as error:
        return _stop(USAGE, str(error))
    if options.list:
        sys.stdout.writelines(f"{defect.kind:<12} {defect.name:<36} {defect.story}\n" for defect in defects)
        return 0
    subject, plan = load_subject(options.provider), replace(QUICK, seed=options.seed)
    plain = not any(target.path == "-" for target in options.report)
    try:
        sound(subject, plan)
        outcomes = []
        for outcome in judge(subject, defects, plan):
            outcomes.append(outcome)
            if plain:
                sys.stdout.write(f"{reports.line(outcome)}\n")
                sys.stdout.flush()
        result = reports.Result(options.provider, options.seed, tuple(outcomes))
        reports.write(result, options.report)
    except UnsoundError as error:
        return _stop(SURVIVED, str(error))
    except ReportError as error:
        return _stop(USAGE, str(error))
    if plain:
        sys.stdout.write(f"{reports.summary(result)}\n")
    return exit_code(outcomes)


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """0 when every defect was caught."""
    return 0 if all(outcome.caught for outcome in outcomes) else SURVIVED


def _stop(code: int, message: str) -> int:
    sys.stderr.write(f"contracts defects: {message}\n")
    return code
