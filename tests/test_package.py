"""The wheel as a user has it: installed, and run from a folder that is not the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server import Server, running

ROOT = Path(__file__).parent.parent
SUITE = """
    def test_it(mock_session):
        mock_session.scenario("partial_failure")
        mock_session.clock.advance(15)
        assert mock_session.base_url("thanx").endswith("/thanx")
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the wheel's commands are, which Python has it, and a folder to run them in."""

    commands: Path
    python: str
    environment: dict[str, str]
    folder: Path

    def run(self, *command: str) -> tuple[int, str]:
        """Exit code and output of a command."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def contracts(self, *arguments: str) -> tuple[int, str]:
        return self.run(str(self.commands / "contracts"), *arguments)

    def pytest(self, *arguments: str) -> tuple[int, str]:
        return self.run(self.python, "-m", "pytest", "-q", *arguments)


def pip(*arguments: str, python: str = sys.executable) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def beside(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in a folder of its own, which is looked at before the checkout; what it needs is that of the tests."""
    home = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", str(home), str(wheel))
    environment = {**os.environ, "PYTHONPATH": str(home)}
    return Installation(home / "bin", sys.executable, environment, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel and what pip installs with it, without the judge, in an environment that had nothing."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    pip("install", str(wheel), python=python)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return Installation(home / "bin", python, environment, tmp_path_factory.mktemp("elsewhere"))


def thanx(installation: Installation) -> AbstractContextManager[Server]:
    """`mockserver serve --provider thanx`, running."""
    program = [str(installation.commands / "mockserver")]
    return running("--provider", "thanx", program=program, cwd=installation.folder, env=installation.environment)


def stub_works(installation: Installation) -> None:
    """The plugin in a suite of its own, and the server."""
    (installation.folder / "test_suite.py").write_text(SUITE.replace("\n    ", "\n"))
    assert installation.pytest("test_suite.py")[0] == 0
    with thanx(installation) as stub:
        assert stub.call("GET", "/_mock/health")[0] == 200


def judge_works(installation: Installation, *only: str) -> None:
    """Each command, on a provider of the package."""
    assert installation.contracts("validate", str(ROOT / "specs" / "thanx"))[0] == 0
    assert installation.contracts("defects", "--list")[0] == 0
    with thanx(installation) as stub:
        code, output = installation.contracts("check", "thanx", "--target", stub.url, "--max-examples", "1", *only)
        assert code == 0, output


def judge_works_in_pytest(installation: Installation) -> None:
    """The judge as tests, from the folder that it is installed in."""
    _, folder = installation.run(installation.python, "-c", "import contracts; print(contracts.__path__[0])")
    with thanx(installation) as stub:
        judge = (folder.strip(), "--target", stub.url, "--provider", "thanx", "--max-examples", "1")
        code, output = installation.pytest("-p", "no:cacheprovider", *judge)
        assert code == 0, output


def test_nothing_but_the_three_packages_is_installed_at_the_top(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"contracts", "mockserver", "openapi"}


def test_every_file_of_data_is_installed(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [path for package in ("contracts", "mockserver", "openapi") for path in (ROOT / package).rglob("*.*")]
    data = [path for path in data if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(ROOT).as_posix() for path in data} <= names
    specs = [path for path in (ROOT / "specs").rglob("*.*") if path.is_file()]
    assert {f"openapi/{path.relative_to(ROOT).as_posix()}" for path in specs} <= names


@pytest.mark.slow
def test_it_runs_from_another_folder(beside: Installation) -> None:
    where = (
        "import contracts, mockserver, openapi.shipped as s; print(contracts.__file__, mockserver.__file__, s.SPECS)"
    )
    _, output = beside.run(beside.python, "-c", where)
    assert output.count(str(beside.commands.parent)) == 3
    stub_works(beside)
    judge_works(beside, "--only", "pages-are-the-list")


@pytest.mark.slow
def test_it_runs_in_an_empty_environment(empty: Installation, wheel: Path) -> None:
    stub_works(empty)
    code, output = empty.contracts("validate")
    assert code == 2
    assert "pip install 'reward-contracts[judge]'" in output
    assert output.count("\n") == 1
    pip("install", f"{wheel}[judge]", python=empty.python)
    stub_works(empty)
    judge_works(empty)
    judge_works_in_pytest(empty)
