"""A campaign on virtual time: caps and paces hold, nobody is lost, luck stays with the callee."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from policy.accounts.pricing import PriceRates
from policy.facts import Facts
from policy.forecast.callees import CalleeRates
from policy.forecast.campaign_plan import CampaignPlan, DialTerms, GoalTerms
from policy.forecast.run_record import GRAIN
from policy.forecast.slot_book import CapTerms, Rival
from policy.forecast.ticks import HOUR, MINUTE, instant_of
from policy.model.call import Outcome, RetryPlan
from policy.model.person import Person, Scope, Suppression
from tests.policy.forecast.campaigns import ALL_ANSWER, BEGIN, plan, run
from tests.policy.make import NOW, daily, facts

NEVER_THERE = replace(ALL_ANSWER, answered=0.0)


def everybody(record_of: CampaignPlan, seed: int = 1) -> int:
    record = run(record_of, seed)
    ways = (record.outcomes, record.refused, record.unfinished)
    return sum(sum(counts.values()) for counts in ways)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("known", [facts(), facts(deadline=NOW + timedelta(hours=3))])
def test_every_contact_comes_to_one_end(known: Facts, seed: int) -> None:
    assert everybody(plan(150, known=known), seed) == 150


def test_the_same_seed_gives_the_same_run_and_another_one_another() -> None:
    campaign = plan()
    assert run(campaign, 7) == run(campaign, 7)
    assert run(campaign, 7) != run(campaign, 8)


def test_no_more_slots_are_busy_than_the_smallest_cap_allows() -> None:
    caps = {"account": CapTerms(9), "agent": CapTerms(4), "campaign": CapTerms(7)}
    record = run(plan(caps=caps, rates=ALL_ANSWER))
    assert record.most_busy == 4
    assert max(record.busy.values()) <= 4 * GRAIN // 1_000_000


def test_in_no_minute_more_calls_are_made_than_the_pace_allows() -> None:
    caps = {"account": CapTerms(50, 6)}
    record = run(plan(60, caps=caps, rates=ALL_ANSWER))
    assert max(record.dials.values()) <= 6 * (GRAIN // MINUTE + 1)
    # The last goes nine minutes after the first, and talks for a while.
    assert record.ended_at is not None
    assert 9 * MINUTE < record.ended_at - BEGIN < 20 * MINUTE


def test_with_more_slots_it_ends_sooner_and_everybody_has_the_luck_they_had() -> None:
    few = run(plan(caps={"account": CapTerms(2)}, rates=ALL_ANSWER))
    many = run(plan(caps={"account": CapTerms(20)}, rates=ALL_ANSWER))
    assert few.ended_at is not None
    assert many.ended_at is not None
    assert many.ended_at < few.ended_at
    assert (few.outcomes, few.talked, few.cost) == (many.outcomes, many.talked, many.cost)


def test_with_a_higher_answer_rate_nobody_who_answered_does_so_no_more() -> None:
    def answered(share: float) -> int:
        rates = CalleeRates(answered=share)
        return run(plan(500, rates=rates)).answered

    assert answered(0.2) < answered(0.3) < answered(0.6)


def test_a_call_is_tried_as_often_as_its_plan_says() -> None:
    for most in (1, 2, 4):
        known = facts(retry=RetryPlan(max_attempts=most, no_answer=timedelta(hours=1)))
        record = run(plan(30, known=known, rates=NEVER_THERE))
        assert record.attempts == 30 * most
        assert record.outcomes == Counter({Outcome.NO_ANSWER: 30})


def test_what_a_deadline_leaves_no_time_for_is_missed_and_says_why() -> None:
    known = facts(deadline=NOW + timedelta(minutes=30))
    record = run(plan(400, known=known, caps={"account": CapTerms(2)}, rates=ALL_ANSWER))
    reached = sum(record.outcomes.values()) - record.outcomes[Outcome.DEADLINE_MISSED]
    assert 30 <= reached <= 100
    late = record.missed["deadline_passed"] + record.refused["deadline_passed"]
    assert reached + late == 400
    assert record.ended_at is not None
    # Nobody is cut off: the last is through a call's length after it.
    assert timedelta(0) <= instant_of(record.ended_at) - NOW - timedelta(minutes=30)


def test_calls_wait_for_their_window_and_go_on_on_the_next_day() -> None:
    known = facts(call_window=daily("10:00", "10:30"))
    record = run(plan(150, known=known, caps={"account": CapTerms(2)}, rates=ALL_ANSWER))
    assert record.outcomes.total() == 150
    hours = {grain * GRAIN // HOUR * HOUR - BEGIN // HOUR * HOUR for grain in record.dials}
    assert len(hours) >= 2
    assert {hour % (24 * HOUR) for hour in hours} == {0}


def test_whoever_is_on_the_list_is_refused_and_whoever_is_under_review_is_held() -> None:
    listed = Person(suppressions=(Suppression("s", Scope(), "api"),))
    read = Person(reviews=("r",))

    def alter(n: int, known: Facts) -> Facts:
        return replace(known, person=listed if n < 3 else read if n < 5 else known.person)

    record = run(plan(10, alter=alter, rates=ALL_ANSWER))
    assert record.refused == Counter(do_not_call=3)
    assert record.unfinished == Counter(opt_out_review=2)
    assert record.outcomes.total() == 5


def test_money_that_runs_out_leaves_calls_unmade() -> None:
    caps = {"account": CapTerms(5, None, 1_000_000, 0)}
    terms = DialTerms(prices=PriceRates(per_minute=100_000))
    record = run(plan(50, caps=caps, rates=ALL_ANSWER, dials=terms))
    assert record.outcomes.total() + record.unfinished["insufficient_balance"] == 50
    assert record.unfinished["insufficient_balance"] > 30
    # As in production a limit is overrun by no more than what talks on when it is reached.
    assert 1_000_000 <= record.cost <= 2_500_000


def test_calls_beside_it_have_their_share_of_the_slots() -> None:
    caps = {"account": CapTerms(4), "agent": CapTerms(), "other": CapTerms()}

    def ended(*rivals: Rival) -> int:
        found = run(plan(100, caps=caps, rates=ALL_ANSWER, rivals=rivals)).ended_at
        assert found is not None
        return found - BEGIN

    alike = Rival("theirs/campaign", 5, 100, ("account", "other"))
    alone, shared = ended(), ended(alike)
    assert 1.7 < shared / alone < 2.2
    # Nine times the weight: nearly all of theirs go first. A tenth of ours go with them.
    assert ended(replace(alike, priority=9)) >= shared * 0.97
    assert ended(replace(alike, priority=0)) < 1.2 * alone


def test_a_cap_of_others_holds_them_and_leaves_us_the_slots() -> None:
    caps = {"account": CapTerms(4), "other": CapTerms(1)}
    rival = Rival("theirs/campaign", 9, 400, ("account", "other"))
    record = run(plan(100, caps=caps, rates=ALL_ANSWER, rivals=(rival,)))
    assert record.most_busy == 3


def test_a_run_stops_at_its_goal_and_spares_the_rest() -> None:
    goal = GoalTerms(left=20)
    record = run(plan(100, goal=goal, rates=ALL_ANSWER))
    assert 20 <= record.outcomes[Outcome.COMPLETED] <= 30  # Ten are in flight at most.
    assert record.spared == 100 - record.attempts


def test_a_run_whose_goal_is_a_time_calls_nobody_after_it() -> None:
    record = run(plan(100, goal=GoalTerms(until=BEGIN + 5 * MINUTE), rates=ALL_ANSWER))
    assert 0 < record.attempts < 100
    assert record.spared == 100 - record.attempts
