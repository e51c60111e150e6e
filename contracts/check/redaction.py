"""Takes secrets and personal data out of everything that is written down.

Personal data are replaced by values of the same form (an email by an email, a phone number by a phone number), the same
value always by the same one, so that a recording can still be judged: formats hold, equal stays equal. What was
replaced once is left alone, so that redacting twice changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from contracts.check.exchange import Exchange, Request, Response
from contracts.check.target import Target

# Headers whose value opens something, whoever made it up.
SECRET_HEADERS = frozenset({
    "authorization", "proxy-authorization", "cookie", "set-cookie", "x-clientid", "x-api-key", "x-auth-token",
    "x-mock-token", "x-cap-api-oauth-token", "x-cap-api-auth-key",
})  # fmt: skip
_NAMES = r"access_token|refresh_token|client_secret|password|secret|signature|token|api_key|key"
_JSON_SECRET = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_FORM_SECRET = re.compile(rf"((?:^|[?&])(?:{_NAMES}|username|client_id)=)([^&\s\"']*)", re.IGNORECASE)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+(?:@|%40)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_PHONE = re.compile(r"(?<![A-Za-z0-9])(?:\+|%2B)[1-9][0-9]{4,14}(?![0-9])")
_MARK = "redacted-"
_PHONE_MARK = "+1555000"


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a target's texts must not show. `secrets` maps a secret to what is shown instead."""

    secrets: Mapping[str, str]
    headers: frozenset[str] = SECRET_HEADERS
    personal: bool = False

    @classmethod
    def of(cls, target: Target, *, personal: bool = False) -> Redaction:
        """For a target; `personal` takes personal data out as well. Published test credentials are no secret."""
        if target.published and not personal:
            return cls({}, frozenset())
        names = {name.lower() for credential in target.credentials.values() for name in credential.headers}
        known = dict(target.secrets)
        if target.published:
            values = (value for credential in target.credentials.values() for value in credential.headers.values())
            known |= {value.rpartition(" ")[2]: "$SECRET" for value in values if "{token}" not in value}
        return cls(known, SECRET_HEADERS | (names - {"accept-version"}), personal)

    def text(self, text: str) -> str:
        """A text without secrets, and without personal data where they are to go."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            for form in {secret, quote(secret, safe=""), secret.replace("\\", "\\\\").replace('"', '\\"')}:
                text = text.replace(form, self.secrets[secret])
        if self.headers:
            text = _JSON_SECRET.sub(lambda m: f'{m[1]}"{_secret(m[2])}"', text)
            text = _FORM_SECRET.sub(lambda m: f"{m[1]}{_secret(m[2])}", text)
        if self.personal:
            text = _EMAIL.sub(lambda match: _email(match[0]), text)
            text = _PHONE.sub(lambda match: _phone(match[0]), text)
        return text

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same exchange with nothing in it that must not be shown."""
        request, response = exchange.request, exchange.response
        return replace(
            exchange,
            request=Request(
                request.method, self.text(request.url), self._headers(request.headers), self._bytes(request.body)
            ),
            response=Response(
                response.status, self._headers(response.headers), self._bytes(response.body), response.seconds
            ),
        )

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            name: self._secret_header(value) if name.lower() in self.headers else self.text(value)
            for name, value in headers.items()
        }

    def _secret_header(self, value: str) -> str:
        shown = self.text(value)
        if "$" in shown:
            return shown
        scheme, space, rest = shown.partition(" ")
        if scheme == "Basic":
            return f"Basic {_basic(rest)}"
        return f"{scheme} {_secret(rest)}" if space else _secret(shown)

    def _bytes(self, body: bytes) -> bytes:
        # surrogateescape keeps bytes that are no text as they are: they must come back as they went.
        return self.text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _secret(text: str) -> str:
    if not text or text.startswith((_MARK, "$")):
        return text
    return f"{_MARK}{_digest(text)[:8]}"


def _basic(text: str) -> str:
    """User name and password, each replaced, encoded again: it must still be read as Basic credentials."""
    try:
        user, _, password = base64.b64decode(text, validate=True).decode().partition(":")
    except ValueError:
        return _secret(text)
    return base64.b64encode(f"{_secret(user)}:{_secret(password)}".encode()).decode()


def _email(text: str) -> str:
    if text.startswith(_MARK):
        return text
    at = "%40" if "%40" in text and "@" not in text else "@"
    return f"{_MARK}{_digest(unquote(text))[:12]}{at}example.com"


def _phone(text: str) -> str:
    plus, digits = ("%2B", text[3:]) if text.startswith("%2B") else ("+", text[1:])
    if f"+{digits}".startswith(_PHONE_MARK):
        return text
    number = int(_digest(digits)[:12], 16) % 10**7
    return f"{plus}{_PHONE_MARK[1:]}{number:07d}"
