"""/api/v1/compliance/waivers: a rule is set aside by name, with a reason, and on record."""

from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.app import assemble, make_first_account
from settings import Settings
from tests.api.worker import Worker, ask_for_consent, delete, get
from tests.api.world import AUTH_TOKEN, ENDPOINT, KEY, PUBLIC_URL, Json, World

WAIVERS = "/api/v1/compliance/waivers"
FLORIDA = "+13055550123"
REASON = "Reminders of appointments are no solicitations (counsel, 2026-11)"
EVENING = "2026-11-23T20:30:00-05:00"


async def waive(world: World, rule: str, status: int = 201, **changes: Any) -> Json:
    return await world.post(WAIVERS, {"rule": rule, "reason": REASON, **changes}, status)


async def words(world: World, at: str = EVENING, **query: Any) -> dict[str, str]:
    """What every rule says of a call to Florida."""
    asked = {"endpoint": FLORIDA, "agentId": await world.agent(), "at": at, **query}
    found = await get(world, "compliance/explain", **asked)
    return {one["rule"]: one["verdict"] for one in found["rules"]}


async def test_a_waiver_is_recorded_with_who_when_and_why(world: World):
    made = await waive(world, "us.fl.hours", purposes=["reminder"])
    assert made["by"].startswith("key ")
    assert made == {
        "rule": "us.fl.hours",
        "purposes": ["reminder"],
        "reason": REASON,
        "by": made["by"],
        "at": "2026-11-23T15:00:00Z",
        "simulatedOnly": False,
        "endedAt": None,
        "endedBy": None,
    }
    listed = (await get(world, "compliance/waivers"))["waivers"]
    assert [one["rule"] for one in listed] == ["consent", "us.fl.hours"]


async def test_a_waived_rule_does_not_bind_and_is_still_named(world: World):
    assert (await words(world))["us.fl.hours"] == "closed"
    await waive(world, "us.fl.hours")
    after = await words(world)
    assert (after["us.fl.hours"], after["us.federal.hours"]) == ("waived", "open")
    call = await world.view(await world.call(endpoint=FLORIDA))
    assert call["status"] == "Created"


async def test_a_kind_waives_all_its_rules(world: World):
    await waive(world, "calling_hours")
    after = await words(world, "2026-11-23T23:30:00-05:00")
    assert (after["us.fl.hours"], after["us.federal.hours"]) == ("waived", "waived")


async def test_a_waiver_of_a_purpose_holds_for_that_purpose_only(world: World):
    await waive(world, "us.fl.hours", purposes=["reminder"])
    assert (await words(world))["us.fl.hours"] == "waived"
    assert (await words(world, purpose="survey"))["us.fl.hours"] == "closed"
    anything = await world.agent(purpose=None)
    assert (await words(world, agentId=anything))["us.fl.hours"] == "closed"


async def test_a_waiver_can_be_widened_by_another(world: World):
    await waive(world, "us.fl.hours", purposes=["reminder"])
    await waive(world, "us.fl.hours", purposes=["survey"])
    assert (await words(world, purpose="survey"))["us.fl.hours"] == "waived"
    await delete(world, "compliance/waivers/us.fl.hours")
    assert (await words(world))["us.fl.hours"] == "closed"
    assert (await words(world, purpose="survey"))["us.fl.hours"] == "closed"


async def test_a_do_not_call_entry_is_never_waived(world: World):
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    for kind in ("calling_hours", "registry", "attempt_cap", "disclosure", "blackout"):
        await waive(world, kind)
    assert await world.refusal() == ("suppressed", "endpoint")
    assert (await waive(world, "do_not_call", 422))["errors"][0]["code"] == "unknown_rule"


async def test_the_end_of_a_waiver_is_on_record_too(world: World):
    await waive(world, "us.fl.hours")
    world.clock.pass_(hours=1)
    ended = await delete(world, "compliance/waivers/us.fl.hours")
    assert (ended["endedAt"], ended["endedBy"]) == ("2026-11-23T16:00:00Z", ended["by"])
    assert (await words(world))["us.fl.hours"] == "closed"
    listed = (await get(world, "compliance/waivers"))["waivers"]
    assert listed[-1] == ended
    await delete(world, "compliance/waivers/us.fl.hours", 404)
    await waive(world, "us.fl.hours")
    assert (await words(world))["us.fl.hours"] == "waived"


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"rule": "us.xx.nothing"}, "unknown_rule", "rule"),
        ({"rule": ""}, "too_short", "rule"),
        ({"reason": "because"}, "too_short", "reason"),
        ({"reason": None}, "wrong_type", "reason"),
        ({"purposes": []}, "too_short", "purposes"),
        ({"purposes": ["fun"]}, "unknown_value", "purposes.0"),
        ({"simulatedOnly": True}, "unknown_field", "simulatedOnly"),
    ],
)
async def test_a_waiver_without_a_rule_or_a_reason_is_refused(
    world: World, said: Json, code: str, field: str
):
    body = {"rule": "us.fl.hours", "reason": REASON, **said}
    [error] = (await world.post(WAIVERS, body, 422))["errors"]
    assert (error["code"], error["field"]) == (code, field)


