from dataclasses import astuple, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.calls.decide import decide
from policy.calls.ends import over, versions
from policy.compliance.compliance import may_dial
from policy.facts import AttemptFact
from policy.model.call import (
    STATUS_OF_OUTCOME,
    AttemptResult,
    CallStatus,
    DecisionKind,
    EndpointKind,
    Outcome,
    VoicemailAction,
    WaitingFor,
    WeeklyWindow,
)
from policy.model.person import NOBODY, Person, Scope, Suppression
from tests.policy.make import NEW_YORK, NOW, at, attempts, daily, facts

R = AttemptResult
HOUR = timedelta(hours=1)
NIGHT = at("2026-11-18 23:00", NEW_YORK)
NEVER = WeeklyWindow({})
CLOSED_NOW = daily("12:00", "13:00")
SIP = {"endpoint": "sip:alice@example.com", "endpoint_kind": EndpointKind.SIP}

CANCEL = {"cancel_requested": True}
UNZONED = {"endpoint": "+15551234567"}
PAST = {"deadline": NOW - HOUR}
DISABLED = {"agent_enabled": False}
BUSY = {"attempts": attempts(R.BUSY, dialed_at=NOW - HOUR)}


def test_an_open_window_is_dialed_and_says_until_when():
    decision = decide(facts(), NOW)
    assert (decision.kind, decision.reason) == (DecisionKind.DIAL, "first_attempt")
    assert decision.attempt_number == 1
    assert decision.valid_until == at("2026-11-18 20:58:30", NEW_YORK)
    # What happens comes first: until when it might be put off is no headline.
    ends = "the permission ends Wed 18 Nov 20:58 (America/New_York)"
    assert decision.detail == f"Attempt 1 is dialed now; {ends}"
    assert (decision.rules, decision.versions) == (may_dial(facts(), NOW).rules, versions(facts()))


@pytest.mark.parametrize(
    ("given", "outcome", "reason"),
    [
        (CANCEL, Outcome.CANCELED, "cancel_requested"),
        ({**CANCEL, **UNZONED, **PAST}, Outcome.CANCELED, "cancel_requested"),
        ({**CANCEL, "attempts": attempts(R.ANSWERED)}, Outcome.COMPLETED, "concluded"),
        ({**CANCEL, "attempts": attempts(R.VOICEMAIL)}, Outcome.VOICEMAIL, "concluded"),
        ({**CANCEL, "attempts": attempts(R.INVALID)}, Outcome.CANCELED, "cancel_requested"),
        ({**CANCEL, "attempts": attempts(*[R.BUSY] * 3)}, Outcome.CANCELED, "cancel_requested"),
        (
            {
                **CANCEL,
                "attempts": attempts(R.VOICEMAIL),
                "voicemail_action": VoicemailAction.RETRY_LATER,
            },
            Outcome.CANCELED,
            "cancel_requested",
        ),
        ({**CANCEL, "reported_outcome": Outcome.OPTED_OUT}, Outcome.OPTED_OUT, "concluded"),
        ({**UNZONED, **PAST, "attempts": attempts(R.ANSWERED)}, Outcome.COMPLETED, "concluded"),
        ({**UNZONED, **PAST, **DISABLED}, Outcome.SUPPRESSED, "needs_timezone"),
        ({"recipient_zone": "Mars/Base", **PAST}, Outcome.SUPPRESSED, "unknown_timezone"),
        ({**SIP}, Outcome.SUPPRESSED, "needs_timezone"),
        ({**PAST, **DISABLED}, Outcome.DEADLINE_MISSED, "deadline_passed"),
        ({"deadline": NOW}, Outcome.DEADLINE_MISSED, "deadline_passed"),
        ({"business_hours": NEVER}, Outcome.DEADLINE_MISSED, "no_opening"),
        ({"call_window": NEVER, "deadline": NOW + HOUR}, Outcome.DEADLINE_MISSED, "no_opening"),
        (
            {"call_window": CLOSED_NOW, "deadline": NOW + HOUR},
            Outcome.DEADLINE_MISSED,
            "deadline_unreachable",
        ),
        ({**BUSY, "deadline": NOW + HOUR}, Outcome.BUSY, "deadline_unreachable"),
        ({**BUSY, **PAST}, Outcome.BUSY, "deadline_passed"),
        ({**BUSY, "call_window": NEVER}, Outcome.BUSY, "no_opening"),
        ({**PAST, "attempts": attempts(R.NO_ANSWER)}, Outcome.NO_ANSWER, "deadline_passed"),
        ({**PAST, "attempts": attempts(R.NETWORK_ERROR)}, Outcome.FAILED, "deadline_passed"),
        (
            {**PAST, "attempts": attempts(R.NO_ANSWER, R.THROTTLED)},
            Outcome.NO_ANSWER,
            "deadline_passed",
        ),
        (
            {**PAST, "attempts": attempts(R.THROTTLED, R.NOT_SENT)},
            Outcome.DEADLINE_MISSED,
            "deadline_passed",
        ),
    ],
)
def test_a_call_ends_for_the_first_reason_in_order(given, outcome, reason):
    decision = decide(facts(**given), NOW)
    assert (decision.kind, decision.outcome) == (DecisionKind.END, outcome)
    assert decision.reason == reason


