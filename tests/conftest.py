"""What every test shares: how long Hypothesis searches."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A shared machine may be slow at any moment, so no deadline; in CI the same examples every time.
settings.register_profile(
    "project",
    deadline=None,
    max_examples=60,
    derandomize=os.environ.get("CI", "").lower() == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")
