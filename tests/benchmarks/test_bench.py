import pytest

from benchmarks.bench import QUICK, Bench
from benchmarks.figures import Remark
from benchmarks.peers import BARE, PRISM, SERVERS, WIREMOCK
from benchmarks.servers import ServerError


@pytest.mark.parametrize("error", [ServerError("no answer"), TimeoutError("no answer"), ValueError("no answer")])
def test_server_that_fails_is_said_and_the_run_goes_on(error: Exception) -> None:
    def fail() -> None:
        raise error

    bench = Bench(QUICK)
    with bench.attempt("Table", PRISM):
        fail()
    assert bench.results.remarks == [Remark("Table", "Prism", "no answer")]


def test_only_those_that_take_part_are_measured() -> None:
    bench = Bench(QUICK, (BARE, PRISM))
    assert bench.chosen() == [BARE, PRISM]
    assert bench.chosen(PRISM, WIREMOCK) == [PRISM]
    assert Bench(QUICK).chosen() == list(SERVERS)
