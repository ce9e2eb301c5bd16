"""What somebody may be promised, when the call comes back, and what becomes of the promise."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policy.calls.decide import decide
from policy.calls.retry import may_promise
from policy.facts import AttemptFact, Facts
from policy.model.call import (
    AttemptResult,
    Decision,
    DecisionKind,
    Outcome,
    Refusal,
    RetryPlan,
)
from policy.model.reasons import Reason, RefusalCode
from policy.promises import (
    KEPT_WITHIN,
    Due,
    Promise,
    PromisedTime,
    PromiseState,
    check_when,
    due,
    ended,
    judged,
    read_time,
    when_of,
)
from policy.time.wall_time import zone
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

CHICAGO, LOS_ANGELES, ARIZONA = "America/Chicago", "America/Los_Angeles", "America/Phoenix"
ANSWERED, NO_ANSWER = AttemptResult.ANSWERED, AttemptResult.NO_ANSWER
TOMORROW = NOW + timedelta(days=1)


def read(text: str, *zones: str, now: datetime = NOW) -> PromisedTime | Refusal:
    return read_time(datetime.fromisoformat(text), zones, NEW_YORK, now, "callBackAt")


def test_a_time_without_an_offset_is_on_the_callees_clock_and_says_so() -> None:
    assert read("2026-11-24T16:00", CHICAGO) == PromisedTime(
        at("2026-11-24 16:00", CHICAGO), CHICAGO
    )


def test_a_time_with_an_offset_assumes_nothing() -> None:
    assert read("2026-11-24T16:00-08:00", CHICAGO) == PromisedTime(
        datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    )


def test_where_no_clock_is_known_the_agents_is_taken_and_named() -> None:
    assert read("2026-11-24T16:00") == PromisedTime(at("2026-11-24 16:00", NEW_YORK), NEW_YORK)


@pytest.mark.parametrize(
    ("text", "zones", "code", "named"),
    [
        ("2026-11-17T16:00", (CHICAGO,), RefusalCode.PROMISE_PAST, ""),
        ("2027-06-01T16:00", (CHICAGO,), RefusalCode.PROMISE_TOO_FAR, "90 days"),
        ("2026-11-24T16:00", (CHICAGO, LOS_ANGELES), RefusalCode.AMBIGUOUS_ZONE, LOS_ANGELES),
        ("2027-03-14T02:30", (CHICAGO,), RefusalCode.WALL_TIME_GAP, "does not exist"),
    ],
)
def test_what_cannot_be_promised_is_refused_at_its_field(
    text: str, zones: tuple[str, ...], code: RefusalCode, named: str
) -> None:
    now = at("2027-02-20 10:00", CHICAGO) if code is RefusalCode.WALL_TIME_GAP else NOW
    found = read(text, *zones, now=now)
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == (code, "callBackAt")
    assert named in found.message


def test_a_time_that_the_clocks_show_twice_is_refused_with_both() -> None:
    found = read("2027-11-07T01:30", CHICAGO, now=at("2027-11-01 10:00", CHICAGO))
    assert isinstance(found, Refusal)
    assert found.code is RefusalCode.WALL_TIME_TWICE
    assert "2027-11-07T01:30:00-05:00" in found.message
    assert "2027-11-07T01:30:00-06:00" in found.message


def test_zones_that_agree_on_the_instant_need_no_question() -> None:
    found = read("2026-11-24T16:00", "America/Denver", ARIZONA)
    assert isinstance(found, PromisedTime)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("PT2H", "2026-11-18 12:00"),
        ("P1DT30M", "2026-11-19 10:30"),
        ("today 16:00", "2026-11-18 16:00"),
        ("tomorrow 09:15", "2026-11-19 09:15"),
        ("tue 16:00", "2026-11-24 16:00"),
        ("wed 16:00", "2026-11-25 16:00"),
    ],
)
def test_a_pathway_says_when_in_words(when: str, expected: str) -> None:
    assert check_when(when) is None
    found = when_of(when, (NEW_YORK,), NEW_YORK, NOW, "when")
    assert isinstance(found, PromisedTime)
    assert found.at == at(expected, NEW_YORK)


@pytest.mark.parametrize("when", ["", "P", "PT", "PT0H", "tue", "tue 25:00", "soon", "P91D", 7])
def test_a_pathways_time_that_says_nothing_is_refused(when: object) -> None:
    assert check_when(when) is not None


def promised(*results: AttemptResult, to: datetime = TOMORROW, **given: object) -> Facts:
    past = attempts(*results, dialed_at=NOW - timedelta(minutes=10))
    usual: dict[str, object] = {"attempts": past, "promise": Promise(to, len(past))}
    return facts(**{**usual, **given})


def test_an_answered_call_with_a_promise_comes_back_at_its_time() -> None:
    known = promised(ANSWERED)
    waits = decide(known, NOW)
    assert (waits.kind, waits.reason, waits.until) == (
        DecisionKind.WAIT,
        Reason.PROMISED,
        TOMORROW,
    )
    dials = decide(known, TOMORROW)
    assert (dials.kind, dials.reason, dials.attempt_number) == (
        DecisionKind.DIAL,
        Reason.PROMISED,
        2,
    )


def test_a_promise_goes_before_the_retry_plan() -> None:
    known = promised(NO_ANSWER, to=NOW + timedelta(minutes=30))
    assert decide(known, NOW).until == NOW + timedelta(minutes=30)


def test_a_promise_outlives_the_attempt_budget_once() -> None:
    spent = promised(NO_ANSWER, NO_ANSWER, ANSWERED)
    assert decide(spent, TOMORROW).kind is DecisionKind.DIAL
    came_back = replace(
        spent,
        attempts=(
            *spent.attempts,
            AttemptFact(4, TOMORROW, TOMORROW + timedelta(seconds=30), NO_ANSWER),
        ),
    )
    over = decide(came_back, TOMORROW + timedelta(minutes=1))
    assert (over.kind, over.outcome) == (DecisionKind.END, Outcome.NO_ANSWER)
    assert not may_promise(came_back, is_live=False)


def test_the_last_attempt_of_the_budget_may_still_promise() -> None:
    assert may_promise(facts(attempts=attempts(NO_ANSWER, NO_ANSWER)), is_live=True)
    assert not may_promise(facts(attempts=attempts(NO_ANSWER, NO_ANSWER, NO_ANSWER)), is_live=True)


def test_a_throttled_request_leaves_the_promise_open() -> None:
    known = promised(ANSWERED)
    throttled = AttemptFact(2, TOMORROW, TOMORROW, AttemptResult.THROTTLED)
    again = decide(replace(known, attempts=(*known.attempts, throttled)), TOMORROW)
    assert (again.kind, again.until) == (DecisionKind.WAIT, TOMORROW + timedelta(seconds=5))


def test_closed_hours_put_a_promise_off_and_are_named() -> None:
    late = at("2026-11-18 22:30", NEW_YORK)
    waits = decide(promised(ANSWERED, to=late), NOW)
    assert waits.reason == Reason.CALLING_HOURS
    assert waits.until == at("2026-11-19 08:00", NEW_YORK)
    assert waits.detail.startswith("Promised for Wed 18 Nov 22:30")


def test_the_deadline_wins_over_a_promise_and_the_conversation_stands() -> None:
    known = promised(ANSWERED, deadline=TOMORROW - timedelta(hours=1))
    over = decide(known, NOW)
    assert (over.outcome, over.reason) == (Outcome.COMPLETED, Reason.DEADLINE_UNREACHABLE)


def test_whoever_opts_out_is_not_called_back() -> None:
    over = decide(promised(ANSWERED, reported_outcome=Outcome.OPTED_OUT), NOW)
    assert (over.outcome, ended(over)[0]) == (Outcome.OPTED_OUT, PromiseState.WITHDRAWN)


@pytest.mark.parametrize(
    ("late", "result", "state", "reason"),
    [
        (0, ANSWERED, PromiseState.KEPT, None),
        (60, NO_ANSWER, PromiseState.KEPT, None),
        (61, ANSWERED, PromiseState.MISSED, "no_free_slot"),
        (0, AttemptResult.NETWORK_ERROR, PromiseState.MISSED, "network_error"),
        (0, AttemptResult.UNKNOWN, PromiseState.MISSED, "unknown"),
        (0, AttemptResult.CANCELED, PromiseState.WITHDRAWN, "cancel_requested"),
    ],
)
def test_a_promise_is_kept_if_the_phone_rang_within_a_minute(
    late: int, result: AttemptResult, state: PromiseState, reason: str | None
) -> None:
    found = judged(NOW, NOW + timedelta(seconds=late), result, "no_free_slot")
    assert found == (state, reason)


#: Zones whose clocks change on different days, or never.
PLACES = ("+12125550123", NEW_YORK), ("+13125550123", CHICAGO), ("+12135550123", LOS_ANGELES)


def test_a_thousand_promises_over_clock_changes_are_kept_or_explained_within_hours() -> None:
    """Calls over the changes of March and November, in virtual time: each is walked to its end."""
    luck = random.Random(20270314)
    kept = explained = put_off = 0
    for _ in range(1000):
        known, asked = _somebody(luck)
        verdict, so_far, dialed = _walked(known, asked)
        if dialed is not None:
            local = dialed.astimezone(zone(known.recipient_zone or ""))
            assert 8 <= local.hour < 21, "outside permitted hours"
            assert known.business_hours is None or 9 <= local.hour < 17
            assert dialed - so_far.at <= KEPT_WITHIN
            assert so_far.at == asked or so_far.reason is not None
            put_off += so_far.reason is not None
        kept += verdict[0] is PromiseState.KEPT
        explained += verdict[0] is PromiseState.MISSED and verdict[1] is not None
    assert kept + explained == 1000
    assert kept > 900
    assert put_off > 200


def _somebody(luck: random.Random) -> tuple[Facts, datetime]:
    number, where = luck.choice(PLACES)
    change = luck.choice(("2027-03-13 09:00", "2026-10-31 09:00"))
    now = at(change, where) + timedelta(minutes=luck.randrange(0, 600))
    asked = now + timedelta(minutes=luck.randrange(10, 4000))
    hours = daily("09:00", "17:00", range(5)) if luck.random() < 0.3 else None
    deadline = now + timedelta(days=5) if luck.random() < 0.9 else asked + timedelta(hours=2)
    past = AttemptFact(1, now - timedelta(minutes=2), now, ANSWERED)
    known = facts(
        endpoint=number,
        agent_zone=where,
        recipient_zone=where,
        business_hours=hours,
        deadline=deadline,
        attempts=(past,),
        promise=Promise(asked, 1),
    )
    return known, asked


def _walked(
    known: Facts, asked: datetime
) -> tuple[tuple[PromiseState, str | None], Due, datetime | None]:
    """A call's decisions one after the other, each at the time that the one before gave."""
    now, so_far = known.attempts[0].settled_at, Due(asked)
    for _ in range(20):
        decision: Decision = decide(known, now)
        so_far = due(asked, so_far, decision)
        if decision.kind is DecisionKind.END:
            return ended(decision), so_far, None
        if decision.kind is DecisionKind.DIAL:
            return judged(so_far.at, now, NO_ANSWER, None), so_far, now
        assert decision.until is not None
        assert decision.until > now
        now = decision.until
    raise AssertionError("it never came back")


def test_the_retry_plan_goes_on_after_a_promised_attempt() -> None:
    known = promised(ANSWERED, retry=RetryPlan(max_attempts=3))
    again = AttemptFact(2, TOMORROW, TOMORROW, AttemptResult.BUSY)
    after = decide(replace(known, attempts=(*known.attempts, again)), TOMORROW)
    assert (after.kind, after.reason) == (DecisionKind.WAIT, Reason.RETRY_BUSY)
