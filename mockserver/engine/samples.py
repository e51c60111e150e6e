"""Documented responses as answers: the first example, or an instance made from the schema where there is none."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.engine.answer import Answer, json_problem
from openapi.contract import Contract, Response, media_at
from openapi.library import Address
from openapi.media_types import concrete, is_json, may_be_json
from openapi.sample import UnmadeError


class Samples:
    """The responses of one contract, each made when it is first asked for: a document may have thousands."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._made: dict[tuple[Address, int, str | None], Answer] = {}

    def answer(self, response: Response, status: int, media_type: str | None = None) -> Answer:
        """The response with this status, as one of its documented media types or ranges.

        501 where nothing fits its schema that could be made.
        """
        key = (response.address, status, media_type)
        if key not in self._made:
            self._made[key] = self._make(response, status, media_type)
        return self._made[key]

    def _make(self, response: Response, status: int, wanted: str | None) -> Answer:
        names = (wanted,) if wanted and wanted in response.media else by_preference(response)
        if not names:
            return Answer(status, None, response.headers)
        name = names[0]
        media_type = concrete(name)
        for value in response.examples[name].values():
            return Answer(status, value, response.headers, media_type)
        try:
            value = self._value(response, name)
            content = orjson.dumps(value) if is_json(media_type) else value.encode()
        except UnmadeError as error:
            return self._unmade(error)
        except (TypeError, UnicodeEncodeError):  # a number of more than 64 bits, half a character
            return self._unmade(UnmadeError(response.address, "its value cannot be written"))
        return Answer(status, value, response.headers, media_type, content)

    def _value(self, response: Response, name: str) -> Any:
        """JSON data, or the text that another media type holds: none unless its schema says which."""
        as_json = may_be_json(name)
        if response.media[name] is None:
            return {} if as_json else _text(name)
        try:
            value = self._contract.sample(self._schema(response, name))
        except UnmadeError:
            if as_json:
                raise
            return _text(name)
        return value if as_json or isinstance(value, str) else _text(name)

    def _schema(self, response: Response, name: str) -> Address:
        return media_at(self._contract.library, response.address, name) / "schema"

    def _unmade(self, error: UnmadeError) -> Answer:
        where = self._contract.position(error.address)
        detail = f"{where}: {error.problem}; add an example to the response"
        answer = json_problem(501, "No example, and none could be made from the schema", detail)
        return answer._replace(content=orjson.dumps(answer.value), problem="no_example")


def by_preference(response: Response) -> tuple[str, ...]:
    """The documented media types: those with an example first, then those that can be JSON."""
    return tuple(sorted(response.media, key=lambda name: (not response.examples[name], not may_be_json(name))))


def _text(media_type: str) -> str:
    return "string" if media_type.startswith("text/") else ""
