"""Takes secrets and personal data out of everything that is written down.

Personal data are replaced by values of the same form (an email by an email, a phone number by a phone number), the same
value always by the same one, so that a recording can still be judged: formats hold, equal stays equal. What was
replaced once is left alone, so that redacting twice changes nothing.
"""

from __future__ import annotations

import base64
import enum
import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, unquote_plus

from contracts.check import phones
from contracts.check.encodings import in_json, unescaped
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.target import Target

# Headers whose value opens something, whoever made it up.
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-clientid",
        "x-api-key",
        "x-auth-token",
        "x-mock-token",
        "x-cap-api-oauth-token",
        "x-cap-api-auth-key",
    }
)
_NAMES = r"[a-z_-]*token|[a-z_-]*secret|[a-z_-]*password|[a-z_-]*signature|api_?key"
# Signed claims: a JSON object in Base64 begins like this, and whatever is signed has three parts or five.
_JWT_BEGINS = ("eyJ", "eyA", "ewo")
_JWT = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(_JWT_BEGINS)})[A-Za-z0-9_-]{{4,}}(?:\.[A-Za-z0-9_-]+){{1,3}}\.[A-Za-z0-9_-]*"
)
_TELLING = ("token", "secret", "password", "signature", "apikey", "api_key", "username", "client_id")
_JSON_SECRET = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FORM_SECRET = re.compile(rf"((?:^|[?&])(?:{_NAMES}|username|client_id)=)([^&\s\"'\\<>]*)", re.IGNORECASE)
# Without what separates the parts of an address: the end of such a name is taken for all of it.
_LETTER = r"[\w.!#$%*+^`{|}~-]"
# It begins where such letters begin: tried at each of them, a long word would take the square of its length.
_EMAIL = re.compile(
    # The letter of an escape is none of the address.
    rf"(?:(?<=\\[bfnrt])|(?<!{_LETTER})(?!(?<=\\)[bfnrt]))"
    rf"(?:\\u[0-9a-fA-F]{{4}}|{_LETTER})+(?:@|%40)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
)
# Where a word begins: after an escape as well.
EDGE = r"(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
_PHONE = re.compile(rf"{EDGE}(?:\+|%2B)[1-9][0-9]{{4,14}}(?![0-9])")
# Some write numbers without the plus; then only the name says what they are.
PHONE_NAMES = r"[a-z_]*(?:mobile|phone)(?:_?number)?"
_NAMED_PHONE = re.compile(
    rf'((?:"(?:{PHONE_NAMES})"\s*:\s*"?|(?:^|[?&])(?:{PHONE_NAMES})=))([0-9]{{5,20}})(?![0-9.])', re.IGNORECASE
)
NUMBER = re.compile(r"(?:(?<![A-Za-z0-9.+])|(?<=\\[bfnrt]))[0-9]{5,20}(?![A-Za-z0-9]|\.[0-9])")
# A secret that is shorter may be a word of any text.
TOKEN = 8
# Headers that ask for credentials, and what in them opens nothing.
CHALLENGES = frozenset({"www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info"})
_ASKING = frozenset(
    {
        "realm",
        "error",
        "error_description",
        "error_uri",
        "scope",
        "charset",
        "algorithm",
        "qop",
        "stale",
        "title",
        "resource_metadata",
        "authorization_uri",
    }
)
_PARAMETER = re.compile(r"""([A-Za-z0-9_-]+)(\s*=\s*"?)((?<=")(?:[^"\\]|\\.)*|[^\s,"]+)""")
_LONE_TOKEN = re.compile(r"(?i)(?<=^negotiate )\S+|(?<=^ntlm )\S+")
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


def substituted(
    text: str,
    instead: Instead,
    *,
    secrets: bool = True,
    personal: bool = True,
    known: phones.Known = lambda number: False,
    read: Callable[[str], str] = unquote_plus,
) -> str:
    """A text in which everything that can be told by its form or its name is replaced.

    `known` are phone numbers by their digits, to be found in groups. `read` says what a field of a form says.
    """
    # To look for a word first takes a tenth of the time, and most texts have none of them.
    small = text.lower()
    if secrets and any(begin in text for begin in _JWT_BEGINS):
        text = _JWT.sub(lambda m: instead(Kind.SECRET, m[0]), text)
    if secrets and any(word in small for word in _TELLING):
        text = _JSON_SECRET.sub(lambda m: f'{m[1]}"{_once(Kind.SECRET, unescaped(m[2]), m[2], instead)}"', text)
        text = _FORM_SECRET.sub(lambda m: f"{m[1]}{_once(Kind.SECRET, read(m[2]), m[2], instead)}", text)
    if personal:
        if "@" in text or "%40" in text:
            text = _EMAIL.sub(lambda m: _email(m[0], instead), text)
        text = phones.replaced(text, lambda written: _grouped(written, instead), known)
        if "+" in text or "%2B" in text:
            text = _PHONE.sub(lambda m: _phone(m[0], instead), text)
        if "phone" in small or "mobile" in small:
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


