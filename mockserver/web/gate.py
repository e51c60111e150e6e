"""The way of a request through one provider, in a single pass. Its stages, in the order in which they refuse:

route, read parameters, choose by header, authenticate, negotiate, read and validate the body, validate parameters,
choose by test value or session, play, validate the response; then the journal.

Connexion has loaded the document and modelled its operations; what is compiled here from them at start replaces its
routing, security and validation layers, which cost 300 µs per request.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import NamedTuple

from mockserver.core.journal import Entry, Reason
from mockserver.engine import limits
from mockserver.engine.answer import JSON, PROBLEM, Answer, Refusal, encoded, json_problem
from mockserver.engine.call import Call
from mockserver.engine.credentials import NOBODY
from mockserver.engine.playing import Playing
from mockserver.engine.session import Session, Settings
from mockserver.engine.simulation import Credential
from mockserver.web.journal import Recorder, Trace
from mockserver.web.parameters import parse_query
from mockserver.web.route import Head, Reading, Request, Route
from mockserver.web.violations import invalid, reasons
from openapi.contract import Operation
from openapi.media_types import documented_as, is_json
from openapi.paths import Match, Router
from openapi.validators import violations

_log = logging.getLogger("mockserver")


class Reply(NamedTuple):
    """What goes back, the bytes of its body, and what the journal keeps of it."""

    answer: Answer
    content: bytes
    entry: Entry


class Gate:
    """All operations of one provider."""

    def __init__(self, playing: Playing, operations: Iterable[Operation]) -> None:
        self.playing = playing
        self.provider = provider = playing.provider
        self._contract = provider.contract
        self._chooser = playing.chooser
        self._recorder = Recorder(provider)
        self._router: Router[Route] = Router(
            (operation.path, operation.method, Route(provider.contract, operation)) for operation in operations
        )
        self._default = provider.scenario("")

    def handle(self, request: Request, session: Session) -> Reply:
        """Answer a request. Whatever the bytes, the answer is the provider's, and never a 5xx of its own accord."""
        trace = Trace()
        settings = session.settings()
        now = settings.clock.now(session.wall())
        try:
            answer = self._answer(request, session, settings, now, trace)
        except Refusal as refusal:
            answer = self._refused(refusal, trace)
        except Exception as error:
            answer = self._failed(error, request.head, trace)
        return Reply(answer, encoded(answer), self._recorder.entry(request, now, answer, trace))

    def _answer(self, request: Request, session: Session, settings: Settings, now: int, trace: Trace) -> Answer:
        """The stages up to the answer. Raises Refusal."""
        head = request.head
        reading = head.reading or self._read(head, trace)
        trace.route = route = reading.route
        choice = reading.choice
        if choice is not None and (forced := trace.choose(choice)) is not None:
            return forced if choice.problem else self._validated(route, forced, trace)
        credential = self._authenticate(reading, head, session, now) if route.operation.security else NOBODY
        if request.too_large:
            raise Refusal("too_large")
        if reading.unacceptable:
            raise Refusal("not_acceptable", reasons=reading.unacceptable)
        body = route.body.read(request.body, head.headers) if route.body else None
        values = reading.values
        if values.broken:
            raise invalid(self._contract, values.broken)
        call = Call(  # by position: keywords would be 3% of the request
            self.provider,
            route.operation,
            session,
            now,
            values.path,
            values.query,
            values.header,
            body,
            head.url,
            choice.scenario if choice else self._default,
            credential,
            reading.media_type,
        )
        if choice is None and (choice := self._chooser.by_call(call, settings)).name:
            if (forced := trace.choose(choice)) is not None:
                return self._validated(route, forced, trace)
            call.scenario = choice.scenario
        answer = self._play(call, route)
        if answer.media_type != reading.media_type:
            answer = _as_accepted(answer, reading.media_type)
        return self._validated(route, answer, trace)

    def _read(self, head: Head, trace: Trace) -> Reading:
        """What a head says, once and for all. Raises Refusal where no operation is meant or its query is no text."""
        match = self._match(head.path)
        trace.route = route = _route(head.method, match)
        choice = self._chooser.by_head(route.operation, head.headers)
        head.reading = route.read(head, match.values(route.operation.method), parse_query(head.query), choice)
        return head.reading

    def _match(self, path: str) -> Match[Route]:
        try:
            match = self._router.match(path)
        except UnicodeDecodeError:
            raise Refusal("unknown_path", reasons=(Reason("path", "", "the path is not UTF-8"),)) from None
        if match is None:
            raise Refusal("unknown_path", reasons=(Reason("path", "", f"no operation at {path[:200]}"),))
        return match

    def _authenticate(self, reading: Reading, head: Head, session: Session, now: int) -> Credential:
        key = session.token_key(self.provider.name)
        return self.provider.guard.check(reading.route.operation, head.headers, reading.fields, key, now)

    def _play(self, call: Call, route: Route) -> Answer:
        rates = call.scenario.options.get("rate_limits")
        if rates:
            client = f"{self.provider.name}/{call.credential.name}"
            documented = self.provider.simulation.settings.get("rate_limits", ())
            limits.enforce(call.session, client, documented if rates is True else rates, call.now)
        if not route.writes:
            return self.playing.play(call)
        with call.session.transaction():
            return self.playing.play(call)

    def _validated(self, route: Route, answer: Answer, trace: Trace) -> Answer:
        """The answer, held against the contract: a stub that breaks its own contract is worse than none."""
        if answer.problem:
            trace.verdict, trace.problem = "refused", answer.problem
        response = route.operation.response(answer.status)
        if response is None or answer.content is not None:
            return answer
        media_type = answer.media_type
        documented = media_type if media_type in response.media else documented_as(media_type, response.media)
        if documented is None or (media_type == PROBLEM != documented):  # a problem document is our own word
            return answer
        validator = response.media[documented]
        if validator is None or validator.is_valid(answer.value):
            return answer
        trace.verdict = "fault"
        trace.reasons = reasons(self._contract, violations(validator, answer.value, "response"))
        detail = "; ".join(f"{r.pointer or 'body'}: {r.message} ({r.contract})" for r in trace.reasons[:3])
        return json_problem(500, "The stub broke its own contract", detail)

    def _refused(self, refusal: Refusal, trace: Trace) -> Answer:
        route = trace.route
        trace.problem, trace.reasons = refusal.problem, refusal.reasons
        trace.verdict = "refused" if route else "unmatched"
        answer = self.provider.problems.answer(refusal, route.operation if route else None)
        return self._validated(route, answer, trace) if route else answer

    def _failed(self, error: Exception, head: Head, trace: Trace) -> Answer:
        """Our own fault, never the client's: said plainly, with the trace where the server's owner looks."""
        _log.exception("the stub failed on %s %s", head.method, head.path)
        trace.verdict = "fault"
        return json_problem(500, "The stub failed", f"{type(error).__name__} in {self.provider.name}; see its log")


def _route(method: str, match: Match[Route]) -> Route:
    route = match.methods.get(method)
    if route is None and method == "HEAD":
        route = match.methods.get("GET")
    if route is None:
        allow = ", ".join(sorted(match.methods))
        reason = Reason("path", "", f"{method} is not among {allow}")
        raise Refusal("method_not_allowed", reasons=(reason,), headers={"Allow": allow})
    return route


def _as_accepted(answer: Answer, media_type: str | None) -> Answer:
    """JSON under the documented name that the client accepts, such as `application/vnd.api+json`."""
    if media_type and answer.media_type == JSON and is_json(media_type) and 200 <= answer.status < 300:
        return answer._replace(media_type=media_type)
    return answer
