"""From a path to an operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.paths import Router, Template

ROUTER = Router(
    [
        ("/jobs/{id}", "GET", "job"),
        ("/jobs/latest", "GET", "latest"),
        ("/jobs/{id}:cancel", "POST", "cancel"),
        ("/jobs/{id}/items/{item}", "GET", "item"),
        ("/jobs/latest/all", "GET", "all"),
        ("/files/{name}.csv", "GET", "csv"),
        ("/files/{name}", "GET", "file"),
    ]
)


@pytest.mark.parametrize(
    ("path", "target", "values"),
    [
        ("/jobs/7", "job", {"id": "7"}),
        ("/jobs/latest", "latest", {}),
        ("/jobs/7/items/8", "item", {"id": "7", "item": "8"}),
        ("/jobs/latest/items/8", "item", {"id": "latest", "item": "8"}),
        ("/jobs/a%2Fb", "job", {"id": "a/b"}),
        ("/jobs/%C3%A4", "job", {"id": "ä"}),
        ("/files/a.csv", "csv", {"name": "a"}),
        ("/files/a.txt", "file", {"name": "a.txt"}),
    ],
)
def test_the_most_concrete_path_wins(path: str, target: str, values: dict[str, str]) -> None:
    match = ROUTER.match(path)
    assert match is not None
    assert (match.methods["GET"], match.values("GET")) == (target, values)


def test_a_suffix_behind_a_template_is_a_path_of_its_own() -> None:
    match = ROUTER.match("/jobs/7:cancel")
    assert match is not None
    assert (match.methods, match.values("POST")) == ({"POST": "cancel"}, {"id": "7"})


@pytest.mark.parametrize("path", ["/jobs", "/jobs/", "/jobs/7/", "/jobs//items/8", "", "/", "/Jobs/7", "/jobs/7/items"])
def test_nothing_else_matches(path: str) -> None:
    assert ROUTER.match(path) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=4), st.integers(0, 30))
def test_a_path_made_from_a_template_finds_it_among_a_thousand(numbers: list[int], value: int) -> None:
    routes = [(f"/a{i}/{{x}}/b{j}", "GET", (i, j)) for i in range(31) for j in range(31)]
    match = Router(routes).match(f"/a{numbers[0]}/{value}/b{numbers[-1]}")
    assert match is not None
    assert (match.methods["GET"], match.values("GET")) == ((numbers[0], numbers[-1]), {"x": str(value)})


def test_of_two_that_match_the_one_that_is_concrete_first_from_the_left_is_meant() -> None:
    match = Router([("/a/{x}/c", "GET", "x"), ("/a/b/{y}", "GET", "y")]).match("/a/b/c")
    assert match is not None
    assert (match.methods["GET"], match.values("GET")) == ("y", {"y": "c"})


def test_templates_that_differ_in_the_names_of_variables_are_one_path() -> None:
    match = Router([("/a/{x}", "GET", "read"), ("/a/{y}", "DELETE", "delete")]).match("/a/7")
    assert match is not None
    assert match.methods == {"GET": "read", "DELETE": "delete"}
    assert (match.values("GET"), match.values("DELETE")) == ({"x": "7"}, {"y": "7"})


def test_a_documented_path_with_a_space_is_matched_encoded() -> None:
    assert Router([("/my jobs", "GET", "jobs")]).match("/my%20jobs") is not None


@given(st.text(min_size=1), st.text(min_size=1))
def test_an_expanded_template_matches_and_gives_its_values_back(first: str, second: str) -> None:
    template = Template("/jobs/{id}/items/{item}")
    values = {"id": first.encode(errors="replace").decode(), "item": second.encode(errors="replace").decode()}
    path = template.expand(values)
    assert template.values(path) == values
    assert template.values_at_end("/base" + path) == values
    match = Router([(template.text, "GET", 1)]).match(path)
    assert match is not None
    assert match.values("GET") == values


LITERALS = st.sampled_from(["a", "b c", "d%20e", ":cancel", "-", ".", "ä"])


@given(st.lists(st.tuples(LITERALS, st.booleans(), LITERALS, st.booleans()), min_size=1, max_size=3))
def test_a_template_matches_what_a_router_of_it_matches(segments: list[tuple[str, bool, str, bool]]) -> None:
    """With several variables in a segment, and literal text that travels encoded."""
    parts = [
        f"{before}{{x{i}}}{between}{{y{i}}}" if x and y else f"{before}{{x{i}}}" if x else before
        for i, (before, x, between, y) in enumerate(segments)
    ]
    template = Template("/" + "/".join(parts))
    path = template.expand(lambda name: f"{name} 7")
    assert " " not in path
    match = Router([(template.text, "GET", 1)]).match(path)
    assert match is not None
    assert match.values("GET") == template.values(path) == {name: f"{name} 7" for name in template.names}


@pytest.mark.parametrize(
    ("first", "second", "overlap", "narrower"),
    [
        ("/a/{x}/c", "/a/b/{y}", True, False),
        ("/a/b", "/a/{x}", True, True),
        ("/a/b", "/a/c", False, False),
        ("/a/{x}", "/a/{x}/b", False, False),
        ("/a/{x}", "/a/{y}", True, True),
    ],
)
def test_which_templates_overlap_and_which_is_narrower(first: str, second: str, overlap: bool, narrower: bool) -> None:
    one, other = Template(first), Template(second)
    assert one.overlaps(other) == other.overlaps(one) == overlap
    assert not overlap or one.narrower(other) == narrower
