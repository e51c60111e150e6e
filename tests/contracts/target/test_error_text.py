"""What is said of an answer that a law cannot read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from contracts.target.error_text import misread
from contracts.target.exchange import Exchange, Request, Response

PAGE = Exchange(1, Request("GET", "http://t/jobs", {}), Response(200, {}, b"<html>"))


@pytest.mark.parametrize(
    ("answer", "read", "said"),
    [
        ({}, lambda answer: answer["campaigns"], "an answer has no 'campaigns'"),
        ([], lambda answer: answer[0], "an answer has a list with too little in it"),
        (None, lambda answer: answer["id"], "an answer has null where something else is expected"),
        (5, list, "an answer has a number where something else is expected"),
        ("a", lambda answer: answer["id"], "an answer has a text where something else is expected"),
        ([], lambda answer: answer["id"], "an answer has a list where something else is expected"),
        ([], lambda answer: answer.items(), "an answer has a list where something else is expected"),
        ("soon", int, "an answer has 'soon', which is not what is expected there"),
        ("soon", dt.datetime.fromisoformat, "an answer has 'soon', which is not what is expected there"),
        (1e400, int, "an answer has another shape than expected"),
        (PAGE, lambda answer: answer.json, "GET http://t/jobs answered no JSON"),
    ],
)
def test_no_word_of_the_language(answer: Any, read: Callable[[Any], Any], said: str) -> None:
    with pytest.raises((LookupError, TypeError, ValueError, AttributeError, OverflowError)) as caught:
        read(answer)
    assert misread(caught.value) == said
