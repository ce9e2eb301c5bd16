"""A folder of packs is read whole or not at all."""

import json
from datetime import date

import pytest

from policy.rules import ANYWHERE, BadRules
from policy.rules.loader import load_overlays, load_packs

RULE = {
    "id": "xx.hours",
    "kind": "calling_hours",
    "windows": {"mon": [["09:00", "17:00"]]},
    "fallback": True,
    "source": "a law",
    "confidence": "primary",
    "verified_on": "2026-01-01",
}


def write(folder, rule=RULE, jurisdiction=ANYWHERE, packs=("xx.json",), pack=None):
    manifest = {"version": "7", "packs": list(packs)}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    given = pack or {"jurisdiction": jurisdiction, "rules": [rule]}
    (folder / "xx.json").write_text(json.dumps(given))
    return folder


def test_a_pack_is_read_with_either_spelling_of_its_keys(tmp_path):
    camel = {**RULE, "effectiveFrom": "2026-02-01", "verifiedOn": RULE["verified_on"]}
    del camel["verified_on"]
    version, (rule,) = load_packs(write(tmp_path, camel))
    assert version == "7"
    assert rule.effective_from == date(2026, 2, 1)


def test_a_pack_may_hold_several_jurisdictions(tmp_path):
    groups = [
        {"jurisdiction": where, "rules": [{**RULE, "id": id_}]}
        for where, id_ in ((ANYWHERE, "a.hours"), ("US-XX", "b.hours"))
    ]
    _, rules = load_packs(write(tmp_path, pack={"jurisdictions": groups}))
    assert [(rule.id, rule.jurisdiction) for rule in rules] == [
        ("a.hours", ANYWHERE),
        ("b.hours", "US-XX"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "Two Words"},
        {"kind": "caps"},
        {"windows": {}},
        {"windows": {"mon": []}},
        {"windows": {"monday": [["09:00", "17:00"]]}},
        {"windows": {"mon": [["09:00"]]}},
        {"windows": {"mon": [["09:00", "soon"]]}},
        {"windows": {"mon": "09:00-17:00"}},
        {"holidays": "US-ZZ"},
        {"holidays": "EU"},
        {"purposes": ["fun"]},
        {"voice": "loud"},
        {"effective_from": "yesterday"},
        {"effective_from": "2026-01-02", "effective_to": "2026-01-02"},
        {"source": None},
        {"source": ""},
        {"confidence": "sure"},
        {"jurisdiction": "US"},
        {"surprise": 1},
    ],
)
def test_a_rule_with_one_unreadable_word_refuses_to_load(tmp_path, change):
    with pytest.raises(BadRules, match=r"^xx\.json: "):
        load_packs(write(tmp_path, {**RULE, **change}))


@pytest.mark.parametrize("missing", sorted(set(RULE) - {"fallback"}))
def test_a_rule_that_lacks_a_field_refuses_to_load(tmp_path, missing):
    rule = {name: value for name, value in RULE.items() if name != missing}
    with pytest.raises(BadRules, match=r"xx\.json"):
        load_packs(write(tmp_path, rule))


@pytest.mark.parametrize(
    "pack",
    [
        {"jurisdiction": ANYWHERE},
        {"jurisdiction": ANYWHERE, "rules": []},
        {"jurisdiction": ANYWHERE, "rules": {}},
        {"jurisdiction": ANYWHERE, "rules": ["rule"]},
        {"jurisdiction": ANYWHERE, "rules": [RULE], "version": "1"},
        {"jurisdiction": "Texas", "rules": [RULE]},
        {"jurisdictions": []},
        {"jurisdictions": [RULE]},
        {"jurisdictions": [{"jurisdiction": ANYWHERE, "rules": [RULE]}], "rules": [RULE]},
    ],
)
def test_a_pack_of_another_shape_refuses_to_load(tmp_path, pack):
    with pytest.raises(BadRules, match=r"xx\.json"):
        load_packs(write(tmp_path, pack=pack))


def test_a_refusal_names_the_rule_and_the_field(tmp_path):
    with pytest.raises(BadRules, match=r"^xx\.json: rule xx\.hours: calling_hours\.source: "):
        load_packs(write(tmp_path, {**RULE, "source": 1}))


def test_a_missing_or_broken_pack_refuses_to_load(tmp_path):
    with pytest.raises(BadRules, match=r"yy\.json"):
        load_packs(write(tmp_path, packs=("xx.json", "yy.json")))
    (tmp_path / "yy.json").write_text("{")
    with pytest.raises(BadRules, match=r"yy\.json"):
        load_packs(tmp_path)


@pytest.mark.parametrize("manifest", ["{}", '{"version": "", "packs": ["xx.json"]}', "[]"])
def test_a_manifest_of_another_shape_refuses_to_load(tmp_path, manifest):
    write(tmp_path)
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BadRules, match=r"manifest\.json"):
        load_packs(tmp_path)


@pytest.mark.parametrize(
    ("rule", "jurisdiction"), [(RULE, "US"), ({**RULE, "fallback": False}, ANYWHERE)]
)
def test_packs_without_hours_to_fall_back_on_refuse_to_load(tmp_path, rule, jurisdiction):
    with pytest.raises(BadRules, match="anywhere"):
        load_packs(write(tmp_path, rule, jurisdiction))


def test_two_rules_of_one_id_refuse_to_load(tmp_path):
    with pytest.raises(BadRules, match=r"same id: xx\.hours"):
        load_packs(write(tmp_path, packs=("xx.json", "xx.json")))


OWN_RULE = {**RULE, "id": "own.hours"}


def test_the_overlays_of_an_operator_need_no_manifest_and_no_fallback(tmp_path):
    (tmp_path / "b.json").write_text(json.dumps({"jurisdiction": "BR", "rules": [OWN_RULE]}))
    (tmp_path / "a.json").write_text(
        json.dumps({"jurisdiction": "AR", "rules": [{**RULE, "id": "own.ar.hours"}]})
    )
    (tmp_path / "README.md").write_text("not a pack")
    assert [rule.id for rule in load_overlays(tmp_path)] == ["own.ar.hours", "own.hours"]


@pytest.mark.parametrize("id_", ["us.federal.hours", "acme.hours", "own", "ownhours"])
def test_an_id_that_could_be_taken_for_a_packs_is_refused(tmp_path, id_):
    pack = {"jurisdiction": "BR", "rules": [{**RULE, "id": id_}]}
    (tmp_path / "a.json").write_text(json.dumps(pack))
    with pytest.raises(BadRules, match=rf"^a\.json: rule {id_}: .* begins with own\.$"):
        load_overlays(tmp_path)


def test_overlays_are_checked_as_packs_are(tmp_path):
    with pytest.raises(BadRules, match="cannot be read"):
        load_overlays(tmp_path / "nowhere")
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps({"jurisdiction": "BR", "rules": [OWN_RULE]}))
    with pytest.raises(BadRules, match="same id"):
        load_overlays(tmp_path)
    (tmp_path / "b.json").write_text(json.dumps({"jurisdiction": "BR", "rules": [{}]}))
    with pytest.raises(BadRules, match=r"b\.json"):
        load_overlays(tmp_path)
