"""Every command of the README does what the README says, against a fresh server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver import app, tables
from tests.server import Server, running

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
# Prints the status after each answer, so that a script of several commands can be told apart.
CURL = "curl() { command curl -w '\\n%{http_code}\\n' \"$@\"; }\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


def shell(server: Server, block: str, **names: str) -> list[tuple[int, Any]]:
    """Run a block; (status, JSON body) of every curl in it."""
    script = CURL + block.replace("localhost:8080", urlsplit(server.url).netloc)
    for name, value in names.items():
        script = script.replace(name, value)
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=True, timeout=60)
    lines = done.stdout.splitlines()
    return [(int(status), json.loads(body)) for body, status in zip(lines[::2], lines[1::2], strict=True)]


def test_the_first_block_is_the_two_make_targets() -> None:
    targets = re.findall(r"^make (\w+)", BLOCKS[0], re.MULTILINE)
    assert targets == ["serve", "test"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_the_first_conversation(server: Server) -> None:
    _, _, submit, poll, wrong, refused, *_ = BLOCKS
    ((status, answer),) = shell(server, submit)
    job = answer["issuance_job"]
    assert (status, job["state"]) == (202, "pending")
    (advanced, _), (polled, answer) = shell(server, poll, JOB_ID=job["id"])
    finished = answer["issuance_job"]
    assert (advanced, polled, finished["state"]) == (200, 200, "completed")
    assert finished["summary"]["failures"] == [
        {"identifier_index": 1, "identifier_type": "phone", "error": "User not found"}
    ]
    assert [status for status, _ in shell(server, wrong)] == [200, 429]
    (status, _), (_, journal) = shell(server, refused)
    reasons = journal["entries"][-1]["reasons"]
    assert status == 400
    assert [(reason["pointer"], reason["contract"].split(":")[0]) for reason in reasons] == [
        ("/merchant_id", "openapi.yaml")
    ]


JUDGE = [block.replace(".venv/bin/", f"{Path(sys.executable).parent}/") for block in BLOCKS[6:]]


def test_the_commands_for_a_pull_request() -> None:
    done = subprocess.run(["bash", "-euc", JUDGE[0]], check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, "no findings" in done.stdout) in ((0, True), (1, True)), done.stderr


def test_the_options_of_the_check_are_known() -> None:
    script = f"{JUDGE[1].strip()} --dry-run"
    done = subprocess.run(["bash", "-euc", script], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr  # 3: nobody listens there


@pytest.mark.slow
def test_the_check(server: Server) -> None:
    script = JUDGE[1].replace("localhost:8080", urlsplit(server.url).netloc)
    done = subprocess.run(["bash", "-euc", script], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_page_of_providers_is_what_show_prints() -> None:
    printed = tables.all_tables(playing.provider for playing in app.load(app.Options()).values())
    assert (ROOT / "docs" / "providers.md").read_text() == printed, "make docs writes it anew"


def test_every_page_that_is_linked_exists() -> None:
    for page in ROOT.glob("*.md"):
        text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.name} links {link}"
