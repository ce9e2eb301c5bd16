"""/api/v1/compliance/overlays: rules and blackouts of the account's own, which only add."""

import asyncio
from typing import Any

import pytest

from policy.model.call import DecisionKind
from policy.rules import RULES_VERSION
from tests.api.worker import Worker, delete, get
from tests.api.world import ENDPOINT, Json, World

OVERLAYS = "/api/v1/compliance/overlays"
FLORIDA = "+13055550123"
#: Over Tuesday, the day of the calls that sleep.
STORM: Json = {
    "id": "storm",
    "kind": "blackout",
    "jurisdiction": "US-FL",
    "startsAt": "2026-11-24T00:00:00-05:00",
    "endsAt": "2026-11-25T00:00:00-05:00",
    "note": "State of emergency",
}
ALL_DAY = [["00:00", "24:00"]]
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def add(world: World, status: int = 201, /, **rule: Any) -> Json:
    return await world.post(OVERLAYS, rule, status)


async def explain(world: World, endpoint: str, at: str) -> Json:
    agent_id = await world.agent()
    return await get(world, "compliance/explain", endpoint=endpoint, agentId=agent_id, at=at)


def word_of(found: Json, rule_id: str) -> str:
    [word] = [one["verdict"] for one in found["rules"] if one["rule"] == rule_id]
    return str(word)


async def test_a_blackout_closes_its_place_for_its_time(world: World):
    made = await add(world, **STORM)
    assert made["rule"]["id"] == "own.storm"
    assert (made["createdTime"], made["removedTime"]) == ("2026-11-23T15:00:00Z", None)
    assert made["createdBy"].startswith("key ")
    assert made["demands"] == ("no calls from 2026-11-24 05:00 UTC until 2026-11-25 05:00 UTC")
    before = await explain(world, FLORIDA, "2026-11-23T12:00:00-05:00")
    during = await explain(world, FLORIDA, "2026-11-24T12:00:00-05:00")
    elsewhere = await explain(world, ENDPOINT, "2026-11-24T12:00:00-05:00")
    assert (before["now"], elsewhere["now"]) == (True, True)
    assert (during["permitted"], during["reason"]) == (True, "blackout")
    assert (during["now"], during["nextAt"]) == (False, "2026-11-25T13:00:00Z")
    assert word_of(during, "own.storm") == "closed"
    assert all(one["rule"] != "own.storm" for one in elsewhere["rules"])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"startsAt": 0}, ("wrong_type", "startsAt")),
        ({"startsAt": "1764417600"}, ("wrong_type", "startsAt")),
        ({"effectiveTo": 20700}, ("malformed", "effectiveTo")),
        ({"id": ""}, ("too_short", "id")),
        ({"id": "own."}, ("too_short", "id")),
        ({"kind": "ring_time", "leastSeconds": "5"}, ("wrong_type", "leastSeconds")),
    ],
)
async def test_an_overlay_is_read_as_strictly_as_any_body(
    world: World, changes: Json, refusal: tuple[str, str]
):
    rule = {"kind": "blackout", "jurisdiction": "US-FL", "startsAt": STORM["startsAt"], **changes}
    if rule["kind"] != "blackout":
        del rule["startsAt"]
    problem = await add(world, 422, **rule)
    assert (problem["errors"][0]["code"], problem["errors"][0]["field"]) == refusal


async def test_a_whole_number_may_be_written_with_a_point(world: World):
    rule = {"kind": "ring_time", "jurisdiction": "US", "leastSeconds": 20.0}
    assert (await add(world, **rule))["rule"]["leastSeconds"] == 20


async def test_a_blackout_without_an_end_lasts_until_it_is_taken_away(world: World):
    forever = {name: said for name, said in STORM.items() if name != "endsAt"}
    made = await add(world, **forever)
    closed = await explain(world, FLORIDA, "2026-12-24T12:00:00-05:00")
    assert (closed["permitted"], closed["reason"]) == (True, "closed_without_end")
    assert (closed["now"], closed["nextAt"]) == (False, None)
    await delete(world, f"compliance/overlays/{made['overlayId']}")
    assert (await explain(world, FLORIDA, "2026-12-24T12:00:00-05:00"))["now"]


async def test_stricter_hours_count(world: World):
    windows = {day: [["09:00", "17:00"]] for day in WEEK}
    await add(world, id="hours", kind="calling_hours", jurisdiction="US-NY", windows=windows)
    found = await explain(world, ENDPOINT, "2026-11-23T18:00:00-05:00")
    assert (found["now"], found["nextAt"]) == (False, "2026-11-24T14:00:00Z")
    assert (word_of(found, "us.ny.hours"), word_of(found, "own.hours")) == ("open", "closed")


