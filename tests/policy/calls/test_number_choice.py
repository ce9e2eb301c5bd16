"""Which of a person's several numbers is called next, as tables, and what always holds of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calls.decide import decide, judge, verdicts
from policy.calls.number_choice import with_numbers
from policy.compliance.evidence import evidence
from policy.facts import AttemptFact, Facts, NumberFacts
from policy.model.call import (
    UNCOUNTED_RESULTS,
    AttemptResult,
    Decision,
    DecisionKind,
    EndpointKind,
    Outcome,
    RetryPlan,
    VoicemailAction,
)
from policy.model.number_checks import NumberCheck, NumberFile, Requirement
from policy.model.person import PastDial, Person, Scope, ScopeKind, Suppression, together
from policy.promises import Promise
from tests.policy.make import AGREED, NOW, daily, facts

HOME, MOBILE, WORK = "+12125550111", "+12125550112", "+12125550113"
NUMBERS = (HOME, MOBILE, WORK)
TEN_MINUTES = timedelta(minutes=10)
LISTED = Person(suppressions=(Suppression("s-1", Scope(), "api"),))
R = AttemptResult


def number(endpoint: str, **said: Any) -> NumberFacts:
    usual: dict[str, Any] = {"stated_consent": AGREED, "caller_ids": ("+12125550100",)}
    return NumberFacts(endpoint, EndpointKind.PHONE, **{**usual, **said})


def several(*numbers: NumberFacts, place: int = 0, **said: Any) -> Facts:
    listed = numbers or tuple(map(number, NUMBERS))
    return facts(numbers=listed, **said).at(place)


def tried(*dials: tuple[int, AttemptResult], until: timedelta = timedelta()) -> Any:
    """Dials one after the other, each to a place; the last ended `until` ago."""
    return tuple(
        AttemptFact(
            n,
            NOW - until - (len(dials) - n + 1) * timedelta(seconds=40),
            NOW - until - (len(dials) - n) * timedelta(seconds=40),
            result,
            place=place,
        )
        for n, (place, result) in enumerate(dials, 1)
    )


def dialed(known: Facts, now: Any = NOW) -> str | None:
    found = judge(known, now)
    return found.facts.endpoint if found.decision.kind is DecisionKind.DIAL else None


def test_the_first_number_is_dialed_first():
    assert dialed(several()) == HOME


@pytest.mark.parametrize("result", [R.INVALID, R.REFUSED])
def test_after_a_number_that_does_not_exist_the_next_is_dialed_at_once(result: AttemptResult):
    assert dialed(several(attempts=tried((0, result)))) == MOBILE


@pytest.mark.parametrize("result", [R.NO_ANSWER, R.BUSY, R.NETWORK_ERROR])
def test_after_one_that_was_not_answered_the_next_rings_ten_minutes_later(result: AttemptResult):
    known = several(attempts=tried((0, result)))
    found = judge(known, NOW)
    assert (found.decision.kind, found.decision.reason) == (DecisionKind.WAIT, "next_number")
    assert found.decision.until == NOW + TEN_MINUTES
    assert (found.facts.endpoint, dialed(known, NOW + TEN_MINUTES)) == (MOBILE, MOBILE)


def test_how_long_the_next_number_waits_is_said_by_the_plan():
    plan = RetryPlan(next_number=timedelta())
    assert dialed(several(attempts=tried((0, R.NO_ANSWER)), retry=plan)) == MOBILE


def test_a_number_is_tried_again_only_by_the_plan_for_itself():
    plan = RetryPlan(max_attempts=9)
    known = several(attempts=tried((0, R.BUSY), (1, R.BUSY), (2, R.BUSY)), retry=plan)
    found = judge(known, NOW)
    assert found.facts.endpoint == HOME
    assert found.decision.reason == "retry_busy"
    assert found.decision.until == known.attempts[0].settled_at + timedelta(hours=4)


def test_there_is_one_budget_over_all_numbers():
    known = several(attempts=tried((0, R.BUSY), (1, R.NO_ANSWER), (2, R.INVALID)))
    found = decide(known, NOW)
    assert (found.reason, found.outcome) == ("attempts_exhausted", Outcome.NO_ANSWER)


def test_a_number_that_does_not_exist_uses_up_a_try_as_any_dial():
    known = several(attempts=tried((0, R.INVALID), (1, R.INVALID)), retry=RetryPlan(max_attempts=2))
    assert decide(known, NOW).outcome is Outcome.INVALID


def test_a_call_is_invalid_when_none_of_its_numbers_exists():
    dials = tried((0, R.INVALID), (1, R.INVALID), (2, R.REFUSED))
    assert decide(several(attempts=dials, retry=RetryPlan(max_attempts=9)), NOW).outcome is (
        Outcome.FAILED
    )


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (R.ANSWERED, Outcome.COMPLETED),
        (R.DECLINED, Outcome.DECLINED),
        (R.CANCELED, Outcome.CANCELED),
        (R.VOICEMAIL, Outcome.VOICEMAIL),
        (R.UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_what_is_of_the_person_ends_the_call_at_whichever_number(
    result: AttemptResult, outcome: Outcome
):
    assert decide(several(attempts=tried((1, result))), NOW).outcome is outcome


def test_a_machine_that_is_to_be_tried_again_lets_the_next_number_ring():
    later: dict[str, Any] = {"voicemail_action": VoicemailAction.RETRY_LATER}
    known = several(attempts=tried((0, R.VOICEMAIL), until=TEN_MINUTES), **later)
    assert dialed(known) == MOBILE


def test_who_picked_up_and_was_not_served_is_called_again_there():
    known = several(attempts=tried((1, R.NOT_SERVED), until=TEN_MINUTES), place=1)
    assert dialed(known) == MOBILE


def test_a_promise_is_kept_at_the_number_it_was_made_at():
    promise = Promise(NOW - timedelta(seconds=5), 1)
    known = several(attempts=tried((2, R.ANSWERED)), promise=promise, place=2)
    assert dialed(known) == WORK


def test_a_request_that_the_carrier_had_no_room_for_goes_to_the_same_number_again():
    assert dialed(several(attempts=tried((0, R.THROTTLED), until=TEN_MINUTES))) == HOME


def test_each_number_has_its_own_hours():
    known = several(number(HOME, number_hours=daily("18:00", "20:00")), number(MOBILE))
    assert dialed(known) == MOBILE


def test_when_no_number_may_be_called_now_the_one_that_may_soonest_is_waited_for():
    known = several(
        number(HOME, number_hours=daily("18:00", "20:00")),
        number(MOBILE, number_hours=daily("12:00", "13:00")),
    )
    found = judge(known, NOW)
    assert (found.facts.endpoint, found.decision.reason) == (MOBILE, "number_hours")
    assert found.decision.until == NOW + timedelta(hours=2)


def test_each_number_is_on_its_own_clock():
    tokyo = number("+81355550123", recipient_zone="Asia/Tokyo")
    assert dialed(several(tokyo, number(MOBILE))) == MOBILE


def test_each_number_needs_a_consent_of_its_own():
    assert dialed(several(number(HOME, stated_consent=None), number(MOBILE))) == MOBILE


def test_each_number_needs_its_own_clearance():
    asks = NumberFile((Requirement(NumberCheck.LINE_TYPE, timedelta(days=30)),), ())
    known = several(number(HOME, number_file=asks), number(MOBILE))
    assert dialed(known) == MOBILE


def test_an_entry_of_one_number_leaves_the_others():
    assert dialed(several(number(HOME, person=LISTED), number(MOBILE))) == MOBILE


def test_an_entry_of_the_person_is_of_all_numbers():
    entry = Suppression("s-1", Scope(), "opt_out", of_person=True)
    people = together([Person(), Person(suppressions=(entry,))], "c-1")
    known = several(number(HOME, person=people[0]), number(MOBILE, person=people[1]))
    assert decide(known, NOW).outcome is Outcome.SUPPRESSED


def test_an_entry_for_another_agent_says_nothing():
    scope = Scope(ScopeKind.AGENT, "another")
    entry = Suppression("s-1", scope, "api", of_person=True)
    [person] = together([Person(suppressions=(entry,))], "c-1")
    assert dialed(several(number(HOME, person=person), agent_id="a-1")) == HOME


def test_when_none_may_be_called_the_first_says_why():
    known = several(number(HOME, person=LISTED), number(MOBILE, person=LISTED))
    found = decide(known, NOW)
    assert (found.outcome, found.reason) == (Outcome.SUPPRESSED, "do_not_call")
    assert "number 1 of 2" in found.detail


def test_nobody_is_dialed_who_is_on_another_line():
    up = Person(dials=(PastDial("c-2", 1, NOW, is_live=True),))
    here, there = together([up, Person()], "c-1")
    found = decide(several(number(HOME, person=here), number(MOBILE, person=there)), NOW)
    assert (found.kind, found.reason) == (DecisionKind.WAIT, "person_on_line")
    assert found.until == NOW + timedelta(minutes=1)


def test_the_call_itself_is_no_other_line():
    up = Person(dials=(PastDial("c-1", 1, NOW, is_live=True),), on_line=("c-1",))
    assert together([up], "c-1")[0].on_line == ()


def test_dials_to_any_number_count_as_dials_to_the_person():
    one, other = PastDial("c-2", 1, NOW), PastDial("c-3", 1, NOW)
    people = together([Person(dials=(one,)), Person(dials=(other,))], "c-1")
    assert all(set(person.dials) == {one, other} for person in people)


def test_the_evidence_says_of_each_number_why_or_why_not():
    known = several(
        number(HOME), number(MOBILE, person=LISTED), number(WORK), attempts=tried((0, R.INVALID))
    )
    proof = with_numbers(evidence(judge(known, NOW).facts, NOW), known, verdicts(known, NOW))
    found = {one.rule: one.verdict for one in proof.findings}
    assert [found[f"number:{n}"] for n in (1, 2, 3)] == ["out", "end", "dial"]
    told = repr([one for one in proof.findings if one.rule.startswith("number:")])
    assert not any(one in told for one in NUMBERS)


def test_a_call_with_one_number_is_decided_as_before():
    alone = facts(attempts=tried((0, R.NO_ANSWER)))
    assert decide(alone, NOW) == decide(replace(alone, place=0), NOW)
    assert decide(alone, NOW).reason == "retry_no_answer"


# -- what always holds

RESULTS = [one for one in R if one not in UNCOUNTED_RESULTS]


@st.composite
def histories(draw: Any) -> Facts:
    """A call whose dials went where policy said, whatever became of each."""
    count = draw(st.integers(1, 10))
    numbers = tuple(
        number(
            f"+1212555{100 + n:04}",
            person=draw(st.sampled_from([Person(), Person(), LISTED])),
            number_hours=draw(st.sampled_from([None, None, daily("10:00", "19:00")])),
            recipient_zone=draw(st.sampled_from([None, "America/Los_Angeles"])),
        )
        for n in range(count)
    )
    plan = RetryPlan(max_attempts=draw(st.integers(1, 6)), busy=timedelta(minutes=30))
    later = draw(st.sampled_from(list(VoicemailAction)))
    return several(*numbers, retry=plan, voicemail_action=later)


@settings(max_examples=60, deadline=None)
@given(histories(), st.lists(st.sampled_from(list(R)), min_size=1, max_size=12))
def test_whatever_becomes_of_the_dials_the_budget_holds_and_dead_numbers_rest(
    known: Facts, results: list[AttemptResult]
):
    now, dead = NOW, set[int]()
    for result in results:
        found = judge(known, now)
        while found.decision.kind is DecisionKind.WAIT:
            assert found.decision.until is not None
            assert found.decision.until > now
            now = found.decision.until
            found = judge(known, now)
        if found.decision.kind is DecisionKind.END:
            break
        place = found.facts.place
        assert found.decision.attempt_number == len(known.attempts) + 1
        assert place not in dead
        assert known.numbers[place].person is not LISTED
        if result in (R.INVALID, R.REFUSED):
            dead.add(place)
        dial = AttemptFact(
            len(known.attempts) + 1, now, now + timedelta(seconds=40), result, 30, place
        )
        now = dial.settled_at
        known = replace(known, attempts=(*known.attempts, dial)).at(place)
    served = [
        one
        for one in known.attempts
        if one.result not in UNCOUNTED_RESULTS and one.result is not R.NOT_SERVED
    ]
    assert len(served) <= known.retry.max_attempts


@settings(max_examples=60, deadline=None)
@given(histories())
def test_no_number_before_the_chosen_one_could_be_dialed(known: Facts):
    found = judge(known, NOW)
    if found.decision.kind is not DecisionKind.DIAL:
        return
    earlier = [known.at(place) for place in range(found.facts.place)]
    alone = [decide(replace(one, numbers=()), NOW) for one in earlier]
    assert all(one.kind is not DecisionKind.DIAL for one in alone)


def test_an_instant_decides_alike_whichever_number_is_at_hand():
    at_each = [judge(several(place=place), NOW) for place in range(3)]
    assert {one.facts.endpoint for one in at_each} == {HOME}
    assert isinstance(at_each[0].decision, Decision)
