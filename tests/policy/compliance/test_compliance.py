from dataclasses import replace
from datetime import timedelta

import pytest

from policy.compliance.compliance import may_dial
from policy.model.call import EndpointKind
from policy.model.person import Consent, PastDial, Person, Scope, ScopeKind, Scrub, Suppression
from policy.model.purposes import ConsentTier, Notice, Purpose, Voice
from tests.policy.make import AGREED, NEW_YORK, NOW, daily, facts

SIP = {"endpoint": "sip:alice@example.com", "endpoint_kind": EndpointKind.SIP}
HOURS_WAIVED = {"waived_rules": frozenset({"calling_hours"})}
NOBODY_KNOWS = {"endpoint": "+15551234567"}
FLORIDA, PARIS = "+13055550123", "+33199005501"
WRITTEN = Consent("c-1", ConsentTier.WRITTEN, Scope(), NOW - timedelta(days=1))
SALES = {"purpose": Purpose.TELEMARKETING, "stated_consent": None}
DAY = timedelta(days=1)


def hours(clearance):
    return tuple(rule for rule in clearance.rules if rule.endswith(".hours"))


def person(**known):
    return {"person": Person(**known)}


@pytest.mark.parametrize(
    ("given", "rules", "zones"),
    [
        ({}, ("us.federal.hours", "us.ny.hours"), (NEW_YORK,)),
        ({"endpoint": FLORIDA}, ("us.federal.hours", "us.fl.hours"), (NEW_YORK,)),
        ({"endpoint": "+442079460123"}, ("gb.convention.hours",), ("Europe/London",)),
        ({"endpoint": "+551155501234"}, ("default.hours",), ("America/Sao_Paulo",)),
        (
            {"recipient_country": "FR"},
            ("us.federal.hours", "us.ny.hours", "fr.hours"),
            (NEW_YORK, "Europe/Paris"),
        ),
        (
            {"recipient_zone": "Asia/Tokyo"},
            ("us.federal.hours", "us.ny.hours", "default.hours"),
            ("Asia/Tokyo",),
        ),
        ({**SIP, "recipient_zone": "Europe/Paris"}, ("fr.hours",), ("Europe/Paris",)),
        (
            {**NOBODY_KNOWS, "recipient_zone": NEW_YORK},
            ("us.federal.hours", "us.xx.hours"),
            (NEW_YORK,),
        ),
        (
            {"waived_rules": frozenset({"fr.hours"})},
            ("us.federal.hours", "us.ny.hours"),
            (NEW_YORK,),
        ),
    ],
)
def test_every_jurisdictions_hours_hold_in_every_candidate_zone(given, rules, zones):
    clearance = may_dial(facts(**given), NOW)
    assert (clearance.permitted, clearance.reason) == (True, "permitted")
    assert (hours(clearance), clearance.zones) == (rules, zones)
    assert len(clearance.windows) == len(rules) * len(zones)
    assert {window.zone_name for window in clearance.windows} == set(zones)


@pytest.mark.parametrize("given", [SIP, NOBODY_KNOWS, {"recipient_country": "ZZ"}])
def test_without_a_zone_nothing_is_dialed(given):
    clearance = may_dial(facts(**given), NOW)
    assert (clearance.permitted, clearance.reason) == (False, "needs_timezone")


@pytest.mark.parametrize("given", [{"recipient_zone": "Mars/Base"}, {"agent_zone": "Mars/Base"}])
def test_an_unknown_zone_is_not_dialed_even_with_a_waiver(given):
    clearance = may_dial(facts(**given, **HOURS_WAIVED), NOW)
    assert (clearance.permitted, clearance.reason) == (False, "unknown_timezone")
    assert "Mars" not in clearance.detail


@pytest.mark.parametrize("waiver", ["calling_hours", "us.federal.hours"])
def test_a_waived_rule_drops_its_windows_and_is_still_named(waiver):
    clearance = may_dial(facts(waived_rules=frozenset({waiver})), NOW)
    assert clearance.permitted
    assert "waived:us.federal.hours" in clearance.rules
    left = 0 if waiver == "calling_hours" else 1
    assert len(clearance.windows) == left
    assert clearance.zones == (NEW_YORK,)


@pytest.mark.parametrize("given", [SIP, NOBODY_KNOWS])
def test_with_all_hours_waived_no_zone_is_needed_unless_a_window_is_read_in_it(given):
    assert may_dial(facts(**given, **HOURS_WAIVED), NOW).permitted
    refused = may_dial(facts(**given, **HOURS_WAIVED, call_window=daily("09:00", "17:00")), NOW)
    assert refused.reason == "needs_timezone"


# -- do not call


def entry(kind=ScopeKind.ALL, of="", expires_at=None):
    return Suppression("s-1", Scope(kind, of), "api", expires_at)


OWN = {"agent_id": "a-1", "campaign_id": "k-1", "purpose": Purpose.REMINDER}


