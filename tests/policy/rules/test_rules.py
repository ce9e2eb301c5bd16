"""The packs say what the facts say."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from policy.model.purposes import ConsentTier, Notice, Purpose, Sector, Voice
from policy.rules import ANYWHERE, RULES_VERSION, STANDARD
from policy.rules.model import Confidence, ConsentRule, DisclosureRule, HoursRule

ALL_PARTIES = ("CA", "FL", "IL", "MD", "MA", "MT", "NV", "NH", "PA", "WA")

#: States that keep a do-not-call list of their own beside the national one.
OWN_LISTS = ("co", "fl", "in", "la", "ma", "mo", "ok", "pa", "tn", "tx", "wy")


def rule_of(id_) -> Any:
    """The rule; what it has depends on its kind."""
    return STANDARD.rule(id_)


def spans(rule, *days):
    """ "9-20" for the spans these weekdays have alike, "" for none."""
    (found,) = {rule.window.days.get(day, ()) for day in days}
    return ",".join(f"{span.start / 60:g}-{span.end / 60:g}" for span in found)


@pytest.mark.parametrize(
    ("id_", "jurisdiction", "weekdays", "saturday", "sunday", "holidays", "confidence"),
    [
        ("us.federal.hours", "US", "8-21", "8-21", "8-21", None, "primary"),
        ("us.debt.hours", "US", "8-21", "8-21", "8-21", None, "primary"),
        ("us.fl.hours", "US-FL", "8-20", "8-20", "8-20", None, "primary"),
        ("us.ok.hours", "US-OK", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.ok.hours.live", "US-OK", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.wa.hours", "US-WA", "8-20", "8-20", "8-20", None, "primary"),
        ("us.md.hours", "US-MD", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.ct.hours", "US-CT", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.al.hours", "US-AL", "8-20", "8-20", "", "US-AL", "conflicting"),
        ("us.la.hours", "US-LA", "8-20", "8-20", "", "US-LA", "secondary"),
        ("us.ms.hours", "US-MS", "8-20", "8-20", "", "US-MS", "conflicting"),
        ("us.ma.hours", "US-MA", "8-20", "8-20", "8-20", None, "primary"),
        ("us.ny.hours", "US-NY", "8-21", "8-21", "8-21", None, "primary"),
        ("us.tx.hours", "US-TX", "9-21", "9-21", "12-21", None, "secondary"),
        ("us.ut.hours", "US-UT", "8-21", "8-21", "", "US-UT", "primary"),
        ("us.ri.hours", "US-RI", "9-18", "10-17", "", "US-RI", "primary"),
        ("us.sd.hours", "US-SD", "9-21", "", "", None, "primary"),
        ("us.ky.hours", "US-KY", "10-21", "10-21", "10-21", None, "secondary"),
        ("us.nv.hours", "US-NV", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.mi.hours", "US-MI", "9-21", "9-21", "9-21", None, "secondary"),
        ("us.mn.hours", "US-MN", "9-21", "9-21", "9-21", None, "secondary"),
        ("us.nm.hours", "US-NM", "9-21", "9-21", "9-21", None, "primary"),
        ("us.xx.hours", "US-XX", "10-18", "10-17", "", "US-XX", "convention"),
        ("ca.hours", "CA", "9-21.5", "10-18", "10-18", None, "primary"),
        ("fr.hours", "FR", "10-13,14-20", "", "", "FR", "primary"),
        ("es.hours", "ES", "9-21", "", "", "ES", "primary"),
        ("it.hours", "IT", "9-20", "10-19", "", "IT", "secondary"),
        ("au.sales.hours", "AU", "9-20", "9-17", "", "AU", "primary"),
        ("au.research.hours", "AU", "9-20.5", "9-17", "9-17", "AU", "primary"),
        ("in.hours", "IN", "9-21", "9-21", "9-21", None, "secondary"),
        ("de.convention.hours", "DE", "8-21", "", "", "DE", "convention"),
        ("gb.convention.hours", "GB", "8-21", "", "", None, "convention"),
        ("eu.hours", "EU", "9-18", "", "", None, "convention"),
        ("default.hours", ANYWHERE, "9-20", "10-18", "", None, "convention"),
    ],
)
def test_the_packs_hold_the_hours_of_the_facts(
    id_, jurisdiction, weekdays, saturday, sunday, holidays, confidence
):
    rule = rule_of(id_)
    assert isinstance(rule, HoursRule)
    assert rule.jurisdiction == jurisdiction
    assert (spans(rule, 0, 1, 2, 3, 4), spans(rule, 5), spans(rule, 6)) == (
        weekdays,
        saturday,
        sunday,
    )
    assert (rule.holidays, rule.confidence) == (holidays, confidence)


@pytest.mark.parametrize(
    ("id_", "most", "within", "per", "counts", "voice"),
    [
        ("us.debt.attempts", 7, timedelta(days=7), "subject", "attempts", None),
        ("us.debt.conversation", 1, timedelta(days=7), "subject", "conversations", None),
        ("us.fl.attempts", 3, timedelta(days=1), "subject", "attempts", None),
        ("us.ok.attempts", 3, timedelta(days=1), "subject", "attempts", None),
        ("us.md.attempts", 3, timedelta(days=1), "subject", "attempts", None),
        ("us.me.attempts", 1, timedelta(hours=8), "number", "attempts", Voice.ARTIFICIAL),
        ("fr.attempts", 4, timedelta(days=30), "number", "attempts", None),
    ],
)
def test_the_packs_hold_the_caps_of_the_facts(id_, most, within, per, counts, voice):
    rule = rule_of(id_)
    assert (rule.most, rule.within, rule.per, rule.counts) == (most, within, per, counts)
    assert rule.voice == voice


@pytest.mark.parametrize(
    ("id_", "tier", "voice"),
    [
        ("us.federal.consent.telemarketing", ConsentTier.WRITTEN, Voice.ARTIFICIAL),
        ("us.federal.consent", ConsentTier.EXPRESS, Voice.ARTIFICIAL),
        ("us.ct.consent", ConsentTier.WRITTEN, None),
        ("us.md.consent", ConsentTier.WRITTEN, None),
        ("us.ok.consent", ConsentTier.WRITTEN, None),
        ("es.consent", ConsentTier.EXPRESS, None),
        ("gb.consent", ConsentTier.EXPRESS, Voice.ARTIFICIAL),
        ("de.consent", ConsentTier.EXPRESS, None),
        ("fr.consent", ConsentTier.EXPRESS, None),
        ("default.consent", ConsentTier.EXPRESS, None),
    ],
)
def test_the_packs_hold_the_consents_of_the_facts(id_, tier, voice):
    rule = rule_of(id_)
    assert isinstance(rule, ConsentRule)
    assert (rule.tier, rule.voice) == (tier, voice)
    only_to_sell = () if id_ == "us.federal.consent" else (Purpose.TELEMARKETING,)
    assert rule.purposes == only_to_sell


@pytest.mark.parametrize(
    ("id_", "days"),
    [
        ("us.federal.dnc", 31),
        ("ca.dncl", 31),
        ("gb.tps", 28),
        ("gb.ctps", 28),
        ("in.ncpr", 7),
        *((f"us.{state}.dnc", 90) for state in OWN_LISTS),
        ("it.rpo", 15),
        ("au.dncr", 30),
    ],
)
def test_a_registry_is_scrubbed_as_often_as_it_asks_for(id_, days):
    rule = rule_of(id_)
    assert rule.max_age == timedelta(days=days)
    assert rule.purposes == (Purpose.TELEMARKETING,)


def test_every_state_that_asks_all_parties_has_the_recording_announced():
    told = {
        rule.jurisdiction
        for rule in STANDARD.rules
        if isinstance(rule, DisclosureRule) and rule.say == (Notice.RECORDING,)
    }
    assert told == {ANYWHERE, *(f"US-{state}" for state in ALL_PARTIES)}


def test_whose_text_was_read_says_where_it_stands_or_was_read():
    """The first twelve were read before addresses were kept."""
    before = {"US-FL", "US-NY", "US-SD", "US-UT", "CA", "FR", "ES", "AU"}
    for rule in STANDARD.rules:
        if rule.confidence is Confidence.PRIMARY and rule.jurisdiction not in before:
            assert rule.address or rule.read_at, rule.id


def test_what_is_no_law_has_no_address():
    for rule in STANDARD.rules:
        if rule.confidence is Confidence.CONVENTION:
            assert not rule.address, rule.id


def test_consents_to_commercial_calls_count_for_two_years_in_spain():
    rule = rule_of("es.consent_age")
    assert (rule.max_age, rule.purposes) == (timedelta(days=730), (Purpose.TELEMARKETING,))


def test_at_least_half_of_the_rules_were_read_in_their_own_words():
    read = [rule for rule in STANDARD.rules if rule.confidence is Confidence.PRIMARY]
    assert len(read) * 2 >= len(STANDARD.rules)


@pytest.mark.parametrize(
    ("id_", "prefixes", "sectors", "since"),
    [
        ("es.caller_id", ("+34400",), (), date(2026, 10, 17)),
        ("in.caller_id.promotional", ("+91140",), (), date(2018, 7, 19)),
        ("in.caller_id.banks", ("+911600",), (Sector.BANK,), date(2026, 1, 1)),
        ("in.caller_id.lenders", ("+911600",), (Sector.LENDER,), date(2026, 2, 1)),
        ("in.caller_id.insurers", ("+911600",), (Sector.INSURER,), date(2026, 2, 15)),
        ("in.caller_id.securities", ("+911600",), (Sector.SECURITIES,), date(2026, 2, 15)),
    ],
)
def test_the_packs_hold_the_ranges_of_caller_ids(id_, prefixes, sectors, since):
    rule = rule_of(id_)
    assert (rule.prefixes, rule.sectors, rule.effective_from) == (prefixes, sectors, since)


@pytest.mark.parametrize(
    ("id_", "prerequisite", "needs_reference"),
    [
        ("us.ca.announcement", "us-ca.live_announcement", False),
        ("us.tx.registration", "us-tx.solicitation_registration", True),
        ("in.dlt", "in.dlt", True),
    ],
)
def test_the_packs_hold_what_an_account_has_to_acknowledge(id_, prerequisite, needs_reference):
    rule = rule_of(id_)
    assert (rule.prerequisite, rule.needs_reference) == (prerequisite, needs_reference)


def test_a_revocation_reaches_all_consents_from_the_end_of_january_2027():
    rule = rule_of("us.federal.revoke_all")
    assert (rule.kind, rule.effective_from) == ("revocation", date(2027, 1, 31))


def test_every_rule_was_verified_and_begins_with_its_place():
    prefixes = {ANYWHERE: "default"}
    for rule in STANDARD.rules:
        place = prefixes.get(rule.jurisdiction, rule.jurisdiction.lower().replace("-", "."))
        assert rule.id.startswith((f"{place}.", "us.federal.", "us.debt.")), rule.id
        assert date(2026, 11, 22) <= rule.verified_on <= date.fromisoformat(RULES_VERSION)


def test_the_states_with_emergency_bans_say_that_operators_add_them():
    for id_ in ("us.ny.hours", "us.la.hours"):
        assert "operators add" in rule_of(id_).note


def test_the_packs_hold_no_rule_twice():
    assert Counter(rule.id for rule in STANDARD.rules).most_common(1)[0][1] == 1
