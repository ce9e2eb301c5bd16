"""Charts: round axes, bars that add up, and the same numbers in a table."""

from datetime import date

import pytest

from dashboard.charts.day_chart import HEIGHT, Part, bars_over_days, line_over_days
from dashboard.charts.heat_map import ROW, heat_map
from dashboard.charts.scale import marks

DAYS = [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)]
PARTS = (Part("completed", "good"), Part("failed", "bad"))


@pytest.mark.parametrize(
    ("most", "last", "count"),
    [(0, 1, 2), (1, 1, 2), (3, 3, 4), (7, 8, 5), (100, 100, 5), (101, 150, 4), (1234, 1500, 4)],
)
def test_an_axis_ends_at_a_round_number_that_is_not_below(most: float, last: float, count: int):
    found = marks(most)
    assert (found[0], found[-1], len(found)) == (0, last, count)


def test_whole_numbers_have_whole_marks():
    for most in range(1, 500):
        found = marks(most)
        assert all(one == int(one) for one in found), most
        assert found[-1] >= most
        assert found[-2] < most


def test_the_parts_of_a_bar_stand_on_each_other_and_reach_up_to_their_sum():
    chart = bars_over_days(
        "Ended", PARTS, [(DAYS[0], [3, 1]), (DAYS[1], [0, 0]), (DAYS[2], [0, 2])]
    )
    first, second, third = chart.bars
    assert first.y + first.height == HEIGHT
    assert second.y + second.height == pytest.approx(first.y)
    assert second.y == pytest.approx(0)
    assert third.height == pytest.approx(HEIGHT / 2)
    assert first.x < third.x
    assert chart.bars[0].says == "21 Nov: 3 completed"


def test_a_single_bar_is_no_wall_and_stands_in_the_middle():
    [bar] = bars_over_days("Ended", PARTS, [(DAYS[0], [3, 0])]).bars
    assert (bar.x, bar.width) == (44, 12)


def test_a_chart_says_in_words_and_in_a_table_what_it_shows():
    chart = bars_over_days("Ended", PARTS, [(day, [2, 1]) for day in DAYS])
    assert chart.says == "21 Nov to 23 Nov: 6 completed, 3 failed."
    assert chart.heads == ["day", "completed", "failed"]
    assert chart.rows[0] == ["21 Nov", "2", "1"]


def test_a_day_without_a_number_has_no_point():
    chart = line_over_days(
        "Answered", [(DAYS[0], 50.0), (DAYS[1], None), (DAYS[2], 100.0)], "{:.0f} %"
    )
    assert len(chart.points) == 2
    assert chart.points[1].y == 0
    assert chart.says == "21 Nov to 23 Nov: from 50 % to 100 %."
    assert [row[1] for row in chart.rows] == ["50 %", "–", "100 %"]


def test_no_days_make_an_empty_chart():
    assert bars_over_days("Ended", PARTS, []).is_empty
    assert line_over_days("Answered", [(day, None) for day in DAYS]).says == "Nothing yet."


def test_many_days_have_few_names_below():
    days = [(date.fromordinal(DAYS[0].toordinal() + n), [1, 0]) for n in range(90)]
    chart = bars_over_days("Ended", PARTS, days)
    assert 3 <= len(chart.below) <= 6
    assert max(bar.x + bar.width for bar in chart.bars) <= 100


def test_each_hour_of_the_week_has_its_place_and_says_if_it_is_of_few():
    chart = heat_map("Answers", {0: (5, 50), 18 + 24: (30, 50), 167: (1, 2), 5: (0, 0)}, least=30)
    assert len(chart.cells) == 3
    monday, tuesday, sunday = chart.cells
    assert (monday.y, tuesday.y, sunday.y) == (0, ROW, 6 * ROW)
    assert (monday.level, tuesday.level) == (1, 5)
    assert (monday.is_thin, sunday.is_thin) == (False, True)
    assert sunday.x + sunday.width == pytest.approx(100, abs=0.01)
    assert chart.says == "3 hours with attempts; most answered Tue 18:00, 60 %."
    assert ("Tue 18:00", "60 %", "30 of 50") in chart.rows
