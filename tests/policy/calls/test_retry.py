from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calls.attempt_counts import throttle_delay
from policy.calls.retry import RetrySlot, conclude, conclusion, next_attempt
from policy.calls.retry_placement import place_retry
from policy.facts import AttemptFact
from policy.model.call import AttemptResult, Outcome, RetryPlan, Span, VoicemailAction, WeeklyWindow
from policy.time.dayparts import NIGHT, daypart
from policy.time.windows import HORIZON, ZonedWindow, next_opening, openings
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

R = AttemptResult
RING = timedelta(seconds=91)
LATER = {"voicemail_action": VoicemailAction.RETRY_LATER}


@pytest.mark.parametrize(
    ("seconds", "limit", "outcome"),
    [
        (0, 2, Outcome.HUNG_UP_EARLY),
        (2, 2, Outcome.HUNG_UP_EARLY),
        (3, 2, Outcome.COMPLETED),
        (None, 2, Outcome.COMPLETED),
        (0, 0, Outcome.COMPLETED),
        (5, 5, Outcome.HUNG_UP_EARLY),
    ],
)
def test_who_hangs_up_at_once_has_heard_nothing(seconds, limit, outcome):
    answered = replace(attempts(R.ANSWERED)[0], seconds=seconds)
    given = facts(attempts=(answered,), hung_up_early_seconds=limit)
    assert conclude(given) is outcome
    assert conclude(replace(given, reported_outcome=Outcome.CONFIRMED)) is Outcome.CONFIRMED


@pytest.mark.parametrize(
    ("results", "given", "outcome"),
    [
        ([], {}, None),
        ([R.ANSWERED], {}, Outcome.COMPLETED),
        ([R.ANSWERED], {"reported_outcome": Outcome.CONFIRMED}, Outcome.CONFIRMED),
        ([R.BUSY], {"reported_outcome": Outcome.CONFIRMED}, None),
        ([R.BUSY], {"reported_outcome": Outcome.OPTED_OUT}, Outcome.OPTED_OUT),
        ([], {"reported_outcome": Outcome.OPTED_OUT}, Outcome.OPTED_OUT),
        ([R.VOICEMAIL], {}, Outcome.VOICEMAIL),
        ([R.VOICEMAIL], {"reported_outcome": Outcome.CONFIRMED}, Outcome.VOICEMAIL),
        ([R.VOICEMAIL], {"voicemail_action": VoicemailAction.LEAVE_MESSAGE}, Outcome.VOICEMAIL),
        ([R.VOICEMAIL], LATER, None),
        ([R.VOICEMAIL] * 3, LATER, Outcome.VOICEMAIL),
        ([R.INVALID], {}, Outcome.INVALID),
        ([R.REFUSED], {}, Outcome.FAILED),
        ([R.DECLINED], {}, Outcome.DECLINED),
        ([R.CANCELED], {}, Outcome.CANCELED),
        ([R.UNKNOWN], {}, Outcome.UNKNOWN),
        ([R.UNKNOWN], {"redial_unknown": True}, None),
        ([R.UNKNOWN] * 3, {"redial_unknown": True}, Outcome.UNKNOWN),
        ([R.BUSY, R.BUSY], {}, None),
        ([R.BUSY, R.NO_ANSWER, R.BUSY], {}, Outcome.BUSY),
        ([R.BUSY, R.BUSY, R.NO_ANSWER], {}, Outcome.NO_ANSWER),
        ([R.BUSY, R.BUSY, R.NETWORK_ERROR], {}, Outcome.FAILED),
        ([R.BUSY], {"retry": RetryPlan(max_attempts=1)}, Outcome.BUSY),
        ([R.BUSY, R.THROTTLED, R.NOT_SENT, R.BUSY], {}, None),
        ([R.THROTTLED] * 19, {}, None),
        ([R.THROTTLED] * 20, {}, Outcome.FAILED),
        ([R.THROTTLED] * 19 + [R.NOT_SENT, R.THROTTLED], {}, Outcome.FAILED),
        ([R.THROTTLED] * 19 + [R.BUSY, R.THROTTLED], {}, None),
        ([R.NOT_SENT] * 40, {}, None),
        ([R.ACCOUNT_REFUSED] * 400, {}, None),
        ([R.BUSY, R.BUSY, R.ACCOUNT_REFUSED], {}, None),
        ([R.ANSWERED, R.NOT_SENT], {}, Outcome.COMPLETED),
        ([R.NOT_SERVED], {}, None),
        ([R.NOT_SERVED], {"retry": RetryPlan(max_attempts=1)}, None),
        ([R.NOT_SERVED], {"retry": RetryPlan(not_served=0)}, Outcome.NOT_SERVED),
        ([R.NOT_SERVED, R.NOT_SERVED], {}, Outcome.NOT_SERVED),
        ([R.NOT_SERVED, R.BUSY, R.BUSY], {}, None),
        ([R.NOT_SERVED, R.BUSY, R.BUSY, R.BUSY], {}, Outcome.BUSY),
        ([R.NOT_SERVED, R.ANSWERED], {}, Outcome.COMPLETED),
    ],
)
def test_attempts_conclude_a_call_or_leave_it_open(results, given, outcome):
    assert conclude(facts(attempts=attempts(*results), **given)) == outcome


