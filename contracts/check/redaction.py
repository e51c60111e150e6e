"""Takes secrets and personal data out of everything that is written down.

Personal data are replaced by values of the same form (an email by an email, a phone number by a phone number), the same
value always by the same one, so that a recording can still be judged: formats hold, equal stays equal. What was
replaced once is left alone, so that redacting twice changes nothing.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, unquote_plus

import orjson

from contracts.check.exchange import Exchange, Request, Response
from contracts.check.target import Target

# Headers whose value opens something, whoever made it up.
SECRET_HEADERS = frozenset({
    "authorization", "proxy-authorization", "cookie", "set-cookie", "x-clientid", "x-api-key", "x-auth-token",
    "x-mock-token", "x-cap-api-oauth-token", "x-cap-api-auth-key",
})  # fmt: skip
_NAMES = r"[a-z_-]*token|[a-z_-]*secret|[a-z_-]*password|signature|api_?key"
_JSON_SECRET = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FORM_SECRET = re.compile(rf"((?:^|[?&])(?:{_NAMES}|username|client_id)=)([^&\s\"'\\<>]*)", re.IGNORECASE)
# Without what separates the parts of an address: the end of such a name is taken for all of it.
_LETTER = r"[\w.!#$%*+^`{|}~-]"
# It begins where such letters begin: tried at each of them, a long word would take the square of its length.
_EMAIL = re.compile(
    rf"(?<!{_LETTER})(?:\\u[0-9a-fA-F]{{4}}|{_LETTER})+(?:@|%40)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)
_PHONE = re.compile(r"(?<![A-Za-z0-9])(?:\+|%2B)[1-9][0-9]{4,14}(?![0-9])")
# Some write numbers without the plus; then only the name says what they are.
PHONE_NAMES = r"[a-z_]*(?:mobile|phone)(?:_?number)?"
_NAMED_PHONE = re.compile(
    rf'((?:"(?:{PHONE_NAMES})"\s*:\s*"?|(?:^|[?&])(?:{PHONE_NAMES})=))([0-9]{{5,20}})(?![0-9.])', re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9.+])[0-9]{5,20}(?![A-Za-z0-9.])")
MARK = "redacted-"
PHONE_MARK = "1555000"
# Every value of a cookie, but not its attributes.
_COOKIE = re.compile(r"((?:^|;\s*)(?!\s|(?:path|expires|domain|max-age|samesite)=)[^=;]+=)([^;]+)", re.IGNORECASE)
_MARKED = re.compile(rf"{MARK}[0-9a-z]+(?:(?:@|%40)example\.com)?|(?<![0-9]){PHONE_MARK}[0-9]{{7}}(?![0-9])")


class Kind(enum.Enum):
    """What a text is that must not be shown."""

    SECRET = enum.auto()
    EMAIL = enum.auto()
    PHONE = enum.auto()


# What is shown instead of a value.
Instead = Callable[[Kind, str], str]


def digest(kind: Kind, value: str) -> str:
    """What is shown instead of a value, of the same form and without anything to remember."""
    number = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
    if kind is Kind.PHONE:
        return f"{PHONE_MARK}{int(number[:12], 16) % (9 * 10**6):07d}"
    return f"{MARK}{number[:12]}@example.com" if kind is Kind.EMAIL else f"{MARK}{number[:8]}"


def substituted(text: str, instead: Instead, *, secrets: bool = True, personal: bool = True) -> str:
    """A text in which everything that can be told by its form or its name is replaced."""
    if secrets:
        text = _JSON_SECRET.sub(lambda m: f'{m[1]}"{_once(Kind.SECRET, _unescaped(m[2]), m[2], instead)}"', text)
        text = _FORM_SECRET.sub(lambda m: f"{m[1]}{_once(Kind.SECRET, unquote_plus(m[2]), m[2], instead)}", text)
    if personal:
        text = _EMAIL.sub(lambda m: _email(m[0], instead), text)
        text = _PHONE.sub(lambda m: _phone(m[0], instead), text)
        text = _NAMED_PHONE.sub(lambda m: f"{m[1]}{_once(Kind.PHONE, m[2], m[2], instead)}", text)
    return text


def credential(header: str, value: str, instead: Instead) -> str:
    """The value of a header that opens something: the scheme stays, and Basic credentials stay readable as such."""
    if "cookie" in header.lower() and "=" in value:
        return _COOKIE.sub(lambda m: f"{m[1]}{_once(Kind.SECRET, m[2], m[2], instead)}", value)
    scheme, space, rest = value.partition(" ")
    if scheme.lower() == "basic":
        return f"{scheme} {_basic(rest, instead)}"
    if space:
        return f"{scheme} {_once(Kind.SECRET, rest, rest, instead)}"
    return _once(Kind.SECRET, value, value, instead)


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a target's texts must not show. `secrets` maps a secret to what is shown instead.

    `memory`, where there is one, learns what stood in the place of everything that was shown: `restore` puts it back.
    `phone` says of a number that nothing else gives away whether it is somebody's.
    """

    secrets: Mapping[str, str]
    headers: frozenset[str] = SECRET_HEADERS
    personal: bool = False
    memory: dict[str, str] | None = None
    phone: Callable[[str], bool] | None = None

    @classmethod
    def of(cls, target: Target) -> Redaction:
        """What a target's reports must not show. Published test credentials are no secret."""
        if target.published:
            return cls({}, frozenset())
        names = {name.lower() for one in target.credentials.values() for name in one.headers}
        return cls(target.secrets, SECRET_HEADERS | (names - {"accept-version"}))

    @property
    def placeholders(self) -> frozenset[str]:
        """What is shown instead of known secrets: text that a shell expands."""
        return frozenset(self.secrets.values())

    def text(self, text: str) -> str:
        """A text without secrets, and without personal data where they are to go."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            for form in {secret, quote(secret, safe=""), secret.replace("\\", "\\\\").replace('"', '\\"')}:
                text = text.replace(form, self.secrets[secret])
        text = substituted(text, self._instead, secrets=bool(self.headers), personal=self.personal)
        phone = self.phone
        if phone is None:
            return text
        return _NUMBER.sub(lambda m: self._instead(Kind.PHONE, m[0]) if phone(m[0]) else m[0], text)

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same exchange with nothing in it that must not be shown."""
        request, response = exchange.request, exchange.response
        shown = Response(response.status, self._headers(response.headers), self._bytes(response.body), response.seconds)
        return replace(exchange, request=self.request(request), response=shown)

    def request(self, request: Request) -> Request:
        """The same request with nothing in it that must not be shown."""
        return Request(
            request.method, self.text(request.url), self._headers(request.headers), self._bytes(request.body)
        )

    def restore(self, response: Response) -> Response:
        """The response with everything in it that was shown instead of something in the memory."""
        headers = {name: self._restored(value, str) for name, value in response.headers.items()}
        return replace(
            response, headers=headers, body=on_text(response.body, lambda text: self._restored(text, in_json))
        )

    def _restored(self, text: str, encode: Callable[[str], str]) -> str:
        memory = self.memory or {}

        def put_back(match: re.Match[str]) -> str:
            known = memory.get(match[0].replace("%40", "@"))
            if known is None:
                return match[0]
            return quote(known, safe="") if "%40" in match[0] else encode(known)

        return _MARKED.sub(put_back, text)

    def _instead(self, kind: Kind, value: str) -> str:
        if self.secrets and value.startswith("$"):
            return value  # the name of a secret, which was shown instead of it before
        if self.memory is not None:
            # Of every kind: what was a user name in a request may be an address in the answer to it.
            self.memory.update((digest(one, value), value) for one in Kind)
        return digest(kind, value)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self._secret_header(name, value) if name.lower() in self.headers else self.text(value)
            for name, value in headers.items()
        }

    def _secret_header(self, name: str, value: str) -> str:
        shown = self.text(value)
        known = any(placeholder in shown for placeholder in self.placeholders)
        return shown if known else credential(name, shown, self._instead)

    def _bytes(self, body: bytes) -> bytes:
        return on_text(body, self.text)


