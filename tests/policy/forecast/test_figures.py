"""Figures of a forecast: percentiles over runs, series, and rates that were learned."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.dispatch.dwrr import WaitingCall, order
from policy.forecast.callees import CalleeRates, Callees, luck_of, unit
from policy.forecast.figures import MOST_STEPS, figures, spread
from policy.forecast.learned_rates import ResultCount, learned
from policy.forecast.run_record import GRAIN, RunRecord
from policy.forecast.ticks import instant_of, tick_of
from policy.model.call import AttemptResult
from policy.statistics import Sample
from tests.policy.forecast.campaigns import ALL_ANSWER, BEGIN, plan, run
from tests.policy.make import NOW


def test_a_percentile_is_a_number_of_some_run() -> None:
    found = spread(range(1, 11))
    assert (found.p10, found.p50, found.p90) == (1, 5, 9)
    alone = spread([3])
    assert (alone.p10, alone.p50, alone.p90) == (3, 3, 3)


def test_what_happens_in_few_runs_is_0_in_most() -> None:
    runs = [RunRecord(missed=Counter(deadline_passed=5 if n == 0 else 0)) for n in range(10)]
    assert figures(runs, BEGIN).missed["deadline_passed"].p50 == 0


def test_a_series_adds_up_to_all_dials_and_all_busy_time() -> None:
    record = run(plan(200, rates=ALL_ANSWER))
    found = figures([record], BEGIN)
    assert sum(point.dials.p50 for point in found.series) == 200
    busy = sum(point.busy.p50 for point in found.series) * found.step / 1_000_000
    assert abs(busy - sum(record.busy.values())) < 1
    assert found.series[0].at <= BEGIN < found.series[0].at + found.step


def test_a_long_series_has_longer_steps_and_never_too_many() -> None:
    far = RunRecord(dials=Counter({BEGIN // GRAIN: 1, BEGIN // GRAIN + 50 * 288: 1}))
    found = figures([far], BEGIN)
    assert len(found.series) <= MOST_STEPS
    assert sum(point.dials.p50 for point in found.series) == 2


@given(st.integers(0, 2**31), st.integers(0, 10**9), st.integers(1, 20))
def test_luck_is_a_number_between_0_and_1_and_always_the_same(
    seed: int, callee: int, number: int
) -> None:
    drawn = [unit(luck_of(seed, callee), number, question) for question in range(4)]
    assert all(0 <= one < 1 for one in drawn)
    assert len(set(drawn)) == 4
    assert drawn == [unit(luck_of(seed, callee), number, question) for question in range(4)]


def test_over_many_callees_luck_gives_the_rates_that_were_asked_for() -> None:
    rates = CalleeRates(answered=0.3, voicemail=0.2, busy=0.1, talk_seconds=60)
    callees = Callees(rates, ring_timeout=30, max_duration=3600, detects=True)
    dials = [callees.dial(luck_of(1, n), 1) for n in range(20_000)]
    counts = Counter(one.result for one in dials)
    for result, share in (
        (AttemptResult.ANSWERED, 0.3),
        (AttemptResult.VOICEMAIL, 0.2),
        (AttemptResult.BUSY, 0.1),
        (AttemptResult.NO_ANSWER, rates.no_answer),
    ):
        assert abs(counts[result] / len(dials) - share) < 0.012, result
    talks = [one.talked for one in dials if one.result is AttemptResult.ANSWERED]
    assert abs(sum(talks) / len(talks) - 60) < 2
    assert all(one.held <= 4 + 30 for one in dials if not one.talked)


def test_a_machine_that_is_not_told_from_a_person_counts_as_an_answer() -> None:
    rates = CalleeRates(answered=0.0, voicemail=1.0, busy=0, invalid=0, failed=0, declined=0)
    terms = {"ring_timeout": 30, "max_duration": 60}
    deaf = Callees(rates, **terms, detects=False).dial(luck_of(1, 1), 1)
    assert deaf.result is AttemptResult.ANSWERED
    assert Callees(rates, **terms, detects=True).dial(luck_of(1, 1), 1).talked > 0


def test_at_an_hour_at_which_more_answer_the_same_luck_finds_more() -> None:
    rates = CalleeRates(answered=0.2, by_slot={40: 0.9})
    callees = Callees(rates, ring_timeout=30, max_duration=600, detects=True)

    def answered(slot: int) -> set[int]:
        dials = {n: callees.dial(luck_of(3, n), 1, slot) for n in range(1000)}
        return {n for n, one in dials.items() if one.result is AttemptResult.ANSWERED}

    assert answered(7) < answered(40)
    assert len(answered(40)) > 850


def test_rates_are_learned_from_enough_attempts_and_assumed_before() -> None:
    few = {AttemptResult.ANSWERED: ResultCount(50, 90.0)}
    assert learned(few, {}, CalleeRates()).rates == CalleeRates()
    many = {
        AttemptResult.ANSWERED: ResultCount(50, 90.0),
        AttemptResult.NO_ANSWER: ResultCount(40),
        AttemptResult.REFUSED: ResultCount(10),
        AttemptResult.CANCELED: ResultCount(1000),
    }
    found = learned(many, {}, CalleeRates())
    assert (found.rates.answered, found.rates.failed, found.rates.busy) == (0.5, 0.1, 0.0)
    assert found.rates.no_answer == pytest.approx(0.4)
    assert found.rates.talk_seconds == 90.0
    assert found.attempts == 100
    assert "voicemail_seconds" not in found.named


def test_an_hour_with_too_few_attempts_has_the_rate_of_its_part_of_the_day() -> None:
    results = {AttemptResult.ANSWERED: ResultCount(100)}
    # Monday 09:00 and 09:30, and 18:00: a slot is half an hour.
    slots = {18: Sample(30, 40), 19: Sample(0, 10), 36: Sample(1, 2)}
    rates = learned(results, slots, CalleeRates()).rates.by_slot
    assert (rates[18], rates[19]) == (0.75, 0.6)
    assert 36 not in rates


calls = st.lists(
    st.integers(0, 3600).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    min_size=1,
    max_size=12,
    unique=True,
)


@given(calls, st.integers(1, 5), st.sampled_from([None, NOW + timedelta(minutes=40)]))
def test_of_one_class_alone_the_longest_waiting_goes_first_in_policys_order_too(
    queued: list[datetime], take: int, deadline: datetime | None
) -> None:
    """A forecast asks `order` only where others wait."""
    in_line = sorted(queued)
    waiting = [WaitingCall(str(at), "ours", 5, deadline, at) for at in queued]
    turns, _ = order(waiting, {"ours|5": 3}, NOW, take)
    assert [one.queued_at for one in turns] == in_line[:take]


def test_ticks_are_instants_exactly() -> None:
    at = NOW + timedelta(microseconds=123_457)
    assert instant_of(tick_of(at)) == at
