"""What is shown of an exchange, and of a message about it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

import orjson

from contracts.redaction.stand_ins import StandIns
from contracts.redaction.vocabulary import Vocabulary
from contracts.target.exchange import Exchange, Request, Response
from contracts.target.subject import Subject
from contracts.target.target import Target

# Headers that open something: of their values not even a stand-in is shown, but a name for a shell to expand.
CREDENTIALS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
    | {"x-mock-token"}
)
# Headers that say how a message travels, and nothing of anybody.
_HARMLESS = re.compile(
    r"accept(-charset|-encoding|-language|-ranges)?|access-control-.*|age|allow|alt-svc|cache-control|connection|"
    r"content-(encoding|language|length|type)|date|deprecation|expires|keep-alive|last-modified|pragma|"
    r"(x-)?rate-?limit.*|retry-after|server|strict-transport-security|sunset|te|trailer|transfer-encoding|upgrade|"
    r"vary|x-content-type-options|x-frame-options"
)
_SCHEME = re.compile(r"(?i)(bearer|basic|digest|negotiate|token|apikey) (?=.)")
# A name that stands for a credential already, in a recording of ours.
_PLACEHOLDER = re.compile(r"\$[A-Z][A-Z0-9_]*|\$\(printf %s .*\)")
_DATE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DATES = re.compile(_DATE)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?|true|false", re.IGNORECASE)
# A date, or a run of what words and addresses are made of.
_RUN = re.compile(rf"(?<![\w-]){_DATE}(?![\w-])|[\w@.+~-]+")
_WORD = re.compile(r"[\w-]+")
# A string of JSON, with whether it is a name; or a number that is long enough to be somebody's.
_JSON = re.compile(r'"((?:[^"\\]++|\\.)*+)"(\s*:)?|(?<![\w.+-])[0-9]{7,}(?![\w.])')
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*|/\S+")
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)')
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|`[^`]*`")

# Characters of a field of a form that is not decoded.
LONG = 100_000

Say = Callable[[str], str]


@dataclass(slots=True)
class Redactor:
    """Shows what the contract pins, and a stand-in for everything else, the same one always for the same text.

    `hidden` maps the target's secrets to what is shown instead, text that a shell expands. `numbers` are the numbers
    of the target's own data. Where `raw`, nothing that the target says is secret or personal, and all is shown.
    """

    vocabulary: Vocabulary
    contract: Mapping[str, str]
    hidden: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: frozenset[str] = CREDENTIALS
    hosts: frozenset[str] = frozenset()
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    raw: bool = False
    stand_ins: StandIns = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.stand_ins = StandIns(secrets.token_bytes(32), () if self.raw else self.vocabulary.forms)

    @classmethod
    def of(cls, subject: Subject, *targets: Target) -> Redactor:
        """What is shown of one or several targets. Those that play published data, on this machine, have no secrets."""
        raw = all(target.published and target.local for target in targets)
        credentials = [one for target in targets for one in target.credentials.values()]
        vocabulary = Vocabulary() if raw else Vocabulary.of(subject)
        vocabulary.pinned.update(part for target in targets for part in urlsplit(target.url).path.split("/"))
        return cls(
            vocabulary=vocabulary,
            contract={operation.id: operation.path for operation in subject.contract.operations},
            hidden={} if raw else {text: name for target in targets for text, name in target.secrets.items()},
            headers=CREDENTIALS | {name.lower() for one in credentials for name in one.headers},
            hosts=frozenset(urlsplit(target.url).netloc for target in targets),
            numbers=frozenset(_numbers([target.data for target in targets])),
            raw=raw,
        )

    @property
    def placeholders(self) -> frozenset[str]:
        """What is shown instead of credentials: text that a shell expands."""
        return frozenset() if self.raw else frozenset({*self.hidden.values(), *map(_placeholder, self.headers)})

    def exchange(self, exchange: Exchange) -> Exchange:
        """The same exchange with nothing in it that must not be shown."""
        if self.raw:
            return exchange
        response = exchange.response
        body = self._body(response.body, exchange.header("content-type"))
        headers = {name: self._header(name, value) for name, value in response.headers.items()}
        return replace(
            exchange,
            request=self.request(exchange.request, exchange.operation),
            response=Response(response.status, headers, body, response.seconds),
        )

    def request(self, request: Request, operation: str = "") -> Request:
        """The same request with nothing in it that must not be shown."""
        if self.raw:
            return request
        headers = {name: self._header(name, value) for name, value in request.headers.items()}
        # What the control API of a stub is asked says nothing of anybody.
        if not operation and "/_mock/" in request.url and urlsplit(request.url).netloc in self.hosts:
            return Request(request.method, request.url, headers, request.body)
        body = self._body(request.body, request.header("content-type"))
        return Request(request.method, self._url(request.url, operation), headers, body)

    def message(self, text: str) -> str:
        """A text of the judge about exchanges that were redacted before, which quotes or repeats them."""
        if self.raw:
            return text
        text = self.without_secrets(text)
        parts, end = [], 0
        for quoted in _QUOTED.finditer(text):
            parts += [self._runs(text[end : quoted.start()], self._repeated), self._runs(quoted[0], self._quoted)]
            end = quoted.end()
        return "".join([*parts, self._runs(text[end:], self._repeated)])

    def without_secrets(self, text: str) -> str:
        """A text of ours without the secrets of the target, where they are words of their own."""
        for secret in sorted(self.hidden, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", lambda match: self.hidden[match[0]], text)
        return text

    def _body(self, body: bytes, content_type: str) -> bytes:
        if not body:
            return body
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return self.stand_ins.data(body)
        if text.lstrip()[:1] in ("{", "[", '"') and _is_json(body):
            return _JSON.sub(self._in_json, text).encode()
        if "x-www-form-urlencoded" in content_type:
            return self._pairs(text).encode()
        boundary = _BOUNDARY.search(content_type)
        parts = text.split(boundary[1]) if boundary else [text]
        return (boundary[1] if boundary else "").join(self._runs(part, self._public) for part in parts).encode()

    def _in_json(self, match: re.Match[str]) -> str:
        if match[1] is None:
            known = match[0] in self.numbers
            return self.stand_ins.word(match[0]) if known else match[0]
        text = json.loads(f'"{match[1]}"', strict=False) if "\\" in match[1] else match[1]
        shown = self._name(text) if match[2] else self._value(text)
        if shown == text:
            return match[0]
        return json.dumps(shown, ensure_ascii=not shown.isprintable()) + (match[2] or "")

    def _name(self, text: str) -> str:
        return text if self.vocabulary.names(text) else self._runs(text, self._public)

    def _value(self, text: str, say: Say | None = None) -> str:
        """A text that is a value as a whole. `say` is for the words of one that is not: by default none is public."""
        if text in self.hidden:
            return self.hidden[text]
        if text in self.vocabulary.pinned or _DATES.fullmatch(text):
            return text
        if _URL.fullmatch(text):
            return self._url(text)
        return self._runs(text, say or self.stand_ins.word)

    def _parameter(self, name: str, text: str) -> str:
        """The value of a parameter or a header by its name."""
        if name.lower() in self.vocabulary.numeric and _NUMBER.fullmatch(text):
            return text
        return self._value(text, self._public)

    def _header(self, name: str, value: str) -> str:
        key = name.lower()
        if key in self.headers:
            return self._credential(key, value)
        if _HARMLESS.fullmatch(key):
            return value
        if key == "host":
            return self._host(value)
        return self._parameter(key, value)

    def _credential(self, name: str, value: str) -> str:
        scheme = _SCHEME.match(value)
        start, rest = (scheme[0], value[scheme.end() :]) if scheme else ("", value)
        if not rest or _PLACEHOLDER.fullmatch(rest):
            return value
        return start + self.hidden.get(rest, _placeholder(name))

    def _url(self, text: str, operation: str = "") -> str:
        """An address: its host where it is the contract's or the target's, its path as the operation has it."""
        head, mark, query = text.partition("?")
        start = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*", head)
        origin = start[0] if start else ""
        scheme, slashes, host = origin.rpartition("//")
        segments = head[len(origin) :].split("/")
        template = self.contract.get(operation, "").split("/")
        skipped = len(segments) - len(template) if operation else 0
        path = (
            segment
            if operation and at <= skipped
            else self._segment(segment, template[at - skipped] if operation else "")
            for at, segment in enumerate(segments)
        )
        return f"{scheme}{slashes}{self._host(host)}{'/'.join(path)}{mark}{self._pairs(query)}"

    def _segment(self, written: str, name: str) -> str:
        """A segment of a path; `name` is that of the template, or "" where nobody knows it."""
        text = unquote(written)
        if text.startswith("~") or text in self.vocabulary.pinned or (name and "{" not in name):
            return written
        shown = self._parameter(name.strip("{}"), text)
        return written if shown == text else quote(shown, safe="$")

    def _host(self, host: str) -> str:
        known = not host or host in self.hosts or host in self.vocabulary.hosts
        return host if known else self._runs(host, self.stand_ins.word)

    def _pairs(self, text: str) -> str:
        """The parameters of a query or a form."""
        return "&".join(map(self._pair, text.split("&"))) if text else text

    def _pair(self, written: str) -> str:
        name, equals, value = written.partition("=")
        if len(written) > LONG:  # a body that is padded until it is too large is not read
            return self._runs(written, self._public)
        plain, text = unquote_plus(name), unquote_plus(value)
        shown_name, shown = self._name(plain), self._parameter(plain, text)
        name = name if shown_name == plain else quote(shown_name, safe="[]")
        return f"{name}{equals}{value if shown == text else quote(shown, safe='$')}"

    def _runs(self, text: str, say: Say) -> str:
        return _RUN.sub(partial(self._run, say), text)

    def _run(self, say: Say, match: re.Match[str]) -> str:
        run = match[0]
        if _DATES.fullmatch(run):
            return run
        if "@" in run:
            return self.stand_ins.word(run)
        return _WORD.sub(lambda word: say(word[0]), run)

    def _public(self, word: str) -> str:
        """A word of a text that is no value as a whole, such as a table: names and pinned values stay."""
        return word if word in self.vocabulary.pinned else self.stand_ins.word(word)

    def _quoted(self, word: str) -> str:
        """A word that a message quotes: perhaps cut short, so that it need not be one that was seen."""
        return word if self._plain(word) else self.stand_ins.word(word)

    def _repeated(self, word: str) -> str:
        """A word of a message in its own words: one that was seen in an exchange goes."""
        return self.stand_ins.made.get(word, word) if not self._plain(word) else word

    def _plain(self, word: str) -> bool:
        """Whether a word of a message says nothing of anybody: it is public, or a count or a status."""
        return word in self.vocabulary.prose or self.vocabulary.names(word) or (word.isdecimal() and len(word) < 4)


def _placeholder(header: str) -> str:
    return "$" + re.sub(r"[^A-Z0-9]", "_", header.upper())


def _numbers(value: Any) -> list[str]:
    """The numbers of data that are long enough to be somebody's."""
    if isinstance(value, Mapping):
        return [number for member in value.values() for number in _numbers(member)]
    if isinstance(value, (list, tuple)):
        return [number for member in value for number in _numbers(member)]
    return [text] if (text := str(value)).isdecimal() and len(text) >= 7 else []


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
