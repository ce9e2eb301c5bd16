import json
from datetime import date

import pytest

from policy.rules import ANYWHERE, RULES_VERSION, BadRules, hours_rules, load_rules

RULE = {
    "id": "xx.hours",
    "kind": "calling_hours",
    "windows": {"mon": [["09:00", "17:00"]]},
    "effective_from": "2020-01-01",
    "source": "a law",
    "confidence": "primary",
    "verified_on": "2026-01-01",
}


def write(folder, rule=RULE, jurisdiction=ANYWHERE, packs=("xx.json",)):
    manifest = {"version": "7", "packs": list(packs)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    pack = {"jurisdiction": jurisdiction, "rules": [rule]}
    (folder / "xx.json").write_text(json.dumps(pack))
    return folder


@pytest.mark.parametrize(
    ("country", "id_", "monday", "sunday"),
    [
        ("US", "us.federal.hours", [(480, 1260)], [(480, 1260)]),
        ("CA", "ca.hours", [(540, 1290)], [(600, 1080)]),
        ("FR", "fr.hours", [(600, 780), (840, 1200)], []),
        ("DE", "de.convention.hours", [(480, 1260)], []),
        ("GB", "gb.convention.hours", [(480, 1260)], []),
        ("ES", "es.hours", [(540, 1260)], []),
        ("IT", "it.hours", [(540, 1200)], []),
        ("AU", "au.sales.hours", [(540, 1200)], []),
        ("IN", "in.hours", [(540, 1260)], [(540, 1260)]),
        (ANYWHERE, "default.hours", [(540, 1200)], []),
    ],
)
def test_the_packs_hold_the_hours_of_their_countries(country, id_, monday, sunday):
    (rule,) = hours_rules(country, date(2026, 11, 22))
    assert rule.id == id_
    assert rule.source
    assert [(span.start, span.end) for span in rule.window.days.get(0, ())] == monday
    assert [(span.start, span.end) for span in rule.window.days.get(6, ())] == sunday


def test_a_rule_holds_from_its_first_day_to_before_its_last(tmp_path):
    limited = {**RULE, "effective_from": "2026-01-01", "effective_to": "2026-02-01"}
    _, rules = load_rules(write(tmp_path, limited))
    (rule,) = rules[ANYWHERE]
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [rule.in_force(day) for day in days] == [False, True, True, False]


def test_a_country_without_rules_has_none_of_its_own():
    assert hours_rules("BR", date(2026, 11, 22)) == ()
    assert date.fromisoformat(RULES_VERSION)


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"kind": "caps"},
        {"windows": {}},
        {"windows": {"monday": [["09:00", "17:00"]]}},
        {"windows": {"mon": [["09:00"]]}},
        {"windows": {"mon": [["09:00", "soon"]]}},
        {"windows": {"mon": "09:00-17:00"}},
        {"effective_from": "yesterday"},
        {"source": None},
        {"confidence": "sure"},
        {"surprise": 1},
    ],
)
def test_a_rule_with_one_unreadable_word_refuses_to_load(tmp_path, change):
    with pytest.raises(BadRules, match=r"xx\.json"):
        load_rules(write(tmp_path, {**RULE, **change}))


@pytest.mark.parametrize("missing", sorted(RULE))
def test_a_rule_that_lacks_a_field_refuses_to_load(tmp_path, missing):
    rule = {name: value for name, value in RULE.items() if name != missing}
    with pytest.raises(BadRules, match=r"xx\.json"):
        load_rules(write(tmp_path, rule))


def test_a_missing_or_broken_pack_refuses_to_load(tmp_path):
    with pytest.raises(BadRules, match=r"yy\.json"):
        load_rules(write(tmp_path, packs=("xx.json", "yy.json")))
    (tmp_path / "yy.json").write_text("{")
    with pytest.raises(BadRules, match=r"yy\.json"):
        load_rules(tmp_path)


def test_rules_without_a_default_or_with_an_id_twice_refuse_to_load(tmp_path):
    with pytest.raises(BadRules, match="anywhere"):
        load_rules(write(tmp_path, jurisdiction="XX"))
    with pytest.raises(BadRules, match="same id"):
        load_rules(write(tmp_path, packs=("xx.json", "xx.json")))
