"""Builds requests from the contract: parameters and credentials by name, the rest from the target's data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from contracts.target.exchange import Exchange, NotJsonError, Request
from contracts.target.header_syntax import header_fault
from contracts.target.subject import Subject
from contracts.target.target import Credential, Target
from contracts.target.transport import Transport, UnreachableError
from openapi.contract import Operation
from openapi.library import Address
from openapi.parameters import Parameter
from openapi.paths import Router, Template
from openapi.pointer import PointerError, resolve
from openapi.sample import UnmadeError


class Unset:
    """Not said: the default applies. None leaves a parameter or the body out."""


UNSET = Unset()


class NothingToSendError(LookupError):
    """Neither the contract nor the target's data say what to send; the text says for which parameter."""


class RefusedError(Exception):
    """The target refuses our credentials; the text says which and how."""


# The session in the path of a URL: `/~NAME`.
_SESSION = re.compile(r"^/~[A-Za-z0-9._-]+(?=/|$)")


@dataclass(slots=True)
class Client:
    """Sends operations of one contract to one target. `uses` maps parameters to names of data (see laws.law.Laws)."""

    subject: Subject
    target: Target
    transport: Transport
    uses: Mapping[str, str] = field(default_factory=dict)
    # The shortest time in which a job of each submitting operation came to rest, in seconds: what polls can spare.
    durations: dict[str, float] = field(default_factory=dict)
    # The submitting operations of which a job was waited for in vain, and what is said of that.
    restless: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def request(
        self,
        base: str,
        operation: Operation,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = UNSET,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        credential: str | None = "default",
    ) -> Request:
        """The request of an operation. What is not given comes from the target's data; None leaves it out.

        `content` is sent as it is. Raises NothingToSendError for a required parameter that nothing gives a value for.
        """
        given = {"path": dict(path or {}), "query": dict(query or {}), "header": dict(headers or {}), "cookie": {}}
        for parameter in operation.parameters:
            values = given.setdefault(parameter.location, {})
            if parameter.required and not any(name.lower() == parameter.name.lower() for name in values):
                values[parameter.name] = self.default(operation, parameter)
        sent: dict[str, str] = {"Accept": "application/json"} if _json_only(operation) else {"Accept": "*/*"}
        sent.update(self.headers(credential, base))
        for name, value in given["header"].items():
            sent = {key: old for key, old in sent.items() if key.lower() != name.lower()}
            if value is not None:
                sent[name] = str(value)
        data, kind = self._body(operation, body, form, content)
        if kind and not any(name.lower() == "content-type" for name in {**sent, **given["header"]}):
            sent["Content-Type"] = kind
        return Request(operation.method, base + _path(operation, given["path"]) + _query(given["query"]), sent, data)

    def headers(self, credential: str | None, base: str) -> dict[str, str]:
        """The headers of a credential by name; None sends none. Raises NothingToSendError, RefusedError."""
        if credential is None or (credential == "default" and not self.target.credentials):
            return {}
        if credential not in self.target.credentials:
            raise NothingToSendError(f"the target has no credential '{credential}'")
        found = self.target.credentials[credential]
        token = self._token(found, base) if found.login else ""
        return {name: value.replace("{token}", token) for name, value in found.headers.items()}

    def default(self, operation: Operation, parameter: Parameter) -> Any:
        """What a required parameter gets when nobody says. Raises NothingToSendError."""
        library = self.subject.contract.library
        value = library.value(parameter.address)
        _, schema = library.follow(parameter.schema) if parameter.schema else (None, {})
        if isinstance(schema, dict) and "const" in schema:
            return schema["const"]
        known = self.datum(operation.id, parameter.name)
        if known is not None:
            return known
        for place in (value, schema):
            for sample in (place.get("example"), *_examples(place)):
                if sample is not None:
                    return sample
        raise NothingToSendError(f"nothing says what to send as {parameter.location} parameter '{parameter.name}'")

    def datum(self, operation: str, name: str) -> Any:
        """The target's value for a parameter or property of an operation; None when it has none."""
        key = self.uses.get(f"{operation}.{name}") or self.uses.get(name) or name
        value = self.target.data.get(key)
        return value[0] if isinstance(value, list) and value else value

    def sample(self, operation: Operation) -> Any:
        """A valid body with the target's own ids in it: the contract's first example, or an instance of its schema.

        Raises NothingToSendError.
        """
        library = self.subject.contract.library
        if operation.body is None:
            raise NothingToSendError(f"{operation.id} takes no body")
        content = operation.body.address / "content"
        for media, shown in library.value(content).items():
            examples = [shown["example"]] if "example" in shown else []
            named = shown.get("examples") or {}
            examples += [library.follow(content / media / "examples" / name)[1].get("value") for name in named]
            if examples:
                return self._with_data(operation.id, examples[0])
        return self._with_data(operation.id, self._made(content / next(iter(operation.body.media)) / "schema"))

    def _made(self, schema: Address) -> Any:
        try:
            return self.subject.contract.sample(schema, "request")
        except UnmadeError as error:
            why = f"{schema.pointer} has no example, and none can be made: {error.problem}"
            raise NothingToSendError(why) from None
        except LookupError:
            raise NothingToSendError(f"{schema.pointer} says nothing of what to send") from None

    def _with_data(self, operation: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._member(operation, key, member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._with_data(operation, member) for member in value]
        return value

    def _member(self, operation: str, key: str, member: Any) -> Any:
        if isinstance(member, (dict, list)):
            return self._with_data(operation, member)
        known = self.datum(operation, key)
        return member if known is None or isinstance(known, (dict, list)) else known

    def _body(
        self, operation: Operation, body: Any, form: Mapping[str, str] | None, content: bytes | None
    ) -> tuple[bytes, str]:
        media = next(iter(operation.body.media), "application/json") if operation.body else "application/json"
        if content is not None:
            return content, media
        if form is not None:
            return urlencode(form).encode(), "application/x-www-form-urlencoded"
        if isinstance(body, Unset):
            if operation.body is None or not operation.body.required:
                return b"", ""
            body = self.sample(operation)
        if body is None:
            return b"", ""
        if media == "application/x-www-form-urlencoded":
            return urlencode(body).encode(), media
        return orjson.dumps(body), media

    def _token(self, credential: Credential, base: str) -> str:
        login = credential.login
        assert login is not None
        if credential.name not in self._tokens:
            operation = self.subject.operation(login.operation)
            said: dict[str, Any] = {"body": login.body} if login.body is not None else {"form": login.form or {}}
            request = self.request(base, operation, headers=login.headers, credential=None, **said)
            exchange = self.transport.exchange(request)
            answered = f"{login.operation} answers {exchange.status} for the credential '{credential.name}'"
            try:
                found = resolve(exchange.json, login.token)
            except (NotJsonError, PointerError):
                raise RefusedError(f"{answered} without {login.token}") from None
            # Another credential may be one that gets none, as before a second factor.
            token = "" if found is None else str(found)
            if header_fault(token) or (credential.name == "default" and not token):
                raise RefusedError(f"{answered}, and its {login.token} is nothing that a header can hold")
            self._tokens[credential.name] = token
        return self._tokens[credential.name]


@dataclass(frozen=True, slots=True)
class Matcher:
    """Which operation a request is of, by method and path, below a base URL; sessions of the URL are passed over."""

    prefix: str
    router: Router[str]

    @classmethod
    def of(cls, subject: Subject, base: str) -> Matcher:
        routes = ((operation.path, operation.method, operation.id) for operation in subject.contract.operations)
        return cls(_SESSION.sub("", urlsplit(base).path.rstrip("/")), Router(routes))

    def identify(self, method: str, url: str) -> str:
        """The operationId, or "" for a request that is none of the contract's."""
        path = _SESSION.sub("", urlsplit(url).path)
        if not path.startswith(self.prefix):
            return ""
        try:
            match = self.router.match(path[len(self.prefix) :])
        except UnicodeDecodeError:
            return ""
        return match.methods.get(method, "") if match else ""


def _path(operation: Operation, values: Mapping[str, Any]) -> str:
    return Template(operation.path).expand(lambda name: _text(values[name]))


def _query(values: Mapping[str, Any]) -> str:
    pairs = [
        (name, _text(one))
        for name, value in values.items()
        if value is not None
        for one in (value if isinstance(value, (list, tuple)) else [value])
    ]
    return f"?{urlencode(pairs)}" if pairs else ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _examples(place: Mapping[str, Any]) -> list[Any]:
    examples = place.get("examples")
    if isinstance(examples, list):
        return examples
    return [member.get("value") for member in (examples or {}).values() if isinstance(member, dict)]


def _json_only(operation: Operation) -> bool:
    success = operation.success
    return success is None or "application/json" in success.media


def reachable(client: Client, base: str) -> Exchange:
    """One harmless request, to see that the target answers. Raises UnreachableError."""
    operation = next((o for o in client.subject.contract.operations if o.method == "GET"), None)
    if operation is None:
        raise UnreachableError("the contract has no GET operation to ask")
    return client.transport.exchange(client.request(base, operation, credential="default"))
