import pytest

from benchmarks.figures import Results, ratios


def test_figures_of_a_cell_are_collected_round_by_round() -> None:
    results = Results()
    for value in (3.0, 1.0, 2.0):
        results.add("GET", "ours", "req/s", value, "req/s")
    point = results.get("GET", "ours", "req/s")
    assert point is not None
    assert (point.values, point.median) == ((3.0, 1.0, 2.0), 2.0)


def test_tables_rows_and_columns_keep_the_order_of_measuring() -> None:
    results = Results()
    results.add("b", "two", "p50", 1, "ms")
    results.add("b", "one", "p99", 1, "ms")
    results.remark("a", "one", "cannot")
    assert (results.tables(), results.rows("b"), results.columns("b")) == (["b", "a"], ["two", "one"], ["p50", "p99"])


def test_a_remark_is_made_once() -> None:
    results = Results()
    for _ in range(2):
        results.remark("a", "one", "cannot")
    assert len(results.remarks) == 1


def test_ratios_are_taken_round_by_round() -> None:
    assert ratios((10, 40), (100, 100)) == (0.1, 0.4)


def test_ratio_is_that_of_the_medians_where_a_round_is_missing() -> None:
    assert ratios((10, 20, 30), (100, 300)) == pytest.approx((0.1,))
