"""What the journal keeps of a request: the way that it took, without its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_plus

from mockserver.core.journal import Entry, Reason
from mockserver.engine.answer import Answer
from mockserver.engine.choice import Choice
from mockserver.engine.provider import Provider
from mockserver.web.route import Head, Request, Route, Shown

# Bodies are kept up to this many bytes.
_BODY_LIMIT = 16 * 1024
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-mock-token"})
_HIDDEN = "***"


@dataclass(slots=True)
class Trace:
    """What is found out about a request on its way. See `Entry` for the verdicts."""

    route: Route | None = None
    verdict: str = "accepted"
    scenario: str = ""
    problem: str = ""
    reasons: tuple[Reason, ...] = ()

    def choose(self, choice: Choice) -> Answer | None:
        """Note what was chosen; the answer that it forces, if any."""
        self.scenario = choice.name
        if choice.problem:
            self.verdict, self.problem = "refused", choice.problem
        elif choice.answer is not None:
            self.verdict = "forced"
        return choice.answer


class Recorder:
    """Makes the entries of one provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider.name
        self._secret = _SECRET | provider.guard.secret_headers
        self._secret_query = provider.guard.secret_query

    def entry(self, request: Request, now: int, answer: Answer, trace: Trace) -> Entry:
        """The entry of a request that was answered at the instant `now`."""
        route, head = trace.route, request.head
        shown = head.shown or self._show(head)
        return Entry(  # by position: keywords would be 4% of the request
            now,
            self._provider,
            route.id if route else "",
            head.method,
            head.path,
            shown.query,
            shown.headers,
            b"" if route is not None and route.secret_body else request.body[:_BODY_LIMIT],
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
