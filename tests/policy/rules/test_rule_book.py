"""Which rules concern a call: by place, day, purpose and voice, and which fallbacks hold."""

from datetime import date

import pytest

from policy.model.purposes import Purpose, Voice
from policy.rules import STANDARD, BadRules
from policy.rules.book import RuleBook
from policy.rules.model import KINDS, read_rule

TODAY = date(2026, 11, 25)
ARTIFICIAL, LIVE = Voice.ARTIFICIAL, Voice.LIVE


def rule(id_, jurisdiction="*", **more):
    kind = {"kind": "ring_time", "least_seconds": 15} if "kind" not in more else {}
    about = {"source": "a law", "confidence": "primary", "verified_on": "2026-01-01"}
    return read_rule({"id": id_, "jurisdiction": jurisdiction, **about, **kind, **more})


def hours(id_, jurisdiction="*", **more):
    windows = {"mon": [["09:00", "17:00"]]}
    return rule(id_, jurisdiction, kind="calling_hours", windows=windows, **more)


def ids(book, *places, day=TODAY, purpose=Purpose.SERVICE, voice=ARTIFICIAL, kind=None):
    found = book.rules_for(places, day, purpose, voice)
    return [each.id for each in found if kind in (None, each.kind)]


def standard(*places, kind="calling_hours", **call):
    return ids(STANDARD, *places, kind=kind, **call)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (("US", "*"), ["us.federal.hours"]),
        (("US", "US-NY", "*"), ["us.federal.hours", "us.ny.hours"]),
        (("US-NY", "*"), ["us.ny.hours"]),
        (("US", "US-IL", "*"), ["us.federal.hours"]),
        (("US", "US-FL", "US-XX", "*"), ["us.federal.hours", "us.fl.hours", "us.xx.hours"]),
        (("DE", "EU", "*"), ["de.convention.hours"]),
        (("PT", "EU", "*"), ["eu.hours"]),
        (("BR", "*"), ["default.hours"]),
        (("US", "US-NY", "BR", "*"), ["us.federal.hours", "us.ny.hours", "default.hours"]),
        (("DE", "BR", "EU", "*"), ["de.convention.hours", "eu.hours", "default.hours"]),
        (("DE", "FR", "EU", "*"), ["de.convention.hours", "fr.hours"]),
        (("EU", "*"), ["eu.hours"]),
        (("*",), ["default.hours"]),
        ((), ["default.hours"]),
    ],
)
def test_a_fallback_holds_for_a_country_that_has_no_hours_of_its_own(places, expected):
    assert standard(*places) == expected


@pytest.mark.parametrize(
    ("places", "voice", "expected"),
    [
        (("US",), ARTIFICIAL, ["us.federal.consent.telemarketing", "us.federal.consent"]),
        (("US",), LIVE, ["default.consent"]),
        (("GB",), ARTIFICIAL, ["gb.consent"]),
        (("GB",), LIVE, ["default.consent"]),
        (("PT", "EU"), LIVE, ["default.consent"]),
        (("DE", "EU"), LIVE, ["de.consent"]),
    ],
)
def test_the_house_asks_for_consent_to_sell_where_no_rule_of_the_country_does(
    places, voice, expected
):
    assert standard(*places, kind="consent", purpose=Purpose.TELEMARKETING, voice=voice) == expected


def test_a_rule_of_another_purpose_takes_no_fallbacks_place():
    book = RuleBook(
        "1",
        [
            hours("fallback", fallback=True),
            hours("sales", "BR", purposes=["telemarketing"]),
        ],
    )
    assert ids(book, "BR", purpose=Purpose.TELEMARKETING) == ["sales"]
    assert ids(book, "BR", purpose=Purpose.SURVEY) == ["fallback"]
    assert ids(book, "BR", purpose=None) == ["sales", "fallback"]


def test_a_country_may_have_a_fallback_of_its_own():
    rules = [
        hours("any", fallback=True),
        hours("br", "BR", fallback=True),
        hours("sp", "BR-SP"),
    ]
    book = RuleBook("1", rules)
    assert ids(book, "BR") == ["br"]
    assert ids(book, "BR", "BR-SP") == ["sp"]
    assert ids(book, "AR") == ["any"]


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        (Purpose.TELEMARKETING, ["au.sales.hours"]),
        (Purpose.REMINDER, ["au.sales.hours"]),
        (Purpose.SURVEY, ["au.research.hours"]),
        (None, ["au.sales.hours", "au.research.hours"]),
    ],
)
def test_a_call_without_a_purpose_gets_the_rules_of_all_of_them(purpose, expected):
    assert standard("AU", "*", purpose=purpose) == expected


