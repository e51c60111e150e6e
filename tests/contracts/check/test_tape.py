"""What is no recording, or has a line that is not as it should be, is refused with a line that says what and where."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.check import tape
from contracts.check.run import Plan

HEAD: dict[str, Any] = {
    "version": tape.VERSION,
    "provider": "thanx",
    "url": "http://127.0.0.1:1",
    "name": "",
    "writes": True,
    "control": True,
    "control_token": "",
    "credentials": {"default": {"headers": {}, "login": None}},
    "data": {},
    "plan": {
        "seed": 1,
        "max_examples": 1,
        "seconds": 60.0,
        "requests": None,
        "deterministic": False,
        "deep": False,
        "first": False,
        "only": [],
        "asked": "",
    },
    "nonce": "n",
    "apart": True,
    "longest_job": None,
}
REQUEST = {"method": "GET", "url": "http://127.0.0.1:1/", "headers": {}, "body": ""}
ANSWERED: dict[str, Any] = {
    "number": 1,
    "by": "reach",
    "operation": "",
    "session": "",
    "at": 0.0,
    "over": 0.1,
    "request": REQUEST,
    "response": {"status": 200, "headers": {"content-type": "text/plain"}, "seconds": 0.1, "body": "x", "spaces": 3},
}
UNANSWERED = {"unanswered": "timed out", "kind": "timeout", "by": "reach", "over": 0.2, "request": REQUEST}
STOPPED = {"stopped": "spent", "by": "law x", "number": 3, "over": "spent"}
END = {"end": ""}
WHOLE = [HEAD, ANSWERED, UNANSWERED, STOPPED, END]


def written(folder: Path, *lines: Any) -> Path:
    path = folder / "run.jsonl"
    path.write_bytes(b"".join(map(tape.written, lines)))
    return path


def test_every_line_is_read(tmp_path: Path) -> None:
    read = tape.read(written(tmp_path, *WHOLE))
    assert [(one.by, one.over, type(one.outcome).__name__) for one in read.asked] == [
        ("reach", 0.1, "Exchange"),
        ("reach", 0.2, "Timeout"),
    ]
    assert [one.response.body for one in tape.exchanges(read)] == [b"x   "]
    assert read.stops == [("law x", tape.Stop(3, "spent", "spent"))]
    assert (read.end, read.breaks_off, read.plan.requests) == ("", "", tape.ENDLESS)


@pytest.mark.parametrize("number", range(1, len(WHOLE)))
@pytest.mark.parametrize("torn", [b"", b'{"num', b'{"by": "\xc3'])
def test_what_is_not_whole_breaks_off(number: int, torn: bytes, tmp_path: Path) -> None:
    path = written(tmp_path, *WHOLE[:number])
    path.write_bytes(path.read_bytes() + torn)
    asked = ("0 requests", "1 request", "2 requests", "2 requests")[number - 1]
    assert tape.read(path).breaks_off == f"the recording breaks off after {asked} (line {number + bool(torn)})"


def test_the_last_line_may_have_lost_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, *WHOLE)
    path.write_bytes(path.read_bytes()[:-1])
    assert tape.read(path).breaks_off == ""


def changed(line: dict[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    line = copy.deepcopy(line)
    change(line)
    return line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (changed(ANSWERED, lambda one: one["response"].update(status="abc")), "response.status: .*abc"),
        (changed(ANSWERED, lambda one: one["response"].update(status=5)), "response.status: 5"),
        (changed(ANSWERED, lambda one: one["response"].update(headers=5)), "response.headers: 5"),
        (changed(ANSWERED, lambda one: one["request"].update(headers={"a": 1})), "request.headers.a: 1"),
        (changed(ANSWERED, lambda one: one["request"].pop("url")), "request: .*url"),
        (changed(ANSWERED, lambda one: one["request"].pop("body")), "request: "),
        (changed(ANSWERED, lambda one: one["response"].update(base64="?")), "response"),
        (changed(ANSWERED, lambda one: one.pop("over")), "this line: .*over"),
        (changed(ANSWERED, lambda one: one.update(at="now")), "at: .*now"),
        (changed(UNANSWERED, lambda one: one.update(kind="weather")), "kind: .*weather"),
        (changed(STOPPED, lambda one: one.update(number="3")), "number: .*3"),
        (changed(END, lambda one: one.update(end=None)), "end: null"),
        (HEAD, "this line: "),
        ([], r"this line: \[\]"),
        ({}, "this line: "),
    ],
)
def test_a_broken_line_is_refused_with_its_number(line: Any, said: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, ANSWERED, line, END)
    with pytest.raises(tape.RecordingError, match=rf"run\.jsonl:3: {said}") as caught:
        tape.read(path)
    assert "\n" not in str(caught.value)


def test_a_line_in_the_middle_that_is_no_json_is_no_end(tmp_path: Path) -> None:
    path = written(tmp_path, *WHOLE)
    path.write_bytes(path.read_bytes().replace(b'"reach"', b'"reach', 1))
    with pytest.raises(tape.RecordingError, match=r"run\.jsonl:2: this line is no JSON: "):
        tape.read(path)


def test_after_the_end_comes_nothing(tmp_path: Path) -> None:
    with pytest.raises(tape.RecordingError, match=r"run\.jsonl:6: something comes after the end"):
        tape.read(written(tmp_path, *WHOLE, ANSWERED))


@pytest.mark.parametrize("change", [{"plan": {}}, {"credentials": {"default": {}}}, {"url": 5}])
def test_a_broken_head_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(tape.RecordingError, match=rf"run\.jsonl:1: {next(iter(change))}"):
        tape.read(written(tmp_path, {**HEAD, **change}, END))


def test_a_recording_of_another_version(tmp_path: Path) -> None:
    path = written(tmp_path, {"version": 2, "provider": "thanx"}, ["anything"])
    with pytest.raises(tape.RecordingError, match=r"run\.jsonl is a recording of version 2; .* version 4$"):
        tape.read(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[]\n", b"not json", b"not\njson\n", b"\xff\xfe\n"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    with pytest.raises(tape.RecordingError, match=r"run\.jsonl is no recording of"):
        tape.read(path)


def test_a_recording_whose_first_line_breaks_off(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(tape.RecordingError, match=r"run\.jsonl breaks off within its first line"):
        tape.read(path)


def test_a_recording_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(tape.RecordingError, match="No such file"):
        tape.read(tmp_path / "run.jsonl")


def test_the_schema_knows_every_field_of_a_plan() -> None:
    plan = orjson.loads(tape.SCHEMA.read_bytes())["$defs"]["plan"]
    assert set(plan["properties"]) == set(plan["required"]) == {one.name for one in fields(Plan)}
