"""Ways to break: each changes what it says and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.defects import behaviours as g
from contracts.defects.defect import Answer, Asked, Behaviour, Memory
from tests.contracts.defects import provider_behaviours as p
from tests.contracts.defects.servers import Sound, asking, behave, sound

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("pointer", "after"),
    [
        ("/a", {"a": "x", "b": [{"c": 2}, {"c": 3}]}),
        ("/b/*/c", {"a": 1, "b": [{"c": "x"}, {"c": "x"}]}),
        ("/b/1/c", {"a": 1, "b": [{"c": 2}, {"c": "x"}]}),
        ("/b/9/c", {"a": 1, "b": [{"c": 2}, {"c": 3}]}),
        ("/a/c", {"a": 1, "b": [{"c": 2}, {"c": 3}]}),
        ("/no/*/way", {"a": 1, "b": [{"c": 2}, {"c": 3}]}),
        ("", "x"),
    ],
)
def test_a_pointer_leads_to_what_is_edited(pointer: str, after: Any) -> None:
    assert g.edited({"a": 1, "b": [{"c": 2}, {"c": 3}]}, pointer, lambda _: "x") == after


@given(JSON)
def test_an_edit_of_nothing_changes_nothing(value: Any) -> None:
    for pointer in ("", "/a", "/*", "/*/*", "/0"):
        assert g.edited(value, pointer, lambda old: old) == value


@pytest.mark.parametrize(
    ("behaviour", "after"),
    [
        (p.renamed("/job/state", "status"), {"job": {"status": "done", "count": 2, "at": None}}),
        (p.left_out("/job/count"), {"job": {"state": "done", "at": None}}),
        (p.left_out_when_null("/job/*"), {"job": {"state": "done", "count": 2, "at": None}}),
        (p.left_out_when_null("/job/at"), {"job": {"state": "done", "count": 2}}),
        (p.as_text("/job/count"), {"job": {"state": "done", "count": "2", "at": None}}),
        (p.unwrapped("job"), {"state": "done", "count": 2, "at": None}),
        (p.added("/job/count", -1), {"job": {"state": "done", "count": 1, "at": None}}),
        (p.translated("/job/state", {"done": "over"}), {"job": {"state": "over", "count": 2, "at": None}}),
        (
            p.members("/job", lambda job: job["count"] == 2, lambda job: {**job, "state": "two"}),
            {"job": {"state": "two", "count": 2, "at": None}},
        ),
    ],
)
def test_a_body_is_broken_in_one_place(behaviour: Behaviour, after: Any) -> None:
    server = sound({"job": {"state": "done", "count": 2, "at": None}})
    assert behave(behaviour, server).json == after
    assert server.asked == [asking()], "the request is the client's own"


def test_only_the_operations_and_statuses_named_are_broken() -> None:
    broken = p.values("/a", lambda _: 2, "read", status="404")
    assert behave(broken, sound({"a": 1}, 404)).json == {"a": 2}
    assert behave(broken, sound({"a": 1}, 200)).json == {"a": 1}
    assert behave(broken, sound({"a": 1}, 404), asking("write")).json == {"a": 1}
    assert behave(p.values("/a", lambda _: 2), sound({"a": 1}), asking("")).json == {"a": 1}


def test_a_body_that_stays_keeps_its_bytes() -> None:
    answer = Answer(200, {"content-type": "application/json"}, b'{ "a" : 1 }')
    assert behave(p.values("/b", lambda _: 2), Sound(answer)) == answer


def test_headers_and_statuses() -> None:
    answer = Answer(405, {"allow": "GET"}, b"")
    assert behave(g.with_header("allow", None, status="405"), Sound(answer), asking("")).headers == {}
    assert behave(g.with_header("allow", "PUT", status="405"), Sound(answer)).headers == {"allow": "PUT"}
    assert behave(g.with_header("vary", "x"), Sound(answer)) == answer, "a header that is not there stays away"
    assert behave(g.with_status(201), sound({})).status == 201
    html = behave(g.with_body(b"<p>", "text/html", status="401"), sound({}, 401))
    assert (html.status, html.body, html.headers) == (401, b"<p>", {"content-type": "text/html"})


def test_a_refused_get_stays_refused() -> None:
    deaf = g.deaf_to_parameter("page", "read")
    refused = sound({}, 400)
    assert behave(deaf, refused, asking(query="page=x")).status == 400
    assert [asked.query for asked in refused.asked] == ["page=x"]
    taken = sound({})
    behave(deaf, taken, asking(query="page=2&size=1"))
    assert [asked.query for asked in taken.asked] == ["page=2&size=1", "size=1"]


def test_parameters_are_read_wrong() -> None:
    server = sound({})
    behave(g.reading_parameter("page", lambda page: f"{page}0", "read"), server, asking(query="page=2"))
    behave(p.assuming_parameter("size", "7", "read"), server, asking())
    behave(p.assuming_parameter("size", "7", "read"), server, asking(query="size=1"))
    assert [asked.query for asked in server.asked] == ["page=2", "page=20", "", "size=7", "size=1", "size=1"]


def test_what_was_sent_is_read_wrong() -> None:
    server = sound({})
    behave(p.sent_values("/n", lambda n: n + 1, "write"), server, asking("write", method="POST", body=b'{"n": 1}'))
    behave(g.deaf_to_header("key", "write"), server, asking("write", method="POST", headers={"key": "k", "x": "y"}))
    assert [asked.json for asked in server.asked] == [{"n": 2}, None]
    assert server.asked[1].headers == {"x": "y"}


def test_a_door_that_opens_to_everybody() -> None:
    server = Sound(p.json_answer(200, {}), [p.json_answer(401, {})])
    assert behave(p.opened({"authorization": "x"}), server).status == 200
    assert [asked.header("authorization") for asked in server.asked] == ["", "x"]
    assert behave(p.opened({"authorization": "x"}, when=lambda asked: False), sound({}, 401)).status == 401


def repeated(behaviour: Behaviour, server: Sound, times: int, asked: Asked | None = None) -> list[Answer]:
    """The answers to the same request, one after the other."""
    memory: Memory = {"at": 0.0}
    return [behave(behaviour, server, asked, memory) for _ in range(times)]


def test_a_replica_lags() -> None:
    versions = [p.json_answer(200, number) for number in range(5)]
    assert [answer.json for answer in repeated(g.stale(lag=2), Sound(versions[0], versions[:]), 5)] == [0, 0, 0, 1, 2]


def test_every_second_read_is_older() -> None:
    answers = repeated(p.flapping("/state", lambda state: f"not {state}"), sound({"state": "done"}), 4)
    assert [answer.json["state"] for answer in answers] == ["done", "not done"] * 2 or [
        answer.json["state"] for answer in answers
    ] == ["not done", "done"] * 2


def test_leaks_show_after_a_while() -> None:
    assert [answer.status for answer in repeated(g.worn_out(2), sound({}), 4)] == [200, 200, 500, 500]
    assert [answer.status for answer in repeated(g.hiccup(3), sound({}), 6)] == [200, 200, 502, 200, 200, 502]
    made = [p.json_answer(201, {"id": number}) for number in range(4)]
    ids = [answer.json["id"] for answer in repeated(p.same_id("/id", 2), Sound(made[0], made[:]), 4)]
    assert ids == [0, 1, 0, 0]


def key_of(asked: Asked) -> str:
    return asked.header("key")


def test_a_race_needs_two_at_the_same_time() -> None:
    racing = p.racing(key_of, lambda asked: asked.with_header("key", None), "write")
    asked = asking("write", method="POST", headers={"key": "k"})
    alone = sound({})
    repeated(racing, alone, 2, asked)
    assert [one.header("key") for one in alone.asked] == ["k", "k"]

    async def together(server: Sound, memory: Memory) -> None:
        await asyncio.gather(racing(asked, server, memory), racing(asked, server, memory))

    both = sound({})
    asyncio.run(together(both, {"at": 0.0}))
    assert [one.header("key") for one in both.asked] == ["", ""]


def test_bodies_of_a_key() -> None:
    memory: Memory = {"at": 0.0}
    first = asking("write", method="POST", headers={"key": "k"}, body=b'{"a":1}')
    other = asking("write", method="POST", headers={"key": "k"}, body=b'{"a": 1}')
    by_bytes = p.byte_wise(key_of, p.json_answer(409, {}), "write")
    assert [behave(by_bytes, sound({}), asked, memory).status for asked in (first, other, first)] == [200, 409, 200]
    memory = {"at": 0.0}
    blind = p.blind_to_bodies(key_of, 409, "write")
    assert behave(blind, sound({"n": 1}, 201), first, memory).json == {"n": 1}
    assert behave(blind, sound({}, 409), other, memory).json == {"n": 1}


def test_files() -> None:
    csv = Sound(Answer(200, {"content-type": "text/csv"}, b"a,b\r\n1,2\r\n3,4\r\n"))
    assert behave(p.column(1, lambda cell: f"{cell}0"), csv).body == b"a,b\r\n1,20\r\n3,40\r\n"
    assert behave(p.lines(lambda some: some[:-1]), csv).body == b"a,b\r\n1,2\r\n"


def test_an_instant_moves_and_keeps_its_form() -> None:
    assert g.later("2026-01-01T00:00:00Z", 1.0) == "2026-01-01T00:00:01Z"
    assert g.later("2026-01-01T00:00:00.500Z", -1) == "2025-12-31T23:59:59.500Z"
    assert g.later(None, 1) is None
    looks = repeated(p.moving("/at"), sound({"at": "2026-01-01T00:00:00Z"}), 3)
    assert [answer.json["at"][-3:] for answer in looks] == ["00Z", "01Z", "02Z"]
