"""The proof of a verdict: what every rule said, and a digest of all it was told."""

import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from policy.compliance.evidence import digest, evidence
from policy.facts import Facts, NumberFacts
from policy.model.acknowledgement import Acknowledgement
from policy.model.call import AttemptResult, EndpointKind, Outcome, RetryPlan, VoicemailAction
from policy.model.last_word import LastWordFile
from policy.model.number_checks import NumberCheck, NumberFile, Requirement
from policy.model.person import (
    Consent,
    PastDial,
    Person,
    Returned,
    Scope,
    ScopeKind,
    Scrub,
    Suppression,
)
from policy.model.purposes import ConsentTier, Notice, Purpose, Sector, Voice
from policy.promises import Promise
from policy.reminders import Sibling
from policy.rules import STANDARD
from policy.rules.model import Rule, read_rule
from policy.time.best_times import BestTimePreset, BestTimes
from policy.time.dayparts import DaypartRate
from tests.policy.make import AGREED, NEW_YORK, NOW, at, attempts, daily, facts

FLORIDA, LONDON = "+13055550123", "+442079460123"
DAY = timedelta(days=1)
WRITTEN = Consent("c-1", ConsentTier.WRITTEN, Scope(), NOW - DAY)
SALES = {"purpose": Purpose.TELEMARKETING, "stated_consent": WRITTEN}
LIVE_SALES = {**SALES, "endpoint": LONDON, "voice": Voice.LIVE}


def own(kind: str, **said: Any) -> Rule:
    return read_rule(
        {
            "id": "own.x",
            "jurisdiction": "*",
            "kind": kind,
            "source": "tests",
            "confidence": "convention",
            "verifiedOn": date(2026, 11, 25),
            **said,
        }
    )


def word(rule: str, given: dict[str, Any], now: datetime = NOW) -> tuple[str, str]:
    [found] = [one for one in evidence(facts(**given), now).findings if one.rule == rule]
    return found.verdict, found.detail


def dials(*hours_ago: float) -> dict[str, Any]:
    past = (PastDial("c", n, NOW - timedelta(hours=h)) for n, h in enumerate(hours_ago))
    return {"person": Person(dials=tuple(past))}


def scrubbed(age: timedelta, lists: bool = False) -> dict[str, Any]:
    return {"person": Person(scrubs=(Scrub("gb.tps", NOW - age, lists),))}


def told(*rules: Rule) -> dict[str, Any]:
    return {"book": STANDARD.with_rules(rules)}


