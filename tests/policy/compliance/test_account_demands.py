"""What rules ask of the account: its numbers, what it acknowledges, how old its consents are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.calls.decide import decide
from policy.compliance.compliance import may_dial
from policy.model.acknowledgement import Acknowledgement
from policy.model.call import DecisionKind
from policy.model.person import Consent, Person, Scope, ScopeKind
from policy.model.purposes import ConsentTier, Purpose, Sector
from policy.model.reasons import Reason
from policy.rules import STANDARD
from policy.rules.model import read_rule
from tests.policy.make import NOW, facts

MADRID, MUMBAI, DALLAS, NEW_YORK = "+34910000123", "+912225550123", "+12145550123", "+12125550123"
BY_400, BY_1600, BY_140 = "+34400000123", "+911600000123", "+911400000123"
LATER = datetime(2027, 1, 11, 11, tzinfo=UTC)
DAY = timedelta(days=1)
DLT = Acknowledgement("in.dlt", "1101")
WRITTEN = Consent("c-1", ConsentTier.WRITTEN, Scope(), NOW - DAY)


def reason(now: datetime = NOW, **given: Any) -> Reason:
    return may_dial(facts(**given), now).reason


def spain(days_old: float, **given: Any) -> dict[str, Any]:
    agreed = Consent("c", ConsentTier.EXPRESS, Scope(), LATER - days_old * DAY)
    told = {"stated_consent": agreed, "caller_ids": (BY_400,), **given}
    return {"endpoint": MADRID, "purpose": Purpose.TELEMARKETING, **told}


@pytest.mark.parametrize(
    ("days_old", "expected"),
    [(0, "permitted"), (729.9, "permitted"), (730, "consent_too_old"), (2000, "consent_too_old")],
)
def test_in_spain_a_consent_counts_for_two_years(days_old, expected):
    assert reason(LATER, **spain(days_old)) == expected


def test_the_refusal_names_the_rule_that_lets_the_consent_age():
    assert "es.consent_age" in may_dial(facts(**spain(800)), LATER).detail


def test_a_waiver_of_the_age_leaves_the_consent_what_it_is():
    assert reason(LATER, **spain(800), waived_rules=frozenset({"consent_age"})) == "permitted"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((BY_400,), "permitted"),
        ((NEW_YORK, BY_400), "permitted"),
        ((NEW_YORK,), "caller_id_range"),
        ((), "caller_id_range"),
    ],
)
def test_commercial_calls_to_spain_come_from_400_numbers(numbers, expected):
    assert reason(LATER, **spain(1, caller_ids=numbers)) == expected


def test_before_its_first_day_a_range_asks_nothing():
    october = datetime(2026, 10, 16, 11, tzinfo=UTC)
    assert reason(october, **spain(120, caller_ids=(NEW_YORK,))) == "permitted"


@pytest.mark.parametrize("sector", [None, *Sector])
@pytest.mark.parametrize("number", [BY_1600, BY_140, NEW_YORK])
def test_who_is_no_bank_may_use_any_number_for_service_in_india(sector, number):
    told: dict[str, Any] = {
        "endpoint": MUMBAI,
        "purpose": Purpose.SERVICE,
        "acknowledgements": (DLT,),
    }
    found = reason(**told, sector=sector, caller_ids=(number,))
    free = sector is Sector.OTHER or number == BY_1600
    assert found == ("permitted" if free else "caller_id_range")


def test_a_call_that_names_no_purpose_cannot_suit_two_ranges():
    told: dict[str, Any] = {"endpoint": MUMBAI, "purpose": None, "acknowledgements": (DLT,)}
    assert reason(**told, caller_ids=(BY_1600, BY_140)) == "caller_id_range"


SELLING: dict[str, Any] = {
    "endpoint": DALLAS,
    "purpose": Purpose.TELEMARKETING,
    "stated_consent": WRITTEN,
}
TEXAS = "us-tx.solicitation_registration"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((), "not_acknowledged"),
        ((Acknowledgement(TEXAS),), "not_acknowledged"),
        ((Acknowledgement(TEXAS, "2026-0104"),), "permitted"),
        ((Acknowledgement(TEXAS, "2026-0104", NOW),), "not_acknowledged"),
        ((Acknowledgement(TEXAS, "2026-0104", NOW + DAY),), "permitted"),
        ((DLT,), "not_acknowledged"),
    ],
)
def test_who_sells_in_texas_says_that_he_is_registered(said, expected):
    assert reason(**SELLING, acknowledgements=said) == expected


def test_a_reminder_in_texas_needs_no_registration():
    assert reason(endpoint=DALLAS) == "permitted"


def test_a_call_waits_for_what_can_still_be_acknowledged_and_ends_with_its_deadline():
    waiting = decide(facts(**SELLING), NOW)
    assert (waiting.kind, waiting.reason) == (DecisionKind.WAIT, Reason.NOT_ACKNOWLEDGED)
    assert "us.tx.registration" in waiting.detail
    over = decide(facts(**SELLING, deadline=NOW), NOW)
    assert (over.kind, over.reason) == (DecisionKind.END, Reason.DEADLINE_PASSED)


def test_what_forbids_a_call_for_good_is_not_waited_out():
    ended = decide(facts(**{**SELLING, "stated_consent": None}), NOW)
    assert (ended.kind, ended.reason) == (DecisionKind.END, Reason.NO_CONSENT)


OTHER = Consent("c-2", ConsentTier.EXPRESS, Scope(ScopeKind.AGENT, "b"), NOW - DAY, revoked_at=NOW)


@pytest.mark.parametrize(
    ("now", "granted", "expected"),
    [
        (datetime(2027, 1, 30, 16, tzinfo=UTC), NOW - DAY, "permitted"),
        (datetime(2027, 1, 31, 16, tzinfo=UTC), NOW - DAY, "no_consent"),
        (datetime(2027, 2, 1, 16, tzinfo=UTC), NOW + DAY, "permitted"),
    ],
)
def test_from_february_2027_who_takes_back_one_consent_takes_back_all(now, granted, expected):
    kept = Consent("c-1", ConsentTier.WRITTEN, Scope(), granted)
    told: dict[str, Any] = {"person": Person(consents=(kept, OTHER)), "stated_consent": None}
    assert reason(now, **told) == expected


def test_a_duty_is_on_the_list_and_asks_no_call():
    heard = STANDARD.rules_for(("US", "US-VA", "*"), NOW.date(), None, facts().voice)
    assert STANDARD.rule("us.va.opt_outs") is not None
    assert "duty" not in {rule.kind for rule in heard}


def test_an_account_may_add_a_range_of_its_own():
    own = {
        "id": "own.range",
        "jurisdiction": "US",
        "kind": "caller_id_range",
        "prefixes": ["+1212"],
        "source": "tests",
        "confidence": "convention",
        "verifiedOn": "2026-11-30",
    }
    told: dict[str, Any] = {"book": STANDARD.with_rules([read_rule(own)])}
    assert reason(**told, caller_ids=("+13055550100",)) == "caller_id_range"
    assert reason(**told, caller_ids=(NEW_YORK,)) == "permitted"