async def test_wider_hours_allow_nothing_that_the_packs_forbid(world: World):
    windows = dict.fromkeys(WEEK, ALL_DAY)
    await add(world, kind="calling_hours", jurisdiction="US-NY", windows=windows)
    found = await explain(world, ENDPOINT, "2026-11-23T22:00:00-05:00")
    assert (found["now"], found["nextAt"]) == (False, "2026-11-24T13:00:00Z")


async def test_a_cap_of_ones_own_counts_over_all_agents(world: World):
    await add(world, kind="attempt_cap", jurisdiction="*", most=1, within="PT4H")
    await world.settle(await world.dial(await world.call()))
    found = await explain(world, ENDPOINT, "2026-11-23T11:00:00-05:00")
    assert (found["reason"], found["nextAt"]) == ("attempt_cap", "2026-11-23T19:00:00Z")


async def test_a_notice_and_a_consent_of_ones_own_are_asked_for(world: World):
    await add(world, kind="disclosure", jurisdiction="*", say=["opt_out"], id="way-out")
    found = await explain(world, ENDPOINT, "2026-11-23T11:00:00-05:00")
    assert found["notices"]["opt_out"] == "own.way-out"
    await delete(world, "compliance/waivers/consent")
    await add(world, kind="consent", jurisdiction="*", tier="written", id="paper")
    said = {"consent": {"tier": "express", "method": "web form"}}
    problem = await world.post("/api/v1/calls", await world.body(**said), 422)
    assert problem["detail"] == "No written consent is on file, and own.paper asks for it."


async def test_the_rules_that_are_listed_are_the_accounts(world: World):
    made = await add(world, **STORM)
    listed = await get(world, "compliance/rules")
    [own] = [rule for rule in listed["rules"] if rule["isOwn"]]
    assert (own["ruleId"], own["kind"], own["jurisdiction"]) == ("own.storm", "blackout", "US-FL")
    assert listed["version"].startswith(f"{RULES_VERSION}+")
    await delete(world, f"compliance/overlays/{made['overlayId']}")
    assert (await get(world, "compliance/rules"))["version"] == RULES_VERSION


async def test_what_was_taken_away_stays_on_record(world: World):
    path = f"compliance/overlays/{(await add(world, **STORM))['overlayId']}"
    world.clock.pass_(hours=1)
    removed = await delete(world, path)
    assert (removed["removedTime"], removed["removedBy"]) == (
        "2026-11-23T16:00:00Z",
        removed["createdBy"],
    )
    again = await add(world, **STORM)
    listed = await get(world, "compliance/overlays")
    assert (listed["overlays"], listed["total"]) == ([again, removed], 2)
    await delete(world, path, 404)
    await delete(world, "compliance/overlays/none", 404)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kind": "curfew"}, "malformed", ""),
        ({"kind": None}, "malformed", ""),
        ({"jurisdiction": "Florida"}, "malformed", "jurisdiction"),
        ({"jurisdiction": None}, "wrong_type", "jurisdiction"),
        ({"startsAt": "2026-11-24T00:00:00"}, "malformed", "startsAt"),
        ({"startsAt": "soon"}, "malformed", "startsAt"),
        ({"endsAt": "9999-12-31T23:59:59-05:00"}, "malformed", "endsAt"),
        ({"endsAt": "2026-11-24T05:00:00Z"}, "malformed", ""),
        ({"id": "My Storm"}, "malformed", "id"),
        ({"id": 5}, "wrong_type", "id"),
        ({"id": "x" * 97}, "malformed", "id"),
        ({"purposes": ["fun"]}, "unknown_value", "purposes.0"),
        ({"effectiveFrom": "2026-11-01", "effectiveTo": "2026-11-01"}, "malformed", ""),
        ({"fallback": True}, "unknown_field", "fallback"),
        ({"unlessConsent": "express"}, "unknown_field", "unlessConsent"),
        ({"windows": {}}, "unknown_field", "windows"),
        ({"note": "x" * 501}, "too_long", "note"),
    ],
)
async def test_a_body_that_is_no_rule_is_refused_by_its_field(
    world: World, changes: Json, code: str, field: str
):
    [error] = (await add(world, 422, **{**STORM, **changes}))["errors"]
    assert (error["code"], error["field"]) == (code, field)
    assert (await get(world, "compliance/overlays"))["total"] == 0


