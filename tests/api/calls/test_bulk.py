"""POST /api/v1/calls/bulk: every row for itself, all accepted rows at once."""

import json
from typing import Any

import pytest

from api.http.json_body import MAX_LEVELS
from policy.model.call import CallStatus
from storage.accounts import agents
from storage.tables import Agent
from tests.api.world import ENDPOINT, Json, World

BULK = "/api/v1/calls/bulk"
OTHER = "+12125550124"


async def send(world: World, body: Any, status: int = 202, **headers: str) -> Json:
    return await world.post(BULK, body, status, **headers)


async def total(world: World) -> int:
    return int((await world.http.get("/api/v1/calls")).json()["total"])


async def refused_row(world: World, row: Any, **envelope: Any) -> Json:
    """The error of a row that stands beside a good one."""
    agent_id = envelope.pop("agentId", None) or await world.agent()
    good = {"endpoint": OTHER, "agentId": await world.agent()}
    answer = await send(world, {"agentId": agent_id, "calls": [row, good], **envelope}, 207)
    assert [result["status"] for result in answer["results"]] == ["rejected", "accepted"]
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    error: Json = answer["results"][0]["error"]
    return error


async def test_rows_become_calls_with_the_defaults_and_their_own_words(world: World):
    agent_id = await world.agent()
    answer = await send(
        world,
        {
            "agentId": agent_id,
            "defaults": {"priority": 7, "context": {"clinic": "Blue"}, "ringTimeout": 20},
            "calls": [
                {"clientToken": "a", "endpoint": "+1 (212) 555-0123", "context": {"name": "Ada"}},
                {"endpoint": OTHER, "priority": 9, "additionalData": {"crmId": "C-1"}},
            ],
        },
    )
    first, second = answer["results"]
    assert (first["index"], first["clientToken"], second["clientToken"]) == (0, "a", None)
    assert first["call"]["endpoint"] == ENDPOINT
    assert (answer["accepted"], answer["rejected"]) == (2, 0)
    one = await world.view(first["call"]["callId"])
    two = await world.view(second["call"]["callId"])
    assert (one["priority"], two["priority"]) == (7, 9)
    assert (one["context"], two["context"]) == (
        {"clinic": "Blue", "name": "Ada"},
        {"clinic": "Blue"},
    )
    assert (one["additionalData"], two["additionalData"]) == (
        {"clientToken": "a"},
        {"crmId": "C-1"},
    )
    assert (one["ringTimeout"], one["agentId"]) == (20, agent_id)
    assert [event["type"] for event in one["events"]] == ["call.created"]


async def test_a_row_is_the_same_call_as_a_request_for_one(world: World):
    said = {
        "agentId": await world.agent(),
        "endpoint": ENDPOINT,
        "context": {"name": "Ada"},
        "timezone": "America/Chicago",
        "schedule": {
            "notBefore": "2026-11-24T09:00:00",
            "window": {"days": ["tue", "wed"], "start": "09:00", "end": "17:00"},
        },
        "callDeadline": "2026-11-27T17:00:00",
        "retry": {"maxAttempts": 2},
        "voicemail": {"action": "leave_message", "message": "Hello"},
        "recipient": {"country": "us"},
        "allowDuplicate": True,
    }
    alone = await world.view((await world.post("/api/v1/calls", said, 202))["callId"])
    answer = await send(world, [said])
    row = await world.view(answer["results"][0]["call"]["callId"])
    apart = {"callId", "workflowId", "links", "nextAttemptAt", "waitingFor", "reason", "detail"}
    assert {k: v for k, v in row.items() if k not in apart} == {
        k: v for k, v in alone.items() if k not in apart
    }


async def test_nothing_waits_for_temporal(world: World):
    world.gateway.away = True
    answer = await send(world, await world.body(calls=[{}]) | {"calls": [await world.body()]}, 422)
    assert answer["errors"][0]["code"] == "unknown_field"
    answer = await send(world, [await world.body()])
    call = await world.view(answer["results"][0]["call"]["callId"])
    assert call["status"] == CallStatus.CREATED
    assert world.gateway.started == []


async def test_a_far_row_says_that_it_waits_and_until_when(world: World):
    row = await world.body(schedule={"notBefore": "2026-11-24T15:00:00Z"})
    result = (await send(world, [row]))["results"][0]["call"]
    assert (result["status"], result["waitingFor"]) == ("Created", "window")
    assert result["nextAttemptAt"] == "2026-11-24T15:00:00Z"
    call = await world.view(result["callId"])
    assert (call["nextAttemptAt"], call["reason"]) == ("2026-11-24T15:00:00Z", "not_before")


