"""POST /api/v1/calls: what is accepted, what the agent fills in, what is refused and why."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.world import CALLER_ID, ENDPOINT, MONDAY, World

CALLS = "/api/v1/calls"


async def test_a_call_is_accepted_with_its_location_and_its_workflow_is_started(world: World):
    answer = await world.http.post(CALLS, json=await world.body(additionalData={"crm": 7}))
    assert answer.status_code == 202
    call = answer.json()
    assert answer.headers["Location"] == f"{CALLS}/{call['callId']}"
    assert world.gateway.started == [call["callId"]]
    assert call["workflowId"] == f"call-{call['callId']}"
    assert (call["status"], call["priority"], call["endpoint"]) == ("Created", 5, ENDPOINT)
    assert call["additionalData"] == {"crm": 7}
    assert call["createdTime"] == "2026-11-23T15:00:00Z"


async def test_the_answer_and_the_later_view_agree(world: World):
    made = await world.post(CALLS, await world.body(), 202)
    seen = await world.view(made["callId"])
    assert {name: seen[name] for name in made} == made


async def test_a_call_is_accepted_while_temporal_is_away(world: World):
    world.gateway.away = True
    call_id = await world.call()
    assert (await world.view(call_id))["status"] == "Created"
    assert world.gateway.started == []


async def test_the_agents_defaults_are_taken(world: World):
    agent_id = await world.agent(
        retry={"maxAttempts": 5, "busy": "PT1H"},
        voicemail={"action": "leave_message", "message": "Call us."},
        ringTimeout=20,
        maxDuration=600,
        recording=True,
        callerIds=[CALLER_ID],
    )
    call = await world.view(await world.call(agentId=agent_id))
    rest = {"noAnswer": "PT24H", "networkError": "PT1H"}
    assert call["retry"] == {"maxAttempts": 5, "busy": "PT1H", **rest}
    assert call["voicemail"] == {"action": "leave_message", "message": "Call us."}
    assert (call["ringTimeout"], call["maxDuration"], call["recording"]) == (20, 600, True)
    assert (call["callerId"], call["timezone"]) == (CALLER_ID, "America/New_York")
    assert call["pathwayId"]


async def test_the_request_wins_over_the_agent_field_by_field(world: World):
    agent_id = await world.agent(
        retry={"maxAttempts": 5, "busy": "PT1H"}, recording=True, ringTimeout=20
    )
    other = await world.pathway()
    call_id = await world.call(
        agentId=agent_id,
        retry={"busy": "PT2H"},
        voicemail={"action": "retry_later"},
        recording=False,
        ringTimeout=15,
        pathwayId=other,
        callerId="+1 (212) 555-0101",
        timezone="Europe/Paris",
    )
    call = await world.view(call_id)
    rest = {"noAnswer": "PT24H", "networkError": "PT1H"}
    assert call["retry"] == {"maxAttempts": 5, "busy": "PT2H", **rest}
    assert call["voicemail"] == {"action": "retry_later"}
    assert (call["recording"], call["ringTimeout"], call["pathwayId"]) == (False, 15, other)
    assert (call["callerId"], call["timezone"]) == ("+12125550101", "Europe/Paris")


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("+1 (212) 555-0123", "+12125550123"),
        ("+1-212-555-0123", "+12125550123"),
        (" +44 20 7946 0018 ", "+442079460018"),
    ],
)
async def test_endpoints_are_stored_in_their_normal_form(world: World, said: str, stored: str):
    assert (await world.view(await world.call(endpoint=said)))["endpoint"] == stored


async def test_a_sip_address_can_be_called_when_its_zone_is_said(world: World):
    call_id = await world.call(
        endpoint="sip:Bob@Example.org", recipient={"timezone": "Europe/Berlin"}
    )
    assert (await world.view(call_id))["endpoint"] == "sip:Bob@example.org"


async def test_the_other_spelling_of_the_caller_id_is_understood(world: World):
    override = {"phoneNumber": "+12125550101", "displayName": "Clinic"}
    call_id = await world.call(overrideOutboundConfig=override)
    assert (await world.view(call_id))["callerId"] == "+12125550101"


async def test_times_of_a_window_may_lack_a_zero(world: World):
    window = {"days": ["mon", "tue"], "start": "9:00", "end": "17:00"}
    call = await world.view(await world.call(schedule={"window": window}))
    assert call["schedule"]["window"] == {**window, "start": "09:00"}


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-11-24T10:00:00", None, "2026-11-24T15:00:00Z"),
        ("2026-11-24T10:00:00", "Europe/Paris", "2026-11-24T09:00:00Z"),
        ("2026-11-24T10:00:00-08:00", "Europe/Paris", "2026-11-24T18:00:00Z"),
        # 01:30 happens twice on that night: the later one for a start.
        ("2027-11-07T01:30:00", None, "2027-11-07T06:30:00Z"),
    ],
)
async def test_a_wall_time_is_read_in_the_requests_zone_or_else_the_agents(
    world: World, wall: str, zone: str | None, instant: str
):
    call = await world.view(await world.call(schedule={"notBefore": wall}, timezone=zone))
    assert call["schedule"]["notBefore"] == instant


async def test_of_a_deadline_that_happens_twice_the_earlier_one_counts(world: World):
    call = await world.view(await world.call(callDeadline="2027-11-07T01:30:00"))
    assert call["callDeadline"] == "2027-11-07T05:30:00Z"


def hours(**span: float) -> str:
    return (MONDAY + timedelta(**span)).isoformat()


BAD = [
    ({"endpoint": "12345"}, "invalid_number", "endpoint"),
    ({"endpoint": "+1 911"}, "invalid_number", "endpoint"),
    ({"endpoint": "sip:nobody"}, "invalid_number", "endpoint"),
    ({"agentId": "nobody"}, "unknown_agent", "agentId"),
    ({"pathwayId": "nothing"}, "unknown_pathway", "pathwayId"),
    ({"callerId": "+12125550199"}, "not_the_agents", "callerId"),
    ({"callerId": "me"}, "invalid_number", "callerId"),
    (
        {"overrideOutboundConfig": {"phoneNumber": "+12125550199"}},
        "not_the_agents",
        "overrideOutboundConfig.phoneNumber",
    ),
    ({"callDeadline": hours(hours=-1)}, "deadline_past", "callDeadline"),
    (
        {"callDeadline": hours(hours=1), "schedule": {"notBefore": hours(hours=2)}},
        "deadline_before_start",
        "callDeadline",
    ),
    ({"callDeadline": "2027-03-14T02:30:00"}, "wall_time_gap", "callDeadline"),
    ({"schedule": {"notBefore": "2027-03-14T02:30"}}, "wall_time_gap", "schedule.notBefore"),
    ({"schedule": {"notBefore": "9999-12-31T23:59:59"}}, "out_of_range", "schedule.notBefore"),
    ({"callDeadline": "0001-01-01T00:00:00"}, "out_of_range", "callDeadline"),
    ({"timezone": "Mars/Olympus"}, "unknown_timezone", "timezone"),
    ({"recipient": {"timezone": "Nowhere"}}, "unknown_timezone", "recipient.timezone"),
    ({"endpoint": "sip:bob@example.org"}, "needs_timezone", "recipient.timezone"),
    (
        {
            "callDeadline": hours(hours=2),
            "schedule": {"window": {"days": ["sun"], "start": "10:00", "end": "11:00"}},
        },
        "deadline_unreachable",
        "callDeadline",
    ),
    (
        {"schedule": {"window": {"days": [], "start": "9:00", "end": "10:00"}}},
        "too_short",
        "schedule.window.days",
    ),
    (
        {"schedule": {"window": {"start": "9 am", "end": "10:00"}}},
        "malformed",
        "schedule.window.start",
    ),
    (
        {"schedule": {"window": {"start": "09:00", "end": "24:01"}}},
        "malformed",
        "schedule.window.end",
    ),
    (
        {"schedule": {"window": {"start": "24:00", "end": "09:00"}}},
        "bad_window",
        "schedule.window",
    ),
    ({"voicemail": {"action": "leave_message"}}, "required", "voicemail.message"),
    ({"voicemail": {"action": "sing"}}, "unknown_value", "voicemail.action"),
    ({"retry": {"busy": "4 hours"}}, "malformed", "retry.busy"),
    ({"retry": {"busy": 4}}, "wrong_type", "retry.busy"),
    ({"retry": {"noAnswer": "PT0S"}}, "out_of_range", "retry.noAnswer"),
    ({"retry": {"maxAttempts": 0}}, "out_of_range", "retry.maxAttempts"),
    ({"priority": 11}, "out_of_range", "priority"),
    ({"ringTimeout": 1}, "out_of_range", "ringTimeout"),
    ({"additionalData": {"x": "y" * 17_000}}, "too_large", "additionalData"),
    ({"colour": "red"}, "unknown_field", "colour"),
    ({"retry": {"bussy": "PT1H"}}, "unknown_field", "retry.bussy"),
    ({"endpoint": None}, "wrong_type", "endpoint"),
    ({"context": {"name": "a\x00b"}}, "invalid_json", ""),
    ({"context": {"name": "x" * 70_000}}, "body_too_large", ""),
]


@pytest.mark.parametrize(("changes", "code", "field"), BAD, ids=[f"{c}-{f}" for _, c, f in BAD])
async def test_what_cannot_be_kept_is_refused_and_named(
    world: World, changes: dict[str, Any], code: str, field: str
):
    assert await world.refusal(**changes) == (code, field)
    assert world.gateway.started == []


@pytest.mark.parametrize(
    ("agent", "code", "field"),
    [
        ({"isEnabled": False}, "agent_disabled", "agentId"),
        ({"callerIds": []}, "required", "callerId"),
        ({"businessHours": {}}, "no_opening", "schedule.window"),
    ],
)
async def test_an_agent_that_cannot_call_refuses_calls(
    world: World, agent: dict[str, Any], code: str, field: str
):
    agent_id = await world.agent(**agent)
    assert await world.refusal(agentId=agent_id) == (code, field)


async def test_a_call_without_any_pathway_is_refused(world: World):
    agent = await world.post("/api/v1/agents", {"name": "mute", "callerIds": [CALLER_ID]})
    assert await world.refusal(agentId=agent["agentId"]) == ("required", "pathwayId")


async def test_a_deleted_agent_is_unknown(world: World):
    agent_id = await world.agent()
    await world.http.delete(f"/api/v1/agents/{agent_id}")
    assert await world.refusal(agentId=agent_id) == ("unknown_agent", "agentId")


async def test_several_faults_are_all_named(world: World):
    body = {"endpoint": 5, "priority": "high", "schedule": {"window": {"start": "9:00"}}}
    problem = await world.post(CALLS, body, 422)
    fields = {error["field"] for error in problem["errors"]}
    assert fields == {"agentId", "endpoint", "priority", "schedule.window.end"}


async def test_a_second_call_to_the_same_endpoint_is_a_duplicate(world: World):
    agent_id = await world.agent()
    first = await world.call(agentId=agent_id)
    body = await world.body(agentId=agent_id, endpoint="+1 212 555 0123")
    problem = await world.post(CALLS, body, 422)
    assert (problem["code"], problem["errors"][0]["field"]) == ("duplicate", "endpoint")
    assert first in problem["detail"]


async def test_a_duplicate_can_be_allowed_and_another_agent_is_none(world: World):
    agent_id = await world.agent()
    await world.call(agentId=agent_id)
    await world.call(agentId=agent_id, allowDuplicate=True)
    await world.call(agentId=await world.agent())


async def test_a_context_that_lacks_variables_is_accepted(world: World):
    await world.call(context={})


@pytest.mark.parametrize(
    "body",
    [
        *(b"{", b"[1]", b"null", b"", b'{"agentId": NaN}', b'{"a": "\\ud800"}', b"[" * 50_000),
        b'{"a": ' * 300 + b"1" + b"}" * 300,
    ],
)
async def test_what_is_not_a_json_object_is_a_problem_too(world: World, body: bytes):
    headers = {"Content-Type": "application/json"}
    answer = await world.http.post(CALLS, content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
