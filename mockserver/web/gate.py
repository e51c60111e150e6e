"""The way of one request through one provider, in a single pass: route, scenario, security, validation, play, check.

Connexion has loaded the document and modelled its operations; what is compiled here from them at start replaces its
routing, security and validation layers, which cost 300 µs per request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from mockserver.core.journal import Entry, Reason
from mockserver.engine import limits
from mockserver.engine.answer import Answer, Refusal
from mockserver.engine.call import Call
from mockserver.engine.credentials import NOBODY
from mockserver.engine.problems import json_problem
from mockserver.engine.provider import Provider, encoded
from mockserver.engine.session import Session
from mockserver.specification import pointer as json_pointer
from mockserver.specification.contract import Operation, Validator, Violation, violations
from mockserver.specification.parameters import ABSENT, Parameter, Wire
from mockserver.specification.source import nearest
from mockserver.web import media
from mockserver.web.routing import Router

# Bodies are kept in the journal up to this many bytes.
JOURNAL_BODY = 16 * 1024
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_HIDDEN = "***"
_LOCATIONS = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its path relative to the provider. `url` is where the provider's paths begin for the client."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    url: str
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, and what the journal keeps of it."""

    status: int
    headers: Mapping[str, str]
    media_type: str
    content: bytes
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Checked:
    """A parameter with its validator."""

    parameter: Parameter
    validator: Validator | None


