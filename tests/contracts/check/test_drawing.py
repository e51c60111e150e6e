"""What Hypothesis draws for a seed does not depend on what else is loaded."""

from __future__ import annotations

from hypothesis.internal.conjecture import providers

from contracts.check.drawing import by_seed_alone


def test_no_constants_of_loaded_modules_are_drawn() -> None:
    before = len(providers._get_local_constants())
    assert before  # those of this very project
    with by_seed_alone():
        assert len(providers._get_local_constants()) == 0
    assert len(providers._get_local_constants()) >= before