def test_a_dialed_call_that_has_no_time_left_says_how_it_was_found_and_why_it_is_over():
    decision = decide(facts(**BUSY, deadline=NOW + HOUR), NOW)
    assert decision.outcome is not None
    assert STATUS_OF_OUTCOME[decision.outcome] is CallStatus.FAILED
    detail = "The line was busy. The call may not be made again before its deadline"
    assert decision.detail == detail


@pytest.mark.parametrize(
    ("given", "now", "until", "waiting_for", "reason", "detail"),
    [
        (
            {},
            NIGHT,
            "2026-11-19 08:00",
            WaitingFor.WINDOW,
            "calling_hours",
            "Outside calling hours until Thu 19 Nov 08:00 (America/New_York)",
        ),
        (
            {"business_hours": CLOSED_NOW},
            NOW,
            "2026-11-18 12:00",
            WaitingFor.WINDOW,
            "business_hours",
            "Outside the agent's business hours until Wed 18 Nov 12:00 (America/New_York)",
        ),
        (
            {"call_window": CLOSED_NOW},
            NOW,
            "2026-11-18 12:00",
            WaitingFor.WINDOW,
            "call_window",
            "Outside the call's window until Wed 18 Nov 12:00 (America/New_York)",
        ),
        (
            {"not_before": NOW + HOUR},
            NOW,
            "2026-11-18 11:00",
            WaitingFor.WINDOW,
            "not_before",
            "Not to start until Wed 18 Nov 11:00 (America/New_York)",
        ),
        (
            {"not_before": NIGHT},
            NOW,
            "2026-11-19 08:00",
            WaitingFor.WINDOW,
            "calling_hours",
            "Outside calling hours until Thu 19 Nov 08:00 (America/New_York)",
        ),
        (
            BUSY,
            NOW,
            "2026-11-18 13:00:40",
            WaitingFor.RETRY,
            "retry_busy",
            "The line was busy; trying again Wed 18 Nov 13:00 (America/New_York)",
        ),
        (
            {**BUSY, "call_window": daily("15:00", "16:00")},
            NOW,
            "2026-11-18 15:00",
            WaitingFor.RETRY,
            "retry_busy",
            "The line was busy; trying again Wed 18 Nov 15:00 (America/New_York)",
        ),
        (
            {**BUSY, "call_window": daily("15:00", "16:00")},
            NOW + 4 * HOUR,
            "2026-11-18 15:00",
            WaitingFor.WINDOW,
            "call_window",
            "Outside the call's window until Wed 18 Nov 15:00 (America/New_York)",
        ),
        (
            # the retry is due at this very moment: from now on it is the window that is waited for
            {**BUSY, "call_window": daily("15:00", "16:00")},
            at("2026-11-18 13:00:40", NEW_YORK),
            "2026-11-18 15:00",
            WaitingFor.WINDOW,
            "call_window",
            "Outside the call's window until Wed 18 Nov 15:00 (America/New_York)",
        ),
        (
            {"attempts": attempts(R.NO_ANSWER, dialed_at=NOW - 25 * HOUR)},
            NOW,
            "2026-11-18 11:30",
            WaitingFor.RETRY,
            "retry_no_answer",
            "Nobody answered; trying again Wed 18 Nov 11:30 (America/New_York)",
        ),
        (
            # each is open by itself, but never long enough with the other before noon
            {"business_hours": daily("10:00", "10:02"), "call_window": daily("10:01", "12:00")},
            NOW,
            None,
            None,
            "no_opening",
            "The windows leave no time at which the call may be made",
        ),
    ],
)
def test_a_call_waits_for_its_window_or_its_retry_and_says_so(
    given, now, until, waiting_for, reason, detail
):
    decision = decide(facts(**given), now)
    assert decision.reason == reason
    assert decision.detail == detail
    assert decision.waiting_for == waiting_for
    assert decision.until == (at(until, NEW_YORK) if until else None)
    assert decision.kind == (DecisionKind.WAIT if until else DecisionKind.END)


