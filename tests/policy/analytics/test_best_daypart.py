"""`differentTimeOfDay` "best": the try comes when people have answered best, within its day."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from policy.calls.decide import decide
from policy.calls.retry import RetrySlot, next_attempt
from policy.calls.retry_placement import place_retry
from policy.facts import Facts
from policy.model.call import AttemptResult, DaypartChoice, DecisionKind, RetryPlan
from policy.time.dayparts import DaypartRate
from policy.time.windows import ZonedWindow
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

RING = timedelta(seconds=91)
BEST = RetryPlan(daypart=DaypartChoice.BEST)
MORNING, MIDDAY = DaypartRate("morning", 35, 40), DaypartRate("midday", 10, 40)
AFTERNOON, EVENING = DaypartRate("afternoon", 20, 40), DaypartRate("evening", 30, 40)
RATES = (MORNING, MIDDAY, AFTERNOON, EVENING)


def unmet(rates: tuple[DaypartRate, ...] = RATES, plan: RetryPlan = BEST, **more: object) -> Facts:
    """Nobody answered on Wednesday at 10:00 in New York, in the morning."""
    made = attempts(AttemptResult.NO_ANSWER)
    return facts(attempts=made, retry=plan, dayparts=rates, **more)


def slot_of(known: Facts) -> RetrySlot:
    slot = next_attempt(known)
    assert slot is not None
    return slot


def placed(known: Facts, *hours: str, deadline: datetime | None = None) -> datetime | None:
    windows = [ZonedWindow(daily(*hours), NEW_YORK)]
    return place_retry(slot_of(known), windows, [NEW_YORK], deadline, RING)


def test_the_best_are_those_with_enough_attempts_but_for_the_one_that_failed():
    assert slot_of(unmet()).better == (EVENING, AFTERNOON, MIDDAY)
    few = replace(EVENING, answered=29, attempts=29)
    assert slot_of(unmet((MORNING, AFTERNOON, few))).better == (AFTERNOON,)


def test_the_night_is_chosen_by_no_rate():
    assert slot_of(unmet((AFTERNOON, DaypartRate("night", 40, 40)))).better == (AFTERNOON,)


@pytest.mark.parametrize(
    "known",
    [
        unmet(plan=RetryPlan()),
        unmet(rates=()),
        # A shorter delay is somebody's haste.
        unmet(plan=replace(BEST, no_answer=timedelta(hours=2))),
        facts(attempts=attempts(AttemptResult.BUSY), retry=BEST, dayparts=RATES),
    ],
)
def test_rates_choose_nothing_where_nobody_asked_or_the_part_of_the_day_does_not_matter(known):
    assert slot_of(known).better == ()


@pytest.mark.parametrize(
    ("hours", "when"),
    [
        (("08:00", "21:00"), "2026-11-19 17:30"),
        # No evening: the next best.
        (("08:00", "17:00"), "2026-11-19 14:00"),
        (("08:00", "13:00"), "2026-11-19 11:30"),
        # Only the morning, which failed: the end of the delay.
        (("08:00", "11:00"), "2026-11-19 10:00:40"),
    ],
)
def test_the_best_that_the_window_has_is_taken(hours: tuple[str, str], when: str):
    assert placed(unmet(), *hours) == at(when, NEW_YORK)


def test_without_rates_the_next_part_of_the_day_is_taken():
    assert placed(unmet(rates=()), "08:00", "21:00") == at("2026-11-19 11:30", NEW_YORK)


def test_a_deadline_before_the_best_part_takes_the_best_that_is_left():
    soon = at("2026-11-19 16:00", NEW_YORK)
    assert placed(unmet(), "08:00", "21:00", deadline=soon) == at("2026-11-19 14:00", NEW_YORK)


def test_rates_that_change_while_a_call_waits_do_not_put_it_off_beyond_its_day():
    """Looked at again at the very end of the day, the evening is out of reach."""
    slot = slot_of(unmet())
    late = replace(slot, earliest=at("2026-11-20 09:30", NEW_YORK))
    windows = [ZonedWindow(daily("08:00", "21:00"), NEW_YORK)]
    found = place_retry(late, windows, [NEW_YORK], None, RING)
    assert found is not None
    assert found < at("2026-11-20 17:30", NEW_YORK)


def test_the_decision_says_which_rate_has_chosen():
    found = decide(unmet(recipient_zone=NEW_YORK), NOW + timedelta(minutes=5))
    assert (found.kind, found.until) == (DecisionKind.WAIT, at("2026-11-19 17:30", NEW_YORK))
    assert found.detail == (
        "Nobody answered; trying again Thu 19 Nov 17:30 (America/New_York), "
        "in the evening: 75 % of 40 attempts were answered then"
    )