MADRID = {"endpoint": "+34910000123", "purpose": Purpose.TELEMARKETING}
MUMBAI = {"endpoint": "+912225550123", "purpose": Purpose.SERVICE}
JANUARY, FEBRUARY = datetime(2027, 1, 11, 11, tzinfo=UTC), datetime(2027, 2, 1, 16, tzinfo=UTC)
TAKEN_BACK = Consent(
    "c-2", ConsentTier.EXPRESS, Scope(ScopeKind.AGENT, "b"), NOW - DAY, revoked_at=NOW
)
AFTER_HOURS = at("2026-11-18 20:30", NEW_YORK)
#: A rule, what is told, when; its word and its sentence.
FINDINGS: list[tuple[str, dict[str, Any], datetime, str, str]] = [
    (
        "us.fl.hours",
        {"endpoint": FLORIDA},
        NOW,
        "open",
        "Until Wed 18 Nov 20:00 (America/New_York)",
    ),
    (
        "us.fl.hours",
        {"endpoint": FLORIDA},
        AFTER_HOURS,
        "closed",
        "Until Thu 19 Nov 08:00 (America/New_York)",
    ),
    (
        "us.xx.hours",
        {"endpoint": "+18005550123"},
        NOW,
        "unknown",
        "The recipient's clock is not known",
    ),
    ("us.ny.hours", {"waived_rules": frozenset({"us.ny.hours"})}, NOW, "waived", ""),
    ("us.ny.hours", {"waived_rules": frozenset({"calling_hours"})}, NOW, "waived", ""),
    ("us.ut.hours", {"endpoint": "+18015550123"}, NOW, "exempt", ""),
    ("us.fl.attempts", {"endpoint": FLORIDA, **dials(1, 2)}, NOW, "room", ""),
    ("es.consent_age", {**MADRID, "stated_consent": WRITTEN}, NOW, "met", "Consent of 2026-11-17"),
    ("es.consent_age", {**MADRID, "stated_consent": AGREED}, NOW, "stale", "Consent of 2020-01-01"),
    ("es.consent_age", {**MADRID, "stated_consent": None}, NOW, "nothing", ""),
    ("es.caller_id", {**MADRID, "caller_ids": ("+34400000123",)}, JANUARY, "met", ""),
    ("es.caller_id", {**MADRID, "caller_ids": ("+34910000123",)}, JANUARY, "out_of_range", ""),
    (
        "in.caller_id.banks",
        {**MUMBAI, "sector": Sector.OTHER},
        NOW,
        "not_concerned",
        "The account's sector is other",
    ),
    ("in.dlt", MUMBAI, NOW, "missing", "Nothing is acknowledged of in.dlt"),
    (
        "in.dlt",
        {**MUMBAI, "acknowledgements": (Acknowledgement("in.dlt", "1101"),)},
        NOW,
        "met",
        "Acknowledged, reference 1101",
    ),
    ("us.federal.revoke_all", {}, FEBRUARY, "nothing", ""),
    (
        "us.federal.revoke_all",
        {"person": Person(consents=(WRITTEN, TAKEN_BACK)), "stated_consent": None},
        FEBRUARY,
        "taken_back",
        "With another consent of theirs",
    ),
    (
        "us.fl.attempts",
        {"endpoint": FLORIDA, **dials(1, 2, 3)},
        NOW,
        "full",
        "Until Thu 19 Nov 07:00 (America/New_York)",
    ),
    ("us.federal.consent", {}, NOW, "met", "Stated with the call"),
    ("us.federal.consent", {"stated_consent": None}, NOW, "missing", "express consent"),
    (
        "us.federal.consent.telemarketing",
        {**SALES, "stated_consent": AGREED},
        NOW,
        "missing",
        "written consent",
    ),
    ("gb.tps", LIVE_SALES, NOW, "missing", "gb.tps was never imported"),
    ("gb.tps", {**LIVE_SALES, **scrubbed(29 * DAY)}, NOW, "stale", "Scrubbed 2026-10-20"),
    ("gb.tps", {**LIVE_SALES, **scrubbed(DAY)}, NOW, "clear", "Scrubbed 2026-11-17"),
    ("gb.tps", {**LIVE_SALES, **scrubbed(DAY, True)}, NOW, "listed", "Scrubbed 2026-11-17"),
    ("us.federal.identity", {}, NOW, "said", "identity, callback_number"),
    (
        "us.federal.identity",
        {"can_say": frozenset({Notice.AI, Notice.IDENTITY})},
        NOW,
        "impossible",
        "callback_number",
    ),
    ("default.recording", {}, NOW, "nothing", ""),
    ("default.recording", {"recorded": True}, NOW, "said", "recording"),
    ("us.federal.ring_time", {**SALES, "ring_timeout": 15}, NOW, "met", ""),
    ("us.federal.ring_time", {**SALES, "ring_timeout": 14}, NOW, "short", ""),
    (
        "own.x",
        told(own("blackout", startsAt=NOW.isoformat(), note="A storm")),
        NOW,
        "closed",
        "A storm",
    ),
    (
        "own.x",
        told(own("blackout", startsAt=(NOW + DAY).isoformat(), note="A storm")),
        NOW,
        "open",
        "",
    ),
    (
        "own.x",
        told(own("blackout", startsAt=(NOW - DAY).isoformat(), endsAt=NOW.isoformat(), note="x")),
        NOW,
        "open",
        "",
    ),
]


@pytest.mark.parametrize(("rule", "given", "now", "verdict", "detail"), FINDINGS)
def test_every_kind_of_rule_says_what_it_found(
    rule: str, given: dict[str, Any], now: datetime, verdict: str, detail: str
):
    assert word(rule, given, now) == (verdict, detail)


def test_every_kind_of_rule_is_among_those():
    # A duty is kept for all calls, and is not asked.
    kinds = {rule.kind for rule in STANDARD.rules if rule.kind != "duty"} | {"blackout"}
    asked = {rule for rule, *_ in FINDINGS}
    found = {rule.kind for rule in STANDARD.rules if rule.id in asked} | {"blackout"}
    assert found == kinds


def test_every_rule_that_is_heard_has_one_finding_and_keeps_its_place():
    given = facts(endpoint=FLORIDA, recorded=True)
    found = [one.rule for one in evidence(given, NOW).findings]
    heard = given.book.rules_for(("US", "US-FL", "*"), NOW.date(), given.purpose, given.voice)
    assert found == [rule.id for rule in heard]


def test_what_has_to_be_said_is_proved_with_the_rule_that_asks_for_it():
    assert evidence(facts(), NOW).notices == {
        Notice.IDENTITY: "us.federal.identity",
        Notice.AI: "default.ai",
        Notice.CALLBACK_NUMBER: "us.federal.identity",
    }


# -- the digest