async def test_a_far_row_can_be_canceled_and_rescheduled_though_it_has_no_workflow(world: World):
    rows = [
        await world.body(schedule={"notBefore": "2026-11-24T15:00:00Z"}, endpoint=endpoint)
        for endpoint in (ENDPOINT, OTHER)
    ]
    first, second = [row["call"]["callId"] for row in (await send(world, rows))["results"]]
    world.gateway.not_running = True
    assert (await world.http.delete(f"/api/v1/calls/{first}")).status_code == 202
    assert world.gateway.started == [first]
    later = {"notBefore": "2026-11-25T15:00:00Z"}
    moved = await world.post(f"/api/v1/calls/{second}/reschedule", later, 200)
    assert moved["nextAttemptAt"] == "2026-11-25T15:00:00Z"


TABLE: list[tuple[str, Json, str, str, str]] = [
    ("a word", {"endpoint": "nonsense"}, "invalid_number", "endpoint", "invalid_number"),
    ("a number", {"endpoint": 2125550123}, "invalid_number", "endpoint", "wrong_type"),
    ("nothing", {}, "invalid_field", "endpoint", "required"),
    (
        "a deadline that is over",
        {"endpoint": ENDPOINT, "callDeadline": "2026-11-01T00:00:00Z"},
        "deadline_unreachable",
        "callDeadline",
        "deadline_past",
    ),
    (
        "a deadline before the hours open",
        {
            "endpoint": ENDPOINT,
            "schedule": {"notBefore": "2026-11-24T05:00:00Z"},
            "callDeadline": "2026-11-24T06:00:00Z",
        },
        "deadline_unreachable",
        "callDeadline",
        "deadline_unreachable",
    ),
    (
        "an unknown agent",
        {"endpoint": ENDPOINT, "agentId": "nobody"},
        "agent_not_found",
        "agentId",
        "unknown_agent",
    ),
    (
        "an unknown pathway",
        {"endpoint": ENDPOINT, "pathwayId": "nothing"},
        "invalid_field",
        "pathwayId",
        "unknown_pathway",
    ),
    (
        "a number of nowhere",
        {"endpoint": "+15555550123"},
        "invalid_field",
        "recipient.timezone",
        "needs_timezone",
    ),
    (
        "a window that is none",
        {"endpoint": ENDPOINT, "schedule": {"window": {"start": "9", "end": "17:00"}}},
        "invalid_field",
        "schedule.window.start",
        "malformed",
    ),
    (
        "a field nobody knows",
        {"endpoint": ENDPOINT, "prio": 1},
        "invalid_field",
        "prio",
        "unknown_field",
    ),
    (
        "too high a priority",
        {"endpoint": ENDPOINT, "priority": 11},
        "invalid_field",
        "priority",
        "out_of_range",
    ),
    (
        "too much context",
        {"endpoint": ENDPOINT, "context": {"text": "x" * 70_000}},
        "invalid_field",
        "",
        "body_too_large",
    ),
    (
        "too much additional data",
        {"endpoint": ENDPOINT, "additionalData": {"text": "x" * 17_000}},
        "invalid_field",
        "additionalData",
        "too_large",
    ),
    (
        "somebody else's caller id",
        {"endpoint": ENDPOINT, "callerId": "+12125550199"},
        "invalid_field",
        "callerId",
        "not_the_agents",
    ),
]


@pytest.mark.parametrize(
    ("row", "code", "field", "reason"),
    [case[1:] for case in TABLE],
    ids=[case[0] for case in TABLE],
)
async def test_a_bad_row_is_refused_by_itself(
    world: World, row: Json, code: str, field: str, reason: str
):
    error = await refused_row(world, {"clientToken": "t", **row})
    assert (error["code"], error["field"], error["reason"]) == (code, field, reason)
    assert error["message"]
    assert await total(world) == 1


@pytest.mark.parametrize("row", [None, 5, "text", ["list"]])
async def test_a_row_that_is_no_object_is_refused(world: World, row: Any):
    error = await refused_row(world, row)
    assert (error["code"], error["reason"]) == ("invalid_field", "wrong_type")


#: With the row and its context, one level more than there may be.
DEEP = '{"x": ' * (MAX_LEVELS - 1) + "1" + "}" * (MAX_LEVELS - 1)


@pytest.mark.parametrize("text", ['"\\u0000"', '"\\ud800"', "NaN", "1e999", DEEP])
async def test_a_row_that_no_database_can_keep_is_refused(world: World, text: str):
    good = json.dumps({"endpoint": OTHER})
    rows = f'[{{"endpoint": "{ENDPOINT}", "context": {{"x": {text}}}}}, {good}]'
    body = f'{{"agentId": "{await world.agent()}", "calls": {rows}}}'
    answer = await world.http.post(BULK, content=body, headers={"Idempotency-Key": "a"})
    assert answer.status_code == 207
    error = answer.json()["results"][0]["error"]
    assert (error["code"], error["reason"]) == ("invalid_field", "invalid_json")


