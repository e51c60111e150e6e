"""What the judge sees of a target while a run is recorded: everything but secrets and other people's data.

The judge is given stand-ins: for the credentials and the personal data of the target, and for the tokens, addresses
and phone numbers that the target answers with, in whatever encoding, and for headers that nobody has documented. On
the way to the target each stand-in becomes what it stands for. So what is recorded is what the judge has seen, and a
judge that sees it again decides, draws and asks as it did before.

What the judge made up itself is nobody's. It goes as it is, and comes back as it is; only where a target says it in
another form (in Base64, a number without its country) there is a stand-in for it too.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, quote_plus

import requests

from contracts.check import phones, redaction
from contracts.check.encodings import Encodings, in_json
from contracts.check.redaction import CHALLENGES, EDGE, MARK, NUMBER, PHONE_MARK, SECRET_HEADERS, TOKEN, Kind
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.target import Credential, Login, Target
from contracts.target.transport import as_request

_STAND_IN = re.compile(rf"({MARK}n[0-9]{{7}})((?:@|%40)example\.com)?|(?<![0-9]){PHONE_MARK}9[0-9]{{6}}(?![0-9])")
_PHONE_NAME = re.compile(redaction.PHONE_NAMES, re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9]{5,20}")
Encode = Callable[[str], str]
# A secret that is longer is found within a word as well.
_LONG = 16
# Response headers that open nothing and reach nobody; a text in them is looked through as any other. What no contract
# documents and is none of these is not shown.
_HARMLESS = re.compile(
    r"accept(-.*)?|age|allow|alt-svc|cache-control|cf-.*|connection|content-.*|cross-origin-.*|date|deprecation|etag|"
    r"expect-ct|expires|keep-alive|last-modified|link|location|nel|permissions-policy|pragma|preference-applied|"
    r"(x-)?rate-?limit.*|referrer-policy|refresh|report-to|retry-after|server|server-timing|"
    r"strict-transport-security|sunset|trailer|transfer-encoding|upgrade|vary|via|warning|access-control-.*|"
    r"x-(cache.*|content-type-options|correlation-id|frame-options|mock-journal|powered-by|request-id|runtime|"
    r"xss-protection)|(idempotency|idempotent)-replayed|traceparent"
)
_TELLING = re.compile(r"(?i)token|secret|password|key|user|client|signature")


@dataclass
class Veil:
    """Between a judge and a target. `shown` and `real` map each way; `known` are secrets to look for everywhere."""

    shown: dict[str, str] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    made_up: set[str] = field(default_factory=set)
    # Phone numbers that the judge made up, as it wrote them.
    sent: set[str] = field(default_factory=set)
    # Numbers by the digits of each way to write them.
    numbers: set[str] = field(default_factory=set)
    # The response headers that the contract documents, in lower case.
    documented: frozenset[str] = frozenset()
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def target(self, target: Target) -> Target:
        """The target as the judge sees it."""
        for secret in target.secrets:
            self._known(Kind.SECRET, secret)
        credentials = {name: self._credential(one) for name, one in target.credentials.items()}
        token = self._known(Kind.SECRET, target.control_token) if target.control_token else ""
        self._phones(target.data)
        return replace(
            target,
            credentials=credentials,
            data=self._data(target.data),
            control_token=token,
            secrets={},
            published=False,
        )

    def request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request as it goes to the target."""
        asked = as_request(request)
        with self.lock:
            self._listen(asked)
            real = self._request(asked)
        sent = request.copy()
        sent.url = real.url
        sent.headers.update(real.headers)
        if real.body:
            sent.body = real.body
            sent.headers["Content-Length"] = str(len(real.body))
        return sent

    def response(self, response: Response, asked: Request | None = None) -> Response:
        """The response as the judge sees it; `asked` is the request, as the judge has sent it."""
        said = redaction.said(asked) if asked is not None else frozenset()
        with self.lock:
            headers = {name: self._header(name, value, said) for name, value in response.headers.items()}
            body = redaction.on_text(response.body, lambda text: self._shown(text, said))
        return replace(response, headers=headers, body=body)

    def lifted(self, exchange: Exchange) -> Exchange:
        """An exchange that the judge has seen, as it was."""
        response = exchange.response
        headers = {name: self.text(value) for name, value in response.headers.items()}
        body = redaction.on_text(response.body, lambda text: self._real(text, in_json))
        return replace(
            exchange, request=self._request(exchange.request), response=replace(response, headers=headers, body=body)
        )

    def text(self, text: str) -> str:
        """A text of the judge with what the stand-ins in it stand for."""
        return self._real(text, str)

    def _credential(self, credential: Credential) -> Credential:
        headers = {
            name: redaction.credential(name, value, self._known)
            if name.lower() in SECRET_HEADERS
            else self._shown(value)
            for name, value in credential.headers.items()
        }
        return Credential(credential.name, headers, self._login(credential.login) if credential.login else None)

    def _login(self, login: Login) -> Login:
        headers = {name: redaction.credential(name, value, self._known) for name, value in login.headers.items()}
        body = None if login.body is None else self._fields(login.body)
        form = None if login.form is None else self._fields(login.form)
        return replace(login, body=body, form=form, headers=headers)

    def _fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._known(Kind.SECRET, value) if isinstance(value, str) and _TELLING.search(name) else value
            for name, value in fields.items()
        }

    def _phones(self, value: Any, name: str = "") -> None:
        """Remember the phone numbers that only their name gives away."""
        if isinstance(value, Mapping):
            for key, member in value.items():
                self._phones(member, key)
        elif isinstance(value, list):
            for member in value:
                self._phones(member, name)
        elif _PHONE_NAME.fullmatch(name) and _PHONE.fullmatch(str(value)):
            self._known(Kind.PHONE, str(value).removeprefix("+"))

    def _data(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._data(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._data(member) for member in value]
        if isinstance(value, int) and str(value) in self.known:
            return int(self.shown[str(value)])
        return self._shown(value) if isinstance(value, str) else value

    def _known(self, kind: Kind, value: str) -> str:
        """A stand-in for what must not be seen wherever it stands."""
        if value not in self.known:
            self.known.add(value)
            self.__dict__.pop("_forms", None)
        return self._stand_in(kind, value)

    def _stand_in(self, kind: Kind, value: str) -> str:
        if value in self.made_up:
            return value
        if kind is Kind.PHONE:
            self.numbers.update(phones.spellings(value))
        if value not in self.shown:
            number = len(self.shown) + 1
            shown = f"{PHONE_MARK}9{number:06d}" if kind is Kind.PHONE else f"{MARK}n{number:07d}"
            if kind is Kind.EMAIL:
                shown += "@example.com"
            self.shown[value], self.real[shown] = shown, value
        return self.shown[value]

    def _answered(self, kind: Kind, value: str) -> str:
        """A stand-in for what the target answers with; a token that it gives may come back anywhere."""
        if kind is Kind.SECRET and value not in self.made_up and len(value) >= TOKEN:
            return self._known(kind, value)
        return self._stand_in(kind, value)

    @cached_property
    def _forms(self) -> list[tuple[str, str, re.Pattern[str] | None]]:
        """Each way of writing what is known, the longest first; what it is; and where it is one, if not everywhere."""
        forms = {
            form: value
            for value in self.known
            for form in (
                quote(value, safe=""),
                quote(value),
                quote_plus(value),
                html.escape(value),
                in_json(value),
                value,
            )
        }
        return [
            (form, forms[form], None if len(form) >= _LONG else re.compile(rf"{EDGE}{re.escape(form)}(?![A-Za-z0-9])"))
            for form in sorted(forms, key=lambda form: (-len(form), form))
        ]

    def _header(self, name: str, value: str, said: frozenset[str]) -> str:
        if not value:
            return value
        if name in SECRET_HEADERS:
            return redaction.credential(name, self._shown(value, said), self._answered)
        if name in CHALLENGES:
            return redaction.challenge(value, self._answered, lambda text: self._shown(text, said))
        if name in self.documented or _HARMLESS.fullmatch(name):
            return self._shown(value, said)
        return self._answered(Kind.SECRET, value) if _TELLING.search(name) else self._stand_in(Kind.SECRET, value)

    def _shown(self, text: str, said: frozenset[str] = frozenset()) -> str:
        """A text of the target as the judge sees it; `said` are secrets that the judge made up for this request."""
        encodings = Encodings(
            lambda text: self._look(text, said),
            lambda text: self._guess(text, said),
            lambda word: self._stand_in(Kind.SECRET, word),
        )
        return encodings.changed(text)[0]

    def _guess(self, text: str, said: frozenset[str]) -> tuple[str, bool]:
        hidden, found = self._known_in(text, said)
        numbers = phones.replaced(hidden, lambda written: "", self.numbers.__contains__)
        return hidden, found or numbers != hidden

    def _look(self, text: str, said: frozenset[str]) -> tuple[str, bool]:
        text, found = self._known_in(text, said)

        def instead(kind: Kind, value: str) -> str:
            nonlocal found
            found = True
            return self._answered(kind, value)

        before = len(self.numbers)
        text = redaction.substituted(text, instead, known=self.numbers.__contains__)
        if len(self.numbers) > before:  # what gives itself away here may stand here in bare digits too
            text = NUMBER.sub(lambda match: self._number(match[0]), text)
        return text, found

    def _known_in(self, text: str, said: frozenset[str]) -> tuple[str, bool]:
        """What is known wherever it stands, but nothing that has only the form of something."""
        hidden = text
        for form, value, where in self._forms:
            if form in hidden:
                shown = self.shown[value]
                hidden = hidden.replace(form, shown) if where is None else where.sub(shown, hidden)
        if self.numbers:
            hidden = NUMBER.sub(lambda match: self._number(match[0]), hidden)
        return hidden, hidden != text or any(secret in hidden for secret in said)

    def _number(self, digits: str) -> str:
        if len(digits) < phones.BARE or digits not in self.numbers or digits.startswith(PHONE_MARK):
            return digits
        return self._stand_in(Kind.PHONE, digits)

    def _real(self, text: str, encode: Encode) -> str:
        def lift(match: re.Match[str]) -> str:
            whole = match[0].replace("%40", "@")
            if whole in self.real:
                return encode(self.real[whole])
            return encode(self.real[match[1]]) + (match[2] or "") if match[1] in self.real else match[0]

        return _STAND_IN.sub(lift, text)

    def _request(self, request: Request) -> Request:
        form = "form-urlencoded" in request.header("content-type")
        encode = _in_url if form else in_json
        headers = {name: redaction.on_basic(self.text(value), self.text) for name, value in request.headers.items()}
        body = redaction.on_text(request.body, lambda text: self._real(text, encode))
        return Request(request.method, self._real(request.url, _in_url), headers, body)

    def _listen(self, request: Request) -> None:
        """Learn what the judge made up: the target may repeat it, and the judge must know it again."""
        listening = Encodings(self._heard, self._heard, str)
        texts = (request.url, *request.headers.values(), request.body.rstrip(b" ").decode("utf-8", "surrogateescape"))
        for text in texts:
            # What goes by its stand-in comes back by it.
            self.made_up -= {self.real[match[0]] for match in _STAND_IN.finditer(text) if match[0] in self.real}
            listening.changed(text)  # in any encoding: what stands in one is told by its form there as well
        for name, value in request.headers.items():
            if name.lower() in SECRET_HEADERS:
                redaction.credential(name, value, self._hear)

    def _heard(self, text: str) -> tuple[str, bool]:
        redaction.substituted(text, self._hear)
        return text, False

    def _hear(self, kind: Kind, value: str) -> str:
        if value not in self.known:
            self.made_up.add(value)
            if kind is Kind.PHONE and value not in self.sent:
                self.sent.add(value)
                self.numbers.update(phones.spellings(value))
        return value


def _in_url(text: str) -> str:
    return quote(text, safe="")
