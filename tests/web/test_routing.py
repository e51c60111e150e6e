"""From a path to an operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.web.routing import Router

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
    assert (match.methods["GET"], match.values) == (target, values)


def test_a_suffix_behind_a_template_is_a_path_of_its_own() -> None:
    match = ROUTER.match("/jobs/7:cancel")
    assert match is not None
    assert (match.methods, match.values) == ({"POST": "cancel"}, {"id": "7"})


@pytest.mark.parametrize("path", ["/jobs", "/jobs/", "/jobs/7/", "/jobs//items/8", "", "/", "/Jobs/7", "/jobs/7/items"])
def test_nothing_else_matches(path: str) -> None:
    assert ROUTER.match(path) is None


@given(st.lists(st.integers(0, 30), min_size=1, max_size=4), st.integers(0, 30))
def test_a_path_made_from_a_template_finds_it_among_a_thousand(numbers: list[int], value: int) -> None:
    routes = [(f"/a{i}/{{x}}/b{j}", "GET", (i, j)) for i in range(31) for j in range(31)]
    match = Router(routes).match(f"/a{numbers[0]}/{value}/b{numbers[-1]}")
    assert match is not None
    assert (match.methods["GET"], match.values) == ((numbers[0], numbers[-1]), {"x": str(value)})