async def test_a_token_that_cannot_be_sent_back_is_left_out(world: World):
    rows = f'[{{"clientToken": "\\ud800", "endpoint": "{ENDPOINT}"}}, {{"endpoint": "{OTHER}"}}]'
    body = f'{{"agentId": "{await world.agent()}", "calls": {rows}}}'
    answer = await world.http.post(BULK, content=body)
    assert answer.status_code == 207
    first, second = answer.json()["results"]
    assert (first["clientToken"], first["error"]["reason"]) == (None, "invalid_json")
    assert second["status"] == "accepted"


async def test_no_message_repeats_a_number(world: World):
    for row in ({"endpoint": "+1 212 555 01234567"}, {"endpoint": ENDPOINT, "callerId": OTHER}):
        assert "555" not in (await refused_row(world, row))["message"]


async def test_rows_of_a_disabled_agent_are_refused(world: World):
    error = await refused_row(
        world, {"endpoint": ENDPOINT}, agentId=await world.agent(isEnabled=False)
    )
    assert (error["code"], error["field"]) == ("agent_disabled", "agentId")


async def test_an_agent_of_another_account_is_not_found(world: World):
    agent_id = await world.agent()
    async with world.db.write() as session:
        rows, _ = await agents.page(session, (await _account_of(world, agent_id)), 0, 10)
        await agents.delete(session, rows[0], world.clock.now)
    error = await refused_row(world, {"endpoint": ENDPOINT}, agentId=agent_id)
    assert error["code"] == "agent_not_found"


async def _account_of(world: World, agent_id: str) -> str:
    async with world.db.read() as session:
        from_id = await session.get(Agent, agent_id)
    assert from_id is not None
    return from_id.account_id


async def test_the_second_row_to_an_endpoint_is_a_duplicate_in_the_request(world: World):
    rows = [{"endpoint": ENDPOINT}, {"endpoint": "+1 212 555 0123"}, {"endpoint": OTHER}]
    answer = await send(world, {"agentId": await world.agent(), "calls": rows}, 207)
    error = answer["results"][1]["error"]
    assert (error["code"], error["field"]) == ("duplicate_in_request", "endpoint")
    assert answer["accepted"] == 2


async def test_a_refused_row_does_not_make_its_repeat_a_duplicate(world: World):
    rows = [{"endpoint": ENDPOINT, "priority": 99}, {"endpoint": ENDPOINT}]
    answer = await send(world, {"agentId": await world.agent(), "calls": rows}, 207)
    assert [row["status"] for row in answer["results"]] == ["rejected", "accepted"]


async def test_a_row_that_is_open_already_is_a_duplicate(world: World):
    agent_id = await world.agent()
    call_id = await world.call(agentId=agent_id)
    error = await refused_row(world, {"endpoint": ENDPOINT}, agentId=agent_id)
    assert (error["code"], error["field"]) == ("duplicate", "endpoint")
    assert call_id in error["message"]


async def test_a_call_of_another_agent_is_no_duplicate(world: World):
    await world.call()
    await send(world, [await world.body()])


@pytest.mark.parametrize("where", ["row", "defaults", "request"])
async def test_duplicates_can_be_wanted(world: World, where: str):
    agent_id = await world.agent()
    await world.call(agentId=agent_id)
    row, said = {"endpoint": ENDPOINT}, {"allowDuplicate": True}
    body: Json = {"agentId": agent_id, "calls": [row, dict(row)]}
    if where == "row":
        body["calls"] = [{**row, **said}] * 2
    elif where == "defaults":
        body["defaults"] = said
    else:
        body |= said
    assert (await send(world, body))["accepted"] == 2


async def test_when_every_row_is_refused_the_answer_still_is_one_a_row(world: World):
    answer = await send(world, {"agentId": "nobody", "calls": [{"endpoint": ENDPOINT}]}, 207)
    assert (answer["accepted"], answer["rejected"]) == (0, 1)
    assert answer["results"][0]["error"]["code"] == "agent_not_found"


async def test_a_bare_array_names_the_agent_in_each_row(world: World):
    one, two = await world.agent(), await world.agent()
    rows = [{"agentId": one, "endpoint": ENDPOINT}, {"agentId": two, "endpoint": ENDPOINT}]
    assert (await send(world, rows))["accepted"] == 2
    answer = await send(world, [{"endpoint": ENDPOINT}], 207)
    error = answer["results"][0]["error"]
    assert (error["code"], error["field"]) == ("invalid_field", "agentId")