def test_windows_that_are_open_one_by_one_but_not_together_are_waited_for():
    apart = {
        "business_hours": daily("10:00", "10:02"),
        "call_window": daily("10:00", "12:00"),
        "agent_zone": "America/Chicago",
    }
    decision = decide(facts(**apart), NOW)
    assert decision.reason == "business_hours"
    assert decision.until == at("2026-11-18 10:00", "America/Chicago")


def test_a_deadline_ends_the_permission_to_dial():
    soon = NOW + timedelta(seconds=20)
    decision = decide(facts(deadline=soon), NOW)
    assert (decision.kind, decision.valid_until) == (DecisionKind.DIAL, soon)


def test_a_window_about_to_close_is_not_dialed_for_the_phone_rings_a_while():
    closing = at("2026-11-18 20:58:30", NEW_YORK)
    assert decide(facts(), closing - timedelta(seconds=1)).kind is DecisionKind.DIAL
    waiting = decide(facts(), closing)
    assert (waiting.kind, waiting.reason) == (DecisionKind.WAIT, "calling_hours")


@pytest.mark.parametrize(
    ("given", "outcome"), [(PAST, Outcome.DEADLINE_MISSED), ({**BUSY, **PAST}, Outcome.BUSY)]
)
def test_a_deadline_that_passes_while_dialing_is_paused_names_the_pause(given, outcome):
    refused = decide(facts(**given, dialing_paused="HTTP 401, code 20003"), NOW)
    assert refused.outcome is outcome
    assert "Dialing is paused: HTTP 401, code 20003" in refused.detail
    assert "paused" not in decide(facts(**given), NOW).detail


def test_business_hours_are_the_agents_clock_and_the_window_is_the_recipients():
    apart = facts(
        agent_zone="Europe/Berlin",
        business_hours=daily("09:00", "17:00"),
        call_window=daily("09:00", "17:00"),
    )
    decision = decide(apart, at("2026-11-18 06:00"))
    assert decision.until == at("2026-11-18 09:00", NEW_YORK)
    dialing = decide(apart, at("2026-11-18 09:00", NEW_YORK))
    assert dialing.valid_until == at("2026-11-18 16:58:30", "Europe/Berlin")


