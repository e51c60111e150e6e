import xml.etree.ElementTree as ET

import pytest

from benchmarks import chart, report
from benchmarks.figures import Point, Results
from benchmarks.peers import BARE, OURS
from benchmarks.sections import first

MACHINE = {"processor": "A processor", "cores": "2", "Java": ""}


@pytest.fixture
def results() -> Results:
    made = Results()
    for value in (0.5, 0.4, 0.7):
        made.add(first.TABLE, OURS.name, first.SECONDS, value, "s")
    made.add(first.TABLE, BARE.name, first.SECONDS, 0.1, "s")
    made.remark(first.TABLE, "Prism", "cannot be started")
    return made


@pytest.mark.parametrize(
    ("values", "unit", "shown"),
    [
        ((1234.5, 1200.0, 1300.0), "req/s", "1,234 (1,200 to 1,300)"),
        ((0.5,), "ms", "0.50"),
        ((0.501, 0.502), "ms", "0.50"),
        ((12.34,), "ms", "12.3"),
        ((1.0,), "yes/no", "yes"),
        ((0.0,), "yes/no", "no"),
    ],
)
def test_cell_has_the_median_and_the_spread_that_can_be_seen(values: tuple[float, ...], unit: str, shown: str) -> None:
    assert report.cell(Point("t", "r", "c", values, unit)) == shown


def test_table_names_its_columns_rows_and_what_is_missing(results: Results) -> None:
    text = report.markdown(results, MACHINE)
    assert "| ours, memory | 0.50 (0.40 to 0.70) |" in text
    assert "- Prism: cannot be started" in text
    assert "processor A processor, cores 2." in text


def test_report_is_made_again_from_its_figures(results: Results) -> None:
    again, machine = report.from_json(report.to_json(results, MACHINE))
    assert report.markdown(again, machine) == report.markdown(results, MACHINE)


def test_chart_draws_a_bar_by_its_figure(results: Results) -> None:
    root = ET.fromstring(chart.svg(results))
    bars = [float(bar.get("width", "")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")][-2:]
    assert bars[0] / bars[1] == pytest.approx(0.1 / 0.5, abs=0.01)


def test_chart_of_nothing_has_no_panel() -> None:
    assert "First answer after start" not in chart.svg(Results()).partition("</title>")[2]
