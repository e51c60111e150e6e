"""Which operation a request is of."""

from __future__ import annotations

import orjson
import pytest

from contracts.target.client import Matcher
from contracts.target.subject import load_subject

PATHS = {"/jobs/{id}": ("get", "delete"), "/jobs/all": ("get",), "/{kind}/{id}/parts": ("get",), "/jobs": ("post",)}


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    responses = {"200": {"description": "Done."}}
    paths = {
        path: {method: {"operationId": f"{method} {path}", "responses": responses} for method in methods}
        for path, methods in PATHS.items()
    }
    path = tmp_path_factory.mktemp("matcher") / "jobs.json"
    path.write_bytes(orjson.dumps({"openapi": "3.1.0", "info": {"title": "J", "version": "1"}, "paths": paths}))
    return Matcher.of(load_subject(str(path)), "http://target.test/api")


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api/jobs/7", "get /jobs/{id}"),
        ("DELETE", "/api/jobs/7?x=1", "delete /jobs/{id}"),
        ("GET", "/api/jobs/all", "get /jobs/all"),
        ("DELETE", "/api/jobs/all", ""),
        ("GET", "/api/jobs/all/parts", "get /{kind}/{id}/parts"),
        ("PUT", "/api/jobs/7", ""),
        ("POST", "/api/jobs", "post /jobs"),
        ("POST", "/jobs", ""),
        ("GET", "/~mine/api/jobs/all", "get /jobs/all"),
    ],
)
def test_the_most_literal_path_wins_whatever_its_methods(
    matcher: Matcher, method: str, path: str, operation: str
) -> None:
    assert matcher.identify(method, f"http://target.test{path}") == operation