class Route:
    """One operation with everything that its requests need."""

    __slots__ = ("body", "by_location", "id", "known_query", "offered", "operation", "secret_body", "writes")

    def __init__(self, provider: Provider, operation: Operation) -> None:
        validators = provider.contract.validators
        self.operation = operation
        self.id = operation.id
        self.body = operation.body
        self.writes = operation.method not in ("GET", "HEAD", "OPTIONS")
        self.by_location: dict[str, list[_Checked]] = {}
        for parameter in operation.parameters:
            validator = validators.at(parameter.schema) if parameter.schema else None
            self.by_location.setdefault(parameter.location, []).append(_Checked(parameter, validator))
        success = operation.success
        self.offered = tuple(success.media) if success else ()
        # A request that carries no credentials in headers may carry them in its body: a token is asked for.
        self.secret_body = not operation.security and operation.body is not None


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

    def __init__(self, provider: Provider, operations: Iterable[Operation]) -> None:
        self.provider = provider
        self._router: Router[Route] = Router(
            (operation.path, operation.method, Route(provider, operation)) for operation in operations
        )
        self._secret = _SECRET | provider.guard.secret_headers
        self._setting = f"scenario/{provider.name}"

    def handle(self, request: Request, session: Session) -> Reply:
        """Answer a request. Whatever the bytes, the answer is the provider's, and never a 5xx of its own accord."""
        trace = _Trace()
        now = session.now()
        try:
            answer = self._answer(request, session, now, trace)
        except Refusal as refusal:
            trace.problem, trace.reasons = refusal.problem, refusal.reasons
            trace.verdict = "refused" if trace.route else "unmatched"
            answer = self.provider.problems.answer(refusal, trace.route.operation if trace.route else None)
        if trace.route is not None and answer.content is None:
            answer = self._conforming(trace.route.operation, answer, trace)
        content = encoded(answer)
        if request.method == "HEAD":
            content = b""
        entry = self._entry(request, now, answer, trace)
        return Reply(answer.status, answer.headers, answer.media_type, content, entry)

    def _answer(self, request: Request, session: Session, now: int, trace: _Trace) -> Answer:
        route, values = self._route(request)
        trace.route = route
        chosen = self._chosen(request, route, trace)
        if isinstance(chosen, Answer):
            return chosen
        credential = NOBODY
        if route.operation.security:
            flat = {name: said[0] for name, said in _query(request.query).items()} if request.query else {}
            credential = self.provider.guard.check(route.operation, request.headers, flat, session.key, now)
        if request.too_large:
            raise Refusal("too_large")
        if "accept" in request.headers and not media.accepts(request.headers["accept"], route.offered):
            reason = Reason(
                "header", "", f"'{request.headers['accept'][:80]}' admits none of {', '.join(route.offered)}"
            )
            raise Refusal("not_acceptable", reasons=(reason,))
        body = self._body(route, request)
        parts = self._parameters(route, request, values)
        call = Call(
            self.provider, route.operation, session, now, parts["path"], parts["query"], parts["header"], body,
            request.url, self.provider.scenario(chosen), credential,
        )  # fmt: skip
        return self._play(call, chosen, trace)

    def _play(self, call: Call, chosen: str, trace: _Trace) -> Answer:
        if not chosen:
            chosen = self.provider.value_scenario(call) or call.session.settings().values.get(self._setting, "")
            if chosen:
                trace.scenario = chosen
                forced = self.provider.forced(call.operation, chosen)
                if forced is not None:
                    trace.verdict = "forced"
                    return forced
                call.scenario = self.provider.scenario(chosen)
        if call.scenario.options.get("rate_limits"):
            who = f"{self.provider.name}/{call.credential.name}"
            limits.enforce(call.session, who, self.provider.simulation.settings.get("rate_limits", ()), call.now)
        exclusively = trace.route is not None and trace.route.writes
        with call.session.store.exclusively(call.session.name) if exclusively else nullcontext():
            return self.provider.play(call)

    def _route(self, request: Request) -> tuple[Route, dict[str, str]]:
        try:
            match = self._router.match(request.path)
        except UnicodeDecodeError:
            raise Refusal("unknown_path", reasons=(Reason("path", "", "the path is not UTF-8"),)) from None
        if match is None:
            raise Refusal("unknown_path", reasons=(Reason("path", "", f"no operation at {request.path[:200]}"),))
        methods = match.methods
        route = methods.get(request.method)
        if route is None and request.method == "HEAD":
            route = methods.get("GET")
        if route is None:
            allow = ", ".join(sorted(methods))
            reason = Reason("path", "", f"{request.method} is not among {allow}")
            raise Refusal("method_not_allowed", reasons=(reason,), headers={"Allow": allow})
        return route, match.values

    def _chosen(self, request: Request, route: Route, trace: _Trace) -> str | Answer:
        """The scenario that a header asks for by name, or the answer that it forces."""
        name = request.headers.get("x-mock-scenario")
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
        prefer = request.headers.get("prefer")
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
                f"{status} {name}" for status, response in route.operation.responses.items()
                for examples in response.examples.values() for name in examples
            )  # fmt: skip
            return json_problem(400, "There is no such example", f"'{prefer[:80]}' fits none of: {documented}")
        return answer

    def _body(self, route: Route, request: Request) -> Any:
        body = route.body
        if body is None:
            return None
        header = request.headers.get("content-type")
        if not request.body:
            if body.required and header is None:
                raise Refusal("malformed", reasons=(Reason("body", "", "a body is required"),))
            if not body.required:
                return None
        media_type, parameters = self._content_type(route, header)
        value = media.parse(request.body, media_type, parameters)
        validator = (
            body.media.get(media_type) or body.media.get(f"{media_type.partition('/')[0]}/*") or body.media["*/*"]
        )
        if not validator.is_valid(value):
            raise Refusal("invalid", reasons=self._reasons(violations(validator, value, "body")), about=value)
        return value

    def _content_type(self, route: Route, header: str | None) -> tuple[str, Mapping[str, str]]:
        assert route.body is not None
        accepted = route.body.media
        if header is None:
            raise Refusal("unsupported_media_type", reasons=(Reason("header", "", "Content-Type is missing"),))
        media_type, parameters = media.content_type(header)
        if media_type in accepted or "*/*" in accepted or f"{media_type.partition('/')[0]}/*" in accepted:
            return media_type, parameters
        reason = Reason("header", "", f"'{media_type[:80]}' is none of {', '.join(accepted)}")
        raise Refusal("unsupported_media_type", reasons=(reason,))

    def _parameters(self, route: Route, request: Request, path: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        reasons: list[Reason] = []
        for location, checks in route.by_location.items():
            wire = self._wire(location, request, path)
            values = found[location]
            for check in checks:
                value = check.parameter.read(wire)
                if value is ABSENT:
                    if check.parameter.required:
                        reasons.append(self._missing(check.parameter))
                elif check.validator is not None and not check.validator.is_valid(value):
                    reasons += self._parameter_reasons(check, value)
                else:
                    values[check.parameter.key] = value
        if reasons:
            raise Refusal("invalid", reasons=tuple(reasons))
        return found

    def _wire(self, location: str, request: Request, path: Mapping[str, str]) -> Wire:
        match location:
            case "path":
                return {name: (value,) for name, value in path.items()}
            case "query":
                return _query(request.query)
            case "header":
                return _Headers(request.headers)
            case _:
                pairs = (part.strip().partition("=") for part in request.headers.get("cookie", "").split(";"))
                return {name: (value,) for name, _, value in pairs}

    def _missing(self, parameter: Parameter) -> Reason:
        message = f"'{parameter.name}' is missing"
        place = self.provider.contract.position(parameter.address)
        return Reason(parameter.location, json_pointer.join(parameter.name), message, place)

    def _parameter_reasons(self, check: _Checked, value: Any) -> Iterable[Reason]:
        assert check.validator is not None
        for violation in violations(check.validator, value, check.parameter.location):
            pointer = json_pointer.join(check.parameter.name, *violation.pointer)
            yield self._reason(violation, pointer)

    def _reasons(self, found: Iterable[Violation]) -> tuple[Reason, ...]:
        return tuple(self._reason(violation, json_pointer.join(*violation.pointer)) for violation in found)

    def _reason(self, violation: Violation, pointer: str) -> Reason:
        place = self.provider.contract.position(violation.address)
        return Reason(violation.location, pointer, violation.message[:300], place)

    def _conforming(self, operation: Operation, answer: Answer, trace: _Trace) -> Answer:
        """The answer, held against the contract: a stub that breaks its own contract is worse than none."""
        response = operation.response(answer.status)
        if response is None or answer.media_type not in response.media:
            return answer
        validator = response.media[answer.media_type]
        if validator is None or validator.is_valid(answer.value):
            return answer
        trace.verdict = "fault"
        trace.reasons = self._reasons(violations(validator, answer.value, "response"))
        detail = "; ".join(f"{r.pointer or 'body'}: {r.message} ({r.contract})" for r in trace.reasons[:3])
        return json_problem(500, "The stub broke its own contract", detail)

    def _entry(self, request: Request, now: int, answer: Answer, trace: _Trace) -> Entry:
        secret = self._secret
        route = trace.route
        body = request.body
        if route is not None and route.secret_body:
            body = b""
        headers = tuple([(name, _HIDDEN if name in secret else value) for name, value in request.headers.items()])
        return Entry(
            now, self.provider.name, route.id if route else "", request.method, request.path, request.query, headers,
            body[:JOURNAL_BODY], len(request.body), answer.status, trace.verdict, trace.scenario, trace.problem,
            trace.reasons, answer.job,
        )  # fmt: skip


class _Headers(Mapping[str, Sequence[str]]):
    """Header values as a parameter reader wants them, made only for the headers it asks for."""

    __slots__ = ("_headers",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __getitem__(self, name: str) -> Sequence[str]:
        return (self._headers[name],)

    def __iter__(self) -> Any:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)


def _query(query: str) -> Mapping[str, Sequence[str]]:
    if not query:
        return {}
    if "%" not in query and "+" not in query and "&" not in query:
        name, _, value = query.partition("=")
        return {name: (value,)}
    try:
        return parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise Refusal(
            "invalid", reasons=(Reason("query", "", "the query is not UTF-8 or has too many fields"),)
        ) from None
