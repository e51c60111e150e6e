"""`pytest contracts --target URL --provider NAME`: the judge as tests, one per operation and one per law.

The run itself is one, at the first test: each test then says what the run found about its operation or law.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.check.command import PROFILES
from contracts.check.plan import Plan
from contracts.check.run import Run, find
from contracts.check.verdict import Verdict
from contracts.target.client import RefusedError
from contracts.target.subject import Subject, load_subject
from contracts.target.target import TargetError, find_target
from contracts.target.transport import UnreachableError
from openapi.shipped import SPECS
from openapi.source import SourceError

RUN = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--target`, `--provider` and what says how hard to look, as for `contracts check`."""
    group = parser.getgroup("contracts")
    group.addoption("--target", metavar="URL|NAME", help="the server to judge: a base URL, or a name in targets.toml")
    group.addoption("--targets-file", type=Path, metavar="FILE", help="where targets are named (targets.toml)")
    group.addoption("--provider", metavar="NAME", help="the contract that the target is held to")
    group.addoption("--judge-seed", type=int, default=0, metavar="N", help="what drawn values derive from (default: 0)")
    group.addoption("--max-examples", type=int, metavar="N", help="generated cases per operation and phase")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Wrong usage stops before anything is collected."""
    if session.config.getoption("--target"):
        session.config.stash[RUN] = _run(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test per operation, one per law."""
    config = metafunc.config
    if not {"operation", "law"} & set(metafunc.fixturenames):
        return
    if not config.getoption("--target"):
        metafunc.parametrize("operation" if "operation" in metafunc.fixturenames else "law", [])
        return
    run = config.stash[RUN]
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", [operation.id for operation in run.subject.contract.operations])
    else:
        metafunc.parametrize("law", [law.name for law in run.all_laws()])


@pytest.fixture(scope="session")
def verdict(pytestconfig: pytest.Config) -> Verdict:
    """What the judge says about the target: judged once."""
    if not pytestconfig.getoption("--target"):
        pytest.skip("nothing to judge: --target URL|NAME --provider NAME")
    run = pytestconfig.stash[RUN]
    try:
        with run.interrupt.heard():
            verdict = run.execute()
    except (UnreachableError, RefusedError) as error:
        pytest.exit(f"{pytestconfig.getoption('--target')}: {error}", returncode=3)
    if run.interrupt.number:
        pytest.exit(run.interrupt.why, returncode=128 + run.interrupt.number)
    return verdict


def _run(config: pytest.Config) -> Run:
    try:
        subject = _subject(config.getoption("--provider"))
        target = find_target(subject, config.getoption("--target"), config.getoption("--targets-file"))
        target = find(target)
    except (SourceError, TargetError) as error:
        pytest.exit(str(error), returncode=2)
    except UnreachableError as error:
        pytest.exit(f"{config.getoption('--target')}: {error}", returncode=3)
    default = PROFILES["default"]
    examples = config.getoption("--max-examples") or default.max_examples
    return Run(subject, target, Plan(seed=config.getoption("--judge-seed"), max_examples=examples), apart=True)


def _subject(name: str | None) -> Subject:
    if not name:
        known = ", ".join(sorted(path.parent.name for path in SPECS.glob("*/openapi.yaml")))
        pytest.exit(f"--target needs --provider NAME: {known}, or the path of a document", returncode=2)
    return load_subject(name)
