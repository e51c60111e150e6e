"""Runs a curl command as a provider's page prints it, against the stub."""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from tests.client import Client, Response


def curl(client: Client, command: str, **placeholders: str) -> Response:
    """`{name}` in the command becomes the placeholder of that name; only -X, -H and -d are understood."""
    for name, value in placeholders.items():
        command = command.replace(f"{{{name}}}", value)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[0] == "curl"
    url, method, content = urlsplit(""), "GET", b""
    headers: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        if word in ("-X", "--request"):
            method = next(rest)
        elif word in ("-H", "--header"):
            name, _, value = next(rest).partition(":")
            headers[name.strip().lower()] = value.strip()
        elif word in ("-d", "--data"):
            content = next(rest).encode()
        else:
            url = urlsplit(word)
    target = url.path + (f"?{url.query}" if url.query else "")
    return Client(client.stub, headers=headers).request(method, client.base + target, content=content)
