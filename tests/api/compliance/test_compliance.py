"""/api/v1/compliance: may this person be called, when next, and why; and by which rules."""

from typing import Any

import pytest

from policy.rules import RULES_VERSION, STANDARD
from policy.statistics import Sample
from storage.analytics import analytics
from tests.api.worker import ask_for_consent, get
from tests.api.world import ENDPOINT, Json, World

FLORIDA, PARIS, TOLL_FREE = "+13055550123", "+33199005501", "+18005550123"
#: Words of a rule by which it holds a call back.
AGAINST = {"closed", "full", "missing", "stale", "listed", "impossible", "short", "unknown"}


async def explain(world: World, endpoint: str, at: str | None = None, **query: Any) -> Json:
    asked = {"endpoint": endpoint, **({"at": at} if at else {}), **query}
    asked.setdefault("agentId", await world.agent())
    return await get(world, "compliance/explain", **asked)


def against(found: Json) -> dict[str, str]:
    return {one["rule"]: one["detail"] for one in found["rules"] if one["verdict"] in AGAINST}


def verdict(found: Json) -> tuple[bool, bool, str | None, str]:
    return found["permitted"], found["now"], found["nextAt"], found["reason"]


#: Endpoint, when, what is told of it; the verdict, and the rules that hold the call back.
CASES: list[tuple[str, str, str, Json, tuple[bool, bool, str | None, str], set[str]]] = [
    (
        "Florida at 20:30",
        FLORIDA,
        "2026-11-23T20:30:00-05:00",
        {},
        (True, False, "2026-11-24T13:00:00Z", "calling_hours"),
        {"us.fl.hours"},
    ),
    (
        "Florida at 19:30",
        FLORIDA,
        "2026-11-23T19:30:00-05:00",
        {},
        (True, True, "2026-11-24T00:30:00Z", "first_attempt"),
        set(),
    ),
    (
        "Florida too late for the phone to ring",
        FLORIDA,
        "2026-11-23T19:59:00-05:00",
        {},
        (True, False, "2026-11-24T13:00:00Z", "calling_hours"),
        set(),
    ),
    (
        "France at lunch",
        PARIS,
        "2026-11-24T13:30:00+01:00",
        {},
        (True, False, "2026-11-24T13:00:00Z", "calling_hours"),
        {"fr.hours"},
    ),
    (
        "France on Christmas Day, a Friday",
        PARIS,
        "2026-12-25T11:00:00+01:00",
        {},
        (True, False, "2026-12-28T09:00:00Z", "calling_hours"),
        {"fr.hours"},
    ),
    (
        "France on the day before",
        PARIS,
        "2026-12-24T11:00:00+01:00",
        {},
        (True, True, "2026-12-24T10:00:00Z", "first_attempt"),
        set(),
    ),
    (
        "a toll-free number, of which nobody knows where it rings",
        TOLL_FREE,
        "2026-11-23T10:00:00-05:00",
        {},
        (False, False, None, "needs_timezone"),
        {"us.federal.hours", "us.xx.hours"},
    ),
    (
        "a toll-free number of a known zone but an unknown state",
        TOLL_FREE,
        "2026-11-23T17:59:00-06:00",
        {"timezone": "America/Chicago"},
        (True, False, "2026-11-24T16:00:00Z", "calling_hours"),
        set(),
    ),
    (
        "a toll-free number of a known address",
        TOLL_FREE,
        "2026-11-23T09:30:00-05:00",
        {"postalCode": "10001"},
        (True, True, "2026-11-23T14:30:00Z", "first_attempt"),
        set(),
    ),
]


