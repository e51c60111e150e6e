"""The command `mockserver`: what it says when something cannot be used."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.app import Options, build
from mockserver.cli import main
from tests.client import Client
from tests.server import ISSUE, THANX, running

PET = """
openapi: {version}
info: {{title: Pets, version: '1'}}
paths:
  /pets/{{id}}:
    get:
      operationId: getPet
      parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
      responses:
        '200':
          description: A pet
          content:
            application/json:
              schema: {{type: object, properties: {{name: {{type: string}}}}}}
              examples: {{rex: {{value: {{name: Rex}}}}}}
        '404':
          description: No pet
          content: {{application/json: {{schema: {{type: object}}, examples: {{none: {{value: {{error: none}}}}}}}}}}
"""


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a start is refused with, and no stack trace."""
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in said
    return said


def test_show_prints_the_tables_of_a_provider(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "thanx"]) == 0
    assert "| `partial_failure` |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "thank"], "did you mean 'thanx'?"),
        (["serve", "--provider", "thank"], "did you mean 'thanx'?"),
        (["serve", "--workers", "2"], "--store sqlite:PATH"),
        (["serve", "--workers", "0"], "at least 1"),
        (["serve", "--store", "postgres://x"], "use 'memory' or 'sqlite:PATH'"),
        (["serve", "--store", "sqlite:/nonexistent/jobs"], "cannot be used"),
        (["serve", "--clock", "fast"], "none of frozen, real"),
        (["serve", "--clock", "-1"], "between 0 and"),
        (["serve", "--spec", "/nonexistent.yaml"], "cannot be read"),
        (["serve", "--specs", "/nonexistent"], "holds no contracts"),
        (["serve", "--port", "99999"], "is no port"),
        (["serve", "--provider", "thanx", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1:8080"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in refused(capsys, *arguments)


def test_a_port_that_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "in use" in refused(capsys, "serve", "--provider", "thanx", "--port", port)


def test_a_document_that_is_not_openapi_is_refused_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "pets.yaml"
    path.write_text(PET.format(version="3.1.0").replace("info:", "infos:"))
    assert f"{path}:2:1: " in refused(capsys, "serve", "--spec", str(path))


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_document_without_a_simulation_is_served_by_its_examples(tmp_path: Path, version: str) -> None:
    path = tmp_path / "pets.yaml"
    path.write_text(PET.format(version=version))
    client = Client(build(Options(spec=str(path))))
    assert client.get("/pets/1").json == {"name": "Rex"}
    assert client.get("/pets/1", headers={"Prefer": "code=404"}).json == {"error": "none"}
    assert client.get("/pets/rex").status == 400


def test_a_seed_makes_other_ids() -> None:
    def first_id(seed: int) -> str:
        client = Client(build(Options(providers=("thanx",), seed=seed)), headers=THANX)
        return str(client.post("/partner/campaigns/issue", ISSUE).json["issuance_job"]["id"])

    assert first_id(1) == first_id(1) != first_id(2)


def test_the_command_line_reaches_the_server(tmp_path: Path) -> None:
    path = tmp_path / "pets.yaml"
    path.write_text(PET.format(version="3.1.0"))
    with running("--spec", str(path)) as server:
        assert server.call("GET", "/pets/1") == (200, {"name": "Rex"})


@pytest.mark.parametrize("module", ["mockserver.cli", "contracts.cli"])
def test_help_loads_no_library(module: str) -> None:
    code = f"import sys, {module} as cli\ntry: cli.main(['--help'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1].split()
    assert not {"connexion", "uvicorn", "starlette", "hypothesis", "schemathesis", "requests"} & set(loaded)
