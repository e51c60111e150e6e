"""Targets: which server, which credentials, which real ids, and what the judge may do to it."""

from __future__ import annotations

import base64
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import orjson

from contracts.findings import shown
from contracts.target.header_syntax import header_fault, url_fault
from contracts.target.subject import Subject
from contracts.target.vocabulary import faults
from openapi.source import nearest

SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "targets.schema.json"
# What a bare URL takes as ids and credentials: the published test data of the stub.
PUBLISHED = Path(__file__).resolve().parents[1] / "published.toml"
DEFAULT_FILE = "targets.toml"
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# A host with a port or a path, or one that can be no name of a target.
_HOST = re.compile(r"(localhost|[\w.-]+\.\w+|\[[0-9a-fA-F:]+\]|[\w.-]+(?=:\d))(:\d+)?(/\S*)?")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a table",
    "string": "a text",
}
_PATTERNS = {
    "url": "must begin with http:// or https://, and have no query and no fragment",
    "token": "must be a JSON Pointer into the answer, as /access_token",
}
# Requests a second that nobody minds.
POLITE = 10.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TargetError(ValueError):
    """A target that cannot be used as it is written; the text says where and what would be right."""


@dataclass(frozen=True, slots=True)
class Login:
    """How a token is had: an operation, its JSON or form body, and where the token stands in the answer."""

    operation: str
    token: str
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credential:
    """What opens the target: headers, in which `{token}` stands for what the login gave. Secrets are never shown."""

    name: str
    headers: Mapping[str, str] = field(repr=False)
    login: Login | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One server under judgement.

    `url` is the provider's base URL. `data` are real ids by name, `credentials` by name, `default` among them.
    `writes` says whether the judge may change anything. `control` says whether it may ask for the control API.
    `rate` is requests a second, POLITE where nobody says and the target is not on this machine; `requests` and
    `seconds` are the budget; None is no limit of the target's own.
    `longest_job` is the seconds after which every job is at rest; None where nobody knows.
    `secrets` maps each secret text to what is shown instead of it.
    """

    name: str
    provider: str
    url: str
    credentials: Mapping[str, Credential] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)
    writes: bool = False
    control: bool = False
    control_token: str = field(default="", repr=False)
    rate: float | None = None
    requests: int | None = None
    seconds: float | None = None
    longest_job: float | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    published: bool = False

    @property
    def local(self) -> bool:
        """Whether the target is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK

    def lacks(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """The needs that this target does not meet: names of data, or `credential:NAME`."""
        return tuple(
            need
            for need in needs
            if (
                need.removeprefix("credential:") not in self.credentials
                if need.startswith("credential:")
                else need not in self.data
            )
        )


def find_target(
    subject: Subject, said: str, file: Path | None = None, environ: Mapping[str, str] | None = None
) -> Target:
    """The target of `--target`: a URL, or a name in the targets file. Raises TargetError."""
    environ = os.environ if environ is None else environ
    if "://" in said:
        return bare_target(subject.name, said)
    path = file or Path(DEFAULT_FILE)
    if not path.is_file() and _HOST.fullmatch(said):
        raise TargetError(f"the target '{said}' has no scheme: write http://{said}, or https://{said}")
    tables = read_targets(path)
    if said not in tables:
        raise TargetError(f"{shown(path)} has no target '{said}' ({nearest(said, tables) or 'it is empty'})")
    table, reader = tables[said], _Reader(path, said, environ)
    if "url" not in table:
        raise reader.fault((), "has no url")
    if words := url_fault(table["url"]):
        raise reader.fault(("url",), words)
    for at, words in faults(subject, read_targets(PUBLISHED).get(subject.name, {}), table):
        raise reader.fault(at, words)
    return reader.target(subject.name, table)


def bare_target(provider: str, url: str) -> Target:
    """A URL with our published test data. Written to on loopback only."""
    if words := url_fault(url):
        raise TargetError(f"the target's URL {words}")
    local = urlsplit(url).hostname in _LOOPBACK
    table = read_targets(PUBLISHED).get(provider, {})
    reader = _Reader(PUBLISHED, provider, {}, published=True)
    return reader.target(provider, {**table, "url": url, "writes": local, "control": local})


def read_targets(path: Path) -> dict[str, dict[str, Any]]:
    """Every table of a targets file, as it is written. Raises TargetError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TargetError(f"there is no targets file {shown(path)}; a target is a URL or a name in it") from None
    except OSError as error:
        raise TargetError(f"{shown(path)} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TargetError(f"{shown(path)} cannot be read: it is no text in UTF-8") from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{shown(path)} is not TOML: {error}") from None
    validator = jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA.read_bytes()), validate_formats=True)
    for fault in validator.iter_errors(tables):
        raise TargetError(_complaint(path, text, fault))
    return tables


def _complaint(path: Path, text: str, error: Any) -> str:
    at, kind = [str(token) for token in error.instance_path], error.kind
    words = error.message
    if kind.name == "additionalProperties":
        at.append(kind.unexpected[0])
        words = f"is nothing that can stand here ({nearest(at[-1], _known(error))})"
    elif kind.name == "type":
        words = f"must be {' or '.join(_TYPES[one] for one in kind.types)}"
    elif kind.name == "required":
        words = f"has no {kind.property}"
    elif kind.name == "exclusiveMinimum":
        words = f"must be more than {kind.limit}"
    elif kind.name == "minimum":
        words = f"must be at least {kind.limit}"
    elif kind.name == "pattern":
        words = _PATTERNS.get(at[-1], words)
    return f"{_place(path, text, at)} {words}"


def _place(path: Path, text: str, at: Sequence[str]) -> str:
    return f"{shown(path)}:{_line(text, list(at))}: {'.'.join(at) or 'the file'}"


def _known(error: Any) -> list[str]:
    schema: Any = orjson.loads(SCHEMA.read_bytes())
    for token in list(error.schema_path)[:-1]:
        schema = schema[token] if isinstance(schema, dict) else schema[int(token)]
        if isinstance(schema, dict) and "$ref" in schema:
            schema = orjson.loads(SCHEMA.read_bytes())["$defs"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", ())) if isinstance(schema, dict) else []


def _line(text: str, path: list[str]) -> int:
    """The line of the deepest key of a path that can be found, from the top on. TOML readers give no positions."""
    lines, found = text.splitlines(), 1
    for key in path:
        pattern = re.compile(rf"[\[.\"'\s{{,]?{re.escape(key)}[\]\"'\s.=]")
        for number in range(found, len(lines) + 1):
            if pattern.search(f" {lines[number - 1]} "):
                found = number
                break
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns one table into a target; `environ` resolves `${NAME}`."""

    path: Path
    name: str
    environ: Mapping[str, str]
    published: bool = False

    def target(self, provider: str, table: Mapping[str, Any]) -> Target:
        tables = table.get("credentials") or {}
        credentials = {name: self._credential(name, value) for name, value in tables.items()}
        token_variable = table.get("control_token", "")
        return Target(
            name=self.name if not self.published else table["url"],
            provider=provider,
            url=table["url"].rstrip("/"),
            credentials=credentials,
            data=table.get("data") or {},
            writes=table.get("writes", False),
            control=table.get("control", False),
            control_token=self._header(("control_token",), token_variable) if token_variable else "",
            rate=table.get("rate", None if urlsplit(table["url"]).hostname in _LOOPBACK else POLITE),
            requests=table.get("requests"),
            seconds=table.get("seconds"),
            longest_job=table.get("longest_job"),
            secrets=dict(self._secrets(table)),
            published=self.published,
        )

    def fault(self, at: Sequence[str], words: str) -> TargetError:
        """What is wrong at a place of this table."""
        text = "" if self.published else self.path.read_text(encoding="utf-8")
        return TargetError(f"{_place(self.path, text, [self.name, *at])} {words}")

    def _credential(self, name: str, table: Mapping[str, Any]) -> Credential:
        at = ("credentials", name)
        headers = self._headers((*at, "headers"), table.get("headers", {}))
        return Credential(name, headers, self._login((*at, "login"), table.get("login")))

    def _login(self, at: tuple[str, ...], table: Mapping[str, Any] | None) -> Login | None:
        if table is None:
            return None
        said = {
            part: {key: self._resolve(value, (*at, part, key), secret=False) for key, value in fields.items()}
            for part in ("body", "form")
            if (fields := table.get(part)) is not None
        }
        headers = self._headers((*at, "headers"), table.get("headers", {}), secret=False)
        return Login(table["operation"], table["token"], said.get("body"), said.get("form"), headers)

    def _headers(self, at: tuple[str, ...], table: Mapping[str, str], *, secret: bool = True) -> dict[str, str]:
        return {name: self._header((*at, name), text, secret=secret) for name, text in table.items()}

    def _header(self, at: tuple[str, ...], text: str, *, secret: bool = True) -> str:
        """The value of a header, which cannot hold everything that a variable can."""
        value = self._resolve(text, at, secret=secret)
        encoded = text.startswith("Basic ")
        for variable in _VARIABLE.findall(text):
            if words := header_fault(self.environ.get(variable, ""), encoded=encoded):
                raise self.fault(at, f"cannot be sent: the environment variable {variable} has {words} in it")
        if not _HEADER.fullmatch(at[-1]):
            raise self.fault(at, "is no name of a header")
        if words := header_fault(value, encoded=encoded):
            raise self.fault(at, f"cannot be sent: it has {words} in it")
        return _basic(value)

    def _resolve(self, text: str, at: tuple[str, ...], *, secret: bool = True) -> str:
        if self.published:
            return text
        if secret and not _VARIABLE.search(text) and "{token}" not in text:
            raise self.fault(at, "holds its secret itself; name an environment variable: '${NAME}'")

        def value(match: re.Match[str]) -> str:
            if not self.environ.get(match[1]):
                raise self.fault(at, f"needs the environment variable {match[1]}")
            return self.environ[match[1]]

        return _VARIABLE.sub(value, text)

    def _secrets(self, value: Any) -> Iterator[tuple[str, str]]:
        """Every secret this table names, and what a shell makes it of, to show instead."""
        if isinstance(value, Mapping):
            for member in value.values():
                yield from self._secrets(member)
        elif isinstance(value, str):
            for variable in _VARIABLE.findall(value):
                if self.environ.get(variable):
                    yield self.environ[variable], f"${variable}"
            if value.startswith("Basic ") and _VARIABLE.search(value) and not self.published:
                pair = value.removeprefix("Basic ")
                yield _basic(self._resolve(value, ()))[6:], f"$(printf %s \"{pair}\" | base64 | tr -d '\\n')"


def _basic(value: str) -> str:
    """`Basic user:password` as it goes on the wire; anything else unchanged."""
    scheme, _, rest = value.partition(" ")
    if scheme == "Basic" and ":" in rest:
        return f"Basic {base64.b64encode(rest.encode()).decode()}"
    return value
