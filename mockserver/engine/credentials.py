"""Who is asking: credentials of the simulation, tokens the stub minted itself, and the scopes an operation needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from mockserver.core.clock import SECOND
from mockserver.core.journal import Reason
from mockserver.engine.answer import Refusal
from mockserver.engine.simulation import Credential, Simulation
from openapi.contract import Contract, Operation

NOBODY = Credential("")
Headers = Mapping[str, str]
# Values of the query by name; a name may be repeated.
Query = Mapping[str, Sequence[str]]
# Text of a credential as it travels, and the instant -> whom it stands for, or None.
Lookup = Callable[[str, int], Credential | None]


@dataclass(frozen=True, slots=True)
class _Scheme:
    """How one security scheme finds its credential in a request."""

    name: str
    present: Callable[[Headers, Query], str | None]
    lookup: Callable[[str, TokenKey, int], Credential | None]


@dataclass(frozen=True, slots=True)
class _Demand:
    """One scheme of an alternative, with the scopes it needs. `names_scopes`: the contract itself names some."""

    scheme: _Scheme
    scopes: tuple[str, ...]
    names_scopes: bool


@dataclass(frozen=True, slots=True)
class TokenKey:
    """What signs the tokens of one provider in one session: they open nothing else."""

    secret: bytes
    session: str


def token_key(seed: int, session: str) -> TokenKey:
    return TokenKey(hashlib.blake2b(f"{seed}".encode(), digest_size=32).digest(), session)


_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


def mint(key: TokenKey, credential: Credential, issued: int, lifetime: int, number: int = 0) -> str:
    """A JSON Web Token (RFC 7519, HS256) for a credential, valid for `lifetime` seconds from the instant `issued`.

    Tokens of one instant differ by their `number`.
    """
    issued_at = issued // SECOND
    claims = {
        "sub": credential.name,
        "iat": issued_at,
        "exp": issued_at + lifetime,
        "scope": " ".join(sorted(credential.scopes)),
        "tenant": credential.tenant,
        "session": key.session,
        "jti": str(number),
    }
    signed = _HEADER + b"." + base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=")
    return (signed + b"." + _signature(key, signed)).decode()


def open_token(key: TokenKey, token: str, now: int) -> Credential | None:
    """Whom a token stands for; `expired` is set when its time is over. None if the session did not mint it."""
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    if header != _HEADER.decode() or not token.isascii():
        return None
    if not hmac.compare_digest(_signature(key, signed.encode()), signature.encode()):
        return None
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if claims["session"] != key.session:
        return None
    scopes = frozenset(claims["scope"].split())
    return Credential(claims["sub"], scopes, claims["tenant"], expired=now >= claims["exp"] * SECOND)


def _signature(key: TokenKey, signed: bytes) -> bytes:
    digest = hmac.new(key.secret, key.session.encode() + b"." + signed, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


class Guard:
    """Checks the security of one provider's operations."""

    def __init__(self, contract: Contract, simulation: Simulation) -> None:
        schemes = {
            name: _scheme(name, scheme, simulation.credentials.get(name)) for name, scheme in contract.schemes.items()
        }
        unpublished = simulation.scopes
        self._options = {
            operation.id: [
                [
                    _Demand(schemes[name], (*scopes, *unpublished.get(name, ())), bool(scopes))
                    for name, scopes in option.items()
                ]
                for option in operation.security
            ]
            for operation in contract.operations
        }
        self.secret_headers = frozenset(
            scheme["name"].lower() for scheme in contract.schemes.values() if scheme.get("in") == "header"
        )
        self.secret_query = frozenset(
            scheme["name"] for scheme in contract.schemes.values() if scheme.get("in") == "query"
        )

    def check(self, operation: Operation, headers: Headers, query: Query, key: TokenKey, now: int) -> Credential:
        """Who is asking. Raises Refusal: `unauthenticated`, `unknown_credentials`, `expired`, `forbidden`.

        Of several alternatives the first that is satisfied counts; of several schemes in one, the one with the scopes.
        """
        refusal: Refusal | None = None
        for option in self._options[operation.id]:
            try:
                return _identified(option, headers, query, key, now)
            except Refusal as refused:
                if refusal is None or refused.problem != "unauthenticated":
                    refusal = refused
        if refusal is not None:
            raise refusal
        return NOBODY


