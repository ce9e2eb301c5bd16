"""Reading: one call with its history, lists with filters, the queue, statistics."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from api.http.json_body import MAX_LEVELS
from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from storage.calls import calls, decisions
from storage.tables import Account
from tests.api.world import ENDPOINT, World

CALLS = "/api/v1/calls"
ISSUE_FIELDS = {
    *("callId", "agentId", "campaignId", "endpoint", "status", "waitingFor", "reason", "outcome"),
    *("priority", "createdTime", "nextAttemptAt", "startedTime", "completedTime"),
    *("durationSeconds", "attemptCount", "workflowId", "callDeadline", "timezone", "context"),
    "additionalData",
}


async def listed(world: World, path: str = CALLS, **params: Any) -> list[str]:
    answer = await world.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [call["callId"] for call in answer.json()["calls"]]


async def three(world: World) -> list[str]:
    """Three calls a second apart, oldest first."""
    agent_id, found = await world.agent(), []
    for number in range(3):
        endpoint, data = f"+1212555012{number}", {"crm": f"C-{number}", "n": number}
        found.append(await world.call(agentId=agent_id, endpoint=endpoint, additionalData=data))
        world.clock.pass_(seconds=1)
    return found


async def test_one_call_shows_all_that_happened_to_it(world: World):
    call_id = await world.call()
    attempt = await world.dial(call_id)
    await world.status(attempt.token, "ringing")
    await world.voice(attempt.token)
    call = await world.view(call_id)
    assert call.keys() >= ISSUE_FIELDS | {"attempts", "decisions", "events", "links"}
    [shown] = call["attempts"]
    assert (shown["number"], shown["state"], shown["carrierSid"]) == (
        1,
        "answered",
        "CA" + "1" * 32,
    )
    # Planned, past the last look, and told of by the carrier.
    assert shown["dialedAt"] <= shown["sendingAt"] <= shown["sentAt"]
    assert call["status"] == "InProgress"
    types = [event["type"] for event in call["events"]]
    assert types == ["call.created", "call.dialing", "call.ringing", "call.answered"]
    assert [event["sequence"] for event in call["events"]] == [1, 2, 3, 4]
    assert call["links"]["temporalUi"] == (
        f"http://127.0.0.1:8233/namespaces/default/workflows/call-{call_id}"
    )


async def test_a_waiting_call_says_for_what_until_when_and_why(world: World):
    call_id = await world.call()
    until = world.clock.now + timedelta(hours=17)
    await world.decide(call_id, DecisionKind.WAIT, until=until, waiting_for=WaitingFor.WINDOW)
    call = await world.view(call_id)
    assert (call["status"], call["waitingFor"]) == ("Queued", "window")
    assert call["nextAttemptAt"] == "2026-11-24T08:00:00Z"
    assert (call["reason"], call["detail"]) == ("test", "A test.")


async def test_decisions_are_shown_with_their_rules_and_versions(world: World):
    call_id = await world.call()
    answer = Decision(
        DecisionKind.END,
        reason="deadline_passed",
        detail="The deadline has passed",
        outcome=Outcome.DEADLINE_MISSED,
        rules=("us-federal-hours",),
        versions=("tzdata=2026.6",),
    )
    async with world.db.write() as session:
        await decisions.record(session, call_id, 0, answer, world.clock.now)
    [shown] = (await world.view(call_id))["decisions"]
    assert (shown["kind"], shown["outcome"]) == ("end", "deadline_missed")
    assert (shown["rules"], shown["versions"]) == (["us-federal-hours"], ["tzdata=2026.6"])


async def test_an_unknown_call_is_not_found(world: World):
    answer = await world.http.get(f"{CALLS}/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_calls_are_listed_newest_first_in_pages(world: World):
    made = await three(world)
    assert await listed(world) == made[::-1]
    assert await listed(world, skip=1, take=1) == [made[1]]
    first = (await world.http.get(CALLS, params={"take": 2})).json()
    assert (len(first["calls"]), first["total"]) == (2, 3)
    rest = (await world.http.get(CALLS, params={"cursor": first["nextCursor"]})).json()
    assert [call["callId"] for call in rest["calls"]] == [made[0]]
    assert rest["nextCursor"] is None


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"endpoint": "+1 212 555 0121"}, [1]),
        ({"endpoint": " 12125550121"}, [1]),
        ({"endpointPart": "(555) 0121"}, [1]),
        ({"callId": "none"}, []),
        ({"additionalData.crm": "C-2"}, [2]),
        ({"additionalData.n": "0", "additionalData.crm": "C-0"}, [0]),
        ({"additionalData.n": "0", "additionalData.crm": "C-1"}, []),
        ({"fromDate": "2026-11-23T15:00:01Z"}, [2, 1]),
        ({"toDate": "2026-11-23T15:00:01"}, [0]),
        ({"toDate": "2026-11-23"}, []),
        ({"status": "Created"}, [2, 1, 0]),
        ({"status": ["Queued", "Failed"]}, []),
        ({"status[]": ["Queued", "Created"]}, [2, 1, 0]),
        ({"outcome": "busy"}, []),
        ({"campaignId": "none"}, []),
        ({"agentId": "none"}, []),
    ],
)
async def test_lists_filter(world: World, params: dict[str, Any], found: list[int]):
    made = await three(world)
    assert await listed(world, **params) == [made[index] for index in found]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"status": "Sleeping"}, "status.0"),
        ({"outcome": "fun"}, "outcome"),
        ({"take": 1001}, "take"),
        ({"skip": -1}, "skip"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"endpoint": "abc"}, "endpoint"),
        ({"fromDate": "yesterday"}, "fromDate"),
        ({"agent_id": "typo"}, "agent_id"),
    ],
)
@pytest.mark.parametrize("path", [CALLS, f"{CALLS}/queue/list"])
async def test_a_filter_that_makes_no_sense_is_named(
    world: World, path: str, params: dict[str, Any], field: str
):
    answer = await world.http.get(path, params=params)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_the_queue_shows_what_waits_and_what_is_next(world: World):
    ended, waiting, queued = await three(world)
    await world.decide(ended, DecisionKind.END, outcome=Outcome.CANCELED)
    later = world.clock.now + timedelta(hours=1)
    await world.decide(waiting, DecisionKind.WAIT, until=later, waiting_for=WaitingFor.WINDOW)
    await world.decide(queued, DecisionKind.QUEUE)
    assert await listed(world, f"{CALLS}/queue/list") == [queued, waiting]
    first = (await world.http.get(f"{CALLS}/queue/list", params={"take": 1})).json()
    assert first["total"] == 2
    following = await listed(world, f"{CALLS}/queue/list", cursor=first["nextCursor"])
    assert following == [waiting]


async def test_statistics_count_every_status(world: World):
    made = await three(world)
    await world.decide(made[0], DecisionKind.END, outcome=Outcome.BUSY)
    answer = (await world.http.get(f"{CALLS}/statistics/statuses")).json()
    assert answer == {
        "statuses": {
            **{"Created": 2, "Queued": 0, "Pending": 0, "InProgress": 0},
            **{"Completed": 0, "Failed": 1, "Canceled": 0},
        }
    }
    path, params = f"{CALLS}/statistics/statuses", {"fromDate": "2026-11-23T15:00:02Z"}
    assert (await world.http.get(path, params=params)).json()["statuses"]["Created"] == 1


def nested(levels: int) -> Any:
    return {"x": nested(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    "context",
    [
        {"name": "Zoë", "nested": {"list": [1, 2.5, -0.0, 1e300, None, True, [], {}]}},
        {"big": 2**70, "signs": '"\\\n\u2028', "": ""},
        # With the request itself as many levels as there may be.
        nested(MAX_LEVELS - 1),
    ],
    ids=["kinds", "odd", "deep"],
)
async def test_the_context_comes_back_as_it_was_sent(world: World, context: Any):
    body, headers = await world.body(context=context), {"Idempotency-Key": "a"}
    call_id = (await world.http.post(CALLS, json=body, headers=headers)).json()["callId"]
    call = await world.view(call_id)
    assert (call["context"], call["endpoint"]) == (context, ENDPOINT)
    again = await world.http.post(CALLS, json=body, headers=headers)
    assert (again.json()["callId"], again.json()["context"]) == (call_id, context)


async def test_a_context_that_is_nested_too_deep_is_refused(world: World):
    answer = await world.http.post(CALLS, json=await world.body(context=nested(MAX_LEVELS)))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_json")


async def _queue(world: World, call_id: str, **changes: Any) -> None:
    slot = WaitingFor.SLOT
    await world.decide(call_id, DecisionKind.QUEUE, waiting_for=slot, **changes)


async def test_the_queue_shows_places_in_line_and_expected_starts(world: World):
    agent_id = await world.agent()
    low = await world.call(agentId=agent_id, endpoint="+12125550130", priority=2)
    high = await world.call(agentId=agent_id, endpoint="+12125550131", priority=9)
    asleep = await world.call(agentId=agent_id, endpoint="+12125550132", priority=1)
    for call_id in (low, high):
        await _queue(world, call_id)
    until = world.clock.now + timedelta(hours=17)
    await world.decide(asleep, DecisionKind.WAIT, until=until, waiting_for=WaitingFor.WINDOW)
    shown = (await world.http.get(f"{CALLS}/queue/list")).json()["calls"]
    now = world.clock.now.isoformat().replace("+00:00", "Z")
    assert [
        (call["callId"], call["effectivePriority"], call["position"], call["expectedStart"])
        for call in shown
    ] == [(high, 9, 1, now), (low, 2, 2, now), (asleep, 1, None, None)]
    assert (await world.view(low))["position"] == 2


async def test_what_keeps_a_call_from_a_slot_is_of_now_and_not_of_its_decision(world: World):
    first = await world.call(endpoint="+12125550130")
    await _queue(world, first)
    async with world.db.write() as session:
        account = (await session.exec(select(Account))).one()
        account.max_concurrent = 0
        session.add(account)
    said = "Waiting for a free slot: the account has 0 of 0 calls at once"
    shown = (await world.http.get(f"{CALLS}/queue/list")).json()["calls"]
    assert [(call["reason"], call["detail"]) for call in shown] == [("no_free_slot", said)]
    seen = await world.view(first)
    assert (seen["reason"], seen["detail"]) == ("no_free_slot", said)


async def test_a_near_deadline_shows_in_the_effective_priority(world: World):
    deadline = (world.clock.now + timedelta(minutes=50)).isoformat()
    call_id = await world.call(callDeadline=deadline)
    assert (await world.view(call_id))["effectivePriority"] == 8


async def test_every_time_of_a_call_ends_in_z(world: World):
    call_id = await world.call()
    until = world.clock.now + timedelta(hours=1)
    await world.decide(call_id, DecisionKind.WAIT, until=until)
    async with world.db.write() as session:
        call = await calls.load(session, call_id)
        assert call is not None
        await calls.set_not_before(session, call, until, world.clock.now)
    data = [event["data"] for event in (await world.view(call_id))["events"]]
    written = "2026-11-23T16:00:00Z"
    assert written in [one.get("until") for one in data]
    assert written in [one.get("notBefore") for one in data]


async def test_what_a_call_is_for_and_who_agreed_to_it_comes_back(world: World):
    consent = {"tier": "express", "method": "web form", "evidence": "form 1017"}
    asked = {"purpose": "survey", "subject": "visit 1017", "consent": consent}
    call = await world.view(await world.call(**asked))
    assert {name: call[name] for name in asked} == asked
    plain = await world.view(await world.call(allowDuplicate=True))
    assert (plain["purpose"], plain["subject"], plain["consent"]) == (None, None, None)