async def test_what_is_waived_already_is_a_conflict(world: World):
    await waive(world, "us.fl.hours")
    assert (await waive(world, "us.fl.hours", 409))["code"] == "waived"
    assert (await waive(world, "us.fl.hours", 409, purposes=["survey"]))["code"] == "waived"


# -- real phones and simulated ones


async def simulating(application: FastAPI, world: World, twilio_api_url: str) -> None:
    """The application as `trunkline dev` sets it up, and its account's waivers for simulators."""
    settings = Settings(
        public_url=PUBLIC_URL,
        bootstrap_api_key=SecretStr(KEY),
        twilio_auth_token=SecretStr(AUTH_TOKEN),
        simulated_phones=True,
        twilio_api_url="http://sim",
    )
    await make_first_account(assemble(settings, world.db, world.gateway, world.clock))
    real = settings.model_copy(update={"twilio_api_url": twilio_api_url})
    application.state.services = assemble(real, world.db, world.gateway, world.clock)


@pytest.mark.parametrize(
    ("twilio_api_url", "word"), [("http://sim", "waived"), ("", "closed")], ids=["sim", "real"]
)
async def test_what_only_a_simulator_may_waive_binds_with_real_phones(
    application: FastAPI, world: World, twilio_api_url: str, word: str
):
    await simulating(application, world, twilio_api_url)
    listed = {one["rule"]: one for one in (await get(world, "compliance/waivers"))["waivers"]}
    assert listed["calling_hours"]["simulatedOnly"]
    assert (await words(world))["us.fl.hours"] == word


async def test_a_simulators_waiver_does_not_stand_in_the_way_of_a_real_one(
    application: FastAPI, world: World
):
    await simulating(application, world, "")
    await waive(world, "calling_hours")
    assert (await words(world))["us.fl.hours"] == "waived"


# -- the calls that wait


async def test_a_waiver_and_its_end_replan_just_the_calls_they_move(world: World, worker: Worker):
    at_night = {"schedule": {"notBefore": "2026-11-24T02:30:00Z"}, "allowDuplicate": True}
    florida = await world.call(endpoint=FLORIDA, **at_night)
    await worker.decide(florida)
    assert (await world.view(florida))["nextAttemptAt"] == "2026-11-24T13:00:00Z"
    await worker.sleeping()
    await waive(world, "calling_hours")
    assert world.gateway.replanned == [florida]
    decision = await worker.decide(florida)
    assert decision.reason == "not_before"
    await delete(world, "compliance/waivers/calling_hours")
    assert world.gateway.replanned == [florida, florida]


async def test_the_end_of_the_consent_waiver_ends_the_calls_that_lived_by_it(
    world: World, worker: Worker
):
    call_id = await worker.sleeping()
    await ask_for_consent(world)
    assert world.gateway.replanned == [call_id]
    assert (await worker.decide(call_id)).reason == "no_consent"


async def test_a_dry_run_says_which_calls_a_waiver_would_move_and_records_none(
    world: World, worker: Worker
):
    world.clock.pass_(hours=10.5)  # half past eight in the evening
    await worker.sleeping()
    florida = await worker.sleeping(endpoint=FLORIDA, schedule=None)
    said = {"rule": "us.fl.hours", "reason": REASON}
    found = await world.post(f"{WAIVERS}?dryRun=true", said, 200)
    [move] = found["moves"]
    assert (found["moved"], move["callId"], move["becomes"]["kind"]) == (1, florida, "dial")
    listed = (await get(world, "compliance/waivers"))["waivers"]
    assert ([one["rule"] for one in listed], world.gateway.replanned) == (["consent"], [])

    await waive(world, "us.fl.hours")
    path = "compliance/waivers/us.fl.hours"
    assert (await delete(world, path, dryRun=True))["moved"] == 0
    assert (await get(world, "compliance/waivers"))["waivers"][-1]["endedAt"] is None
    unknown = {"rule": "us.xx.nothing", "reason": REASON}
    await world.post(f"{WAIVERS}?dryRun=true", unknown, 422)
    assert (await world.post(f"{WAIVERS}?dryRun=true", said, 409))["code"] == "waived"
    await delete(world, "compliance/waivers/us.tx.hours", 404, dryRun=True)
