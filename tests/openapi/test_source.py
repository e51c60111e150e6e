"""The reader: JSON's data model in YAML's clothes, every fault with its line, no hostile file too much."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.source import MAX_DEPTH, Position, Source, SourceError, nearest, parse, read
from tests.openapi.documents import source

PATH = Path("openapi.yaml")


def fault(text: str | bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("NO", "NO"),  # Norway
        ("2024-01-01", "2024-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("1:30", "1:30"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("010", 10),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("NaN", "NaN"),
        ("=", "="),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("Null", None),
        ("''", ""),
        ("'1'", "1"),
        ('"true"', "true"),
        ("1", 1),
        ("-1", -1),
        ("+1", 1),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        ("v4.0", "v4.0"),
        ("1e", "1e"),
        ("٣", "٣"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
        ("!!float 1.5", 1.5),
        ("!!bool true", True),
        ("!!null ~", None),
        ("! 5", 5),
        ("12345678901234567890123", 12345678901234567890123),
    ],
)
def test_scalars_are_those_of_json(text: str, value: Any) -> None:
    read_value = source(f"value: {text}").root["value"]
    assert (read_value, type(read_value)) == (value, type(value))


@pytest.mark.parametrize("key", ["on", "yes", "200", "1.5", "null", "true", "2024-01-01", "~"])
def test_every_key_is_text(key: str) -> None:
    assert source(f"{key}: 1\nother:\n  {key}: 2").root == {key: 1, "other": {key: 2}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a:\nb: ", {"a": None, "b": None}),
        ("- a\n-\n- [ ]", ["a", None, []]),
        ("a: |\n  x\n  y\nb: >\n  x\n  y\n", {"a": "x\ny\n", "b": "x y\n"}),
        ("a: &x {b: 1}\nc: *x\nd: [*x, *x]", {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]}),
        ("&k key: *k", {"key": "key"}),
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("{a: 1, b: [x]}", {"a": 1, "b": ["x"]}),
        ("# only\na: 1 # here", {"a": 1}),
        ('"<<": 1', {"<<": 1}),
    ],
)
def test_collections(text: str, value: Any) -> None:
    assert source(text).root == value


@pytest.mark.parametrize(
    ("text", "at", "problem"),
    [
        ("", "1:1", "is empty"),
        ("# nothing", "1:1", "is empty"),
        ("a: 1\n---\nb: 2", "1:1", "holds 2 YAML documents"),
        ("a: 1\nb: 2\na: 3", "3:1", "the key 'a' appears twice"),
        ("x:\n  {a: 1, 'a': 2}", "2:10", "the key 'a' appears twice"),
        ('{"a": 1,\n "b": {"c": 1, "c": 2}}', "2:16", "the key 'c' appears twice"),
        ('{"a": "\\ud83d\\ude00",\n "a": 2}', "2:2", "the key 'a' appears twice"),
        ("a: [1, 2", "2:1", "is not YAML"),
        ("a: 1\n b: 2", "2:3", "is not YAML"),
        ("a: 'x", "1:6", "is not YAML"),
        ("a:\n\t- 1", "2:1", "is not YAML"),
        ("a: %x", "1:4", "is not YAML"),
        ('{"a": 1,}}', "1:10", "is not YAML"),
        ("? [a]\n: 1", "1:3", "a key must be a plain string"),
        ("a: &x 1\n*x : 2", "2:1", "a key must be a plain string"),
        ("a: *x", "1:4", "the alias *x names no finished anchor"),
        ("a: &x [*x]", "1:8", "the alias *x names no finished anchor"),
        ("a: &x 1\n---\nb: *x", "3:4", "the alias *x names no finished anchor"),
        ("base: &b {x: 1}\nuse:\n  <<: *b", "3:3", "the merge key '<<' is not YAML 1.2"),
        ("a: !include b.yaml", "1:4", "the tag !include is not supported"),
        ("a: !Ref\n  - b", "1:4", "the tag !Ref is not supported"),
        ("a: !!python/object:os.system {}", "1:4", "python/object:os.system is not supported"),
        ("a: !!timestamp 2024-01-01", "1:4", "timestamp is not supported"),
        (f"a: {'1' * 401}", "1:4", "a number of more than 400 digits"),
        (f'{{"a":\n{"1" * 401}}}', "2:1", "a number of more than 400 digits"),
        ("a: 1e400", "1:4", "a number too large"),
        ('{"a": 1e400}', "1:7", "a number too large"),
        ("a: x\x00y", "", "is not YAML"),
        (b"a: 1\nb: \xff", "2:1", "is not UTF-8"),
        (b'{"a":\n"\xc3\x28"}', "2:1", "is not UTF-8"),
        ('{"a": "\\ud800"}', "1:10", "is not YAML"),
        ("[" * (MAX_DEPTH + 1), f"1:{MAX_DEPTH + 1}", "nested more than 200 levels"),
        ("[" * 5_000 + "]" * 5_000, f"1:{MAX_DEPTH + 1}", "nested more than 200 levels"),
        ('{"a":' * 900 + "1" + "}" * 900, f"1:{5 * MAX_DEPTH + 1}", "nested more than 200 levels"),
    ],
)
def test_every_fault_has_its_place(text: str | bytes, at: str, problem: str) -> None:
    error = fault(text)
    assert problem in error.problem
    assert str(error).startswith(f"/contract/openapi.yaml:{at}: " if at else "/contract/openapi.yaml: ")
    assert "\n" not in str(error)


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    error = fault("\n".join(lines))
    assert "expands to more than 5,000,000 values" in error.problem
    assert error.position is not None
    assert error.position.line == 7


def test_aliases_that_nest_too_deep() -> None:
    lines = ["a0: &a0 [x]", *[f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH + 1)]]
    assert "nested more than 200 levels" in fault("\n".join(lines)).problem


def test_as_deep_as_allowed() -> None:
    for text in ("[" * MAX_DEPTH + "]" * MAX_DEPTH, "\n".join(" " * n + "a:" for n in range(MAX_DEPTH - 1))):
        source(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "nowhere.yaml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(SourceError, match=f"cannot be read: {problem}"):
            read(path)


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openapi.source.MAX_BYTES", 2**20)
    with pytest.raises(SourceError, match="is larger than 1 MiB"):
        parse(b" " * (2**20 + 1), PATH)


TEXTS = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES) | st.dictionaries(TEXTS, VALUES), st.booleans(), st.sampled_from([None, 2]))
def test_json_text_means_what_json_says(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    root = source(text).root
    assert root == json.loads(text)
    assert json.dumps(root) == json.dumps(value), "types and order too"


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_characters="\x7f"), max_size=6)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | PRINTABLE,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PRINTABLE, inner, max_size=3),
        max_leaves=8,
    )
)
def test_the_yaml_reader_agrees_on_json(value: Any) -> None:
    """Below a key, so that the fast path for JSON is not taken; escaped, as JSON may write any character."""
    text = json.dumps(value, ensure_ascii=True)
    assert source(f"value: {text}").root == {"value": value}


@given(st.binary(max_size=40) | st.text("{}[]:,-&*!|>'\"#%@ \nab\t1?", max_size=25).map(str.encode))
def test_any_bytes_give_data_or_a_fault_with_a_line(text: bytes) -> None:
    try:
        found: Source | SourceError = parse(text, PATH)
    except SourceError as error:
        found = error
    if isinstance(found, SourceError):
        assert re.match(r"openapi\.yaml(:\d+:\d+)?: [^\n]+$", str(found))
    else:
        json.dumps(found.root)
        assert found.position("").line >= 1


POSITIONS = """\
openapi: 3.1.0
paths:
  /jobs:
    get:
      tags: [a,
        b]
  "/a~b":
    $ref: x
