"""A recording as a file: one JSON line for what the run was to do, one for each request, and one for its end.

What stands in the lines says `contracts/schemas/recording.schema.json`. Without the last line the recording breaks off:
the process was killed, or somebody cut the file. That is no fault of it; a line that is not as it should be is.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import orjson
import requests

from contracts.check.run import Plan, Run
from contracts.findings import shown
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.target import Credential, Login, Target

VERSION = 4
SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "recording.schema.json"
# For a run without a budget: JSON has no infinity.
ENDLESS = 10.0**9
# What can become of a request instead of an answer, by its name in a recording.
FAILURES: Mapping[str, type[requests.RequestException]] = {
    "connection": requests.ConnectionError,
    "timeout": requests.Timeout,
    "other": requests.RequestException,
}
# What every recording begins with.
_BEGINNING = b'{"version":'
# A value of a broken line that is longer says no more.
_MOST = 200
# What became of a request: an answer, or none.
Outcome = Exchange | requests.RequestException


class RecordingError(ValueError):
    """A recording that cannot be written or read; the text says which and why."""


class Asked(NamedTuple):
    """A request, what became of it, and the time of the run when it was over."""

    by: str
    request: Request
    outcome: Outcome
    over: float


class Stop(NamedTuple):
    """Where a budget ended: with which request or wait of the sender, and whether (why) nothing more was to be had."""

    number: int
    why: str
    over: str


@dataclass(slots=True)
class Tape:
    """Everything that a recording says. `end` is what ended the run from outside, or ""; `breaks_off` is "" when the
    recording is whole."""

    head: dict[str, Any]
    asked: list[Asked] = field(default_factory=list)
    stops: list[tuple[str, Stop]] = field(default_factory=list)
    public: set[str] = field(default_factory=set)
    end: str = ""
    breaks_off: str = ""

    @property
    def plan(self) -> Plan:
        said = self.head["plan"]
        endless = {name: ENDLESS for name, member in said.items() if member is None}
        return Plan(**{**said, **endless, "only": tuple(said["only"])})

    @property
    def target(self) -> Target:
        head = self.head
        credentials = {
            name: Credential(name, one["headers"], Login(**one["login"]) if one["login"] else None)
            for name, one in head["credentials"].items()
        }
        return Target(
            name=head["name"],
            provider=head["provider"],
            url=head["url"],
            credentials=credentials,
            data=head["data"],
            writes=head["writes"],
            control=head["control"],
            control_token=head["control_token"],
            longest_job=head["longest_job"],
        )

    def _take(self, kind: str, line: dict[str, Any]) -> None:
        self.public.update(line.get("public", ()))
        if kind == "end":
            self.end = line["end"]
        elif kind == "stopped":
            self.stops.append((line["by"], Stop(line["number"], line["stopped"], line["over"])))
        elif kind == "unanswered":
            failure = FAILURES[line["kind"]](line["unanswered"])
            self.asked.append(Asked(line["by"], _request(line["request"]), failure, line["over"]))
        else:
            exchange = _exchange(line)
            self.asked.append(Asked(line["by"], exchange.request, exchange, line["over"]))


def read(path: Path) -> Tape:
    """Read a recording, as far as it goes. Raises RecordingError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"cannot read the recording {shown(path)}: {error.strerror}") from None
    *whole, rest = content.split(b"\n")
    values = [_value(path, number, line) for number, line in enumerate(whole, 1)]
    if rest and (last := _json(rest)) is not None:
        values.append(last)
        rest = b""
    if not values and rest.startswith(_BEGINNING):
        raise RecordingError(f"the recording {shown(path)} breaks off within its first line: nothing was asked yet")
    if not values or not isinstance(values[0], dict) or not isinstance(values[0].get("version"), int):
        raise RecordingError(f"{shown(path)} is no recording of 'contracts check'")
    if values[0]["version"] != VERSION:
        raise RecordingError(
            f"{shown(path)} is a recording of version {values[0]['version']}; this program reads version {VERSION}"
        )
    return _tape(path, values, [rest] if rest else [])


def _tape(path: Path, values: list[Any], torn: list[bytes]) -> Tape:
    _hold(path, 1, "head", values[0])
    tape, kind = Tape(values[0]), "head"
    for number, value in enumerate(values[1:], 2):
        if kind == "end":
            raise RecordingError(f"{shown(path)}:{number}: something comes after the end of the recording")
        kind = _kind(value)
        _hold(path, number, kind, value)
        tape._take(kind, value)
    if torn or kind != "end":
        said = "1 request" if len(tape.asked) == 1 else f"{len(tape.asked)} requests"
        tape.breaks_off = f"the recording breaks off after {said} (line {len(values) + len(torn)})"
    return tape


