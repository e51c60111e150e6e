"""`contracts defects [PROVIDER]`: break the stub on purpose, in one way after another; see what the judge notices."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace

from contracts.arguments import whole
from contracts.check.plan import Plan
from contracts.defects import reports
from contracts.defects.catalogue import CatalogueError, defects_of, selected
from contracts.defects.defect import Defect
from contracts.defects.reports import Result
from contracts.defects.run import QUICK, UnsoundError, judge, sound
from contracts.reports.output import STDOUT, ReportError, add_report_option
from contracts.target.subject import Subject, load_subject
from openapi.shipped import SPECS
from openapi.source import SourceError

SURVIVED, USAGE = 1, 2


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `defects` to the command `contracts`."""
    parser = subparsers.add_parser("defects", description=__doc__)
    parser.add_argument(
        "provider",
        metavar="PROVIDER",
        nargs="*",
        help="a provider below specs/, or the path of a document (default: all)",
    )
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this defect (repeatable)")
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="what drawn values derive from (default: 0)")
    parser.add_argument("--list", action="store_true", help="print the catalogue, and judge nothing")
    add_report_option(parser, reports.FORMATS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit codes: 0 every defect was caught, 1 one was not or the sound stub was not kept, 2 wrong usage."""
    try:
        names = options.provider or sorted(path.parent.name for path in SPECS.glob("*/openapi.yaml"))
        subjects = {name: load_subject(name) for name in names}
        catalogue = selected({name: defects_of(subject) for name, subject in subjects.items()}, options.only)
        if options.list:
            sys.stdout.writelines(_listed(catalogue))
            return 0
        said = not any(target.path == STDOUT for target in options.report)
        plan = replace(QUICK, seed=options.seed)
        results = [_judged(subjects[provider], defects, plan, said=said) for provider, defects in catalogue.items()]
        reports.write(results, options.report)
    except UnsoundError as error:
        return _stop(SURVIVED, str(error))
    except (CatalogueError, ReportError, SourceError) as error:
        return _stop(USAGE, str(error))
    return SURVIVED if any(result.missed for result in results) else 0


def _listed(catalogue: Mapping[str, tuple[Defect, ...]]) -> list[str]:
    return [
        f"{provider:<13} {defect.kind:<12} {defect.name:<36} {defect.story}\n"
        for provider, defects in catalogue.items()
        for defect in defects
    ]


def _judged(subject: Subject, defects: tuple[Defect, ...], plan: Plan, *, said: bool) -> Result:
    """Judge the sound stub, then each broken one; every outcome is said as it comes."""
    sound(subject, plan)
    outcomes = []
    for outcome in judge(subject, defects, plan):
        outcomes.append(outcome)
        if said:
            sys.stdout.write(f"{reports.line(outcome)}\n")
            sys.stdout.flush()
    result = Result(subject.name, plan.seed, tuple(outcomes))
    if said:
        sys.stdout.write(f"{reports.summary(result)}\n")
    return result


def _stop(code: int, message: str) -> int:
    sys.stderr.write(f"contracts defects: {message}\n")
    return code