@pytest.mark.parametrize(
    ("suppression", "given", "is_called"),
    [
        (entry(), OWN, False),
        (entry(ScopeKind.AGENT, "a-1"), OWN, False),
        (entry(ScopeKind.AGENT, "a-2"), OWN, True),
        (entry(ScopeKind.CAMPAIGN, "k-1"), OWN, False),
        (entry(ScopeKind.CAMPAIGN, "k-1"), {**OWN, "campaign_id": None}, True),
        (entry(ScopeKind.PURPOSE, "reminder"), OWN, False),
        (entry(ScopeKind.PURPOSE, "survey"), OWN, True),
        (entry(expires_at=NOW), OWN, True),
        (entry(expires_at=NOW + DAY), OWN, False),
    ],
)
def test_an_entry_forbids_the_calls_it_is_about_while_it_lasts(suppression, given, is_called):
    clearance = may_dial(facts(**given, **person(suppressions=(suppression,))), NOW)
    assert clearance.permitted is is_called
    if not is_called:
        assert clearance.reason == "do_not_call"


def test_an_entry_says_where_it_came_from_if_that_is_known():
    known, forgotten = entry(), replace(entry(), source="")
    said = [
        may_dial(facts(**person(suppressions=(one,))), NOW).detail for one in (known, forgotten)
    ]
    assert said == [
        "The number is on the do-not-call list (api)",
        "The number is on the do-not-call list",
    ]


def test_a_call_without_a_purpose_might_be_of_the_one_that_was_refused():
    entries = person(suppressions=(entry(ScopeKind.PURPOSE, "survey"),))
    assert may_dial(facts(purpose=None, **entries), NOW).reason == "do_not_call"


def test_an_entry_holds_whatever_is_waived_and_whoever_agreed():
    waived = frozenset({"calling_hours", "consent", "registry", "attempt_cap", "disclosure"})
    known = person(suppressions=(entry(),), consents=(WRITTEN,))
    assert may_dial(facts(waived_rules=waived, **known), NOW).reason == "do_not_call"


# -- consent


@pytest.mark.parametrize(
    ("given", "refused_by"),
    [
        ({"stated_consent": None}, "us.federal.consent"),
        ({"stated_consent": None, "purpose": Purpose.EMERGENCY}, None),
        ({"stated_consent": None, "voice": Voice.LIVE}, None),
        ({"stated_consent": None, "endpoint": "+442079460123"}, None),
        ({"stated_consent": None, "waived_rules": frozenset({"us.federal.consent"})}, None),
        ({"stated_consent": None, "waived_rules": frozenset({"consent"})}, None),
        ({"purpose": Purpose.TELEMARKETING}, "us.federal.consent.telemarketing"),
        ({"purpose": None}, "us.federal.consent.telemarketing"),
        ({"stated_consent": None, **person(consents=(WRITTEN,))}, None),
        ({"purpose": Purpose.TELEMARKETING, **person(consents=(WRITTEN,))}, None),
        ({**SALES, "endpoint": PARIS}, "fr.consent"),
        ({**SALES, "endpoint": "+551155501234"}, "default.consent"),
    ],
)
def test_consent_is_asked_for_by_rule_and_purpose(given, refused_by):
    clearance = may_dial(facts(**given), NOW)
    assert clearance.permitted is (refused_by is None)
    if refused_by is not None:
        assert clearance.reason == "no_consent"
        assert refused_by in clearance.detail


@pytest.mark.parametrize(
    "consent",
    [
        Consent("c", ConsentTier.WRITTEN, Scope(), NOW + DAY),
        Consent("c", ConsentTier.WRITTEN, Scope(), NOW - DAY, expires_at=NOW),
        Consent("c", ConsentTier.WRITTEN, Scope(), NOW - DAY, revoked_at=NOW),
        Consent("c", ConsentTier.WRITTEN, Scope(ScopeKind.AGENT, "a-2"), NOW - DAY),
        Consent("c", ConsentTier.WRITTEN, Scope(ScopeKind.PURPOSE, "survey"), NOW - DAY),
    ],
)
def test_a_consent_that_does_not_hold_is_none(consent):
    given = {**OWN, "stated_consent": None, **person(consents=(consent,))}
    assert may_dial(facts(**given), NOW).reason == "no_consent"


def test_what_was_taken_back_is_not_agreed_to_by_an_older_statement():
    revoked = Consent("c", ConsentTier.EXPRESS, Scope(), NOW - 9 * DAY, revoked_at=NOW - DAY)
    assert may_dial(facts(**person(consents=(revoked,))), NOW).reason == "no_consent"
    later = Consent("call", ConsentTier.EXPRESS, Scope(), NOW - timedelta(hours=1))
    assert may_dial(facts(stated_consent=later, **person(consents=(revoked,))), NOW).permitted


