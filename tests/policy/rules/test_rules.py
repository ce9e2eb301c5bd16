"""The packs say what the facts say."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from policy.model.purposes import ConsentTier, Notice, Purpose, Voice
from policy.rules import ANYWHERE, RULES_VERSION, STANDARD
from policy.rules.model import Confidence, ConsentRule, DisclosureRule, HoursRule

ALL_PARTIES = ("CA", "FL", "IL", "MD", "MA", "MT", "NV", "NH", "PA", "WA")


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
        ("us.federal.hours", "US", "8-21", "8-21", "8-21", None, "secondary"),
        ("us.debt.hours", "US", "8-21", "8-21", "8-21", None, "secondary"),
        ("us.fl.hours", "US-FL", "8-20", "8-20", "8-20", None, "primary"),
        ("us.ok.hours", "US-OK", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.ok.hours.live", "US-OK", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.wa.hours", "US-WA", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.md.hours", "US-MD", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.ct.hours", "US-CT", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.al.hours", "US-AL", "8-20", "8-20", "", "US-AL", "conflicting"),
        ("us.la.hours", "US-LA", "8-20", "8-20", "", "US-LA", "secondary"),
        ("us.ms.hours", "US-MS", "8-20", "8-20", "", "US-MS", "conflicting"),
        ("us.ma.hours", "US-MA", "8-20", "8-20", "8-20", None, "secondary"),
        ("us.ny.hours", "US-NY", "8-21", "8-21", "8-21", None, "primary"),
        ("us.tx.hours", "US-TX", "9-21", "9-21", "12-21", None, "secondary"),
        ("us.ut.hours", "US-UT", "8-21", "8-21", "", "US-UT", "primary"),
        ("us.ri.hours", "US-RI", "9-18", "10-17", "", "US-RI", "secondary"),
        ("us.sd.hours", "US-SD", "9-21", "", "", None, "primary"),
        ("us.ky.hours", "US-KY", "10-21", "10-21", "10-21", None, "secondary"),
        ("us.nv.hours", "US-NV", "9-20", "9-20", "9-20", None, "secondary"),
        ("us.mi.hours", "US-MI", "9-21", "9-21", "9-21", None, "secondary"),
        ("us.mn.hours", "US-MN", "9-21", "9-21", "9-21", None, "secondary"),
        ("us.nm.hours", "US-NM", "9-21", "9-21", "9-21", None, "secondary"),
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


def test_nobody_claims_to_have_read_a_law_that_the_facts_do_not_mark_so():
    read = {rule.jurisdiction for rule in STANDARD.rules if rule.confidence is Confidence.PRIMARY}
    assert read == {"US-FL", "US-NY", "US-SD", "US-UT", "CA", "FR", "ES", "AU"}


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
