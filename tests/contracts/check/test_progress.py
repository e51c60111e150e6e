"""The line of progress: what is done, how far it is, not too often."""

from __future__ import annotations

import re

from contracts.check.plan import Plan
from contracts.check.progress import EVERY, Progress
from contracts.check.run import check
from contracts.defects.wrapper import Wrapper
from contracts.stub import inside
from contracts.target.subject import load_subject
from tests.contracts.defects.catalogues import CATALOGUES


def test_what_is_done_is_said_at_once_and_how_far_it_is_now_and_then() -> None:
    said: list[str] = []
    now = [0.0]
    progress = Progress(said.append, lambda: [f"{now[0]:.1f}"], lambda: now[0])
    progress("one")
    progress()
    now[0] = EVERY / 2
    progress("two")
    now[0] = EVERY
    progress()
    now[0] = 2 * EVERY
    progress()
    progress.over()
    assert said == ["one · 0.0", "two · 0.1", "two · 0.4", ""]


def test_where_nobody_looks_nothing_is_asked_for() -> None:
    progress = Progress(facts=lambda: [str(1 / 0)])
    progress("one")
    progress.over()


def test_a_run_tells_operations_requests_and_the_time_that_is_left() -> None:
    subject, said = load_subject("thanx"), list[str]()
    defect = next(defect for defect in CATALOGUES["thanx"] if defect.name == "total-pages-one-short")
    target, wire = inside("thanx", lambda app: Wrapper(app, subject, defect))
    plan = Plan(seconds=3_600, seed=3, max_examples=1, only=("pages-are-the-list", "schemathesis"), deterministic=True)
    check(subject, target, plan, wire, Progress(said.append))
    assert re.match(r"looks who is there · 0 of 5 operations · 0 requests · \d+ s left", said[0])
    assert any(line.startswith("law 1/1 pages-are-the-list · 1 of 5 operations · ") for line in said)
    assert any(line.startswith("schemathesis coverage, ") and " requests · " in line for line in said)
    assert said[-2].startswith("leaves the target as it was · ")
    assert " s left · 1 broken" in said[-2]
    assert said[-1] == ""
