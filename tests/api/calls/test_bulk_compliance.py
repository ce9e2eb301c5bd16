"""POST /api/v1/calls/bulk: each row is held against what is on file about its person."""

import pytest

from tests.api.calls.test_bulk import OTHER, refused_row, send
from tests.api.worker import ask_for_consent, upload
from tests.api.world import ENDPOINT, Json, World

LONDON = "+442079460123"
AGREED: Json = {"tier": "express", "method": "web form"}


async def test_a_row_to_somebody_on_the_do_not_call_list_is_suppressed(world: World):
    await world.post("/api/v1/suppressions", {"endpoint": ENDPOINT})
    error = await refused_row(world, {"endpoint": "+1 212 555 0123"})
    assert (error["code"], error["field"], error["reason"]) == (
        "suppressed",
        "endpoint",
        "suppressed",
    )
    assert "555" not in error["message"]


async def test_rows_of_one_request_are_told_apart_by_agent_and_purpose(world: World):
    one, two = await world.agent(), await world.agent()
    await world.post(
        "/api/v1/suppressions", {"endpoint": ENDPOINT, "scope": "agent", "scopeId": one}
    )
    await world.post(
        "/api/v1/suppressions", {"endpoint": OTHER, "scope": "purpose", "scopeId": "survey"}
    )
    rows = [
        {"agentId": one, "endpoint": ENDPOINT},
        {"agentId": two, "endpoint": ENDPOINT},
        {"agentId": one, "endpoint": OTHER, "purpose": "survey"},
        {"agentId": one, "endpoint": OTHER},
    ]
    answer = await send(world, rows, 207)
    assert [row["status"] for row in answer["results"]] == [
        "rejected",
        "accepted",
        "rejected",
        "accepted",
    ]


@pytest.mark.parametrize("where", ["nowhere", "file", "row", "defaults"])
async def test_a_row_needs_consent_wherever_it_is_stated(world: World, where: str):
    await ask_for_consent(world)
    row: Json = {"endpoint": ENDPOINT}
    body: Json = {"agentId": await world.agent(), "calls": [row]}
    if where == "file":
        await world.post("/api/v1/consents", {"endpoint": ENDPOINT, **AGREED})
    elif where == "row":
        row["consent"] = AGREED
    elif where == "defaults":
        body["defaults"] = {"consent": AGREED}
    answer = await send(world, body, 207 if where == "nowhere" else 202)
    if where == "nowhere":
        error = answer["results"][0]["error"]
        assert (error["code"], error["field"], error["reason"]) == (
            "no_consent",
            "consent",
            "no_consent",
        )
        assert "us.federal.consent" in error["message"]


async def test_one_persons_consent_is_not_anothers(world: World):
    await ask_for_consent(world)
    await world.post("/api/v1/consents", {"endpoint": OTHER, **AGREED})
    agent_id = await world.agent()
    rows = [{"endpoint": one, "agentId": agent_id} for one in (ENDPOINT, OTHER)]
    answer = await send(world, rows, 207)
    assert [row["status"] for row in answer["results"]] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("numbers", "code", "reason"),
    [
        (None, "invalid_field", "registry_stale"),
        ([LONDON], "suppressed", "registry_listed"),
    ],
)
async def test_a_row_is_screened_against_the_registry(
    world: World, numbers: list[str] | None, code: str, reason: str
):
    agent_id = await world.agent(purpose="telemarketing", voice="live")
    if numbers:
        scrubbed = {"scrubbedTime": "2026-11-20T00:00:00Z"}
        path = "suppressions/registries/gb.tps"
        await upload(world, "PUT", path, ["phone", *numbers], **scrubbed)
    error = await refused_row(world, {"endpoint": LONDON}, agentId=agent_id)
    assert (error["code"], error["reason"]) == (code, reason)


async def test_a_row_whose_phone_would_not_ring_long_enough_is_refused(world: World):
    agent_id = await world.agent(purpose="telemarketing")
    consent = {"tier": "written", "method": "web form"}
    row = {"endpoint": ENDPOINT, "consent": consent, "ringTimeout": 10}
    error = await refused_row(world, row, agentId=agent_id)
    assert (error["field"], error["reason"]) == ("ringTimeout", "ring_too_short")


async def test_a_row_of_an_agent_that_cannot_say_who_calls_is_refused_with_the_rules_id(
    world: World,
):
    error = await refused_row(
        world, {"endpoint": ENDPOINT}, agentId=await world.agent(identity=None)
    )
    assert (error["field"], error["reason"]) == ("agentId", "cannot_disclose")
    assert error["message"].startswith("us.federal.identity asks for a notice")
