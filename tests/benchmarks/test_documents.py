from pathlib import Path

import orjson
import pytest

from benchmarks.documents import LARGE_BYTES, LARGE_OPERATIONS, document, read, write
from mockserver.app import Options, build
from tests.client import Client


@pytest.mark.parametrize("operations", [10, 500])
def test_document_has_the_operations_asked_for(operations: int) -> None:
    paths = document(operations)["paths"].values()
    assert sum(name in ("get", "put") for item in paths for name in item) == operations


def test_large_document_has_its_size() -> None:
    size = len(orjson.dumps(document(LARGE_OPERATIONS, LARGE_BYTES)))
    assert abs(size - LARGE_BYTES) < 0.05 * LARGE_BYTES


def test_stub_answers_the_request_that_is_measured(tmp_path: Path) -> None:
    client = Client(build(Options(spec=str(write(tmp_path, 10)))))
    asked = read(4)
    assert client.request(asked.method, asked.path).status == asked.status
