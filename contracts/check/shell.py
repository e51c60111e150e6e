"""A request as a line for a shell: pasted into one, it sends what was sent.

The line itself is text that prints, whatever is sent: it is shown in terminals, and a terminal obeys some bytes.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Collection, Iterator

from contracts.target.exchange import Request

# What requests and Schemathesis add by themselves; a reader does not need them to repeat a request.
_NOISE = frozenset({"accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"})
# More spaces than these at the end of a body are not written out.
_PADDING = 1000
# Linux refuses an argument of 128 KiB.
_ARGUMENT = 100_000
# What means something to a shell between double quotes. History is expanded there too, and a backslash does not help.
_SPECIAL = {**{character: f"\\{character}" for character in '\\"$`'}, "!": "\"'!'\""}
_ESCAPES = {"\\": "\\\\", "%": "%%", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# What curl takes for a pattern in a URL.
_GLOB = re.compile(r"[\[\]{}]")


def curl(request: Request, placeholders: Collection[str] = ()) -> str:
    """The request as a line. `placeholders` are shell text that stands in the request for a secret: the shell is to
    expand them."""
    before, data = _body(request.body, placeholders)
    words = [f"{before}curl", "-sS", *_method(request)]
    for name, value in request.headers.items():
        if name.lower() not in _NOISE and not (name.lower() == "accept" and value == "*/*"):
            words += ["-H", _word(f"{name}: {value}" if value else f"{name};", placeholders, "latin-1")]
    if request.body and not any(name.lower() == "content-type" for name in request.headers):
        words += ["-H", "Content-Type:"]  # else curl says that it is a form
    words += ["-g"] if _GLOB.search(request.url) else []
    return " ".join([*words, *data, _word(request.url, placeholders)])


def _method(request: Request) -> list[str]:
    """The options for a method. With `-X HEAD` curl would wait for a body."""
    if request.method == "HEAD" and not request.body:
        return ["--head"]
    return ["-X", shlex.quote(request.method)]


def _body(body: bytes, placeholders: Collection[str]) -> tuple[str, list[str]]:
    """What goes before curl, and the options that send a body."""
    if not body:
        return "", []
    text = body.decode("utf-8", "surrogateescape")
    padding = len(text) - len(text.rstrip(" "))
    if text.isprintable() and padding <= _PADDING and len(body) <= _ARGUMENT and not text.startswith("@"):
        return "", ["--data-binary", _word(text, placeholders)]
    pieces = list(_pieces(text if padding <= _PADDING else text.rstrip(" "), placeholders))
    template = "".join("%s" if known else _printf(piece) for piece, known in pieces)
    values = [_word(piece, placeholders) for piece, known in pieces if known]
    if padding > _PADDING:
        template, values = f"{template}%{padding}s", [*values, "''"]
    if template.startswith("-"):  # no option of printf
        template = f"\\{ord('-'):03o}{template[1:]}"
    return f"{' '.join(['printf', shlex.quote(template), *values])} | ", ["--data-binary", "@-"]


def _word(text: str, placeholders: Collection[str], encoding: str = "utf-8") -> str:
    """One word for a shell, which expands the placeholders in it and nothing else."""
    pieces = list(_pieces(text, placeholders))
    if _shows(text, encoding) and not any(known for _, known in pieces):
        return shlex.quote(text)
    following = [piece for piece, _ in pieces[1:]] + [""]
    said = (
        _expanded(piece, after) if known else _literal(piece, encoding)
        for (piece, known), after in zip(pieces, following, strict=True)
    )
    return f'"{"".join(said)}"'


def _expanded(placeholder: str, after: str) -> str:
    """A placeholder so that what comes after it is no part of its name."""
    name = placeholder.removeprefix("$")
    return f"${{{name}}}" if name.isidentifier() and re.match(r"[A-Za-z0-9_]", after) else placeholder


def _literal(text: str, encoding: str) -> str:
    """A text as it stands between double quotes."""
    said = []
    for shows, run in itertools.groupby(text, lambda character: _shows(character, encoding)):
        if shows:
            said += [_SPECIAL.get(character, character) for character in run]
        else:
            said.append(f"$(printf '{_octal(''.join(run), encoding)}')")
    return "".join(said)


def _printf(text: str) -> str:
    """A text as printf makes it from its first argument."""
    return "".join(
        _ESCAPES.get(character) or (character if _shows(character, "utf-8") else _octal(character, "utf-8"))
        for character in text
    )


def _shows(text: str, encoding: str) -> bool:
    """Whether a text can be shown as it is, and a terminal that takes UTF-8 gives back the bytes that were sent."""
    return text.isprintable() and (encoding == "utf-8" or text.isascii())


def _octal(text: str, encoding: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in text.encode(encoding, "surrogateescape"))


def _pieces(text: str, placeholders: Collection[str]) -> Iterator[tuple[str, bool]]:
    """The text in parts, each with whether it is a placeholder."""
    known = "|".join(map(re.escape, sorted(placeholders, key=len, reverse=True)))
    for piece in re.split(f"({known})", text) if known else [text]:
        if piece:
            yield piece, piece in placeholders
