"""The control API of a target that has one: sessions of the judge's own, their clocks, and where a provider lives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from contracts.target.exchange import Exchange, NotJsonError, Request
from contracts.target.target import Target, TargetError
from contracts.target.transport import Transport

# The scenario in which a provider keeps its documented rate limits.
LIMITS = "enforce_limits"
_ADVANCE = "/_mock/clock/advance"


@dataclass(slots=True)
class Control:
    """`root` is the URL that sessions hang below, `below` the provider's path below them.

    `prefix` is what the names of all of them begin with: two runs at one target must differ in it.
    """

    root: str
    below: str
    transport: Transport = field(repr=False)
    token: str = field(default="", repr=False)
    prefix: str = "check"
    used: set[str] = field(default_factory=set)

    def session(self, name: str) -> str:
        """The whole name of a session."""
        return f"{self.prefix}-{name}"[:100]

    def base(self, session: str) -> str:
        """The provider's base URL in a session. The session's clock is frozen when it is used for the first time."""
        if session not in self.used:
            self.used.add(session)
            self._post(session, "/clock/freeze", None)
        return f"{self.root}/~{session}{self.below}"

    def advance(self, session: str, seconds: float) -> None:
        self._post(session, _ADVANCE.removeprefix("/_mock"), {"seconds": seconds})

    def keep_limits(self, session: str, provider: str) -> bool:
        """Let a session keep the documented rate limits; whether it does."""
        url = f"{self.root}/~{session}/_mock/scenario"
        asked = {"provider": provider, "scenario": LIMITS}
        return self.transport.exchange(self._request("PUT", url, asked)).status == 200

    def forget(self, session: str) -> None:
        """Delete a session; used again, it is a new one."""
        self.transport.exchange(self._request("DELETE", f"{self.root}/_mock/sessions/{session}", None))

    def forget_all(self) -> None:
        """Delete every session that was used: nothing is left behind."""
        for session in sorted(self.used):
            self.forget(session)
        self.used.clear()

    def _post(self, session: str, path: str, value: object) -> None:
        exchange = self.transport.exchange(self._request("POST", f"{self.root}/~{session}/_mock{path}", value))
        if exchange.status != 200:
            raise TargetError(f"the control API answers {exchange.status} to {path}")

    def _request(self, method: str, url: str, value: object) -> Request:
        headers = {"X-Mock-Token": self.token} if self.token else {}
        if value is None:
            return Request(method, url, headers)
        return Request(method, url, {**headers, "Content-Type": "application/json"}, orjson.dumps(value))


def moves(exchange: Exchange) -> bool:
    """Whether this is the judge's own doing in a session: its clock, or its scenario."""
    return bool(exchange.session) and "/_mock/" in exchange.request.url and exchange.status == 200


def advanced(exchange: Exchange) -> float | None:
    """How many seconds this let pass; None when it did something else."""
    if not moves(exchange) or not exchange.request.url.endswith(_ADVANCE):
        return None
    return float(exchange.sent["seconds"])


def advancing(exchange: Exchange, seconds: float) -> Exchange:
    """The same, letting so much time pass."""
    body = orjson.dumps({"seconds": int(seconds) if seconds.is_integer() else seconds})
    headers = {name: value for name, value in exchange.request.headers.items() if name.lower() != "content-length"}
    return replace(exchange, request=replace(exchange.request, headers=headers, body=body))


def located(target: Target, transport: Transport) -> Target:
    """The target with the provider's own base URL, where it is the root of a stub that plays several providers.

    Such a root lists them. Raises TargetError when the provider is none of them, UnreachableError when nothing answers.
    """
    if not target.control:
        return target
    listing = _object(transport.exchange(Request("GET", f"{target.url}/", {})))
    known = listing.get("providers")
    if not isinstance(known, dict) or "control" not in listing:
        return target
    below = known.get(target.provider)
    if not isinstance(below, str):
        raise TargetError(f"{target.url} plays {', '.join(known)}, not {target.provider}")
    return replace(target, url=target.url + below.rstrip("/"))


def find_control(target: Target, transport: Transport, prefix: str = "check") -> Control | None:
    """The control API of a target that may have one. Raises UnreachableError when nothing answers at all."""
    if not target.control:
        return None
    parts = urlsplit(target.url)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    if path.startswith("/~"):
        return None  # the user chose a session, with its own time and scenario: it is judged as it is
    for cut in sorted({0, len(path), *(i for i, c in enumerate(path) if c == "/")}, reverse=True):
        root = origin + path[:cut]
        control = Control(root, path[cut:], transport, target.control_token, prefix)
        if _answers(transport.exchange(control._request("GET", f"{root}/_mock/health", None))):
            return control
    return None


def _answers(exchange: Exchange) -> bool:
    return isinstance(_object(exchange).get("providers"), list)


def _object(exchange: Exchange) -> dict[str, Any]:
    """The JSON object of a successful answer; an empty one of any other."""
    try:
        value = exchange.json if exchange.status == 200 else {}
    except NotJsonError:
        return {}
    return value if isinstance(value, dict) else {}