def test_the_reason_tells_a_settled_call_from_an_exhausted_one():
    assert conclusion(facts(attempts=attempts(R.ANSWERED))) == (Outcome.COMPLETED, "concluded")
    exhausted = conclusion(facts(attempts=attempts(R.BUSY, R.BUSY, R.BUSY)))
    assert exhausted == (Outcome.BUSY, "attempts_exhausted")


HOURS = {hours: timedelta(hours=hours) for hours in (1, 2, 4, 24)}
PLAN = RetryPlan(voicemail=HOURS[2])


@pytest.mark.parametrize(
    ("results", "given", "delay", "avoid", "reason"),
    [
        ([R.BUSY], {}, HOURS[4], None, "retry_busy"),
        ([R.NO_ANSWER], {}, HOURS[24], "morning", "retry_no_answer"),
        ([R.NETWORK_ERROR], {}, HOURS[1], None, "retry_network_error"),
        ([R.VOICEMAIL], LATER, HOURS[24], "morning", "retry_voicemail"),
        ([R.VOICEMAIL], {**LATER, "retry": PLAN}, HOURS[2], None, "retry_voicemail"),
        ([R.UNKNOWN], {"redial_unknown": True}, HOURS[1], None, "retry_unknown"),
        ([R.NOT_SENT], {}, timedelta(), None, "retry_not_sent"),
        ([R.NOT_SENT] * 2, {}, timedelta(seconds=5), None, "retry_not_sent"),
        ([R.NOT_SENT] * 3, {}, timedelta(seconds=10), None, "retry_not_sent"),
        ([R.NOT_SENT] * 50, {}, timedelta(minutes=5), None, "retry_not_sent"),
        ([R.ACCOUNT_REFUSED] * 9, {}, timedelta(), None, "retry_account_refused"),
        ([R.THROTTLED], {}, timedelta(seconds=5), None, "retry_throttled"),
        ([R.THROTTLED] * 3, {}, timedelta(seconds=20), None, "retry_throttled"),
        (
            [R.NO_ANSWER],
            {"retry": RetryPlan(no_answer=timedelta(seconds=2))},
            timedelta(seconds=2),
            None,
            "retry_no_answer",
        ),
    ],
)
def test_the_plan_says_when_to_try_again_after_what(results, given, delay, avoid, reason):
    made = attempts(*results)
    slot = next_attempt(facts(attempts=made, **given))
    assert slot is not None
    assert slot.earliest == made[-1].settled_at + delay
    assert (slot.avoid_daypart, slot.reason) == (avoid, reason)


def test_there_is_no_retry_before_the_first_attempt():
    assert next_attempt(facts()) is None


@pytest.mark.parametrize("uncounted", [R.THROTTLED, R.NOT_SENT, R.ACCOUNT_REFUSED])
def test_an_attempt_that_rang_nowhere_takes_nothing_of_the_wait_after_a_no_answer(uncounted):
    made = attempts(R.NO_ANSWER, uncounted)
    slot = next_attempt(facts(attempts=made))
    assert slot is not None
    assert slot.earliest == made[0].settled_at + HOURS[24]
    assert slot.avoid_daypart == "morning"


def test_throttling_backs_off_by_doubling_up_to_five_minutes():
    seconds = [throttle_delay(n).total_seconds() for n in (1, 2, 3, 6, 7, 8, 19)]
    assert seconds == [5, 10, 20, 160, 300, 300, 300]


@pytest.mark.parametrize(
    ("clock", "part"),
    [
        ("00:00", "night"),
        ("02:30", "night"),
        ("05:59", "night"),
        ("06:00", "morning"),
        ("11:29", "morning"),
        ("11:30", "midday"),
        ("13:59", "midday"),
        ("14:00", "afternoon"),
        ("17:29", "afternoon"),
        ("17:30", "evening"),
        ("21:59", "evening"),
        ("22:00", "night"),
        ("23:59", "night"),
    ],
)
def test_the_day_has_five_parts_on_the_recipients_clock(clock, part):
    assert daypart(at(f"2026-11-18 {clock}", NEW_YORK), NEW_YORK) == part