"""


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ("", (1, 1), (1, 1)),
        ("/openapi", (1, 10), (1, 1)),
        ("/paths/~1jobs/get", (5, 7), (4, 5)),
        ("/paths/~1jobs/get/tags/1", (6, 9), (6, 9)),
        ("/paths/~1a~0b/$ref", (8, 11), (8, 5)),
        ("/paths/~1jobs/put/x", (3, 3), (3, 3)),  # the nearest that exists
        ("/paths/~1jobs/get/tags/2", (5, 7), (5, 7)),
        ("/paths/~1jobs/get/tags/01", (5, 7), (5, 7)),
        ("/paths/~1jobs/get/tags/\N{ARABIC-INDIC DIGIT ZERO}", (5, 7), (5, 7)),
        ("/openapi/x", (1, 1), (1, 1)),
        ("/nothing", (1, 1), (1, 1)),
    ],
)
def test_positions(pointer: str, value: tuple[int, int], key: tuple[int, int]) -> None:
    read_source = source(POSITIONS)
    assert read_source.position(pointer) == Position(*value)
    assert read_source.position(pointer, key=True) == Position(*key)


def test_a_fault_at_a_pointer() -> None:
    error = source(POSITIONS).fault("/paths/~1jobs/get", "has no responses", "add one", key=True)
    assert str(error) == "/contract/openapi.yaml:4:5: has no responses (add one)"


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("instnats", ["counts", "instants"], "did you mean 'instants'?"),
        ("xyz", ["b", "a", "a"], "known: a, b"),
        ("xyz", [], ""),
    ],
)
def test_the_nearest_name(name: str, known: list[str], hint: str) -> None:
    assert nearest(name, known) == hint