def challenge(value: str, instead: Instead, change: Callable[[str], str]) -> str:
    """The value of a header that asks for credentials: what it gives away is replaced, what it says is changed."""

    def parameter(match: re.Match[str]) -> str:
        name, equals, said = match.groups()
        return f"{name}{equals}{change(said) if name.lower() in _ASKING else _once(Kind.SECRET, said, said, instead)}"

    return _PARAMETER.sub(parameter, _LONE_TOKEN.sub(lambda m: _once(Kind.SECRET, m[0], m[0], instead), value))


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a target's texts must not show. `secrets` maps a secret to what is shown instead.

    `memory`, where there is one, learns what stood in the place of everything that was shown: `restore` puts it back.
    `phone` says of a number that nothing else gives away whether it is somebody's, `sent` whether one in an answer is
    somebody's whom the judge made up.
    """

    secrets: Mapping[str, str]
    headers: frozenset[str] = SECRET_HEADERS
    personal: bool = False
    memory: dict[str, str] | None = None
    phone: Callable[[str], bool] | None = None
    sent: Callable[[str], bool] | None = None

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
        # A field of a form is replaced as it is written, so that it can be put back like that.
        text = substituted(text, self._instead, secrets=bool(self.headers), personal=self.personal, read=str)
        phone = self.phone
        if phone is None:
            return text
        return NUMBER.sub(lambda m: self._instead(Kind.PHONE, m[0]) if phone(m[0]) else m[0], text)

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same exchange with nothing in it that must not be shown."""
        request, response = exchange.request, exchange.response
        echo = _echo(said(request)) if self.personal else ()
        headers = {name: self._repeated(value, echo) for name, value in self._headers(response.headers).items()}
        body = on_text(response.body, lambda text: self._repeated(self.text(text), echo))
        return replace(
            exchange, request=self.request(request), response=Response(response.status, headers, body, response.seconds)
        )

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
            for form in (value, quote(value, safe=""), unquote_plus(value)):
                self.memory.update((digest(one, form), form) for one in Kind)
        return digest(kind, value)

    def _repeated(self, text: str, echo: Iterable[tuple[re.Pattern[str], str]]) -> str:
        """A part of an answer without what it repeats of the request."""
        for pattern, form in echo:
            if pattern.search(text):
                text = pattern.sub(self._instead(Kind.SECRET, form), text)
        sent = self.sent
        if sent is None:
            return text
        return NUMBER.sub(lambda m: self._instead(Kind.PHONE, m[0]) if sent(m[0]) else m[0], text)

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


def said(request: Request) -> frozenset[str]:
    """The secrets of a request, as far as they can be told from other words."""
    found = set()

    def hear(kind: Kind, value: str) -> str:
        if kind is Kind.SECRET and len(value) >= TOKEN and not value.startswith(MARK) and len(set(value)) > 2:
            found.add(value)
        return value

    for text in (request.url, request.body.rstrip(b" ").decode("utf-8", "surrogateescape")):
        substituted(text, hear, personal=False)
    for name, value in request.headers.items():
        if name.lower() in SECRET_HEADERS:
            credential(name, value, hear)
    return frozenset(found)


@functools.lru_cache(maxsize=64)
def _echo(secrets: frozenset[str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Where each secret is repeated, plain or percent-encoded, and what was."""
    forms = {
        form: value if form in (value, in_json(value)) else form
        for value in sorted(secrets)
        for form in (quote(value, safe=""), in_json(value), value)
    }
    return tuple(
        (re.compile(rf"{EDGE}{re.escape(form)}(?![A-Za-z0-9])"), shown)
        for form, shown in sorted(forms.items(), key=lambda one: (-len(one[0]), one[0]))
    )


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
    shown = instead(kind, value)
    return written if shown == value else shown


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
    value = unquote(written) if encoded else unescaped(written)
    shown = _once(Kind.EMAIL, value, written, instead)
    return shown.replace("@", "%40") if encoded else shown


def _grouped(written: str, instead: Instead) -> str:
    if PHONE_MARK in written:
        return written
    plus, _, rest = written.rpartition("+")
    return f"{plus}+{instead(Kind.PHONE, rest)}" if "+" in written else instead(Kind.PHONE, written)


def _phone(written: str, instead: Instead) -> str:
    plus, digits = ("%2B", written[3:]) if written.startswith("%2B") else ("+", written[1:])
    return plus + _once(Kind.PHONE, digits, digits, instead)