def _identified(option: Sequence[_Demand], headers: Headers, query: Query, key: TokenKey, now: int) -> Credential:
    """Whom the credentials of one alternative stand for. Raises Refusal for the first demand that is not met."""
    found = NOBODY
    for demand in option:
        scheme = demand.scheme
        text = scheme.present(headers, query)
        if text is None:
            raise _refused("unauthenticated", f"no credentials for '{scheme.name}'")
        credential = scheme.lookup(text, key, now)
        if credential is None:
            raise _refused("unknown_credentials", f"unknown credentials for '{scheme.name}'")
        if credential.expired:
            raise _refused("expired", f"the credentials for '{scheme.name}' are expired")
        for scope in demand.scopes:
            if scope not in credential.scopes:
                raise _refused("forbidden", f"the scope '{scope}' is missing")
        if demand.names_scopes or found is NOBODY:
            found = credential
    return found


def _refused(problem: str, why: str) -> Refusal:
    return Refusal(problem, reasons=(Reason("header", "", why),))


def _scheme(name: str, scheme: Mapping[str, str], known: Mapping[str, Credential] | None) -> _Scheme:
    kind, http = scheme.get("type"), scheme.get("scheme", "").lower()
    if kind == "http" and http == "basic":
        return _Scheme(name, _authorization("basic"), _basic_lookup(name, known))
    if kind == "apiKey":
        return _Scheme(name, _api_key(scheme["in"], scheme["name"]), _token_lookup(name, known))
    return _Scheme(name, _authorization("bearer"), _token_lookup(name, known))


def _authorization(kind: str) -> Callable[[Headers, Query], str | None]:
    def present(headers: Headers, query: Query) -> str | None:
        text = headers.get("authorization")
        if text is None:
            return None
        scheme, _, credential = text.partition(" ")
        return credential.strip() if scheme.lower() == kind and credential.strip() else None

    return present


def _api_key(location: str, name: str) -> Callable[[Headers, Query], str | None]:
    if location == "header":
        key = name.lower()
        return lambda headers, query: headers.get(key) or None
    if location == "query":
        return lambda headers, query: (query.get(name) or (None,))[0] or None
    prefix = f"{name}="

    def cookie(headers: Headers, query: Query) -> str | None:
        parts = (part.strip() for part in headers.get("cookie", "").split(";"))
        return next((part[len(prefix) :] for part in parts if part.startswith(prefix)), None) or None

    return cookie


def _token_lookup(
    scheme: str, known: Mapping[str, Credential] | None
) -> Callable[[str, TokenKey, int], Credential | None]:
    """Without a table in the simulation (a document nobody wrote one for) every credential opens."""
    if known is None:
        return lambda text, key, now: Credential(text, _Everything(), scheme=scheme)

    def lookup(text: str, key: TokenKey, now: int) -> Credential | None:
        if (found := known.get(text)) is not None:
            return found
        minted = open_token(key, text, now)
        return replace(minted, scheme=scheme) if minted else None

    return lookup


def _basic_lookup(
    scheme: str, known: Mapping[str, Credential] | None
) -> Callable[[str, TokenKey, int], Credential | None]:
    accepted = {user: _passwords(credential) for user, credential in (known or {}).items()}

    def lookup(text: str, key: TokenKey, now: int) -> Credential | None:
        try:
            user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
        except ValueError:
            return None
        if known is None:
            return Credential(user, _Everything(), scheme=scheme) if colon and user else None
        sent = password.encode()
        return known[user] if any(hmac.compare_digest(sent, wanted) for wanted in accepted.get(user, ())) else None

    return lookup


def _passwords(credential: Credential) -> list[bytes]:
    """What may travel as the password of a credential: its digest, or itself, or either."""
    if credential.password is None:
        return []
    plain = credential.password.encode()
    digests = [hashlib.md5(plain, usedforsecurity=False).hexdigest().encode()] if credential.digest == "md5" else []
    return digests if digests and not credential.plain else [*digests, plain]


class _Everything(frozenset[str]):
    """Every scope there is."""

    def __contains__(self, scope: object) -> bool:
        return True
