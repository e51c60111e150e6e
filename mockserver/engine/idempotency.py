"""Idempotency keys: the same key with the same request gets the first accepted answer again, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.core.records import Noted
from mockserver.engine.answer import Answer, Refusal, encoded
from mockserver.engine.call import Call, Handler, getter
from mockserver.engine.simulation import Idempotency
from openapi.contract import Operation


def idempotent(handler: Handler, operation: Operation, rule: Idempotency) -> Handler:
    """The handler, answering a key that it has accepted before with what it answered then.

    It raises Refusal `rule.mismatch` for the same key with another body. Refusals are not kept: a client may correct
    its request and try again with the same key.
    """
    key_at = getter(rule.key)

    def run(call: Call) -> Answer:
        key = key_at(call)
        if key is None or key == "":
            return handler(call)
        stream, fingerprint = _stream(call, operation, key), _digest(call.body)
        for noted in call.session.read(stream):
            assert isinstance(noted, Noted)
            return _replayed(noted.value, fingerprint, rule.mismatch)
        answer = handler(call)
        if 200 <= answer.status < 300:
            call.session.append(stream, Noted(call.now, _kept(answer, fingerprint)))
        return answer

    return run


def _stream(call: Call, operation: Operation, key: Any) -> str:
    client = call.credential.tenant or call.credential.name  # a token may be renewed between two tries
    return f"key/{_digest([operation.id, client, call.path, key])}"


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _kept(answer: Answer, fingerprint: str) -> dict[str, Any]:
    return {
        "body": fingerprint,
        "status": answer.status,
        "content": encoded(answer).decode(),
        "job": answer.job,
        "headers": dict(answer.headers),
        "media_type": answer.media_type,
    }


def _replayed(kept: Mapping[str, Any], fingerprint: str, mismatch: str) -> Answer:
    if kept["body"] != fingerprint:
        raise Refusal(mismatch)
    return Answer(
        status=kept["status"],
        headers=kept["headers"],
        media_type=kept["media_type"],
        content=kept["content"].encode(),
        job=kept["job"],
    )