def on_basic(value: str, change: Callable[[str], str]) -> str:
    """The value of a header, changed inside of Basic credentials; any other as it is."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "basic":
        return value
    try:
        return f"{scheme} {base64.b64encode(change(base64.b64decode(rest, validate=True).decode()).encode()).decode()}"
    except ValueError:
        return value


def on_text(body: bytes, change: Callable[[str], str]) -> bytes:
    """A body, changed as a text."""
    # A body that is padded until it is too large is not searched to its end.
    text = body.rstrip(b" ")
    # surrogateescape keeps bytes that are no text as they are: they must come back as they went.
    return change(text.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") + body[len(text) :]


def _once(kind: Kind, value: str, written: str, instead: Instead) -> str:
    """What is shown instead; what is shown instead of something already stays, as it is written."""
    if not value or value.startswith((MARK, PHONE_MARK)) or "{token}" in value:
        return written
    return instead(kind, value)


def in_json(text: str) -> str:
    """A text as it stands in a string of JSON."""
    return orjson.dumps(text).decode()[1:-1]


def _unescaped(text: str) -> str:
    """What a string of JSON says."""
    try:
        return str(orjson.loads(f'"{text}"'))
    except orjson.JSONDecodeError:
        return text


def _basic(text: str, instead: Instead) -> str:
    """User name and password, each replaced, encoded again: it must still be read as Basic credentials."""
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return _once(Kind.SECRET, text, text, instead)
    both = ":".join(_once(Kind.SECRET, one, one, instead) for one in (user, password))
    return base64.b64encode(both.encode()).decode()


def _email(written: str, instead: Instead) -> str:
    encoded = "%40" in written and "@" not in written
    value = unquote(written) if encoded else _unescaped(written)
    shown = _once(Kind.EMAIL, value, written, instead)
    return shown.replace("@", "%40") if encoded else shown


def _phone(written: str, instead: Instead) -> str:
    plus, digits = ("%2B", written[3:]) if written.startswith("%2B") else ("+", written[1:])
    return plus + _once(Kind.PHONE, digits, digits, instead)
