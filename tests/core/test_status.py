"""What must hold of every job: the properties of the fold, and a few examples in the documents' own numbers."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockserver.core.clock import SECOND
from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import Commanded, Held, JobRecord, Polled, Released, Submitted
from mockserver.core.status import Status, commanded_status, failures_at, initial_status, status_at, submitted
from tests.core.reference import play
from tests.core.strategies import START, STATES, TICKS, commands, histories, instants, steps, submissions

NOWHERE = START + 1_000


def plan_of(records: Sequence[JobRecord]) -> Plan:
    return submitted(records).plan


@settings(max_examples=60)
@given(histories(), instants)
def test_agrees_with_a_process_that_lives_tick_by_tick(records: Sequence[JobRecord], now: int) -> None:
    assert status_at(records, now) == play(records, now)


@given(histories(), instants)
def test_a_state_moves_only_along_steps_and_arrows(records: Sequence[JobRecord], now: int) -> None:
    plan = plan_of(records)
    arrows = {(a.state, b.state) for a, b in pairwise(plan.steps)}
    for record in records:
        if isinstance(record, Commanded):
            for state, steps in record.arrows.items():
                arrows |= {(state, steps[0].state), *((a.state, b.state) for a, b in pairwise(steps))}
    entered = status_at(records, now).entered
    assert entered[0][0] == plan.steps[0].state
    assert {(a[0], b[0]) for a, b in pairwise(entered)} <= arrows


@given(histories(), instants)
def test_what_was_entered_is_in_order_and_in_the_past(records: Sequence[JobRecord], now: int) -> None:
    status = status_at(records, now)
    times = [instant for _, instant in status.entered]
    assert times == sorted(times)
    assert times[0] == START
    assert times[-1] <= max(now, START)
    assert (status.state, status.since) == status.entered[-1]


@given(histories(), instants, instants)
def test_history_only_grows(records: Sequence[JobRecord], one: int, other: int) -> None:
    before, after = (status_at(records, instant) for instant in sorted((one, other)))
    assert after.entered[: len(before.entered)] == before.entered
    assert after.commands[: len(before.commands)] == before.commands


@given(histories(), instants, instants)
def test_counts_never_go_back_and_add_up(records: Sequence[JobRecord], one: int, other: int) -> None:
    plan = plan_of(records)
    before, after = (status_at(records, instant) for instant in sorted((one, other)))
    assert before.processed <= after.processed
    assert before.failed <= after.failed
    assert before.succeeded <= after.succeeded
    for status in (before, after):
        assert status.succeeded + status.failed == status.processed
        assert 0 <= status.failed <= status.processed <= plan.reached <= plan.total
        named = failures_at(plan, status)
        assert named == tuple(failure for failure in plan.failures if failure.index < status.processed)
        assert len(named) == status.failed


@given(submissions(holds=False, per_poll=False))
def test_a_job_left_alone_does_all_that_it_reaches(record: Submitted) -> None:
    status = status_at([record], NOWHERE)
    assert status.state == record.plan.steps[-1].state
    assert status.processed == (record.plan.reached if record.plan.work else 0)
    assert status.error == record.plan.error


@given(histories(), instants)
def test_the_same_records_always_say_the_same(records: Sequence[JobRecord], now: int) -> None:
    replayed = copy.deepcopy(records)
    assert status_at(records, now) == status_at(replayed, now)
    assert records == replayed, "reading changed a record"


@given(histories(), instants)
def test_later_records_do_not_matter(records: Sequence[JobRecord], now: int) -> None:
    known = [records[0], *(record for record in records[1:] if record.at <= now)]
    assert status_at(records, now) == status_at(known, now)


@given(histories(), instants, st.lists(st.integers(START, START + 2 * TICKS), max_size=5))
def test_time_in_small_pieces_is_the_same_time(records: Sequence[JobRecord], now: int, stops: list[int]) -> None:
    pieces: list[JobRecord] = [Commanded(at, "look", {}) for at in stops]
    assert status_at(records, now) == status_at(sorted([*records, *pieces], key=lambda record: record.at), now)


@given(histories(), st.data(), instants)
def test_a_command_without_an_arrow_is_inert(records: Sequence[JobRecord], data: st.DataObject, now: int) -> None:
    command = data.draw(commands(records[-1].at))
    state = status_at(records, command.at).state
    late = Commanded(command.at, command.command, {k: v for k, v in command.arrows.items() if k != state}, "late")
    assert status_at([*records, late], now) == status_at(records, now)


@given(histories(), st.data(), instants)
def test_a_doubled_command_is_inert(records: Sequence[JobRecord], data: st.DataObject, now: int) -> None:
    command = data.draw(commands(records[-1].at))
    before = status_at(records, command.at).state
    command = replace(command, arrows={**command.arrows, before: data.draw(steps())})
    reached = status_at([*records, command], command.at).state
    assume(reached != before)
    # Whatever else it may do, it does not lead on from where it leads to.
    command = replace(command, arrows={k: v for k, v in command.arrows.items() if k != reached})
    once = [*records, command]
    assert status_at([*once, command], now) == status_at(once, now)


@given(histories(), instants, st.integers(START, START + 2 * TICKS))
def test_a_doubled_submission_is_inert(records: Sequence[JobRecord], now: int, at: int) -> None:
    doubled = replace(submitted(records), at=at)
    assert status_at(sorted([*records, doubled], key=lambda record: record.at), now) == status_at(records, now)


@given(histories(), st.data(), instants)
def test_a_command_stops_the_work(records: Sequence[JobRecord], data: st.DataObject, now: int) -> None:
    command = data.draw(commands(records[-1].at))
    before = status_at(records, command.at)
    command = replace(command, arrows={**command.arrows, before.state: data.draw(steps())})
    after = status_at([*records, command], max(now, command.at))
    assert (after.processed, after.failed) == (before.processed, before.failed)
    assert after.commands == (*before.commands, command.command)


@given(
    submissions(holds=False, per_poll=False),
    st.integers(START, START + 2 * TICKS),
    st.integers(0, TICKS),
    st.integers(0, TICKS),
)
def test_a_hold_shifts_everything_after_it(record: Submitted, held: int, lasts: int, later: int) -> None:
    released = held + lasts
    records: list[JobRecord] = [record, Held(held), Released(released)]
    alone = status_at([record], held + later)
    shifted = tuple((state, at + lasts if at > held else at) for state, at in alone.entered)
    status = status_at(records, released + later)
    assert status.entered == shifted
    assert (status.processed, status.failed, status.error) == (alone.processed, alone.failed, alone.error)
    assert not status.held


@given(submissions(holds=False, per_poll=False), st.integers(START, START + 2 * TICKS), st.integers(0, TICKS))
def test_nothing_moves_while_a_job_is_held(record: Submitted, held: int, lasts: int) -> None:
    before = status_at([record], held)
    after = status_at([record, Held(held)], held + lasts)
    assert after.held
    assert (after.entered, after.processed) == (before.entered, before.processed)


@given(submissions(per_poll=False), st.integers(0, TICKS), st.integers(0, TICKS))
def test_a_plan_can_hold_by_itself_until_it_is_released(record: Submitted, held_at: int, lasts: int) -> None:
    plan = replace(record.plan, held_at=held_at)
    record = replace(record, plan=plan)
    stuck = status_at([record], NOWHERE)
    assert stuck.held
    assert stuck.state == [step.state for step in plan.steps if step.at <= held_at][-1]
    moving = status_at([record, Released(NOWHERE)], NOWHERE + lasts)
    assert not moving.held
    assert moving.state == [step.state for step in plan.steps if step.at <= held_at + lasts][-1]


@given(submissions(per_poll=True, holds=False), st.integers(0, TICKS + 2), instants)
def test_a_plan_per_poll_moves_only_with_polls(record: Submitted, polls: int, now: int) -> None:
    assert status_at([record], now) == status_at([record], START)
    status = status_at([record, *[Polled(START + 1)] * polls], max(now, START + 1))
    assert status.state == [step.state for step in record.plan.steps if step.at <= polls][-1]
    assert {at for _, at in status.entered} <= {START, START + 1}


@given(submissions(per_poll=False), instants, st.integers(0, 5))
def test_a_poll_does_not_move_a_plan_in_time(record: Submitted, now: int, polls: int) -> None:
    assert status_at([record, *[Polled(START + 1)] * polls], now) == status_at([record], now)


@given(submissions(), st.integers())
def test_any_instant_has_an_answer(record: Submitted, now: int) -> None:
    status = status_at([record], now)
    assert initial_status(record).entered == status.entered[:1]
    assert initial_status(record).processed == 0


THANX = Submitted(
    0,
    "job_xyz789",
    "issuance",
    "",
    Plan(
        (Step("pending", 0), Step("processing", 5 * SECOND), Step("completed", 15 * SECOND)),
        total=10_000,
        reached=10_000,
        work="processing",
        failures=(Failure(0, "User not found"), Failure(7_500, "User not found")),
    ),
    {},
)
REVOKE = {"completed": (Step("revoking", 0), Step("revoked", 3 * SECOND))}


@pytest.mark.parametrize(
    ("second", "state", "processed", "failed"),
    [
        (0, "pending", 0, 0),
        (4.999, "pending", 0, 0),
        (5, "processing", 0, 0),
        (5.001, "processing", 1, 1),
        (10, "processing", 5_000, 1),
        (12.5, "processing", 7_500, 1),
        (12.501, "processing", 7_501, 2),
        (14.9999, "processing", 9_999, 2),
        (15, "completed", 10_000, 2),
        (1e6, "completed", 10_000, 2),
    ],
)
def test_the_default_timeline_of_thanx(second: float, state: str, processed: int, failed: int) -> None:
    status = status_at([THANX], round(second * SECOND))
    assert (status.state, status.processed, status.failed) == (state, processed, failed)


def test_a_job_that_breaks_off_works_towards_what_it_reaches() -> None:
    plan = replace(THANX.plan, reached=5_000, error="broke off")
    record = replace(THANX, plan=plan)
    assert [status_at([record], second * SECOND).processed for second in (5, 10, 15, 20)] == [0, 2_500, 5_000, 5_000]


def test_the_instants_of_states() -> None:
    status = status_at([THANX], 60 * SECOND)
    assert status.at(["processing"]) == 5 * SECOND
    assert status.at(["failed", "completed"]) == 15 * SECOND
    assert status.at(["revoked"]) is None


def test_a_revoked_job_keeps_what_it_did() -> None:
    records: list[JobRecord] = [THANX, Commanded(20 * SECOND, "revoke", REVOKE)]
    assert status_at(records, 20 * SECOND).state == "revoking"
    assert status_at(records, 22 * SECOND).processed == 10_000
    assert status_at(records, 23 * SECOND).entered[-1] == ("revoked", 23 * SECOND)


@given(histories(), st.sampled_from(STATES), instants)
def test_a_command_is_answered_with_what_the_record_will_say(records: Sequence[JobRecord], to: str, now: int) -> None:
    at = max(now, records[-1].at)
    before = status_at(records, at)
    command = Commanded(at, "cancel", {before.state: (Step(to, 0), Step("revoked", 5))})
    assert commanded_status(before, "cancel", to, at) == status_at([*records, command], at)


def test_two_replicas_that_race_on_a_command() -> None:
    twice: list[JobRecord] = [THANX, Commanded(20 * SECOND, "revoke", REVOKE), Commanded(21 * SECOND, "revoke", REVOKE)]
    assert status_at(twice, 23 * SECOND).commands == ("revoke",)
    assert status_at(twice, 23 * SECOND).state == "revoked"


def test_a_submission_that_was_stored_twice_starts_once() -> None:
    twice: list[JobRecord] = [THANX, replace(THANX, at=7 * SECOND)]
    assert status_at(twice, 10 * SECOND) == status_at([THANX], 10 * SECOND)


def test_a_record_from_a_replica_whose_clock_is_behind_counts_from_the_record_before() -> None:
    late: list[JobRecord] = [
        THANX,
        Held(7 * SECOND),
        Commanded(6 * SECOND, "cancel", {"processing": (Step("failed", 0),)}),
    ]
    assert status_at(late, 8 * SECOND).entered[-1] == ("failed", 7 * SECOND)


def test_what_takes_no_time_has_happened_at_once() -> None:
    plan = Plan((Step("pending", 0), Step("processing", 0), Step("completed", 0)), 5, 5, "processing")
    record = Submitted(7, "job_1", "issuance", "", plan, {})
    assert initial_status(record).state == "pending"
    assert status_at([record], 7) == Status("completed", (("pending", 7), ("processing", 7), ("completed", 7)), 5, 0)


@pytest.mark.parametrize(
    ("asked_at", "said", "expected"),
    [
        (10, "", ""),  # broken off before the plan's own end
        (20, "", "broke off"),  # after it: that is how the job ended
        (10, "cancelled", "cancelled"),
        (20, "cancelled", "cancelled"),
    ],
)
def test_the_error_of_a_job_that_a_command_ended(asked_at: int, said: str, expected: str) -> None:
    plan = Plan((Step("processing", 0), Step("failed", 15)), error="broke off")
    cancel = Commanded(
        asked_at, "cancel", {"processing": (Step("cancelling", 0),), "failed": (Step("cancelling", 0),)}, said
    )
    purge = Commanded(30, "purge", {"cancelling": (Step("gone", 0),)})
    record = Submitted(0, "job_1", "issuance", "", plan, {})
    assert status_at([record], 14).error == ""
    assert status_at([record, cancel], 25).error == expected
    assert status_at([record, cancel, purge], 40).error == expected, "a second command does not change what happened"


def test_a_stream_without_its_submission_is_refused() -> None:
    for records in ([], [Held(5)]):
        with pytest.raises(ValueError, match="starts with Submitted"):
            status_at(records, 5)