#: Of every fact a value that `facts()` does not have.
OTHERWISE: dict[str, Any] = {
    "best_times": BestTimes(BestTimePreset.BUSINESS),
    "number_hours": daily("18:00", "20:00"),
    "numbers": (NumberFacts(LONDON, EndpointKind.PHONE, recipient_zone=NEW_YORK),),
    "place": 1,
    "dialing_paused": "HTTP 401",
    "endpoint_kind": EndpointKind.SIP,
    "agent_enabled": False,
    "agent_zone": "Europe/Paris",
    "agent_id": "a-1",
    "campaign_id": "k-1",
    "business_hours": daily("09:00", "17:00"),
    "call_window": daily("10:00", "12:00"),
    "recipient_zone": NEW_YORK,
    "recipient_country": "US",
    "recipient_postal_code": "10001",
    "not_before": NOW,
    "deadline": NOW,
    "ring_timeout": 31,
    "retry": RetryPlan(max_attempts=2),
    "voicemail_action": VoicemailAction.RETRY_LATER,
    "reported_outcome": Outcome.CONFIRMED,
    "cancel_requested": True,
    "redial_unknown": True,
    "hung_up_early_seconds": 3,
    "attempts": attempts(AttemptResult.BUSY),
    "dayparts": (DaypartRate("morning", 1, 30),),
    "agent_deleted": True,
    "purpose": Purpose.SURVEY,
    "voice": Voice.LIVE,
    "subject": "debt",
    "recorded": True,
    "can_say": frozenset({Notice.AI}),
    "stated_consent": None,
    "person": Person(dials=(PastDial("c", 1, NOW),)),
    "returned": Returned.PAUSE,
    "goal_reached": True,
    "siblings": (Sibling(is_under_way=True),),
    "waived_rules": frozenset({"consent"}),
    "caller_ids": ("+12025550100",),
    "barred_caller_ids": frozenset({"+12025550100"}),
    "promise": Promise(NOW, 1),
    "sector": Sector.BANK,
    "acknowledgements": (Acknowledgement("in.dlt", "1101"),),
    "last_word": LastWordFile(3),
    "number_file": NumberFile((Requirement(NumberCheck.LINE_TYPE, timedelta(hours=1)),)),
}
#: The endpoint, or the digest of a known person could be tried out; the book has a version.
NOT_DIGESTED = {
    "endpoint": "+12125550199",
    "book": STANDARD.with_rules([own("ring_time", leastSeconds=5)]),
}


def test_every_fact_is_digested_or_left_out_on_purpose():
    assert {one.name for one in fields(Facts)} == OTHERWISE.keys() | NOT_DIGESTED.keys()


@pytest.mark.parametrize("name", OTHERWISE)
def test_another_fact_is_another_digest(name: str):
    assert digest(facts(**{name: OTHERWISE[name]})) != digest(facts())


@pytest.mark.parametrize("name", NOT_DIGESTED)
def test_neither_the_number_nor_the_book_is_in_it(name: str):
    assert digest(facts(**{name: NOT_DIGESTED[name]})) == digest(facts())


ENTRIES = tuple(Suppression(f"s-{n}", Scope(ScopeKind.AGENT, "a"), "api") for n in range(3))
KNOWN = Person(
    suppressions=ENTRIES,
    consents=(AGREED, WRITTEN),
    scrubs=(Scrub("a", NOW, True), Scrub("b", NOW, False)),
    dials=(PastDial("c", 1, NOW), PastDial("c", 2, NOW)),
    reviews=("1", "2"),
    on_line=("c-2", "c-3"),
)

FULL = {**OTHERWISE, "person": KNOWN}


@pytest.mark.parametrize("part", [one.name for one in fields(Person)])
def test_the_order_in_which_the_database_tells_of_a_person_does_not_matter(part: str):
    turned = replace(KNOWN, **{part: getattr(KNOWN, part)[::-1]})
    assert digest(facts(person=turned)) == digest(facts(person=KNOWN))
    less = replace(KNOWN, **{part: getattr(KNOWN, part)[1:]})
    assert digest(facts(person=less)) != digest(facts(person=KNOWN))


def test_the_digest_is_the_same_in_every_process():
    module = "tests.policy.compliance.test_evidence"
    code = f"from {module} import FULL, digest, facts; print(digest(facts(**FULL)))"
    seen = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        seen.add(done.stdout.strip())
    assert seen == {digest(facts(**FULL))}


def test_the_digest_does_not_tell_the_number():
    proof = evidence(facts(person=KNOWN), NOW)
    assert re.fullmatch(r"[0-9a-f]{64}", proof.inputs_sha256)
    assert "2125550123" not in repr(proof)


def test_the_moment_of_the_decision_is_no_fact():
    later = datetime(2026, 11, 19, 15, tzinfo=UTC)
    proofs = [evidence(facts(), moment).inputs_sha256 for moment in (NOW, later)]
    assert proofs[0] == proofs[1]