def test_written_consent_lifts_the_rules_that_say_so():
    sales = {"purpose": Purpose.TELEMARKETING, **person(consents=(WRITTEN,))}
    assert "exempt:us.federal.dnc" in may_dial(facts(**sales), NOW).rules
    utah = {"endpoint": "+18015550123", "stated_consent": AGREED}
    assert "exempt:us.ut.hours" in may_dial(facts(**utah), NOW).rules


# -- registries: live sales calls to the United Kingdom are screened against the TPS


def scrubbed(age, lists=False):
    return Scrub("gb.tps", NOW - age, lists)


@pytest.mark.parametrize(
    ("scrubs", "reason"),
    [
        ((), "registry_stale"),
        ((scrubbed(29 * DAY),), "registry_stale"),
        ((scrubbed(28 * DAY),), "registry_stale"),
        ((scrubbed(27 * DAY),), "permitted"),
        ((scrubbed(27 * DAY, lists=True),), "registry_listed"),
        ((scrubbed(90 * DAY, lists=True), scrubbed(DAY)), "permitted"),
        ((Scrub("us.national_dnc", NOW, False),), "registry_stale"),
    ],
)
def test_a_registry_has_to_be_fresh_and_not_to_list_the_number(scrubs, reason):
    london = {"endpoint": "+442079460123", "voice": Voice.LIVE}
    london |= person(scrubs=(*scrubs, Scrub("gb.ctps", NOW, False)))
    given = {**london, "purpose": Purpose.TELEMARKETING, "stated_consent": AGREED}
    assert may_dial(facts(**given), NOW).reason == reason


# -- what has to be said


def test_what_must_be_said_comes_with_the_rule_that_asks_for_it():
    given = {"purpose": Purpose.TELEMARKETING, "recorded": True, **person(consents=(WRITTEN,))}
    notices = may_dial(facts(endpoint=FLORIDA, **given), NOW).notices
    assert list(notices) == [
        Notice.IDENTITY,
        Notice.AI,
        Notice.CALLBACK_NUMBER,
        Notice.RECORDING,
        Notice.OPT_OUT,
    ]
    assert notices[Notice.IDENTITY] == "us.federal.identity"
    assert notices[Notice.OPT_OUT] == "us.federal.opt_out"
    assert notices[Notice.RECORDING] == "us.fl.recording"


def test_a_call_that_is_not_recorded_says_nothing_of_a_recording():
    assert Notice.RECORDING not in may_dial(facts(), NOW).notices


@pytest.mark.parametrize("missing", [Notice.IDENTITY, Notice.CALLBACK_NUMBER, Notice.AI])
def test_a_call_that_cannot_say_what_it_must_is_not_made(missing):
    clearance = may_dial(facts(can_say=frozenset(Notice) - {missing}), NOW)
    assert clearance.reason == "cannot_disclose"
    assert clearance.detail.startswith(("us.federal.identity", "default.ai"))


def test_a_phone_is_let_ring_for_as_long_as_the_rule_says():
    sales = {"purpose": Purpose.TELEMARKETING, **person(consents=(WRITTEN,))}
    assert may_dial(facts(ring_timeout=14, **sales), NOW).reason == "ring_too_short"
    assert may_dial(facts(ring_timeout=15, **sales), NOW).permitted
    assert may_dial(facts(ring_timeout=14), NOW).permitted


# -- how often


def test_a_cap_says_when_there_is_room_again():
    dials = tuple(PastDial("c", n, NOW - timedelta(hours=n)) for n in (1, 2, 23))
    capped = may_dial(facts(endpoint=FLORIDA, **person(dials=dials)), NOW).capped
    assert capped is not None
    assert (capped.rule.id, capped.until) == ("us.fl.attempts", NOW + timedelta(hours=1))


ELSEWHERE = "+12125550123"


@pytest.mark.parametrize(
    ("hours_ago", "rule", "hours"),
    [
        ((1, 2, 23), "default.attempts.day", 1),
        ((1, 25, 49, 73, 97, 121, 145), "default.attempts.week", 168 - 145),
    ],
)
def test_a_number_is_dialed_three_times_a_day_and_seven_in_a_week_whoever_calls(
    hours_ago, rule, hours
):
    """Of whatever calls, agents, campaigns and subjects of the account."""
    dials = tuple(
        PastDial(f"c{n}", 1, NOW - timedelta(hours=n), subject=f"s{n}") for n in hours_ago
    )
    asked = facts(endpoint=ELSEWHERE, subject="mine", **person(dials=dials))
    capped = may_dial(asked, NOW).capped
    assert capped is not None
    assert (capped.rule.id, capped.until) == (rule, NOW + timedelta(hours=hours))
    assert may_dial(replace(asked, person=Person(dials=dials[1:])), NOW).capped is None
    waived = replace(asked, waived_rules=frozenset({rule}))
    assert may_dial(waived, NOW).capped is None


def test_below_the_cap_nothing_is_held_back():
    dials = tuple(PastDial("c", n, NOW - timedelta(hours=n)) for n in (1, 2, 24))
    assert may_dial(facts(endpoint=FLORIDA, **person(dials=dials)), NOW).capped is None
