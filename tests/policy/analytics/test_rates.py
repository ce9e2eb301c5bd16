"""What a call adds, and the rates that follow; each beside its definition."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.analytics.counters import (
    MEASURES,
    WAIT_MEASURES,
    WAIT_STEPS,
    CountedCall,
    CountedDial,
    Dimensions,
    counted,
    wait_of,
)
from policy.analytics.rates import figures, percentile
from policy.model.call import AttemptResult, Outcome
from policy.time.quarter_hours import month_of, quarter_of

R = AttemptResult
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
CALLER, PLACE = "+12125550100", "US-NY"


def dial(result: AttemptResult, after: float = 10, **more: object) -> CountedDial:
    at = NOON + timedelta(seconds=after)
    return CountedDial(at, result, CALLER, jurisdiction=PLACE, **more)  # type: ignore[arg-type]


def story(outcome: Outcome | None, *dials: CountedDial) -> CountedCall:
    return CountedCall(NOON, CALLER, PLACE, outcome, dials)


def of_call(outcome: Outcome | None, *dials: CountedDial) -> dict[str, int]:
    """Everything that a call adds, wherever."""
    found: dict[str, int] = {}
    for sums in counted(story(outcome, *dials)).values():
        for name, number in sums.items():
            found[name] = found.get(name, 0) + number
    return found


@pytest.mark.parametrize(
    ("outcome", "results", "added"),
    [
        (None, [], {"scheduled"}),
        (Outcome.SUPPRESSED, [], {"scheduled"}),
        (None, [R.THROTTLED, R.NOT_SENT, R.ACCOUNT_REFUSED], {"scheduled"}),
        (Outcome.BUSY, [R.BUSY], {"scheduled", "attempted"}),
        (Outcome.UNKNOWN, [R.UNKNOWN], {"scheduled", "attempted"}),
        (Outcome.VOICEMAIL, [R.VOICEMAIL], {"scheduled", "attempted", "connected"}),
        # A machine, and a call that was canceled before the next try.
        (Outcome.CANCELED, [R.VOICEMAIL], {"scheduled", "attempted", "connected"}),
        (
            Outcome.COMPLETED,
            [R.NO_ANSWER, R.ANSWERED],
            {"scheduled", "attempted", "connected", "answered", "completed"},
        ),
        (
            Outcome.OPTED_OUT,
            [R.ANSWERED],
            {"scheduled", "attempted", "connected", "answered", "completed", "opted_out"},
        ),
        # By a call or a text of theirs: nobody had picked up.
        (Outcome.OPTED_OUT, [R.NO_ANSWER], {"scheduled", "attempted"}),
        (Outcome.COMPLETED, [], {"scheduled"}),
        # Answered, and not completed.
        (
            Outcome.HUNG_UP_EARLY,
            [R.ANSWERED],
            {"scheduled", "attempted", "connected", "answered"},
        ),
    ],
)
def test_a_call_counts_once_for_all_it_has_reached(
    outcome: Outcome | None, results: list[AttemptResult], added: set[str]
):
    found = of_call(outcome, *(dial(result) for result in results))
    stages = ("scheduled", "attempted", "connected", "answered", "completed", "opted_out")
    assert {name: found.get(name, 0) for name in stages} == {
        name: int(name in added) for name in stages
    }


def test_talk_and_cost_of_all_attempts_are_the_calls():
    found = of_call(
        Outcome.COMPLETED,
        dial(R.VOICEMAIL, cost=1, duration=20),
        dial(R.NO_ANSWER, cost=2, duration=0),
        dial(R.ANSWERED, cost=4, duration=60),
    )
    assert (found["cost"], found["spent"], found["dials"]) == (7, 7, 3)
    assert (found["talked"], found["timed"]) == (80, 1)


def test_a_call_counts_when_it_was_accepted_and_an_attempt_when_it_was_dialed():
    late = CountedDial(NOON + timedelta(days=1), R.ANSWERED, "+12125550101", jurisdiction="US-CA")
    found = counted(story(Outcome.COMPLETED, dial(R.BUSY), late))
    quarter = quarter_of(NOON)
    assert set(found) == {
        Dimensions(quarter, CALLER, PLACE),
        Dimensions(quarter + 96, "+12125550101", "US-CA"),
    }
    assert found[Dimensions(quarter, CALLER, PLACE)]["attempts"] == 1
    assert found[Dimensions(quarter + 96, "+12125550101", "US-CA")] == {
        "attempts": 1,
        "attempts_answered": 1,
    }


def test_an_attempt_is_also_counted_by_the_week_of_the_recipients_clock():
    found = counted(story(None, dial(R.BUSY, zone="Asia/Tokyo")))
    [week] = [heading.week for heading in found if heading.week is not None]
    # Noon in UTC is nine in the evening of that Wednesday.
    assert week == (month_of(NOON.date()), 2 * 48 + 42)


def test_an_unknown_clock_is_not_guessed():
    found = counted(story(None, dial(R.BUSY, zone="Mars/Olympus")))
    assert {heading.week for heading in found} == {None}


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0, "wait_1"), (0.9, "wait_1"), (1, "wait_2"), (59, "wait_60"), (60, "wait_300"),
     (7 * 86_400 - 1, "wait_604800"), (7 * 86_400, "wait_longer"), (-3, "wait_1")],
)  # fmt: skip
def test_a_wait_is_counted_in_the_step_that_it_lies_in(seconds: float, name: str):
    found = of_call(None, dial(R.BUSY, after=seconds))
    assert {step: found.get(step, 0) for step in WAIT_MEASURES} == {
        step: int(step == name) for step in WAIT_MEASURES
    }
    assert found.get("waited", 0) == max(0, int(seconds))


def test_two_clocks_that_differ_make_no_negative_wait():
    assert wait_of(NOON, NOON - timedelta(seconds=5)) == 0


# -- figures


def test_rates_are_ratios_of_what_their_names_say():
    found = figures(
        {
            "scheduled": 10, "attempted": 8, "connected": 5, "answered": 4, "completed": 3,
            "opted_out": 1, "dials": 12, "timed": 4, "talked": 100, "cost": 900, "waited": 80,
            "ended_confirmed": 3, "ended_busy": 1, "attempts": 20, "attempts_answered": 5,
            "attempts_voicemail": 2, "spent": 700,
        }
    )  # fmt: skip
    assert found.attempt_rate == 8 / 10
    assert found.connect_rate == 5 / 8
    assert found.completion_rate == 3 / 5
    assert found.voicemail_share == (5 - 4) / 5
    assert found.opt_out_rate == 1 / 3
    assert found.average_duration == 100 / 4
    assert found.attempts_per_answered_call == 12 / 4
    assert found.answer_rate == 5 / 20
    assert (found.ended, found.cost, found.spent) == (4, 900, 700)
    confirmed = found.outcomes[Outcome.CONFIRMED]
    assert (confirmed.calls, confirmed.share, confirmed.cost_each) == (3, 0.75, 300)
    assert found.time_to_first_dial.average == 80 / 8


def test_of_nothing_there_are_no_rates():
    found = figures({})
    rates = (found.attempt_rate, found.connect_rate, found.completion_rate, found.opt_out_rate)
    assert rates == (None, None, None, None)
    assert found.time_to_first_dial.median is None
    assert all(one.cost_each is None for one in found.outcomes.values())


@pytest.mark.parametrize(
    ("counts", "part", "wait"),
    [
        ({"wait_1": 10}, 0.5, 0.5),
        ({"wait_1": 1, "wait_60": 1}, 0.5, 1.0),
        ({"wait_1": 1, "wait_60": 1}, 0.9, 54.0),  # eight tenths from 30 to 60
        ({"wait_longer": 3}, 0.5, float(WAIT_STEPS[-1])),
        ({}, 0.5, None),
    ],
)
def test_percentiles_lie_in_the_step_in_which_they_are_reached(
    counts: dict[str, int], part: float, wait: float | None
):
    steps = [counts.get(name, 0) for name in WAIT_MEASURES]
    assert percentile(steps, part) == wait


@given(st.lists(st.integers(0, 8 * 86_400), min_size=1, max_size=60), st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_never_farther_off_than_its_step(waits: list[int], part: float):
    steps = [0] * len(WAIT_MEASURES)
    for wait in waits:
        steps[sum(step <= wait for step in WAIT_STEPS)] += 1
    found = percentile(steps, part)
    exact = sorted(waits)[max(0, -int(-part * len(waits) // 1) - 1)]
    ends = [0, *WAIT_STEPS, WAIT_STEPS[-1]]
    index = sum(step <= exact for step in WAIT_STEPS)
    assert found is not None
    assert ends[index] <= found <= ends[index + 1]


results = st.sampled_from(list(R))


def ended(outcome: Outcome | None, results: list[AttemptResult]) -> CountedCall:
    return story(outcome, *(dial(result, duration=5, cost=1) for result in results))


stories = st.builds(ended, st.sampled_from([None, *Outcome]), st.lists(results, max_size=5))


@given(st.lists(stories, max_size=12))
def test_each_stage_is_a_part_of_the_one_before_and_the_ended_are_the_outcomes(
    lived: list[CountedCall],
):
    sums: dict[str, int] = {}
    for one in lived:
        for added in counted(one).values():
            assert set(added) <= set(MEASURES)
            for name, number in added.items():
                sums[name] = sums.get(name, 0) + number
    found = figures(sums)
    assert found.scheduled == len(lived)
    assert found.scheduled >= found.attempted >= found.connected >= found.answered
    assert found.connected >= found.completed
    assert found.attempts >= found.attempts_answered + found.attempts_voicemail
    assert found.ended == sum(one.outcome is not None for one in lived)
    assert found.cost == found.spent
    assert sum(sums.get(name, 0) for name in WAIT_MEASURES) == found.attempted


@pytest.mark.parametrize(
    ("outcome", "left", "counts"),
    [
        (Outcome.VOICEMAIL, True, 1),
        (Outcome.VOICEMAIL, False, 0),
        # A message was left, and then a person was reached.
        (Outcome.COMPLETED, True, 0),
    ],
)
def test_a_machine_that_was_told_something_is_counted_apart(
    outcome: Outcome, left: bool, counts: int
):
    told = CountedCall(NOON, CALLER, PLACE, outcome, (dial(R.VOICEMAIL),), left)
    sums = Counter[str]()
    for one in counted(told).values():
        sums.update(one)
    assert sums["messages_left"] == counts
    assert figures(sums).messages_left == counts


def test_whoever_was_put_through_to_somebody_is_counted_once_a_call():
    dials = (dial(R.NO_ANSWER), dial(R.ANSWERED))
    told = CountedCall(NOON, CALLER, PLACE, Outcome.COMPLETED, dials, was_transferred=True)
    sums = Counter[str]()
    for one in counted(told).values():
        sums.update(one)
    assert (sums["transferred"], figures(sums).transferred) == (1, 1)
