"""`simulation.yaml`: what is wrong is said with file, line, and the nearest name; nothing unknown is passed over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mockserver.engine.playing import load_provider
from mockserver.engine.simulation import load_simulation
from openapi.shipped import SPECS
from openapi.source import SourceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a provider's documents, free to be broken."""
    return Path(shutil.copytree(SPECS / "thanx", tmp_path / "thanx"))


def refusal(folder: Path, old: str, new: str) -> str:
    """What loading says once `old` has become `new`."""
    path = folder / "simulation.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(SourceError) as caught:
        load_provider(folder)
    line = text[: text.index(old)].count("\n") + 1
    message = str(caught.value)
    assert message.startswith(f"{path}:"), message
    said = int(message[len(f"{path}:") :].split(":", maxsplit=1)[0])
    assert line <= said <= line + 2, message
    return message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("credentials:", "credential:", "did you mean 'credentials'?"),
        ("  accessToken:", "  accesToken:", "did you mean 'accessToken'?"),
        ("schema: IssuanceJob", "schema: IssuanceJobs", "did you mean 'IssuanceJob'?"),
        ("{pending: 5, ", "{pendin: 5, ", "did you mean 'pending'?"),
        ("success: completed", "success: complete", "did you mean 'completed'?"),
        ("failure: failed", "failure: revoked", "no arrows lead from pending to revoked"),
        ("work: processing", "work: procesing", "did you mean 'processing'?"),
        ("  issueRewards:", "  issueReward:", "did you mean 'issueRewards'?"),
        ("play: submit", "play: submitt", "submitt"),
        ("    job: issuance_job", "    job: issuance_jobs", "did you mean 'issuance_job'?"),
        ("find: campaigns", "find: campaign", "did you mean 'campaigns'?"),
        ("at: /body/identifiers", "at: /boddy/identifiers", "starts with none of /path, /query"),
        ("mismatch: idempotency_mismatch", "mismatch: idempotency_mismatches", "did you mean 'idempotency_mismatch'?"),
        ("example: not_found", "example: not_fond", "did you mean 'not_found'?"),
        ("default_scenario: success", "default_scenario: sucess", "did you mean 'success'?"),
        ("ends: failure", "ends: falure", "falure"),
        ("'2025-06-15T10:30:00Z'", "'2025-06-15 10:30'", "RFC 3339"),
    ],
)
def test_a_fault_is_refused_with_its_line_and_the_nearest_name(folder: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(folder, old, new)


@pytest.mark.parametrize("provider", sorted(path.parent.name for path in SPECS.glob("*/simulation.yaml")))
def test_the_simulations_of_the_package_are_sound(provider: str) -> None:
    simulation = load_simulation(SPECS / provider / "simulation.yaml")
    assert {"success", "partial_failure", "total_failure"} <= set(simulation.scenarios)
    assert all(scenario.summary for scenario in simulation.scenarios.values())
