"""The way of one request through one provider, in a single pass: route, scenario, security, validation, play, check.

Connexion has loaded the document and modelled its operations; what is compiled here from them at start replaces its
routing, security and validation layers, which cost 300 µs per request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote_plus

from mockserver.core.journal import Entry, Reason
from mockserver.engine import limits
from mockserver.engine.answer import Answer, Refusal, encoded, json_problem
from mockserver.engine.call import Call
from mockserver.engine.credentials import NOBODY
from mockserver.engine.playing import Playing
from mockserver.engine.session import Session, Settings
from mockserver.web.route import Head, Reading, Request, Route, Shown, parse_query
from openapi.contract import Operation, violations
from openapi.paths import Match, Router
from openapi.source import nearest

# Bodies are kept in the journal up to this many bytes.
JOURNAL_BODY = 16 * 1024
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_HIDDEN = "***"
_log = logging.getLogger("mockserver")


class Reply(NamedTuple):
    """What goes back, the bytes of its body, and what the journal keeps of it."""

    answer: Answer
    content: bytes
    entry: Entry


@dataclass(slots=True)
class _Trace:
    """What is found out about a request on its way, for the journal."""

    route: Route | None = None
    verdict: str = "accepted"
    scenario: str = ""
    problem: str = ""
    reasons: tuple[Reason, ...] = ()


class Gate:
    """All operations of one provider."""

    def __init__(self, playing: Playing, operations: Iterable[Operation]) -> None:
        self.playing = playing
        self.provider = provider = playing.provider
        self._router: Router[Route] = Router(
            (operation.path, operation.method, Route(provider.contract, operation)) for operation in operations
        )
        self._secret = _SECRET | provider.guard.secret_headers
        self._secret_query = provider.guard.secret_query
        self._setting = f"scenario/{provider.name}"
        self._default = provider.scenario("")

    def handle(self, request: Request, session: Session) -> Reply:
        """Answer a request. Whatever the bytes, the answer is the provider's, and never a 5xx of its own accord."""
        trace = _Trace()
        settings = session.settings()
        now = settings.clock.now(session.wall())
        try:
            answer = self._answer(request, session, settings, now, trace)
            if answer.problem:
                trace.verdict, trace.problem = "refused", answer.problem
        except Refusal as refusal:
            trace.problem, trace.reasons = refusal.problem, refusal.reasons
            trace.verdict = "refused" if trace.route else "unmatched"
            answer = self.provider.problems.answer(refusal, trace.route.operation if trace.route else None)
        except Exception as error:
            # Ours, never the client's: said plainly, with the trace where the server's owner looks.
            _log.exception("the stub failed on %s %s", request.head.method, request.head.path)
            trace.verdict = "fault"
            answer = json_problem(
                500, "The stub failed", f"{type(error).__name__} in {self.provider.name}; see its log"
            )
            return Reply(answer, encoded(answer), self._entry(request, now, answer, trace))
        if trace.route is not None and answer.content is None:
            answer = self._conforming(trace.route, answer, trace)
        content = encoded(answer)
        return Reply(answer, content, self._entry(request, now, answer, trace))

    def _answer(self, request: Request, session: Session, settings: Settings, now: int, trace: _Trace) -> Answer:
        head = request.head
        reading = head.reading or self._read(head, trace)
        trace.route = route = reading.route
        chosen = ""
        if reading.chooses:
            asked = self._asked(head, route, trace)
            if isinstance(asked, Answer):
                return asked
            chosen = asked
        credential = NOBODY
        if route.operation.security:
            key = session.token_key(self.provider.name)
            credential = self.provider.guard.check(route.operation, head.headers, reading.fields, key, now)
        if request.too_large:
            raise Refusal("too_large")
        if reading.unacceptable:
            raise Refusal("not_acceptable", reasons=reading.unacceptable)
        body = route.body(request)
        if reading.broken:
            raise route.invalid(reading.broken)
        scenario = self.provider.scenario(chosen) if chosen else self._default
        call = Call(
            self.provider,
            route.operation,
            session,
            now,
            reading.path,
            reading.query,
            reading.header,
            body,
            head.url,
            scenario,
            credential,
        )
        if not chosen and (forced := self._chosen(call, settings, trace)) is not None:
            return forced
        return self._play(call, route)

    def _chosen(self, call: Call, settings: Settings, trace: _Trace) -> Answer | None:
        """Let a test value, or else the session's setting, choose the scenario; the answer that it forces, if any."""
        name = self.playing.value_scenario(call) or settings.values.get(self._setting, "")
        if not name:
            return None
        trace.scenario = name
        forced = self.provider.forced(call.operation, name)
        if forced is None:
            call.scenario = self.provider.scenario(name)
        else:
            trace.verdict = "forced"
        return forced

    def _play(self, call: Call, route: Route) -> Answer:
        rates = call.scenario.options.get("rate_limits")
        if rates:
            who = f"{self.provider.name}/{call.credential.name}"
            documented = self.provider.simulation.settings.get("rate_limits", ())
            limits.enforce(call.session, who, documented if rates is True else rates, call.now)
        if not route.writes:
            return self.playing.play(call)
        with call.session.transaction():
            return self.playing.play(call)

    def _read(self, head: Head, trace: _Trace) -> Reading:
        """What a head says, once and for all. Raises Refusal where no operation is meant or its query is no text."""
        match = self._match(head.path)
        trace.route = route = self._route(head.method, match)
        head.reading = route.read(head, match.values(route.operation.method), parse_query(head.query))
        return head.reading

    def _match(self, path: str) -> Match[Route]:
        try:
            match = self._router.match(path)
        except UnicodeDecodeError:
            raise Refusal("unknown_path", reasons=(Reason("path", "", "the path is not UTF-8"),)) from None
        if match is None:
            raise Refusal("unknown_path", reasons=(Reason("path", "", f"no operation at {path[:200]}"),))
        return match

    def _route(self, method: str, match: Match[Route]) -> Route:
        route = match.methods.get(method)
        if route is None and method == "HEAD":
            route = match.methods.get("GET")
        if route is None:
            allow = ", ".join(sorted(match.methods))
            reason = Reason("path", "", f"{method} is not among {allow}")
            raise Refusal("method_not_allowed", reasons=(reason,), headers={"Allow": allow})
        return route

    def _asked(self, head: Head, route: Route, trace: _Trace) -> str | Answer:
        """The scenario that a header asks for by name, or the answer that it forces."""
        name = head.headers.get("x-mock-scenario")
        if name is not None:
            if name not in self.provider.scenario_names:
                hint = nearest(name, self.provider.scenario_names)
                trace.verdict, trace.problem = "refused", "unknown_scenario"
                return json_problem(400, "There is no such scenario", f"'{name[:80]}' is no scenario here; {hint}")
            trace.scenario = name
            forced = self.provider.forced(route.operation, name)
            if forced is not None:
                trace.verdict = "forced"
            return forced or name
        prefer = head.headers.get("prefer")
        if prefer is not None and (answer := self._preferred(prefer, route)) is not None:
            trace.scenario, trace.verdict = prefer[:80], "forced"
            return answer
        return ""

    def _preferred(self, prefer: str, route: Route) -> Answer | None:
        """`Prefer: code=422, example=name`, as Prism reads it; other preferences are none of ours (RFC 7240)."""
        wishes = dict(part.strip().partition("=")[::2] for part in prefer.replace(";", ",").split(","))
        code, example = wishes.get("code", "").strip('"'), wishes.get("example", "").strip('"')
        if not code and not example:
            return None
        answer = self.provider.preferred(route.operation, int(code) if code.isdecimal() else None, example or None)
        if answer is None:
            documented = ", ".join(
                f"{status} {name}".rstrip()
                for status, response in route.operation.responses.items()
                for name in [name for examples in response.examples.values() for name in examples] or [""]
            )
            return json_problem(400, "There is no such example", f"'{prefer[:80]}' fits none of: {documented}")
        return answer

    def _conforming(self, route: Route, answer: Answer, trace: _Trace) -> Answer:
        """The answer, held against the contract: a stub that breaks its own contract is worse than none."""
        response = route.operation.response(answer.status)
        if response is None or answer.media_type not in response.media:
            return answer
        validator = response.media[answer.media_type]
        if validator is None or validator.is_valid(answer.value):
            return answer
        trace.verdict = "fault"
        trace.reasons = route.reasons(violations(validator, answer.value, "response"))
        detail = "; ".join(f"{r.pointer or 'body'}: {r.message} ({r.contract})" for r in trace.reasons[:3])
        return json_problem(500, "The stub broke its own contract", detail)

    def _entry(self, request: Request, now: int, answer: Answer, trace: _Trace) -> Entry:
        route, head = trace.route, request.head
        body = b"" if route is not None and route.secret_body else request.body[:JOURNAL_BODY]
        shown = head.shown or self._show(head)
        return Entry(
            now,
            self.provider.name,
            route.id if route else "",
            head.method,
            head.path,
            shown.query,
            shown.headers,
            body,
            len(request.body),
            answer.status,
            trace.verdict,
            trace.scenario,
            trace.problem,
            trace.reasons,
            answer.job,
        )

    def _show(self, head: Head) -> Shown:
        headers = {name: _HIDDEN if name in self._secret else value for name, value in head.headers.items()}
        query = _hidden(head.query, self._secret_query) if head.query and self._secret_query else head.query
        head.shown = Shown(query, headers)
        return head.shown


def _hidden(query: str, secret: frozenset[str]) -> str:
    """A query string without the values of the secret fields."""
    fields = [field.partition("=") for field in query.split("&")]
    return "&".join(
        f"{name}={_HIDDEN}" if unquote_plus(name) in secret else f"{name}{sign}{value}" for name, sign, value in fields
    )