@pytest.mark.parametrize("uncounted", [R.NOT_SENT, R.THROTTLED, R.ACCOUNT_REFUSED])
def test_every_row_counts_for_the_attempts_number_though_not_for_the_budget(uncounted):
    tries = attempts(uncounted, uncounted, uncounted, dialed_at=NOW - HOUR)
    decision = decide(facts(attempts=tries), NOW)
    assert (decision.kind, decision.attempt_number) == (DecisionKind.DIAL, 4)


def test_sip_without_a_zone_is_dialed_when_the_hours_are_waived():
    decision = decide(facts(**SIP, waived_rules=frozenset({"calling_hours"})), NIGHT)
    assert decision.kind is DecisionKind.DIAL
    assert "waived:default.hours" in decision.rules


def test_three_days_of_retries_busy_then_no_answer_then_answered():
    one = facts()
    made: list[AttemptFact] = []
    now = at("2026-11-18 09:00", NEW_YORK)
    for result in (R.BUSY, R.NO_ANSWER, R.ANSWERED):
        decision = decide(replace(one, attempts=tuple(made)), now)
        if decision.kind is DecisionKind.WAIT:
            assert decision.until is not None
            now = decision.until
            decision = decide(replace(one, attempts=tuple(made)), now)
        assert decision.kind is DecisionKind.DIAL
        (attempt,) = attempts(result, dialed_at=now)
        made.append(replace(attempt, number=len(made) + 1))
        now = attempt.settled_at
    assert decide(replace(one, attempts=tuple(made)), now).outcome is Outcome.COMPLETED
    assert [attempt.dialed_at for attempt in made] == [
        at("2026-11-18 09:00", NEW_YORK),
        at("2026-11-18 13:00:40", NEW_YORK),
        at("2026-11-19 14:00", NEW_YORK),
    ]


hours = st.integers(0, 23).map(lambda hour: f"{hour}:00")
some_windows = st.none() | st.builds(daily, hours, hours)


@settings(max_examples=150, deadline=None)
@given(
    now=st.integers(0, 400 * 24 * 4).map(lambda n: NOW + timedelta(minutes=15 * n)),
    window=some_windows,
    business=some_windows,
    results=st.lists(st.sampled_from([R.BUSY, R.NO_ANSWER, R.NETWORK_ERROR, R.THROTTLED])),
    deadline=st.none() | st.integers(-10, 400).map(lambda hour: timedelta(hours=hour)),
    endpoint=st.sampled_from(["+12125550123", "+442079460123", "+61491570006", "+15551234567"]),
)
def test_what_is_waited_for_is_dialed_when_it_comes_and_nothing_tells_the_number(
    now, window, business, results, deadline, endpoint
):
    given_facts = facts(
        endpoint=endpoint,
        call_window=window,
        business_hours=business,
        attempts=attempts(*results, dialed_at=now - timedelta(hours=2)),
        deadline=None if deadline is None else now + deadline,
    )
    decision = decide(given_facts, now)
    if decision.kind is DecisionKind.WAIT:
        assert decision.until is not None
        assert decision.until > now
        later = decide(given_facts, decision.until)
        assert later.kind is DecisionKind.DIAL
        assert later.valid_until is not None
        assert later.valid_until > decision.until
    assert endpoint[1:] not in repr(astuple(decision))


@pytest.mark.parametrize(
    "ended",
    [
        {"attempts": attempts(R.ANSWERED, dialed_at=NOW - HOUR)},
        {"attempts": attempts(R.INVALID, dialed_at=NOW - HOUR)},
        {"agent_deleted": True},
        CANCEL,
    ],
)
def test_a_call_that_is_over_ends_alike_whoever_the_person_is(ended):
    gone = over(facts(**ended))
    assert gone is not None
    no = Suppression("s1", Scope(), "api")
    for person in (NOBODY, Person(suppressions=(no,)), Person(reviews=("1",))):
        assert decide(facts(**ended, person=person), NOW) == gone


def test_a_call_that_is_not_over_is_not_ended_before_the_person_is_known():
    assert over(facts()) is None
    assert over(facts(**BUSY)) is None
