"""Talks to a running stub's control API: the session object of the pytest plugin, usable from any script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit


class ControlError(RuntimeError):
    """The control API refused: its own words."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as the journal has it. `reasons` say why it was refused: location, pointer, message, contract."""

    id: int
    provider: str
    operation: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    status: int
    verdict: str
    scenario: str
    reasons: Sequence[Mapping[str, str]]

    def json(self) -> Any:
        """The body as JSON data."""
        return json.loads(self.body)


class Clock:
    """The virtual clock of one session."""

    def __init__(self, session: MockSession) -> None:
        self._session = session

    @property
    def now(self) -> str:
        """The present instant, RFC 3339."""
        return str(self._session.control("GET", "/clock")["now"])

    def advance(self, seconds: float) -> None:
        """Move time forward; everything that would have happened meanwhile has happened."""
        self._session.control("POST", "/clock/advance", {"seconds": seconds})

    def freeze(self) -> None:
        """Let time stand still."""
        self._session.control("POST", "/clock/freeze")

    def rate(self, rate: float) -> None:
        """Let time run `rate` times as fast as real time."""
        self._session.control("POST", "/clock/rate", {"rate": rate})


class MockSession:
    """One isolated session of a running stub: its own jobs, clock, scenario and journal."""

    def __init__(self, server: str, name: str) -> None:
        self.server = server.rstrip("/")
        self.name = name
        self.clock = Clock(self)

    def base_url(self, provider: str) -> str:
        """Where a client finds the provider, in this session."""
        return f"{self.server}/~{self.name}/{provider}"

    def scenario(self, name: str | None, provider: str | None = None) -> None:
        """Choose what happens to a provider's requests; without a provider, to all that know the scenario.

        None goes back to the default. Raises ControlError, with the nearest name, if nobody knows it.
        """
        known = self.control("GET", "/scenarios")
        chosen = [provider] if provider else [p for p, s in known.items() if name is None or _knows(s, name)]
        if not chosen:
            chosen = [next(iter(known))]  # its refusal says what there is
        for each in chosen:
            self.control("PUT", "/scenario", {"provider": each, "scenario": name})

    @property
    def requests(self) -> list[Recorded]:
        """Every request of this session so far, oldest first."""
        found: list[Recorded] = []
        fields = Recorded.__slots__
        while page := self.control("GET", f"/journal?limit=1000&after={found[-1].id if found else 0}")["entries"]:
            found += [Recorded(**{name: entry.get(name, "") for name in fields}) for entry in page]
        return found

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs submitted in this session, newest first."""
        jobs: list[dict[str, Any]] = self.control("GET", "/jobs?limit=1000")["jobs"]
        return jobs

    def hold(self, job: str) -> None:
        """Let a job's own time stand still."""
        self.control("POST", f"/jobs/{quote(job, safe='')}/hold")

    def release(self, job: str) -> None:
        """Let a held job go on."""
        self.control("POST", f"/jobs/{quote(job, safe='')}/release")

    def fail(self, job: str, error: str = "failed on request") -> None:
        """Let a job fail here and now."""
        self.control("POST", f"/jobs/{quote(job, safe='')}/fail", {"error": error})

    def delete(self) -> None:
        """Forget the session."""
        self.control("POST", "/reset")

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control API. Raises ControlError for a refusal, OSError if nobody answers."""
        parts = urlsplit(self.server)
        connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = connect(parts.netloc, timeout=10)
        try:
            text = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if text else {}
            connection.request(method, f"{parts.path}/~{self.name}/_mock{path}", text, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status >= 400:
            raise ControlError(f"{answer.get('title')}: {answer.get('detail')}")
        return answer


def _knows(scenarios: Mapping[str, Any], name: str) -> bool:
    return name in scenarios["plans"] or name in scenarios["responses"]