def _json(line: bytes) -> Any:
    """What a line says; None when it breaks off."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _value(path: Path, number: int, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if number == 1:
            raise RecordingError(f"{shown(path)} is no recording of 'contracts check'") from None
        raise RecordingError(f"{shown(path)}:{number}: this line is no JSON: {error.msg}") from None


def _kind(line: Any) -> str:
    """Which of the lines this is to be."""
    if isinstance(line, dict):
        return next((kind for kind in ("end", "stopped", "unanswered") if kind in line), "answered")
    return "answered"


@functools.cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    schema = orjson.loads(SCHEMA.read_bytes())
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})


def _hold(path: Path, number: int, kind: str, line: Any) -> None:
    """Raises RecordingError when a line is not as it should be."""
    fault = next(iter(_validator(kind).iter_errors(line)), None)
    if fault is not None:
        at = ".".join(map(str, fault.instance_path))
        said = fault.message if len(fault.message) <= _MOST else f"{fault.message[:_MOST]}..."
        raise RecordingError(f"{shown(path)}:{number}: {at or 'this line'}: {said}")


def head(run: Run) -> dict[str, Any]:
    """The first line."""
    target = run.target
    return {
        "version": VERSION,
        "provider": target.provider,
        "url": target.url,
        "name": target.name,
        "writes": target.writes,
        "control": target.control,
        "control_token": target.control_token,
        "credentials": {
            name: {"headers": dict(one.headers), "login": asdict(one.login) if one.login else None}
            for name, one in target.credentials.items()
        },
        "data": target.data,
        "plan": asdict(run.plan),
        "nonce": run.nonce,
        "apart": run.apart,
        "longest_job": target.longest_job,
    }


def answered(exchange: Exchange, over: float) -> dict[str, Any]:
    """The line of a request with its answer."""
    response = exchange.response
    return {
        "number": exchange.number,
        "by": exchange.by,
        "operation": exchange.operation,
        "session": exchange.session,
        "at": exchange.at,
        "over": over,
        "request": _asked(exchange.request),
        "response": {
            "status": response.status,
            "headers": dict(response.headers),
            "seconds": response.seconds,
            **_packed(response.body),
        },
    }


def unanswered(by: str, request: Request, error: requests.RequestException, why: str, over: float) -> dict[str, Any]:
    """The line of a request that got no answer."""
    kind = next(kind for kind, failure in FAILURES.items() if isinstance(error, failure))
    return {"unanswered": why, "kind": kind, "by": by, "over": over, "request": _asked(request)}


def stopped(by: str, stop: Stop) -> dict[str, Any]:
    """The line of a budget's end."""
    return {"stopped": stop.why, "by": by, "number": stop.number, "over": stop.over}


def written(line: Mapping[str, Any]) -> bytes:
    """A line as it stands in the file."""
    return orjson.dumps(line) + b"\n"


def exchanges(tape: Tape) -> Iterator[Exchange]:
    """Every request that was answered."""
    return (one.outcome for one in tape.asked if isinstance(one.outcome, Exchange))


def _asked(request: Request) -> dict[str, Any]:
    return {"method": request.method, "url": request.url, "headers": dict(request.headers), **_packed(request.body)}


def _packed(body: bytes) -> dict[str, Any]:
    """A body as text where it is text, so that people can read a recording; of padding only how long it is."""
    text = body.rstrip(b" ")
    padding = len(body) - len(text)
    if padding > 1000:
        return {**_packed(text), "spaces": padding}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _unpacked(value: dict[str, Any]) -> bytes:
    body: bytes = base64.b64decode(value["base64"]) if "base64" in value else value["body"].encode()
    padding: int = value.get("spaces", 0)
    return body + b" " * padding


def _request(value: dict[str, Any]) -> Request:
    return Request(value["method"], value["url"], value["headers"], _unpacked(value))


def _exchange(line: dict[str, Any]) -> Exchange:
    response = line["response"]
    return Exchange(
        line["number"],
        _request(line["request"]),
        Response(response["status"], response["headers"], _unpacked(response), response["seconds"]),
        line["operation"],
        line["by"],
        line["session"],
        line["at"],
    )