@pytest.mark.parametrize(
    ("rule", "code", "field"),
    [
        ({"windows": {}}, "malformed", "windows"),
        ({"windows": {"mon": []}}, "malformed", "windows"),
        ({"windows": {"someday": ALL_DAY}}, "unknown_value", "windows.someday"),
        ({"windows": {"mon": [["9", "17:00"]]}}, "malformed", "windows"),
        ({"windows": {"mon": ALL_DAY}, "holidays": "US-QQ"}, "malformed", "holidays"),
        ({"kind": "attempt_cap", "most": 0, "within": "P1D"}, "out_of_range", "most"),
        ({"kind": "attempt_cap", "most": 1, "within": "P2Y"}, "malformed", "within"),
        ({"kind": "attempt_cap", "most": 1}, "required", "within"),
        ({"kind": "consent", "tier": "oral"}, "unknown_value", "tier"),
        ({"kind": "registry", "registry": "US DNC", "maxAge": "P1D"}, "malformed", "registry"),
        ({"kind": "disclosure", "say": []}, "too_short", "say"),
        ({"kind": "ring_time", "leastSeconds": 121}, "out_of_range", "leastSeconds"),
    ],
)
async def test_what_is_wrong_with_a_rule_is_said_where_it_is(
    world: World, rule: Json, code: str, field: str
):
    said = {"kind": "calling_hours", "jurisdiction": "US", **rule}
    [error] = (await add(world, 422, **said))["errors"]
    assert (error["code"], error["field"]) == (code, field)


# -- ids


async def test_no_rule_of_ones_own_takes_the_place_of_another(world: World):
    pack = await add(world, **{**STORM, "id": "us.fl.hours"})
    assert pack["rule"]["id"] == "own.us.fl.hours"
    await add(world, **STORM)
    for id_ in ("storm", "own.storm"):
        problem = await add(world, 409, **{**STORM, "id": id_})
        assert problem["code"] == "rule_exists"


async def test_two_at_once_with_one_id_are_one(world: World):
    answers = await asyncio.gather(*(world.http.post(OVERLAYS, json=STORM) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert not (await explain(world, FLORIDA, "2026-11-24T12:00:00-05:00"))["now"]


async def test_a_rule_without_an_id_gets_one(world: World):
    unnamed = {name: said for name, said in STORM.items() if name != "id"}
    ids = {(await add(world, **unnamed))["rule"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(id_.startswith("own.") for id_ in ids)


# -- the calls that wait


async def test_a_blackout_replans_just_the_calls_it_moves_and_a_dry_run_says_to_when(
    world: World, worker: Worker
):
    florida = await worker.sleeping(endpoint=FLORIDA)
    await worker.sleeping()
    storm_over = "2026-11-25T13:00:00Z"

    found = await world.post(f"{OVERLAYS}?dryRun=true", STORM, 200)
    assert (found["lookedAt"], found["moved"]) == (2, 1)
    [move] = found["moves"]
    assert (move["callId"], move["was"]["nextAttemptAt"]) == (florida, "2026-11-24T15:00:00Z")
    becomes = move["becomes"]
    assert (becomes["kind"], becomes["reason"], becomes["until"]) == (
        "wait",
        "blackout",
        storm_over,
    )
    assert (await get(world, "compliance/overlays"))["total"] == 0
    assert world.gateway.replanned == []

    made = await add(world, **STORM)
    assert world.gateway.replanned == [florida]
    decision = await worker.decide(florida)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "blackout")
    assert "own.storm" in decision.rules

    path = f"compliance/overlays/{made['overlayId']}"
    back = await delete(world, path, dryRun=True)
    assert (back["lookedAt"], back["moved"]) == (2, 1)
    assert back["moves"][0]["becomes"]["until"] == "2026-11-24T15:00:00Z"
    assert world.gateway.replanned == [florida]
    await delete(world, path)
    assert world.gateway.replanned == [florida, florida]


async def test_a_rule_that_moves_nobody_replans_nobody(world: World, worker: Worker):
    await worker.sleeping()
    await worker.queued()
    await add(world, kind="attempt_cap", jurisdiction="*", most=100, within="P1D")
    assert world.gateway.replanned == []


async def test_calls_wait_under_a_blackout_without_an_end_and_go_on_when_it_is_lifted(
    world: World, worker: Worker
):
    florida = await worker.sleeping(endpoint=FLORIDA)
    forever = {name: said for name, said in STORM.items() if name != "endsAt"}
    made = await add(world, **{**forever, "startsAt": "2026-11-23T00:00:00Z"})
    decision = await worker.decide(florida)
    assert (decision.kind, decision.reason) == (DecisionKind.WAIT, "closed_without_end")
    new = await world.call(endpoint="+13055550124")
    assert (await worker.decide(new)).reason == "closed_without_end"
    told = list(world.gateway.replanned)

    await delete(world, f"compliance/overlays/{made['overlayId']}")
    assert sorted(world.gateway.replanned[len(told) :]) == sorted([florida, new])
    assert (await worker.decide(new)).kind is DecisionKind.DIAL
