"""`contracts check PROVIDER --target URL|NAME`: judge a running server."""

from __future__ import annotations

import argparse
import math
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from contracts import reports
from contracts.arguments import percent, positive, seconds, whole
from contracts.check.dry_run import dry_run
from contracts.check.offline import judge_har
from contracts.check.plan import Plan
from contracts.check.progress import Progress
from contracts.check.recorder import Recorder
from contracts.check.report import as_report
from contracts.check.run import Run, find
from contracts.check.schedule import check_selection, every_law
from contracts.check.schemathesis import GONE
from contracts.check.verdict import Verdict, together
from contracts.findings import printable
from contracts.har.reader import HarError
from contracts.laws import laws_of
from contracts.reports.output import ReportError, add_report_option
from contracts.target.client import RefusedError
from contracts.target.interrupt import Interrupt
from contracts.target.subject import Subject, load_subject
from contracts.target.target import Target, TargetError, find_target
from contracts.target.transport import UnreachableError
from openapi.source import SourceError

BROKEN, USAGE, UNREACHABLE = 1, 2, 3
# Examples per operation, and the seconds a run may take.
PROFILES = {
    "default": Plan(max_examples=20, seconds=60),
    "ci": Plan(max_examples=12, seconds=60),
    "deep": Plan(max_examples=200, seconds=1800, deep=True),
}
# The seed whose examples derive from the contract alone, and are the same in every run.
DETERMINISTIC = 0
# Random seeds beside that one, where none is asked for: what is always the same finds nothing new.
CI_SEEDS = 2


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` to the command `contracts`."""
    parser = subparsers.add_parser("check", description=__doc__)
    parser.add_argument("provider", metavar="PROVIDER", help="a provider below specs/, or the path of a document")
    add_target_options(parser)
    add_plan_options(parser)
    add_report_option(parser, reports.FORMATS)
    parser.add_argument(
        "--fail-under",
        type=percent,
        default=0.0,
        metavar="PERCENT",
        help="fail when less of the contract was exercised",
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    recording = parser.add_mutually_exclusive_group()
    recording.add_argument("--record", type=Path, metavar="FILE", help="keep every exchange as HAR")
    recording.add_argument("--har", type=Path, metavar="FILE", help="judge the exchanges of a HAR file, send nothing")
    parser.add_argument("--no-redact", action="store_true", help="show all values; only of a target on this machine")
    parser.add_argument("--quiet", action="store_true", help="no line of progress")
    parser.set_defaults(run=run)


def add_target_options(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add `--target` (or the names given) and `--targets-file`."""
    for name in names or ("--target",):
        parser.add_argument(name, metavar="URL|NAME", help="a base URL, or a name in the targets file")
    parser.add_argument("--targets-file", type=Path, metavar="FILE", help="where targets are named (targets.toml)")


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how hard to look: `plan_of` reads it."""
    parser.add_argument(
        "--seed",
        type=whole,
        metavar="N",
        help="what drawn values derive from (default: a new one; with --profile ci 0 and two new ones)",
    )
    parser.add_argument("--max-examples", type=positive, metavar="N", help="generated cases per operation and phase")
    parser.add_argument("--budget", type=seconds, metavar="SECONDS", help="the longest a run may take")
    parser.add_argument("--profile", choices=list(PROFILES), default="default", help="how hard to look")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="only this law, or 'schemathesis' (repeatable)"
    )


def plans_of(options: argparse.Namespace) -> tuple[Plan, ...]:
    """The plans that the options describe: one for each seed."""
    plan = PROFILES[options.profile]
    plan = replace(
        plan,
        max_examples=options.max_examples or plan.max_examples,
        seconds=options.budget or plan.seconds,
        only=tuple(options.only),
        asked=_asked(options),
    )
    return tuple(replace(plan, seed=seed, deterministic=seed == DETERMINISTIC) for seed in _seeds(options))


def _seeds(options: argparse.Namespace) -> tuple[int, ...]:
    if options.seed is not None:
        return (options.seed,)
    if options.profile == "ci":
        return (DETERMINISTIC, *random.sample(range(1, 10**6), CI_SEEDS))
    return (random.randrange(1, 10**6),)  # noqa: S311 - a seed is no secret


def _asked(options: argparse.Namespace) -> str:
    said = {
        "--profile": options.profile if options.profile != "default" else "",
        "--max-examples": options.max_examples,
    }
    return " ".join(f"{name} {value}" for name, value in said.items() if value)


def run(options: argparse.Namespace) -> int:
    """Exit codes: 0 kept, 1 broken, 2 wrong usage or configuration, 3 unreachable or refused; 128 and the number of the
    signal that ended it."""
    try:
        return _run(options)
    except (SourceError, TargetError, ReportError, HarError) as error:
        return _stop(USAGE, str(error))
    except LookupError as error:
        return _stop(USAGE, str(error.args[0]) if error.args else str(error))
    except UnreachableError as error:
        return _stop(UNREACHABLE, f"{options.target} does not answer: {error}")
    except RefusedError as error:
        return _stop(UNREACHABLE, str(error))


def _run(options: argparse.Namespace) -> int:
    subject = load_subject(options.provider)
    plans, interrupt = plans_of(options), Interrupt()
    if options.har:
        verdict = _judge_har(subject, options)
        reports.write(as_report(verdict), options.report)
        return exit_code(verdict, options.fail_under)
    if not options.target:
        raise TargetError("check needs --target URL|NAME, or --har FILE")
    target = _shown(find_target(subject, options.target, options.targets_file), options)
    if options.dry_run:
        sys.stdout.writelines(f"{line}\n" for line in dry_run(subject, target, plans[0]))
        return 0
    if options.record and len(plans) > 1:
        raise TargetError("a recording is of one seed: add --seed N")
    verdict = _judge_all(subject, target, plans, options, interrupt)
    reports.write(as_report(verdict), options.report)
    return 128 + interrupt.number if interrupt.number else exit_code(verdict, options.fail_under)


def _judge_all(
    subject: Subject, target: Target, plans: Sequence[Plan], options: argparse.Namespace, interrupt: Interrupt
) -> Verdict:
    verdicts = []
    check_selection(every_law(subject, laws_of(subject.name)), plans[0])
    with interrupt.heard():
        target = find(target, interrupt=interrupt)
        for plan in plans:
            try:
                verdicts.append(_judge(subject, target, plan, options, interrupt))
            except UnreachableError:
                if not verdicts:
                    raise
                verdicts[-1] = replace(verdicts[-1], gone=True, incomplete=GONE)
            if interrupt.number or verdicts[-1].gone:
                break
    return together(verdicts)


def _judge_har(subject: Subject, options: argparse.Namespace) -> Verdict:
    """Judge a file. An option that says what to send would be passed over in silence: raises TargetError."""
    given = {
        "--dry-run": options.dry_run,
        "--seed": options.seed is not None,
        "--max-examples": options.max_examples,
        "--budget": options.budget,
        "--profile": options.profile != "default",
        "--only": options.only,
    }
    if beside := [name for name, value in given.items() if value]:
        raise TargetError(f"--har sends nothing: leave out {', '.join(beside)}")
    base = options.target or ""
    if base and "://" not in base:
        raise TargetError("beside --har, --target is the base URL of the provider in the file")
    return judge_har(subject, options.har, base.rstrip("/"), raw=options.no_redact)


def _shown(target: Target, options: argparse.Namespace) -> Target:
    """The target, with everything that it says to be shown where that is asked for. Raises TargetError."""
    if options.no_redact and not target.local:
        raise TargetError("--no-redact is for a target on this machine: anywhere else people have data")
    return replace(target, published=target.published or options.no_redact)


def _judge(subject: Subject, target: Target, plan: Plan, options: argparse.Namespace, interrupt: Interrupt) -> Verdict:
    judge = Run(subject, target, plan, progress=_progress(options), interrupt=interrupt, apart=True)
    if options.record is None:
        return judge.execute()
    recorder = Recorder.open(options.record, judge.redactor, target, plan.seed)
    judge.transport.observers.append(recorder)
    verdict = None
    try:
        verdict = judge.execute()
    finally:
        recorder.close(verdict)
    return verdict


def exit_code(verdict: Verdict, fail_under: float = 0.0) -> int:
    """0 when the contract is kept and enough of it was exercised; 1 otherwise; 3 when nothing was judged."""
    if not verdict.kept:
        return BROKEN
    if not verdict.judged:
        return _stop(UNREACHABLE, f"nothing was judged: {verdict.incomplete or 'every check was skipped'}")
    if verdict.gone:
        return _stop(UNREACHABLE, f"{verdict.incomplete} before everything was judged")
    if verdict.percent < fail_under:
        exercised = math.floor(verdict.percent * 10) / 10  # never rounded up to what was asked for
        return _stop(BROKEN, f"{exercised:g}% of the contract was exercised, less than {fail_under:g}%")
    return 0


def _stop(code: int, message: str) -> int:
    sys.stderr.write(f"contracts check: {printable(message)}\n")
    return code


def _progress(options: argparse.Namespace) -> Progress:
    if options.quiet or not sys.stderr.isatty():
        return Progress()
    return Progress(_line())


def _line() -> Callable[[str], None]:
    def show(text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r{text[:width]:<{width}}\r")
        sys.stderr.flush()

    return show
