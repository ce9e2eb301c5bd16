"""An agent's best times move its calls within what is allowed, and never out of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calls.decide import decide
from policy.model.call import AttemptResult, DecisionKind, RetryPlan
from policy.model.reasons import Reason
from policy.promises import Promise
from policy.time.best_times import BEST_TIMES_REACH, LEAST_ANSWERS, BestTimePreset, BestTimes
from policy.time.dayparts import DaypartRate
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

BUSINESS, CONSUMERS = (BestTimes(one) for one in BestTimePreset)
LOS_ANGELES = "America/Los_Angeles"
HOUR = timedelta(hours=1)


def learned(*rates):
    """An agent's own rates: (daypart, answered, attempts)."""
    return replace(CONSUMERS, rates=tuple(DaypartRate(*one) for one in rates))


@pytest.mark.parametrize(
    ("best", "now", "expected"),
    [
        (BUSINESS, "2026-11-18 08:00", "2026-11-18 10:00"),
        (BUSINESS, "2026-11-18 10:30", None),
        (BUSINESS, "2026-11-18 11:00", "2026-11-18 14:00"),
        (BUSINESS, "2026-11-18 16:00", "2026-11-19 10:00"),
        # Over a weekend.
        (BUSINESS, "2026-11-20 16:00", "2026-11-23 10:00"),
        (CONSUMERS, "2026-11-18 10:00", "2026-11-18 17:00"),
        (CONSUMERS, "2026-11-18 19:30", None),
        (CONSUMERS, "2026-11-18 20:00", "2026-11-19 17:00"),
        (CONSUMERS, "2026-11-21 09:00", "2026-11-21 10:00"),
        (CONSUMERS, "2026-11-21 12:00", "2026-11-22 10:00"),
        # The phone must not ring past the end: 31 s of ringing and its margin.
        (CONSUMERS, "2026-11-18 19:59", "2026-11-19 17:00"),
    ],
)
def test_a_first_attempt_waits_for_the_times_of_its_preset(best, now, expected):
    decision = decide(facts(best_times=best), at(now, NEW_YORK))
    if expected is None:
        assert decision.kind is DecisionKind.DIAL
    else:
        assert (decision.kind, decision.reason) == (DecisionKind.WAIT, Reason.BEST_TIME)
        assert decision.until == at(expected, NEW_YORK)


def test_the_times_are_those_of_the_recipients_clock():
    given = facts(best_times=CONSUMERS, recipient_zone=LOS_ANGELES, endpoint="+12135550123")
    decision = decide(given, at("2026-11-18 17:30", NEW_YORK))
    assert decision.until == at("2026-11-18 17:00", LOS_ANGELES)


def test_a_held_call_says_how_much_is_known_so_far():
    some = learned(("evening", 12, 50))
    told = decide(facts(best_times=some), NOW).detail
    assert "Preset consumers until 40 answers (12 so far): weekdays 17-20, weekends 10-12" in told


@pytest.mark.parametrize(
    ("best", "now", "expected"),
    [
        # The morning is as good as the evening, as far as anybody can tell.
        (learned(("evening", 30, 60), ("morning", 25, 55)), "2026-11-18 08:30", None),
        (learned(("evening", 60, 90), ("morning", 5, 90)), "2026-11-18 08:30", "2026-11-18 17:30"),
        # Too few answers, or too few attempts at any time of day.
        (learned(("morning", 39, 39)), "2026-11-18 08:30", "2026-11-18 17:00"),
        (learned(("morning", 20, 25), ("evening", 20, 25)), "2026-11-18 08:30", "2026-11-18 17:00"),
    ],
)
def test_an_agents_own_answers_take_over_once_they_say_enough(best, now, expected):
    decision = decide(facts(best_times=best), at(now, NEW_YORK))
    assert decision.until == (None if expected is None else at(expected, NEW_YORK))


def test_learned_times_are_told_as_learned():
    best = learned(("evening", 60, 90), ("morning", 5, 90))
    assert "Learned from 65 answers: evening" in decide(facts(best_times=best), NOW).detail


def test_a_deadline_wins_over_a_preset():
    soon = at("2026-11-18 16:00", NEW_YORK)
    assert decide(facts(best_times=CONSUMERS, deadline=soon), NOW).kind is DecisionKind.DIAL


def test_permitted_hours_that_never_meet_the_preset_win_over_it():
    morning = daily("08:00", "12:00", days=range(5))
    given = facts(best_times=CONSUMERS, business_hours=morning)
    assert decide(given, NOW).kind is DecisionKind.DIAL


def test_who_said_when_a_call_begins_is_taken_at_their_word():
    given = facts(best_times=CONSUMERS, not_before=NOW - HOUR)
    assert decide(given, NOW).kind is DecisionKind.DIAL
    campaign = replace(given, campaign_id="c")
    assert decide(campaign, NOW).reason == Reason.BEST_TIME


def test_a_promised_call_keeps_its_time():
    tried = attempts(AttemptResult.ANSWERED, dialed_at=NOW - 5 * HOUR)
    given = facts(best_times=CONSUMERS, attempts=tried, promise=Promise(NOW, 1))
    assert decide(given, NOW).kind is DecisionKind.DIAL


@pytest.mark.parametrize(
    ("result", "later", "expected"),
    [
        # Nobody answered in the afternoon: a day later, at another time of day, in the preset.
        (AttemptResult.NO_ANSWER, timedelta(hours=24), "2026-11-19 17:30"),
        # Four hours after busy are somebody's deliberate haste.
        (AttemptResult.BUSY, timedelta(hours=4), None),
    ],
)
def test_retries_of_another_day_are_held_and_quick_ones_are_not(result, later, expected):
    dialed = at("2026-11-18 14:30", NEW_YORK)
    tried = attempts(result, dialed_at=dialed)
    decision = decide(facts(best_times=CONSUMERS, attempts=tried), tried[-1].settled_at + later)
    if expected is None:
        assert decision.kind is DecisionKind.DIAL
    else:
        assert decision.until == at(expected, NEW_YORK)


@settings(deadline=None)
@given(
    best=st.sampled_from([BUSINESS, CONSUMERS, learned(("evening", 60, 90), ("morning", 5, 90))]),
    minutes=st.integers(0, 14 * 24 * 60),
    start=st.integers(6, 14),
    length=st.integers(1, 9),
    left=st.one_of(st.none(), st.integers(1, 100)),
    campaign=st.booleans(),
)
def test_best_times_never_leave_what_is_allowed(best, minutes, start, length, left, campaign):
    now = NOW + timedelta(minutes=minutes)
    plain = facts(
        call_window=daily(f"{start:02}:00", f"{start + length:02}:00"),
        deadline=None if left is None else now + left * HOUR,
        campaign_id="c" if campaign else None,
        retry=RetryPlan(),
    )
    without, held = decide(plain, now), decide(replace(plain, best_times=best), now)
    if without.kind is DecisionKind.END:
        assert held == without
        return
    first = now if without.until is None else without.until
    then = now if held.until is None else held.until
    assert first <= then <= first + BEST_TIMES_REACH
    assert decide(plain, then).kind is DecisionKind.DIAL
    # Asked again when its time has come, it is made.
    assert decide(replace(plain, best_times=best), then).kind is DecisionKind.DIAL


def test_as_many_answers_are_asked_for_as_pages_say():
    assert LEAST_ANSWERS == 40