def test_an_emergency_needs_no_consent():
    assert standard("US", kind="consent", purpose=Purpose.EMERGENCY) == []


@pytest.mark.parametrize(
    ("state", "voice", "expected"),
    [
        ("US-OK", ARTIFICIAL, ["us.ok.hours"]),
        ("US-OK", LIVE, ["us.ok.hours.live"]),
        ("US-SD", ARTIFICIAL, ["us.sd.hours"]),
        ("US-SD", LIVE, []),
    ],
)
def test_some_hours_are_for_machines_only(state, voice, expected):
    assert standard("US", state, voice=voice) == ["us.federal.hours", *expected]


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 8, 10), ["default.consent"]), (date(2026, 8, 11), ["fr.consent"])],
)
def test_france_asks_for_consent_from_its_first_day(day, expected):
    found = standard("FR", "EU", kind="consent", purpose=Purpose.TELEMARKETING, day=day)
    assert found == expected


def test_a_rule_is_in_force_from_its_first_day_to_before_its_last():
    limited = rule("limited", effective_from="2026-01-01", effective_to="2026-02-01")
    book = RuleBook("1", [limited])
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [ids(book, day=day) for day in days] == [[], ["limited"], ["limited"], []]


def test_a_machine_says_that_it_is_one_and_the_union_asks_for_it_too():
    assert standard("PT", "EU", kind="disclosure") == ["eu.ai", "default.ai", "default.recording"]
    assert standard("PT", "EU", kind="disclosure", voice=LIVE) == ["default.recording"]


def test_rules_come_by_jurisdiction_and_then_by_kind():
    found = STANDARD.rules_for(("US-FL", "US", "US-FL", "*"), TODAY, None, ARTIFICIAL)
    places = [each.jurisdiction for each in found]
    assert list(dict.fromkeys(places)) == ["US-FL", "US", "*"]
    for place in ("US-FL", "US"):
        kinds = [KINDS.index(each.kind) for each in found if each.jurisdiction == place]
        assert kinds == sorted(kinds)
        assert len(kinds) > 1


def test_an_answer_is_remembered():
    asked = (("US", "US-TX"), TODAY, Purpose.REMINDER, LIVE)
    assert STANDARD.rules_for(*asked) is STANDARD.rules_for(*asked)


def test_rules_are_found_by_their_ids():
    found = STANDARD.rule("us.fl.hours")
    assert found is not None
    assert found.jurisdiction == "US-FL"
    assert STANDARD.rule("no.such.rule") is None


# -- rules that somebody adds


def test_added_rules_only_add_and_give_the_book_another_version():
    added = [hours("mine", "BR"), hours("soft", "PT", fallback=True), rule("ring", "US")]
    book = STANDARD.with_rules(added)
    assert ids(book, "BR", kind="calling_hours") == ["mine", "default.hours"]
    assert ids(book, "PT", "EU", kind="calling_hours") == ["soft", "eu.hours"]
    for places in (("US",), ("BR",), ("PT", "EU"), ("US", "US-XX", "FR", "EU")):
        assert set(ids(STANDARD, *places)) <= set(ids(book, *places))
    assert book.version.startswith(f"{STANDARD.version}+")
    assert len(book.version) == len(STANDARD.version) + 9
    assert book.rules == (*STANDARD.rules, *added)


def test_the_version_tells_the_added_rules_apart():
    one, two = rule("one"), rule("two")
    versions = {
        STANDARD.with_rules(added).version
        for added in (
            [],
            [one],
            [two],
            [one, two],
            [rule("one", least_seconds=20, kind="ring_time")],
        )
    }
    assert len(versions) == 5
    stepwise = STANDARD.with_rules([two]).with_rules([one])
    assert stepwise.version == STANDARD.with_rules([one, two]).version
    assert STANDARD.with_rules([]) is STANDARD


def test_added_rules_heed_day_purpose_and_voice():
    book = STANDARD.with_rules(
        [
            rule("later", effective_from="2027-01-01"),
            rule("sales", purposes=["telemarketing"]),
            rule("people", voice="live"),
        ]
    )
    assert ids(book, kind="ring_time") == []
    assert ids(book, kind="ring_time", purpose=None, voice=LIVE) == ["sales", "people"]


def test_an_added_rule_may_not_take_an_id_that_is_used():
    with pytest.raises(BadRules, match=r"us\.fl\.hours"):
        STANDARD.with_rules([rule("us.fl.hours")])
