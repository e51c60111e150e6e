"""A run on disk: every exchange without secrets, one JSON line each; and a wire that answers from it.

A replay is the same run with the same seed and no network: the judge asks the same questions, the recording gives the
answers in the order in which they were given. What the recording has no answer for (because the contract, and with it
the questions, changed) is not judged. Every recorded answer that nobody asked for again is held against the contract.
"""

from __future__ import annotations

import base64
import contextlib
import io
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter

from contracts.check.exchange import Exchange, Request, Response
from contracts.check.redaction import Redaction
from contracts.check.run import Plan, Progress, Run
from contracts.check.subject import Subject
from contracts.check.target import Credential, Target
from contracts.check.transport import NotRecordedError, as_request
from contracts.check.verdict import Verdict

VERSION = 1
# The body is kept as it was read, not compressed, not in chunks, and as long as redaction left it.
_DECODED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
# Differs from run to run and means nothing.
_VOLATILE = frozenset({"x-schemathesis-testcaseid", "user-agent", "connection", "accept-encoding", "content-length"})


class RecordingError(ValueError):
    """A recording that cannot be written or read; the text says which and why."""


@dataclass(slots=True)
class Recorder:
    """An observer that writes. Nothing reaches the disk that was not redacted before."""

    file: IO[bytes]
    redaction: Redaction

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, target: Target, plan: Plan) -> Iterator[Recorder]:
        """Start a recording. Raises RecordingError."""
        try:
            file = path.open("wb")
        except OSError as error:
            raise RecordingError(f"cannot write the recording {path}: {error.strerror}") from None
        redaction = Redaction.of(target, personal=True)
        with file:
            file.write(orjson.dumps(_head(target, plan, redaction)) + b"\n")
            yield cls(file, redaction)

    def __call__(self, exchange: Exchange) -> None:
        self.file.write(orjson.dumps(_line(self.redaction.exchange(exchange))) + b"\n")


@dataclass(slots=True)
class Player:
    """Answers requests from a recording. `misses` counts those that it has no answer for."""

    target: Target
    plan: Plan
    redaction: Redaction
    exchanges: tuple[Exchange, ...]
    waiting: dict[bytes, deque[Exchange]] = field(default_factory=lambda: defaultdict(deque))
    misses: int = 0

    @classmethod
    def open(cls, path: Path) -> Player:
        """Read a recording. Raises RecordingError."""
        try:
            lines = path.read_bytes().splitlines()
            head, *rest = [orjson.loads(line) for line in lines]
            if head["version"] != VERSION:
                raise RecordingError(f"{path} is a recording of version {head['version']}; {VERSION} can be read")
            target, plan = _target(head), Plan(**{**head["plan"], "only": tuple(head["plan"]["only"])})
            player = cls(target, plan, Redaction.of(target, personal=True), tuple(map(_exchange, rest)))
        except OSError as error:
            raise RecordingError(f"cannot read the recording {path}: {error.strerror}") from None
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, RecordingError):
                raise
            raise RecordingError(f"{path} is no recording of 'contracts check'") from None
        for exchange in player.exchanges:
            player.waiting[_key(exchange.request)].append(exchange)
        return player

    def judge(self, subject: Subject, plan: Plan, progress: Progress) -> Verdict:
        """Judge the recording. The seed and the examples are those of the recorded run."""
        if subject.name != self.target.provider:
            raise RecordingError(f"this is a recording of {self.target.provider}, not of {subject.name}")
        whole = replace(self.plan, seconds=max(plan.seconds, 600.0), requests=float("inf"))
        run = Run(subject, self.target, whole, wire=self, progress=progress)
        run.transport.sleep = lambda seconds: None  # type: ignore[method-assign]  # a recording waits for nobody
        # What any two answers must agree in is judged in the order in which they were given, not asked for again.
        for observer in (run.conformance, run.monitor, run.coverage):
            run.transport.observers.remove(observer)
        verdict = run.execute(self.exchanges)
        why = f"the recording has no answer to {self.misses} requests" if self.misses else ""
        return replace(verdict, incomplete=verdict.incomplete or why)

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        """The next answer that was recorded for this request."""
        waiting = self.waiting[_key(self.redaction.exchange(Exchange(0, as_request(request), _NONE)).request)]
        if not waiting:
            self.misses += 1
            raise NotRecordedError("the recording has no answer to this request", request=request)
        return _answer(request, waiting.popleft().response)


_NONE = Response(0, {}, b"")


def _key(request: Request) -> bytes:
    headers = sorted((n.lower(), v) for n, v in request.headers.items() if n.lower() not in _VOLATILE)
    return orjson.dumps([request.method, request.url, headers, base64.b64encode(request.body).decode()])


def _answer(request: requests.PreparedRequest, recorded: Response) -> requests.Response:
    plain = {name: value for name, value in recorded.headers.items() if name not in _DECODED}
    body = io.BytesIO(recorded.body)
    raw = urllib3.HTTPResponse(body=body, headers=plain, status=recorded.status, preload_content=False)
    return HTTPAdapter().build_response(request, raw)


def _head(target: Target, plan: Plan, redaction: Redaction) -> dict[str, Any]:
    plan_fields = {
        "seed": plan.seed, "max_examples": plan.max_examples, "seconds": plan.seconds,
        "deterministic": plan.deterministic, "deep": plan.deep, "first": plan.first, "only": list(plan.only),
    }  # fmt: skip
    credentials = {
        name: {key: redaction._secret_header(value) for key, value in credential.headers.items()}
        for name, credential in target.credentials.items()
    }
    return {
        "version": VERSION, "provider": target.provider, "url": target.url, "name": target.name,
        "writes": target.writes, "control": target.control, "credentials": credentials,
        "data": orjson.loads(redaction.text(orjson.dumps(target.data).decode())), "plan": plan_fields,
    }  # fmt: skip


def _target(head: dict[str, Any]) -> Target:
    credentials = {name: Credential(name, headers) for name, headers in head["credentials"].items()}
    return Target(
        name=head["name"], provider=head["provider"], url=head["url"], credentials=credentials, data=head["data"],
        writes=head["writes"], control=head["control"],
    )  # fmt: skip


def _line(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number, "by": exchange.by, "operation": exchange.operation, "session": exchange.session,
        "at": exchange.at,
        "request": {"method": request.method, "url": request.url, "headers": dict(request.headers),
                    **_packed(request.body)},
        "response": {"status": response.status, "headers": dict(response.headers), "seconds": response.seconds,
                     **_packed(response.body)},
    }  # fmt: skip


def _packed(body: bytes) -> dict[str, str]:
    """A body as text where it is text, so that people can read a recording."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _unpacked(value: dict[str, Any]) -> bytes:
    return base64.b64decode(value["base64"]) if "base64" in value else value["body"].encode()


def _exchange(line: dict[str, Any]) -> Exchange:
    request, response = line["request"], line["response"]
    return Exchange(
        line["number"],
        Request(request["method"], request["url"], request["headers"], _unpacked(request)),
        Response(response["status"], response["headers"], _unpacked(response), response["seconds"]),
        line["operation"], line["by"], line["session"], line["at"],
    )  # fmt: skip
