"""What CI systems are given: the files keep their published schemas, and the commands in them run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest

from contracts.cli import main
from tests.contracts.validate.documents import write

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
GUIDE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
# A block to copy says in its first line which file it is.
BLOCKS = dict(re.findall(r"```yaml\n# (\S+\.yml|\S+\.yaml)\n(.*?)```", GUIDE, re.DOTALL))


def published(name: str) -> jsonschema_rs.Validator:
    """A schema of SchemaStore, as check-jsonschema ships it."""
    text = (files("check_jsonschema.builtin_schemas") / "vendor" / f"{name}.json").read_text(encoding="utf-8")
    return jsonschema_rs.validator_for(json.loads(text))


def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def script(step: str) -> str:
    return next(str(entry["run"]) for entry in action()["runs"]["steps"] if entry.get("name") == step)


def test_the_action_keeps_its_schema() -> None:
    published("github-actions").validate(action())


@pytest.mark.parametrize("name", [name for name in BLOCKS if ".github/workflows" in name])
def test_workflows_of_the_guide_keep_their_schema(name: str) -> None:
    # YAML 1.1 reads the key `on` as a boolean; GitHub does not.
    workflow = {"on" if key is True else key: value for key, value in yaml.safe_load(BLOCKS[name]).items()}
    published("github-workflows").validate(workflow)


def test_the_workflow_uses_inputs_that_the_action_has() -> None:
    steps = yaml.safe_load(BLOCKS[".github/workflows/contracts.yml"])["jobs"]["contracts"]["steps"]
    assert set(steps[-1]["with"]) <= set(action()["inputs"])


def test_the_gitlab_job_keeps_its_schema() -> None:
    published("gitlab-ci").validate(yaml.safe_load(BLOCKS[".gitlab-ci.yml"]))


def test_hooks_are_what_pre_commit_reads(tmp_path: Path) -> None:
    hooks = {hook["id"]: hook for hook in load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))}
    config = tmp_path / ".pre-commit-config.yaml"
    config.write_text(BLOCKS[".pre-commit-config.yaml"], encoding="utf-8")
    (repository,) = load_config(str(config))["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == set(hooks)
    pattern = re.compile(hooks["contracts-validate"]["files"])
    assert all(pattern.search(f"specs/thanx/{name}") for name in ("openapi.yaml", "simulation.yaml", "facts.md"))
    assert not pattern.search("docs/openapi.md")


Repository = tuple[Path, dict[str, str]]


@pytest.fixture
def pull_request(tmp_path: Path) -> Repository:
    """A clone with a change that is broken and breaks: the folder, and the environment of a CI job."""
    runner, origin, clone = tmp_path / "runner", tmp_path / "origin", tmp_path / "clone"
    (origin / "specs/jobs").mkdir(parents=True)
    runner.mkdir()
    write(origin / "specs/jobs")
    environment = os.environ | {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "t",
        "GIT_CONFIG_KEY_1": "user.email",
        "GIT_CONFIG_VALUE_1": "t@example.com",
    }
    setup = f"cd {origin} && git init -q -b main && git add . && git commit -qm one && git clone -q {origin} {clone}"
    subprocess.run(["bash", "-ec", setup], env=environment, check=True)
    default = {"components": {"schemas": {"Job": {"properties": {"count": {"type": "string", "default": 1}}}}}}
    write(clone / "specs/jobs", default)
    return clone, environment


def bash(folder: Path, environment: dict[str, str], text: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub's runner does."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
    return subprocess.run(command, cwd=folder, env=environment | more, capture_output=True, text=True, check=False)


def test_the_actions_check_annotates_and_sums_up(pull_request: Repository) -> None:
    folder, environment = pull_request
    runner = Path(environment["RUNNER_TEMP"])
    done = bash(folder, environment, script("Check"), CHECKED="specs", FAIL_ON="error", BASE="main")
    assert done.returncode == 0, done.stderr
    outputs = dict(line.split("=", 1) for line in (runner / "output").read_text().splitlines())
    assert outputs["status"] == "1"
    assert json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    summary = (runner / "summary").read_text()
    assert "<!-- contracts validate -->" in summary
    assert "<!-- contracts diff -->" in summary
    changed = (folder / "specs/jobs/openapi.yaml").read_text().splitlines().index("          default: 1") + 1
    assert f"::error file=specs/jobs/openapi.yaml,line={changed},col=20,title=default-invalid::" in done.stdout
    assert bash(folder, environment, script("Verdict"), STATUS="1").returncode == 1


def test_without_a_pull_request_only_the_document_is_checked(pull_request: Repository) -> None:
    folder, environment = pull_request
    done = bash(folder, environment, script("Check"), CHECKED="specs", FAIL_ON="error", BASE="")
    assert done.returncode == 0, done.stderr
    assert "contracts diff" not in Path(environment["GITHUB_STEP_SUMMARY"]).read_text()


@pytest.mark.parametrize(("ids", "expected"), [("17\n23", "--method PATCH here/17 "), ("", "all ")])
def test_one_comment_is_kept(pull_request: Repository, ids: str, expected: str) -> None:
    folder, environment = pull_request
    runner = Path(environment["RUNNER_TEMP"])
    listed = f'case "$*" in *--paginate*) printf "{ids}";; esac'
    (runner / "gh").write_text(f'#!/bin/sh\necho "$@" >> {runner}/calls\n{listed}\n')
    (runner / "gh").chmod(0o755)
    more = {"PATH": f"{runner}:{environment['PATH']}", "COMMENTS": "all", "COMMENT": "here", "SUMMARY": "summary.md"}
    done = bash(folder, environment, script("Comment"), **more)
    assert done.returncode == 0, done.stderr
    calls = (runner / "calls").read_text().splitlines()
    assert calls[-1] == f"api --silent {expected}--field body=@summary.md"
    assert len(calls) == 2


def test_a_comment_that_cannot_be_written_is_a_warning(pull_request: Repository) -> None:
    folder, environment = pull_request
    runner = Path(environment["RUNNER_TEMP"])
    (runner / "gh").write_text("#!/bin/sh\nexit 1\n")
    (runner / "gh").chmod(0o755)
    more = {"PATH": f"{runner}:{environment['PATH']}", "COMMENTS": "all", "COMMENT": "here", "SUMMARY": "summary.md"}
    done = bash(folder, environment, script("Comment"), **more)
    assert done.returncode == 0
    assert done.stdout.startswith("::warning::")


def test_the_commands_of_the_gitlab_job_run(pull_request: Repository) -> None:
    folder, environment = pull_request
    lines: list[str] = yaml.safe_load(BLOCKS[".gitlab-ci.yml"])["contracts"]["script"]
    codes = [
        bash(folder, environment, line, CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main").returncode
        for line in lines
        if not line.startswith("pip ")
    ]
    assert codes == [0, 1, 1]
    for name in yaml.safe_load(BLOCKS[".gitlab-ci.yml"])["contracts"]["artifacts"]["reports"]["codequality"]:
        assert json.loads((folder / name).read_text())


def test_the_hooks_commands_run(pull_request: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = pull_request
    monkeypatch.chdir(folder)
    for hook in load_manifest(str(ROOT / ".pre-commit-hooks.yaml")):
        command, *arguments = hook["entry"].split()
        files_ = ["specs/jobs/openapi.yaml"] if hook["pass_filenames"] else []
        assert command == "contracts"
        assert main([*arguments, *hook["args"], *files_]) == 1
