"""A number is dialed only while every answer that is demanded about it is there and fresh."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.calls.decide import decide
from policy.compliance.evidence import evidence
from policy.compliance.number_checks import Question, ask_at, consent_day, questions
from policy.facts import Facts
from policy.model.call import DecisionKind, EndpointKind, Outcome
from policy.model.number_checks import CheckAnswer, NoData, NumberCheck, NumberFile, Requirement
from policy.model.person import Consent, Person, Scope, Scrub, Suppression
from policy.model.purposes import ConsentTier
from tests.policy.make import NEW_YORK, NOW, facts

DAY = timedelta(days=1)
LINE = Requirement(NumberCheck.LINE_TYPE, 30 * DAY, refuse=("nonFixedVoip",))
OWNER = Requirement(NumberCheck.REASSIGNED, 30 * DAY)
LENIENT = Requirement(NumberCheck.REASSIGNED, 30 * DAY, no_data=NoData.DIAL)
LIST = Requirement(NumberCheck.LIST, 31 * DAY, listed_in="litigators")
AGREED = Consent("c-1", ConsentTier.WRITTEN, Scope(), datetime(2026, 3, 1, 4, tzinfo=UTC))
#: It was still the last of February in the west.
SINCE = "20260228"


def line(value: str, age: timedelta = DAY) -> CheckAnswer:
    return CheckAnswer(NumberCheck.LINE_TYPE, "", NOW - age, value, "Somebody Mobile")


def owner(value: str, age: timedelta = DAY, since: str = SINCE) -> CheckAnswer:
    return CheckAnswer(NumberCheck.REASSIGNED, since, NOW - age, value)


def asked(*demands: Requirement, answers: tuple[CheckAnswer, ...] = (), **more: Any) -> Facts:
    file = NumberFile(demands, answers)
    usual = {"stated_consent": AGREED, "recipient_zone": NEW_YORK}
    return facts(number_file=file, **{**usual, **more})


def listed(lists: bool, age: timedelta) -> Person:
    return Person(scrubs=(Scrub("litigators", NOW - age, lists),))


DIAL, WAIT, END = DecisionKind.DIAL, DecisionKind.WAIT, DecisionKind.END
SITUATIONS = {
    "nothing is demanded": (facts(), DIAL),
    "never asked": (asked(LINE), WAIT),
    "mobile": (asked(LINE, answers=(line("mobile"),)), DIAL),
    "mobile, too long ago": (asked(LINE, answers=(line("mobile", 30 * DAY),)), WAIT),
    "a type that is refused": (asked(LINE, answers=(line("nonFixedVoip"),)), END),
    "refused, but too long ago": (asked(LINE, answers=(line("nonFixedVoip", 31 * DAY),)), WAIT),
    "no such number": (asked(LINE, answers=(line("invalid"),)), END),
    "not reassigned": (asked(OWNER, answers=(owner("no"),)), DIAL),
    "reassigned": (asked(OWNER, answers=(owner("yes"),)), END),
    "no data": (asked(OWNER, answers=(owner("no_data"),)), END),
    "no data, and dialed all the same": (asked(LENIENT, answers=(owner("no_data"),)), DIAL),
    "reassigned, leniently": (asked(LENIENT, answers=(owner("yes"),)), END),
    "asked about another day": (asked(OWNER, answers=(owner("no", since="20250101"),)), WAIT),
    "no dated consent": (
        asked(
            OWNER,
            stated_consent=Consent(
                "call", ConsentTier.WRITTEN, Scope(), NOW.min.replace(year=1970, tzinfo=UTC)
            ),
        ),
        END,
    ),
    "not in a fresh list": (asked(LIST, person=listed(False, DAY)), DIAL),
    "in a list": (asked(LIST, person=listed(True, DAY)), END),
    "in an old list": (asked(LIST, person=listed(True, 90 * DAY)), END),
    "not in an old list": (asked(LIST, person=listed(False, 31 * DAY)), WAIT),
    "never imported": (asked(LIST), WAIT),
    "one of two": (asked(LINE, OWNER, answers=(line("mobile"),)), WAIT),
    "one refuses, one is missing": (asked(LINE, OWNER, answers=(owner("yes"),)), END),
    "a desk of our own": (
        asked(LINE, endpoint="sip:desk@example.com", endpoint_kind=EndpointKind.SIP),
        DIAL,
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_it_is_dialed_cleared_waited_for_or_ended(name: str):
    told, kind = SITUATIONS[name]
    decision = decide(told, NOW)
    assert decision.kind is kind, decision
    if kind is END:
        assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, "clearance_refused")
    if kind is WAIT:
        assert decision.reason == "clearance_pending"
        assert decision.until is not None
        assert decision.until > NOW


def test_the_permission_ends_with_the_oldest_answer():
    almost = line("mobile", 30 * DAY - timedelta(minutes=7))
    told = asked(LINE, OWNER, answers=(almost, owner("no")))
    assert decide(told, NOW).valid_until == NOW + timedelta(minutes=7)


def test_every_answer_stands_in_the_evidence():
    told = asked(LINE, OWNER, LIST, answers=(line("mobile"), owner("no")))
    said = {one.rule: (one.verdict, one.detail) for one in evidence(told, NOW).findings}
    assert said["clearance.line_type"] == (
        "mobile",
        "mobile, Somebody Mobile; asked 2026-11-17 15:00 UTC",
    )
    assert said["clearance.reassigned"][0] == "no"
    assert "safe harbour" in said["clearance.reassigned"][1]
    assert said["clearance.list.litigators"][0] == "missing"
    assert {*said} >= {*decide(told, NOW).rules[-3:]}


def test_who_serves_the_line_stays_out_of_the_decision():
    decision = decide(asked(LINE, answers=(line("nonFixedVoip"),)), NOW)
    assert "Somebody" not in decision.detail


def test_only_what_the_carrier_knows_is_asked_and_about_the_day_of_consent():
    told = asked(LINE, OWNER, LIST)
    assert questions(told, NOW) == (
        Question(NumberCheck.LINE_TYPE, "", 30 * DAY),
        Question(NumberCheck.REASSIGNED, SINCE, 30 * DAY),
    )
    assert consent_day(told, NOW) == SINCE


def test_numbers_abroad_are_not_asked_of_the_database_of_the_united_states():
    told = asked(OWNER, endpoint="+442079460123", recipient_zone="Europe/London")
    assert questions(told, NOW) == ()


@pytest.mark.parametrize(
    "told",
    [
        asked(LINE, OWNER, person=Person(suppressions=(Suppression("s", Scope(), "api"),))),
        asked(LINE, OWNER, stated_consent=None),
        asked(LINE, OWNER, answers=(owner("yes"),)),
        asked(LINE, LIST, person=listed(True, DAY)),
    ],
)
def test_nothing_is_asked_and_paid_about_who_is_not_to_be_called(told: Facts):
    assert questions(told, NOW) == ()


@given(
    age=st.timedeltas(timedelta(), timedelta(days=90)),
    longest=st.timedeltas(timedelta(seconds=1), timedelta(days=60)),
)
def test_no_age_is_taken_for_fresh_that_is_not(age: timedelta, longest: timedelta):
    demand = Requirement(NumberCheck.LINE_TYPE, longest)
    decision = decide(asked(demand, answers=(line("mobile", age),)), NOW)
    assert (decision.kind is DIAL) == (age < longest)


@given(
    ahead=st.timedeltas(timedelta(), timedelta(days=9)),
    longest=st.timedeltas(timedelta(minutes=1), timedelta(days=60)),
)
def test_what_is_asked_ahead_is_still_fresh_when_it_is_needed(ahead: timedelta, longest: timedelta):
    dialed_at = NOW + ahead
    at = ask_at(Question(NumberCheck.LINE_TYPE, "", longest), dialed_at, NOW)
    assert NOW <= at <= dialed_at
    assert dialed_at - at < longest
