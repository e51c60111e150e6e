import pytest

from benchmarks.load import parse
from benchmarks.servers import ServerError


def test_result_line_is_read_in_milliseconds_and_seconds() -> None:
    found = parse("Running 2s test\nRESULT 5000 2000000 1 2 640.0 1250.5\n", generator=0.5)
    assert (found.rate, found.p50, found.p99) == (2500, 0.64, 1.2505)
    assert (found.refused, found.lost, found.generator) == (1, 2, 0.5)


def test_generator_that_fails_is_quoted() -> None:
    with pytest.raises(ServerError, match="unable to connect"):
        parse("unable to connect to 127.0.0.1")


def test_server_that_answers_nothing_is_no_figure() -> None:
    with pytest.raises(ServerError, match="answers nothing"):
        parse("RESULT 0 2000000 0 16 0.0 0.0\n")