def slot_at(instant, avoid):
    return RetrySlot(instant, avoid, "retry_no_answer", "Nobody answered")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("window", "earliest", "avoid", "placed"),
    [
        (("08:00", "21:00"), "2026-11-19 10:00", "morning", "2026-11-19 11:30"),
        (("08:00", "21:00"), "2026-11-19 10:00", None, "2026-11-19 10:00"),
        (("08:00", "21:00"), "2026-11-19 10:00", "evening", "2026-11-19 10:00"),
        (("08:00", "21:00"), "2026-11-19 18:00", "evening", "2026-11-20 08:00"),
        (("08:00", "21:00"), "2026-11-19 22:00", "evening", "2026-11-20 08:00"),
        (("08:00", "21:00"), "2026-11-19 06:00", "morning", "2026-11-19 11:30"),
        # the window has no other part of the day to offer
        (("09:00", "11:00"), "2026-11-19 10:00", "morning", "2026-11-19 10:00"),
        (("18:00", "05:00"), "2026-11-19 10:00", "evening", "2026-11-19 18:00"),
        # a minute of midday is too short to ring in
        (("09:00", "11:31"), "2026-11-19 10:00", "morning", "2026-11-19 10:00"),
        # the night is nobody's other time of day
        (("08:00", "23:30"), "2026-11-19 18:00", "evening", "2026-11-20 08:00"),
        (("18:00", "23:30"), "2026-11-19 10:00", "evening", "2026-11-19 18:00"),
        (("18:00", "05:00"), "2026-11-19 23:00", "night", "2026-11-20 18:00"),
        (("00:00", "24:00"), "2026-11-19 01:00", "night", "2026-11-19 06:00"),
        # and the next day's morning too
        (("17:00", "20:00"), "2026-11-19 18:00", "evening", "2026-11-20 17:00"),
    ],
)
def test_a_retry_is_placed_in_another_part_of_the_day_where_the_window_allows(
    window, earliest, avoid, placed
):
    slot = slot_at(at(earliest, NEW_YORK), avoid)
    windows = [ZonedWindow(daily(*window), NEW_YORK)]
    assert place_retry(slot, windows, [NEW_YORK], None, RING) == at(placed, NEW_YORK)


def test_a_deadline_is_rather_met_in_the_same_part_of_the_day_than_missed():
    slot = slot_at(at("2026-11-19 10:00", NEW_YORK), "morning")
    windows = [ZonedWindow(daily("08:00", "21:00"), NEW_YORK)]
    soon, sooner = at("2026-11-19 11:00", NEW_YORK), at("2026-11-19 09:00", NEW_YORK)
    assert place_retry(slot, windows, [NEW_YORK], soon, RING) == slot.earliest
    assert place_retry(slot, windows, [NEW_YORK], sooner, RING) is None


def test_a_window_that_never_opens_leaves_no_retry():
    never = [ZonedWindow(WeeklyWindow({}), NEW_YORK)]
    assert place_retry(slot_at(NOW, "morning"), never, [NEW_YORK], None, RING) is None


def test_a_part_of_the_day_is_left_over_a_clock_change():
    slot = slot_at(at("2026-11-01 00:30", NEW_YORK), "night")
    assert place_retry(slot, [], [NEW_YORK], None, RING) == at("2026-11-01 06:00", NEW_YORK)


quarters = st.integers(0, 95)
window_spans = st.tuples(quarters, st.integers(1, 60)).map(
    lambda s: Span(15 * s[0], 15 * (s[0] + s[1]))
)
window_weeks = st.dictionaries(
    st.integers(0, 6), window_spans.map(lambda span: (span,)), min_size=1
).map(WeeklyWindow)
zone_names = st.sampled_from([NEW_YORK, "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"])
dial_times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)


@settings(max_examples=200, deadline=None)
@given(dial_times, zone_names, window_weeks)
def test_after_a_no_answer_a_day_passes_and_the_part_of_the_day_changes_where_it_can(
    dialed_at, zone_name, week
):
    last = AttemptFact(1, dialed_at, dialed_at + timedelta(seconds=30), R.NO_ANSWER)
    slot = next_attempt(facts(recipient_zone=zone_name, attempts=(last,)))
    assert slot is not None
    windows = [ZonedWindow(week, zone_name)]
    placed = place_retry(slot, windows, [zone_name], None, RING)
    first = next_opening(windows, slot.earliest, slot.earliest + HORIZON, RING)
    assert placed is not None
    assert first is not None
    assert placed - last.settled_at >= timedelta(hours=24)
    assert first.start <= placed <= first.start + timedelta(hours=24)
    assert next_opening(windows, placed, placed + RING, RING) is not None
    before = daypart(dialed_at, zone_name)
    if daypart(placed, zone_name) == before:
        reach = first.start + timedelta(hours=24) + RING
        for one in openings(windows, first.start, reach):
            starts = (one.start + timedelta(minutes=n) for n in range(0, 1440, 5))
            usable = [start for start in starts if start + RING <= one.end]
            assert all(daypart(start, zone_name) in {before, NIGHT} for start in usable)
    if daypart(placed, zone_name) == NIGHT:
        assert placed == first.start
