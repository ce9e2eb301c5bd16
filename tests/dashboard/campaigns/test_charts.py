"""Steps that fit what is drawn, by the viewer's clock, and the same in words and numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.campaigns.charts import hour_table, outcomes_over_time
from policy.model.call import Outcome

NEW_YORK = ZoneInfo("America/New_York")
BEGIN = datetime(2026, 11, 23, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize("span", [timedelta(0), timedelta(hours=3), timedelta(days=40)])
def test_calls_are_drawn_in_a_dozen_to_sixty_steps_and_none_is_lost(span: timedelta):
    ends = [(BEGIN, Outcome.CONFIRMED, 3), (BEGIN + span, Outcome.BUSY, 2)]
    chart = outcomes_over_time(ends, NEW_YORK)
    assert chart is not None
    totals = [sum(int(row[n]) for row in chart.rows) for n in (1, 2, 3)]
    assert totals == [3, 2, 0]
    steps = 80 / chart.bars[0].width
    assert 11 < steps < 62


def test_nothing_is_drawn_before_a_call_has_ended():
    assert outcomes_over_time([], UTC) is None


def test_days_begin_by_the_viewers_clock():
    ends = [(BEGIN, Outcome.CONFIRMED, 1), (BEGIN + timedelta(days=59), Outcome.CONFIRMED, 1)]
    chart = outcomes_over_time(ends, NEW_YORK)
    assert chart is not None
    assert chart.rows[0][0] == "Mon 23 Nov"


def test_who_may_be_called_is_told_in_words_cells_and_stretches():
    table = hour_table([0, 2, 2, 4], BEGIN.replace(minute=0), 4, NEW_YORK)
    assert table.says == (
        "0 of 4 may be called within this hour; the first 2 from Mon 23 Nov, 11:00; "
        "most, 4, from Mon 23 Nov, 13:00."
    )
    [(day, cells)] = table.days
    assert day == "Mon 23 Nov"
    assert [cell.level for cell in cells if cell] == [0, 3, 3, 5]
    assert table.spans == [("Mon 23 Nov", "11:00–13:00", 2), ("Mon 23 Nov", "13:00–14:00", 4)]


def test_that_nobody_may_be_called_is_said():
    table = hour_table([0, 0], BEGIN, 7, UTC)
    assert table.says == "Nobody of 7 may be called within 7 days."
