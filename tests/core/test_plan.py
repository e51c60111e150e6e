"""A plan or a command that could contradict itself is refused when it is made."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.core.plan import Failure, Plan, Step
from mockserver.core.records import Commanded

TWO = (Step("pending", 0), Step("completed", 5))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"steps": ()}, "steps start at 0"),
        ({"steps": (Step("pending", 1),)}, "steps start at 0"),
        ({"steps": (Step("a", 0), Step("b", 5), Step("c", 4))}, "ordered in time"),
        ({"steps": TWO, "total": 1, "reached": 2}, "between none and all"),
        ({"steps": TWO, "total": 1, "reached": -1}, "between none and all"),
        ({"steps": TWO, "total": 2, "failures": (Failure(1, ""), Failure(0, ""))}, "failures are ordered"),
        ({"steps": TWO, "total": 2, "failures": (Failure(1, ""), Failure(1, ""))}, "one per index"),
        ({"steps": TWO, "total": 2, "failures": (Failure(2, ""),)}, "within the items"),
        ({"steps": TWO, "total": 2, "failures": (Failure(-1, ""),)}, "within the items"),
        ({"steps": TWO, "held_at": -1}, "held at an offset"),
    ],
)
def test_a_plan_that_contradicts_itself(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Plan(**fields)


@pytest.mark.parametrize("steps", [(), (Step("cancelled", 3),), (Step("a", 0), Step("b", 5), Step("c", 4))])
def test_a_command_takes_effect_at_once_and_in_order(steps: tuple[Step, ...]) -> None:
    with pytest.raises(ValueError, match="steps start at 0"):
        Commanded(0, "cancel", {"pending": steps})