@pytest.mark.parametrize(
    ("endpoint", "at", "told", "expected", "rules"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
async def test_a_verdict_says_whether_when_next_and_by_which_rules(
    world: World,
    endpoint: str,
    at: str,
    told: Json,
    expected: tuple[bool, bool, str | None, str],
    rules: set[str],
):
    found = await explain(world, endpoint, at, **told)
    assert verdict(found) == expected
    assert against(found).keys() == rules
    assert (await get(world, "calls"))["total"] == 0


async def test_every_rule_is_told_with_its_demand_its_source_and_its_word(world: World):
    found = await explain(world, FLORIDA, "2026-11-23T20:30:00-05:00")
    rules = {one["rule"]: one for one in found["rules"]}
    assert rules["us.fl.hours"] == {
        "rule": "us.fl.hours",
        "verdict": "closed",
        "detail": "Until Tue 24 Nov 08:00 (America/New_York)",
        "demands": "Mon–Sun 08:00–20:00",
        "source": "Fla. Stat. § 501.616(6)(a)",
        "confidence": "primary",
    }
    federal = rules["us.federal.hours"]
    assert (federal["verdict"], federal["detail"]) == (
        "open",
        "Until Mon 23 Nov 21:00 (America/New_York)",
    )
    assert rules["us.fl.attempts"]["verdict"] == "room"
    assert rules["us.federal.consent"]["verdict"] == "waived"
    assert found["notices"] == {
        "identity": "us.federal.identity",
        "ai": "default.ai",
        "callback_number": "us.federal.identity",
    }
    assert found["jurisdictions"] == ["US", "US-FL", "*"]
    assert found["timezones"] == ["America/New_York"]
    assert f"rules={RULES_VERSION}" in found["versions"]


async def test_a_plus_that_was_not_escaped_is_understood(world: World):
    agent_id = await world.agent()
    path = f"/api/v1/compliance/explain?endpoint=+13055550123&agentId={agent_id}"
    assert (await world.http.get(path)).json()["jurisdictions"] == ["US", "US-FL", "*"]


async def test_it_goes_by_what_an_agent_has_learned_of_its_times(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def slots(*_: object, **__: object) -> dict[int, Sample]:
        # Half hours of the week: Monday at 18:30 and at 10:00.
        return {37: Sample(45, 60), 20: Sample(1, 60)}

    agent_id = await world.agent(bestTimes="business")
    monkeypatch.setattr(analytics, "slots", slots)
    found = await explain(world, FLORIDA, "2026-11-23T09:00:00-05:00", agentId=agent_id)
    assert found["reason"] == "best_time"
    assert "Learned from 46 answers: evening" in found["detail"]


async def test_who_asks_is_not_told_that_somebody_is_dialed(world: World):
    found = await explain(world, ENDPOINT)
    assert found["now"]
    assert found["detail"] == (
        "The rules, the agent's hours and what is on file allow it; "
        "the permission ends Mon 23 Nov 20:58 (America/New_York)"
    )


async def test_a_suppressed_number_may_not_be_called_at_any_time(world: World):
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    found = await explain(world, ENDPOINT)
    assert verdict(found) == (False, False, None, "do_not_call")
    assert found["detail"] == "The number is on the do-not-call list (api)"
    assert found["timezones"] == ["America/New_York"]


@pytest.mark.parametrize(
    ("endpoint", "told", "zones"),
    [
        (ENDPOINT, {}, [("America/New_York", "number")]),
        (ENDPOINT, {"timezone": "America/Denver"}, [("America/Denver", "stated")]),
        (
            ENDPOINT,
            {"postalCode": "80202"},
            [("America/Denver", "postal_code"), ("America/New_York", "number")],
        ),
        (
            ENDPOINT,
            {"country": "FR"},
            [("America/New_York", "number"), ("Europe/Paris", "country")],
        ),
        ("+18005550123", {}, []),
    ],
)
async def test_each_zone_is_told_with_what_suggests_it(
    world: World, endpoint: str, told: Json, zones: list[tuple[str, str]]
):
    found = await explain(world, endpoint, **told)
    assert [(one["zone"], one["source"]) for one in found["zones"]] == zones
    assert found["timezones"] == [zone for zone, _ in zones]


async def test_the_consent_on_file_is_named(world: World):
    await ask_for_consent(world)
    found = await explain(world, ENDPOINT)
    assert verdict(found) == (False, False, None, "no_consent")
    assert against(found) == {"us.federal.consent": "express consent"}
    said = {"endpoint": ENDPOINT, "tier": "express", "method": "web form"}
    consent = await world.post("/api/v1/consents", said)
    found = await explain(world, ENDPOINT)
    rules = {one["rule"]: one for one in found["rules"]}
    assert rules["us.federal.consent"]["verdict"] == "met"
    assert rules["us.federal.consent"]["detail"] == f"Consent {consent['consentId']}"


async def test_a_purpose_brings_its_own_rules(world: World):
    agent_id = await world.agent()
    plain = await explain(world, ENDPOINT, agentId=agent_id)
    debt = await explain(world, ENDPOINT, agentId=agent_id, purpose="debt_collection")
    more = {one["rule"] for one in debt["rules"]} - {one["rule"] for one in plain["rules"]}
    assert more == {"us.debt.hours", "us.debt.attempts", "us.debt.conversation"}


async def test_a_recording_has_to_be_announced(world: World):
    found = await explain(world, FLORIDA, recording=True)
    assert found["notices"]["recording"] == "us.fl.recording"


async def test_the_calls_so_far_count_against_the_caps_of_all_agents(world: World):
    for _ in range(3):
        # In Florida: three calls about one subject within 24 hours.
        call_id = await world.call(endpoint=FLORIDA, subject="debt-1")
        await world.settle(await world.dial(call_id))
        world.clock.pass_(minutes=10)
    agent_id = await world.agent()
    found = await explain(world, FLORIDA, agentId=agent_id, subject="debt-1")
    assert verdict(found) == (True, False, "2026-11-24T15:00:00Z", "attempt_cap")
    until = "Until Tue 24 Nov 10:00 (America/New_York)"
    assert against(found) == {"default.attempts.day": until, "us.fl.attempts": until}
    assert found["detail"].startswith("The person was called as often as allowed; not until Tue")
    other = await explain(world, FLORIDA, agentId=agent_id, subject="debt-2")
    assert against(other) == {"default.attempts.day": until}
    waiver = {"rule": "default.attempts.day", "reason": "Two debts, two calls"}
    await world.post("/api/v1/compliance/waivers", waiver, 201)
    assert (await explain(world, FLORIDA, agentId=agent_id, subject="debt-2"))["now"]


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"endpoint": "nonsense"}, "invalid_number", "endpoint"),
        ({"agentId": "nobody"}, "unknown_agent", "agentId"),
        ({"timezone": "Mars/Base"}, "unknown_timezone", "timezone"),
        ({"country": "USA"}, "malformed", "country"),
        ({"purpose": "fun"}, "unknown_value", "purpose"),
        ({"at": "2026-11-23T10:00:00"}, "malformed", "at"),
        ({"at": "9999-12-31T23:59:59Z"}, "out_of_range", "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "out_of_range", "at"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_its_field(
    world: World, query: Json, code: str, field: str
):
    asked = {"endpoint": ENDPOINT, "agentId": await world.agent(), **query}
    problem = await get(world, "compliance/explain", 422, **asked)
    [error] = problem["errors"]
    assert (error["code"], error["field"]) == (code, field)


async def test_an_agent_that_cannot_say_what_it_must_is_told_so_with_the_rules_id(world: World):
    found = await explain(world, ENDPOINT, agentId=await world.agent(identity=None))
    assert verdict(found) == (False, False, None, "cannot_disclose")
    assert found["detail"].startswith("us.federal.identity asks for a notice")
    assert against(found) == {"us.federal.identity": "identity, callback_number"}


# -- rules


async def test_the_rules_are_listed_in_words_with_their_sources(world: World):
    found = await get(world, "compliance/rules")
    assert found["version"] == RULES_VERSION
    assert len(found["rules"]) == len(STANDARD.rules)
    rules = {rule["ruleId"]: rule for rule in found["rules"]}
    assert rules["fr.hours"] == {
        "ruleId": "fr.hours",
        "kind": "calling_hours",
        "jurisdiction": "FR",
        "demands": "Mon–Fri 10:00–13:00 and 14:00–20:00; not on holidays of FR",
        "purposes": [],
        "effectiveFrom": "2023-03-01",
        "effectiveTo": None,
        "source": "Code de la consommation, art. D223-9 (décret n° 2022-1313)",
        "address": "",
        "readAt": "",
        "confidence": "primary",
        "verifiedOn": "2026-11-25",
        "note": rules["fr.hours"]["note"],
        "isOwn": False,
    }


async def test_a_consent_that_the_call_would_state_counts_as_it_would_then(world: World):
    await ask_for_consent(world)
    without = await explain(world, FLORIDA)
    assert (without["permitted"], without["reason"]) == (False, "no_consent")
    assert (await explain(world, FLORIDA, consent="express"))["now"]
    sales = {"purpose": "telemarketing", "consent": "express"}
    assert (await explain(world, FLORIDA, **sales))["reason"] == "no_consent"
    answer = await world.http.get(
        "/api/v1/compliance/explain",
        params={"endpoint": FLORIDA, "agentId": await world.agent(), "consent": "none"},
    )
    assert answer.json()["errors"][0]["field"] == "consent"
