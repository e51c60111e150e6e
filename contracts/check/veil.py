"""What the judge sees of a target while a run is recorded: everything but secrets and other people's data.

The judge is given stand-ins: for the credentials and the personal data of the target, and for the tokens, addresses
and phone numbers that the target answers with. On the way to the target each stand-in becomes what it stands for. So
what is recorded is what the judge has seen, and a judge that sees it again decides, draws and asks as it did before.

What the judge made up itself is nobody's. It goes as it is, and comes back as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

import requests

from contracts.check import redaction
from contracts.check.exchange import Exchange, Request, Response
from contracts.check.redaction import MARK, PHONE_MARK, SECRET_HEADERS, Kind, in_json
from contracts.check.target import Credential, Login, Target
from contracts.check.transport import as_request

_STAND_IN = re.compile(rf"({MARK}n[0-9]{{7}})((?:@|%40)example\.com)?|(?<![0-9]){PHONE_MARK}9[0-9]{{6}}(?![0-9])")
_PHONE_NAME = re.compile(redaction.PHONE_NAMES, re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9]{5,20}")
Encode = Callable[[str], str]
# A token that is shorter may be a word of any text.
TOKEN = 8
_TELLING = re.compile(r"(?i)token|secret|password|key|user|client|signature")


@dataclass
class Veil:
    """Between a judge and a target. `shown` and `real` map each way; `known` are secrets to look for everywhere."""

    shown: dict[str, str] = field(default_factory=dict)
    real: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    made_up: set[str] = field(default_factory=set)

    def target(self, target: Target) -> Target:
        """The target as the judge sees it."""
        for secret in target.secrets:
            self._known(Kind.SECRET, secret)
        credentials = {name: self._credential(one) for name, one in target.credentials.items()}
        token = self._known(Kind.SECRET, target.control_token) if target.control_token else ""
        self._phones(target.data)
        return replace(
            target, credentials=credentials, data=self._data(target.data), control_token=token, secrets={},
            published=False,
        )  # fmt: skip

    def request(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request as it goes to the target."""
        self._listen(as_request(request))
        real = self._request(as_request(request))
        sent = request.copy()
        sent.url = real.url
        sent.headers.update(real.headers)
        if real.body:
            sent.body = real.body
            sent.headers["Content-Length"] = str(len(real.body))
        return sent

    def response(self, response: Response) -> Response:
        """The response as the judge sees it."""
        headers = {
            name: redaction.credential(name, self._shown(value), self._answered) if name in SECRET_HEADERS
            else self._shown(value)
            for name, value in response.headers.items()
        }  # fmt: skip
        return replace(response, headers=headers, body=redaction.on_text(response.body, self._shown))

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
        elif isinstance(value, str) and _PHONE_NAME.fullmatch(name) and _PHONE.fullmatch(value):
            self._known(Kind.PHONE, value.removeprefix("+"))

    def _data(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self._data(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._data(member) for member in value]
        return self._shown(value) if isinstance(value, str) else value

    def _known(self, kind: Kind, value: str) -> str:
        """A stand-in for what must not be seen wherever it stands."""
        if value not in self.known:
            self.known.add(value)
            self.__dict__.pop("_forms", None)
            self.__dict__.pop("_everywhere", None)
        return self._stand_in(kind, value)

    def _stand_in(self, kind: Kind, value: str) -> str:
        if value in self.made_up:
            return value
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
    def _forms(self) -> dict[str, str]:
        """What is known by each way of writing it."""
        return {form: value for value in self.known for form in (quote(value, safe=""), in_json(value), value)}

    @cached_property
    def _everywhere(self) -> re.Pattern[str]:
        alternatives = "|".join(map(re.escape, sorted(self._forms, key=lambda form: (-len(form), form))))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives or '(?!)'})(?![A-Za-z0-9])")

    def _shown(self, text: str) -> str:
        hidden = self._everywhere.sub(lambda match: self.shown[self._forms[match[0]]], text)
        return redaction.substituted(hidden, self._answered)

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
        texts = (request.url, *request.headers.values(), request.body.rstrip(b" ").decode("utf-8", "surrogateescape"))
        for text in texts:
            # What goes by its stand-in comes back by it.
            self.made_up -= {self.real[match[0]] for match in _STAND_IN.finditer(text) if match[0] in self.real}
            redaction.substituted(text, self._hear)
        for name, value in request.headers.items():
            if name.lower() in SECRET_HEADERS:
                redaction.credential(name, value, self._hear)

    def _hear(self, _kind: Kind, value: str) -> str:
        if value not in self.known:
            self.made_up.add(value)
        return value


def _in_url(text: str) -> str:
    return quote(text, safe="")
